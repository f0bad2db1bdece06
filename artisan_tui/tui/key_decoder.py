"""Splits what the terminal sends into keys, pastes and reports, each one complete.

Textual 8.2.8 waits 100 ms after an Esc, joins an Esc and the key behind it into one that nothing is bound to, takes the
keys behind a sequence that it does not know for a part of it, and types out a paste that holds an escape sequence.
Here the stream is split first; Textual's parser only ever gets a whole sequence, or text.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final

from textual import events
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

if TYPE_CHECKING:
    from textual._xterm_parser import XTermParser
    from textual.message import Message

_ESC: Final = "\x1b"
_PASTE_BEGINS, _PASTE_ENDS = "\x1b[200~", "\x1b[201~"
#: A whole control sequence: of the Linux console's F1 to F5, of a click as the oldest terminals say it, of all others.
_CONTROL = re.compile(r"\x1b\[(?:\[.|M...|(?![M\[])[0-?]*[ -/]*[@-~])", re.DOTALL)
#: What may still become one.
_BEGUN = re.compile(r"\x1b\[(?:\[|M.{0,2}|[0-?]*[ -/]*)\Z", re.DOTALL)
#: A string that a terminal sends about itself. None is asked for, so none is read.
_STRING = re.compile(r"\x1b[\]P_^X].*?(?:\x07|\x1b\\)", re.DOTALL)
#: The longest sequence that is waited for. No key has one of this length.
_LONGEST = 256
#: Alt and a key, as Textual's inputs know them: a word to the left, to the right, and away.
_EDITING: Final = {"b": ("ctrl+left", None), "f": ("ctrl+right", None), "\x7f": ("ctrl+w", "\x17")}
#: Seconds after which a paste ends that the terminal did not end, and the characters of one that are kept.
_PASTE_PATIENCE, _PASTE_KEPT = 5.0, 65_536
#: Lines that come in one piece: what a terminal without bracketed paste sends. Nobody types so much at once.
_LINES_AT_ONCE = re.compile(r"[^\r\n]{4,}[\r\n]+[^\r\n]{6,}")
#: Seconds within which more of such a paste may follow.
_BURST = 0.05


class EditingKey(events.Key):
    """Alt and a letter, for a line of text; everywhere else it is Esc, and then ``then``."""

    def __init__(self, key: str, character: str | None, then: events.Key) -> None:
        super().__init__(key, character)
        self.then = then


class KeyDecoder:
    """``patience`` is how long the rest of a sequence may take: the terminal's, or that of the network to it."""

    def __init__(self, parser: XTermParser, patience: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._parser, self._patience, self._clock = parser, patience, clock
        self._held = ""
        self._paste: list[str] | None = None
        self._kept = 0
        self._burst_until = float("-inf")

    @property
    def patience(self) -> float | None:
        """Seconds after which `expired` is to be called when nothing more comes; None while nothing is waited for."""
        if self._paste is not None:
            return _PASTE_PATIENCE
        return self._patience if self._held else None

    def feed(self, text: str) -> Iterator[Message]:
        """What is complete with ``text``."""
        self._held += text
        while self._held:
            before = len(self._held)
            yield from self._pasted() if self._paste is not None else self._next()
            if len(self._held) == before:
                return

    def expired(self) -> Iterator[Message]:
        """Nothing more came: what was held back is what it is."""
        if self._paste is not None:
            yield from self._end_paste(self._held)
            self._held = ""
            return
        held, self._held = self._held, ""
        if not held:
            return  # asked at the end of reading: nobody pressed anything
        # Esc, or Esc and a key that could have been the beginning of a sequence. A longer one was a sequence, cut off.
        if len(held) <= 2 or held[1] not in "[O":
            yield events.Key("escape", _ESC)
            if held[1:]:
                yield from self._parser.feed(held[1:])

    # -- one thing after another ----------------------------------------------

    def _next(self) -> Iterator[Message]:
        held = self._held
        if not held.startswith(_ESC):
            text = held.partition(_ESC)[0]
            self._held = held[len(text) :]
            yield from self._typed(text)
        elif held[1:2] == "[":
            yield from self._control(held)
        elif held[1:2] == "O":
            yield from self._application_key(held)
        elif held[1:2] and held[1] in "]P_^X":
            if (string := _STRING.match(held)) is not None:
                self._held = held[string.end() :]
            elif len(held) > _LONGEST:
                yield from self._escape(held)
        elif len(held) > 1:
            yield from self._escape(held)

    def _escape(self, held: str) -> Iterator[Message]:
        """Esc, and what is behind it is another key: nothing is bound to Alt and a letter."""
        if (editing := _EDITING.get(held[1:2])) is not None:
            self._held = held[2:]
            then = next(iter(self._parser.feed(held[1])), None)
            if isinstance(then, events.Key):
                yield EditingKey(*editing, then)
            return
        self._held = held[1:]
        yield events.Key("escape", _ESC)

    def _control(self, held: str) -> Iterator[Message]:
        found = _CONTROL.match(held)
        if found is None:
            if _BEGUN.match(held) and len(held) <= _LONGEST:
                return
            # Cut off by something else. With nothing in between it was Esc and a bracket, one after the other.
            if held[2:3] == _ESC or not _BEGUN.match(held[:3]):
                self._held = held[2:]
                yield events.Key("escape", _ESC)
                yield from self._parser.feed("[")
            else:
                self._held = re.sub(r"\A\x1b\[[0-?]*[ -/]*", "", held)
            return
        self._held = held[found.end() :]
        if found[0] == _PASTE_BEGINS:
            self._paste, self._kept = [], 0
        elif found[0] != _PASTE_ENDS:
            yield from self._whole(found[0])

    def _application_key(self, held: str) -> Iterator[Message]:
        if len(held) == 2:
            return
        # The keypad's are never asked for: behind Esc and O these letters were typed.
        if held[:3] in ANSI_SEQUENCES_KEYS and not "j" <= held[2] <= "y":
            self._held = held[3:]
            yield from self._whole(held[:3])
        else:
            yield from self._escape(held)

    def _whole(self, sequence: str) -> Iterator[Message]:
        """A sequence, by Textual's parser; nothing for one that it does not know: it would wait for its end."""
        yield from self._parser.feed(sequence)
        parser = self._parser
        if parser._timeout_time is not None:
            parser._gen.close()
            parser._gen = parser.parse(parser._tokens.append)
            parser._awaiting, parser._timeout_time = next(parser._gen), None

    # -- text and pastes ------------------------------------------------------

    def _typed(self, text: str) -> Iterator[Message]:
        now = self._clock()
        if now < self._burst_until or _LINES_AT_ONCE.search(text):
            self._burst_until = now + _BURST
            yield events.Paste(text)
        else:
            yield from self._parser.feed(text)

    def _pasted(self) -> Iterator[Message]:
        held = self._held
        # The last end there is: what is pasted may hold one itself, so that the rest of it would be typed.
        end = held.rfind(_PASTE_ENDS)
        if end >= 0:
            self._held = held[end + len(_PASTE_ENDS) :]
            yield from self._end_paste(held[:end])
            return
        part = held[: max(0, len(held) - len(_PASTE_ENDS) + 1)]
        self._held = held[len(part) :]
        self._keep(part)

    def _keep(self, text: str) -> None:
        if self._paste is not None and self._kept < _PASTE_KEPT:
            self._paste.append(text[: _PASTE_KEPT - self._kept])
            self._kept += len(self._paste[-1])

    def _end_paste(self, rest: str) -> Iterator[Message]:
        self._keep(rest)
        text = "".join(self._paste or ())
        self._paste = None
        for marker in (_PASTE_BEGINS, _PASTE_ENDS, "\0"):
            text = text.replace(marker, "")
        yield events.Paste(text)
