"""The journal pane: the entries, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.i18n import _
from artisan_tui.tui.cells import Run, widest
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
        # Not before there are entries: the first frame has none, and the words of entries need much.
        from artisan_tui.domain.journal_kinds import is_routine
        from artisan_tui.tui.event_line import event_runs

        shown = [event for event in self._events if not is_routine(event.kind)]
        if not shown:
            return [[(" " + _("only session entries so far: {key} shows them").format(key=self._journal_key), "-dim")]]
        actors = widest([event.actor for event in shown], 7, 12)
        return [event_runs(event, width, actors, self._zone, self._today) for event in shown]

    @property
    def _journal_key(self) -> str:
        """The key that leads to all of it."""
        return next((each.shown_key for each in self.shell.actions_at("") if each.opens == "journal"), "J")
