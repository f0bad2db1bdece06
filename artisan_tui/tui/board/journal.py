"""The journal pane: the entries, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.domain.journal_kinds import is_routine
from artisan_tui.i18n import _, language
from artisan_tui.reports.event_words import said_event
from artisan_tui.reports.moments import brief_date_text, date_time_text, time_text
from artisan_tui.tui.cells import Run, fit, widest
from artisan_tui.tui.kit.lines import Lines

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event


class JournalPane(Lines):
    """Comings and goings of sessions are folded: the journal screen has them."""

    def __init__(self) -> None:
        super().__init__(id="journal")
        self._events: tuple[Event, ...] = ()
        self._zone: tzinfo | None = None
        self._today: datetime | None = None

    def show_events(self, events: tuple[Event, ...], zone: tzinfo, now: datetime) -> None:
        self._events, self._zone, self._today = events, zone, now
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if not self._events:
            return [[(" " + _("no journal entries yet"), "-dim")]]
        shown = [event for event in self._events if not is_routine(event.kind)]
        if not shown:
            return [[(" " + _("only session entries so far: {key} shows them").format(key=self._journal_key), "-dim")]]
        actors = widest([event.actor for event in shown], 7, 12)
        return [event_runs(event, width, actors, self._zone, self._today) for event in shown]

    @property
    def _journal_key(self) -> str:
        """The key that leads to all of it."""
        return next((each.shown_key for each in self.shell.actions_at("") if each.opens == "journal"), "J")


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
