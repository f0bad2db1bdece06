"""A journal entry in one line."""

from __future__ import annotations

from datetime import datetime, tzinfo

from artisan_tui.domain.event import Event
from artisan_tui.i18n import _, language
from artisan_tui.reports.event_words import said_event
from artisan_tui.reports.moments import brief_date_text, date_time_text, time_text
from artisan_tui.tui.cells import Run, fit


def event_runs(event: Event, width: int, actors: int, zone: tzinfo | None, today: datetime | None) -> list[Run]:
    """One event in one line: when, who, what. An event of another day shows its date."""
    moment = event.occurred_at.astimezone(zone)
    same_day = today is not None and moment.date() == today.astimezone(zone).date()
    if same_day:
        when = time_text(moment, zone, seconds=True)
    elif width >= 100:
        when = date_time_text(moment, zone)
    else:
        when = f"{brief_date_text(moment, zone)} {time_text(moment, zone)}"
    column = 11 if width < 100 else 15 if language() == "ko" else 12
    said = said_event(event)
    role = f"-{said.tone}" if said.tone else ""
    # In a timeline it is clear which incident an entry is about; among others it is not.
    text = f"{event.subject} {said.text}" if event.kind.startswith("incident.") else said.text
    unwritten = _("not saved") + "  " if event.seq == 0 else ""
    return [
        (" " + fit(when, column) + " ", "-dim"),
        (fit(event.actor, actors) + "  ", "-dim"),
        (unwritten, "-warn"),
        (fit(text, max(0, width - column - actors - 4 - len(unwritten))), role),
    ]
