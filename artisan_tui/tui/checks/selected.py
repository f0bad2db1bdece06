"""What is selected on the board, with what its own screen shows: on a screen that has room below the services."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from artisan_tui.engine.checks.history import CheckHistory
from artisan_tui.engine.checks.outages import OutageQuery
from artisan_tui.engine.checks.slice import About, ServicesSlice, UptimeSlice
from artisan_tui.engine.snapshot import JournalSlice, Snapshot
from artisan_tui.i18n import N_, _
from artisan_tui.tui.cells import Run, fitted
from artisan_tui.tui.checks.detail import Detail, condition_rows, response_rows
from artisan_tui.tui.checks.grouping import Group, Kind, Row
from artisan_tui.tui.checks.outages import UNREADABLE
from artisan_tui.tui.checks.screen import HOUR
from artisan_tui.tui.checks.service_past import past_rows, summary_rows
from artisan_tui.tui.checks.status import section
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.bars import Title
from artisan_tui.tui.kit.pane import Pane
from artisan_tui.tui.kit.shell import InShell

if TYPE_CHECKING:
    from textual.timer import Timer

    from artisan_tui.domain.event import Event
    from artisan_tui.engine.checks.slice import CheckView, Uptime

#: Seconds that a line stays selected before its past is read from the store: a person who moves on asks for nothing.
PATIENCE = 0.15
#: Seconds after which a curve is read anew.
EVERY = 60.0


class SelectedDetail(Detail):
    """A check as on its own screen; a service with its worst check's conditions and answer between how it is and its
    past. What shares a line with others has no detail of its own."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(glyphs)
        self._service: tuple[Group, About, Sequence[Uptime]] | None = None
        self._nothing = True

    def show_service(
        self,
        group: Group,
        about: About,
        uptimes: Sequence[Uptime],
        happened: tuple[Event, ...],
        zone: tzinfo,
        now: datetime,
    ) -> None:
        self._service, self._nothing = (group, about, uptimes), False
        self._events, self._zone, self._now = happened, zone, now
        self.redraw()

    def show_alone(
        self, view: CheckView, events: tuple[Event, ...], zone: tzinfo, now: datetime, uptime: Uptime | None
    ) -> None:
        self._service, self._nothing = None, False
        self.show_check(view, events, zone, now, uptime)

    def show_nothing(self) -> None:
        self._nothing = True
        self.redraw()

    def forget(self) -> None:
        """Another one is selected: what was read of the one before is not shown with it."""
        self._history, self._outages = None, (None, "")
        self.scroll_to(y=0, animate=False, immediate=True)

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if self._nothing:
            return [[(" " + _("all of these are up: open the line to see them one by one"), "-dim")]]
        if self._service is None or self._now is None or self._zone is None:
            return super().compose_lines(width)
        group, about, uptimes = self._service
        rows = summary_rows(group, about, uptimes, self._glyphs, self._zone, self._now, width)
        if group.failing:
            worst = group.worst
            answer = [*condition_rows(worst, width, self._glyphs), *response_rows(worst, width)]
            if answer:
                rows += section([[(f" {worst.name}  ", "-strong"), (worst.target, "-dim")], *answer])
        past = past_rows(uptimes, self._events, self._outages, self._glyphs, self._zone, self._now, width)
        return [fitted(row, width) for row in (*rows, *section(past))]


class SelectedPane(InShell, Pane):
    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._title = Title("selected-title", N_("Details"), glyphs.rule)
        self.detail = SelectedDetail(glyphs)
        self._key: str | None = None
        self._drawn: tuple[object, ...] = ()
        self._asked: tuple[object, ...] = ()
        self._asked_at: float | None = None
        self._timer: Timer | None = None
        #: Its past is being read.
        self.busy = False

    def compose(self) -> ComposeResult:
        yield self._title
        yield self.detail

    @property
    def shown(self) -> bool:
        """Whether anything was shown yet."""
        return bool(self._drawn)

    def show_row(self, row: Row | None, snapshot: Snapshot, zone: tzinfo, now: datetime, minute: datetime) -> None:
        """Show what the selected line is about; nothing is drawn anew when nothing about it changed."""
        key = None if row is None else row.key
        if key != self._key:
            self._key, self._asked, self._asked_at = key, (), None
            self.detail.forget()
        if row is None or row.kind is Kind.UP:
            if self._drawn != (key,):
                self._drawn = (key,)
                self._title.show([], [])
                self.detail.show_nothing()
            return
        group = row.groups[0]
        whole = row.kind is Kind.SERVICE and len(group.checks) > 1
        views = group.checks if whole else row.checks[:1]
        ids = {view.id for view in views}
        happened = tuple(event for event in snapshot[JournalSlice].events if event.subject in ids)
        known = snapshot[UptimeSlice].checks
        uptimes = tuple(known[view.id] for view in views if view.id in known)
        about = snapshot[ServicesSlice].about.get(group.id, About()) if whole else About()
        drawn = (key, views, uptimes, about, happened, minute, zone)
        if drawn != self._drawn:
            self._drawn = drawn
            self._title.show([] if whole else [(views[0].kind, "-dim")], [(_name(row, whole=whole) + " ", "-accent")])
            if whole:
                self.detail.show_service(group, about, uptimes, happened, zone, now)
            else:
                self.detail.show_alone(views[0], happened, zone, now, uptimes[0] if uptimes else None)
        self._ask(views, happened)

    def _ask(self, views: Sequence[CheckView], happened: Sequence[Event]) -> None:
        """Read its past from the store when it says something new, and a check's curve as often as it can change."""
        ids = tuple(sorted(view.id for view in views))
        said = tuple((view.id, view.health.state) for view in views), happened[0].seq if happened else 0
        news = (ids, self.shell.moment, *said)
        now = self.shell.clock.monotonic()
        old = self._asked_at is None or now - self._asked_at > EVERY
        if news == self._asked and not (old and len(ids) == 1):
            return
        first = not self._asked
        self._asked, self._asked_at = news, now
        if self._timer is not None:
            self._timer.stop()
        self.busy = True
        self._timer = self.set_timer(PATIENCE if first else 0.01, partial(self._begin, ids))

    def _begin(self, ids: tuple[str, ...]) -> None:
        self.run_worker(partial(self._fetch, ids), exclusive=True, group="selected", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _fetch(self, ids: tuple[str, ...]) -> None:
        if len(ids) == 1:
            with contextlib.suppress(LookupError):  # the engine is still starting
                samples, roll_ups = await self.shell.ask(CheckHistory(ids[0], HOUR))
                now = self.shell.moment or self.shell.clock.now()
                self.detail.show_history(HOUR, now, samples, roll_ups)
        try:
            found = await self.shell.ask(OutageQuery(ids))
        except LookupError:
            self._asked = ()  # asked again with the next snapshot
            self.detail.show_outages(None, UNREADABLE)
        else:
            self.detail.show_outages(found)
        self.busy = False


def _name(row: Row, *, whole: bool) -> str:
    return row.groups[0].name if whole else row.checks[0].id
