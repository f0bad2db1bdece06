"""How a journal entry is said, in one line. The words of a kind are in `reports/<wing>/events.py` of its wing."""

from __future__ import annotations

import importlib
from dataclasses import dataclass
from functools import cache

from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_body import Body, BodyError, NewerBody
from artisan_tui.domain.journal_kinds import UnknownKind, read_body
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.wording import EventWords, Tone
from artisan_tui.wings import modules


@dataclass(frozen=True, slots=True)
class SaidEvent:
    """``text`` is printable."""

    text: str
    tone: Tone = Tone.PLAIN


def said_event(event: Event) -> SaidEvent:
    """A kind that is not known here, and a body that cannot be read, are shown as such."""
    try:
        body = read_body(event)
    except UnknownKind:
        said = _("unknown event {kind} (written by a newer artisan-tui?)")
    except NewerBody:
        said = _("{kind}: written by a newer artisan-tui")
    except BodyError:
        said = _("{kind}: unreadable body")
    else:
        words = words_of(type(body))
        return SaidEvent(words.text(event, body), words.tone(body))
    return SaidEvent(said.format(kind=printable(f"{event.kind} {event.subject}".strip(), 300)))


def event_text(event: Event) -> str:
    return said_event(event).text


def words_of(kind: type[Body]) -> EventWords:
    """The words of the wing that declares ``kind``. Imports that wing's only: the first frame shows few kinds."""
    return _words(kind.__module__.split(".")[-2])


def load_words() -> None:
    """Import the words of every wing. Later there may be no file descriptor left to read a module with."""
    for _module in modules("reports", "events"):
        pass


@cache
def _words(wing: str) -> EventWords:
    words: EventWords = importlib.import_module(f"artisan_tui.reports.{wing}.events").WORDS
    return words
