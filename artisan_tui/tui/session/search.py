"""Entries of the journal that hold the words typed into the palette."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.session.words import WordsQuery
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.moments import date_time_text
from artisan_tui.tui.kit.destination import PaletteHit

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.tui.kit.shell import Shell

#: Entries shown at most, and letters from which on the store is asked: one letter would find nearly everything.
_MOST, _LEAST = 6, 2


async def entries(shell: Shell, typed: str) -> Sequence[PaletteHit]:
    """The newest entries with all of the words; none while the store cannot be read."""
    words = tuple(typed.split())
    if len("".join(words)) < _LEAST:
        return ()
    try:
        found = await shell.ask(WordsQuery(words, limit=_MOST))
    except LookupError:
        return ()
    return [_hit(shell, event, typed) for event in found.events]


def _hit(shell: Shell, event: Event, typed: str) -> PaletteHit:
    """It opens what the entry is about; where that has no screen, the journal with these words."""
    when = date_time_text(event.occurred_at, shell.zone)
    about = f"{printable(event.subject, 40)} " if event.subject else ""
    text = printable(f"{when}  {about}{event_text(event)}", 300)
    if event.kind.startswith("incident."):
        return PaletteHit(text, "incident", {"incident_id": event.subject})  # also one that no snapshot holds any more
    there = shell.destination(event.subject)
    if there is not None:
        return PaletteHit(text, there.place, there.what)
    return PaletteHit(text, "journal", {"words": typed})
