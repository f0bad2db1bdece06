"""Secrets are masked before anything reaches the disk, in every form in which programs print them.

Output comes in pieces, so what may be the beginning of a secret is held back until it is decided. Escape sequences are taken
out first: a colour in the middle of a secret must not hide it. Programs fold base64 at 64 or 76 characters, so line ends
inside a form do not count.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable

from artisan_tui.domain.text.spellings import spellings

MARK = "•••".encode()
#: Bytes. A shorter secret would mask ordinary words.
SHORTEST = 8
#: CSI, OSC and the like (ECMA-48), and what may be the beginning of one at the end of a piece. Their one-byte spellings
#: are parts of letters in UTF-8 and stay.
_ESCAPE = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)|[ -/]*[0-OQ-WYZ\\`-~])")
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x07\x1b]*\x1b?|[ -/]*)?$")
#: Bytes of an escape sequence that does not end: then it is none.
_LONGEST_ESCAPE = 4096
_LINE_ENDS = b"\r\n"
_OF_LINES = re.compile(rb"[^\r\n]+")


class ShortSecret(ValueError):
    """A secret that is too short to be masked."""


def forms(values: Iterable[str]) -> tuple[bytes, ...]:
    """Every form to mask, longest first. Raises ShortSecret; an empty one is too short, too."""
    found: set[bytes] = set()
    for value in values:
        if len(value.encode("utf-8", "surrogateescape")) < SHORTEST:
            raise ShortSecret(f"a secret of less than {SHORTEST} bytes cannot be masked")
        # A program prints a secret of several lines line by line.
        parts = {value, *(line.strip() for line in value.splitlines())}
        for part in parts:
            if len(part.encode("utf-8", "surrogateescape")) >= SHORTEST:
                found |= {each for each in _forms_of(part) if len(each) >= SHORTEST}
    return tuple(sorted(found, key=lambda form: (-len(form), form)))


def _forms_of(value: str) -> set[bytes]:
    data = value.encode("utf-8", "surrogateescape")
    every = "".join(f"%{byte:02X}" for byte in data)
    escaped = "".join(each if ord(each) < 128 else f"\\u{ord(each):04x}" for each in value if ord(each) < 0x10000)
    texts = {*spellings(value), shlex.quote(value), every, every.lower(), escaped}
    texts |= {re.sub("%[0-9A-F]{2}", lambda found: found[0].lower(), text) for text in texts}
    spaced = " ".join(f"{byte:02x}" for byte in data)
    texts |= {
        data.hex(),
        data.hex().upper(),
        spaced,
        spaced.upper(),
        spaced.replace(" ", ":"),
        spaced.replace(" ", ":").upper(),
    }
    return {data, *(text.encode("utf-8", "surrogateescape") for text in texts)}


class Masker:
    """`feed` pieces of output, write what it returns; `rest` at the end."""

    def __init__(self, values: Iterable[str]) -> None:
        self._forms = tuple(form.translate(None, _LINE_ENDS) for form in forms(values))
        self._longest = max(map(len, self._forms), default=0)
        self._held = b""

    def feed(self, piece: bytes) -> bytes:
        held = self._held + piece if self._held else piece
        held, escape = _without_escapes(held)
        if not self._forms:
            self._held = escape
            return held
        masked, keep = self._masked(held)
        self._held = masked[len(masked) - keep :] + escape if keep or escape else b""
        return masked[: len(masked) - keep] if keep else masked

    def rest(self) -> bytes:
        """What was held back; nothing follows."""
        held, self._held = self._held, b""
        return self._masked(_ESCAPE.sub(b"", held))[0] if self._forms else held

    def _masked(self, text: bytes) -> tuple[bytes, int]:
        """(text with marks, how many of its last bytes may be the beginning of a form)."""
        flat = text.translate(None, _LINE_ENDS)
        places = self._places(flat)
        if places:
            text = _marked(text, places)
            flat = text.translate(None, _LINE_ENDS)
        keep = self._undecided(flat)
        if keep and len(flat) != len(text):
            keep = len(text) - _at(text, len(flat) - keep)
        return text, keep

    def _places(self, flat: bytes) -> list[tuple[int, int]]:
        """[start, end) of every form in ``flat``; overlapping ones joined, in order."""
        found = []
        for form in self._forms:
            start = flat.find(form)
            while start >= 0:
                found.append((start, start + len(form)))
                start = flat.find(form, start + 1)
        joined: list[tuple[int, int]] = []
        for start, end in sorted(found):
            if joined and start < joined[-1][1]:
                joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
            else:
                joined.append((start, end))
        return joined

    def _undecided(self, flat: bytes) -> int:
        tail = flat[-(self._longest - 1) :] if self._longest > 1 else b""
        return max((_overlap(tail, form) for form in self._forms), default=0)


def _overlap(tail: bytes, form: bytes) -> int:
    """The longest end of ``tail`` that is a beginning of ``form``, not all of it."""
    most = min(len(tail), len(form) - 1)
    start = tail.find(form[:1], len(tail) - most) if most else -1
    while start >= 0:
        if form.startswith(tail[start:]):
            return len(tail) - start
        start = tail.find(form[:1], start + 1)
    return 0


def _without_escapes(text: bytes) -> tuple[bytes, bytes]:
    """(text without escape sequences, the beginning of one at its end)."""
    if b"\x1b" not in text:
        return text, b""
    text = _ESCAPE.sub(b"", text)
    begun = _UNFINISHED.search(text, max(0, len(text) - _LONGEST_ESCAPE))
    return (text[: begun.start()], begun[0]) if begun is not None else (text, b"")


def _marked(text: bytes, places: list[tuple[int, int]]) -> bytes:
    """``places`` are of the text without line ends."""
    out, at = [], 0
    for start, end in places:
        begin, stop = _at(text, start), _at(text, end - 1) + 1
        out += [text[at:begin], MARK]
        at = stop
    return b"".join([*out, text[at:]])


def _at(text: bytes, index: int) -> int:
    """Where the byte number ``index`` of the text without line ends is in the text."""
    for part in _OF_LINES.finditer(text):
        if index < len(part[0]):
            return part.start() + index
        index -= len(part[0])
    return len(text)
