"""The lower part of a service's screen: its uptime by day, its outages and its journal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import check_status
from artisan_tui.tui.cells import Run, fit, fitted, widest
from artisan_tui.tui.checks.days import day_rows, worst_days
from artisan_tui.tui.checks.outages import outage_rows
from artisan_tui.tui.checks.reasons import against_limit, headline
from artisan_tui.tui.checks.status import about_rows, section, state_row, uptime_line
from artisan_tui.tui.event_line import event_runs
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.lines import Lines

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.engine.checks.outages import OutageHistory
    from artisan_tui.engine.checks.slice import About, Uptime
    from artisan_tui.tui.checks.grouping import Group

Row = list[Run]


class ServiceSummary(Lines):
    """How it is, since when, its uptime, who answers for it."""

    #: Lines that it takes at most: the checks are below it.
    MOST = 6

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="service-summary", can_focus=False)
        self._glyphs = glyphs
        self._rows: list[Row] = []
        self._shown: tuple[Group, About, Sequence[Uptime], tzinfo, datetime] | None = None

    def show_service(
        self, group: Group | None, about: About, uptimes: Sequence[Uptime], zone: tzinfo, now: datetime
    ) -> None:
        self._shown = None if group is None else (group, about, uptimes, zone, now)
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if self._shown is None:
            return [[(" " + _("this service is no longer in the configuration"), "-warn")]]
        group, about, uptimes, zone, now = self._shown
        rows = summary_rows(group, about, uptimes, self._glyphs, zone, now, width)
        return [fitted(row, width) for row in rows[: self.MOST]]

    def lines_at(self, width: int) -> int:
        return len(self.compose_lines(width)) if width else 1


def summary_rows(
    group: Group,
    about: About,
    uptimes: Sequence[Uptime],
    glyphs: Glyphs,
    zone: tzinfo,
    now: datetime,
    width: int,
) -> list[Row]:
    head = state_row(group.worst.health, glyphs, zone, now)
    head[-1:] = [("   " + uptime_line(worst_of(uptimes)), "")]
    said = headline(group.worst) or against_limit(group.worst) or check_status(group.worst.health, group.worst.policy)
    rows = [head, [("   " + fit(said, width - 4), "")]] if said and group.failing else [head]
    return [*rows, *about_rows(about, width)]


def worst_of(uptimes: Sequence[Uptime]) -> Uptime | None:
    """A service is as much up as its worst check."""
    from artisan_tui.engine.checks.slice import Uptime

    if not uptimes:
        return None
    day = min((each.day for each in uptimes if each.day is not None), default=None)
    month = min((each.month for each in uptimes if each.month is not None), default=None)
    return Uptime(day, month, days=worst_days([each.days for each in uptimes]))


class ServicePast(Lines):
    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="service-past")
        self._glyphs = glyphs
        self._uptimes: Sequence[Uptime] = ()
        self._events: tuple[Event, ...] = ()
        self._outages: tuple[OutageHistory | None, str] = (None, "")
        self._zone: tzinfo | None = None
        self._now: datetime | None = None

    def show_past(self, uptimes: Sequence[Uptime], events: tuple[Event, ...], zone: tzinfo, now: datetime) -> None:
        self._uptimes, self._events, self._zone, self._now = uptimes, events, zone, now
        self.redraw()

    def show_outages(self, history: OutageHistory | None, problem: str = "") -> None:
        self._outages = (history, problem)
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if self._now is None:
            return []
        return past_rows(self._uptimes, self._events, self._outages, self._glyphs, self._zone, self._now, width)


def past_rows(
    uptimes: Sequence[Uptime],
    happened: Sequence[Event],
    outages: tuple[OutageHistory | None, str],
    glyphs: Glyphs,
    zone: tzinfo | None,
    now: datetime,
    width: int,
) -> list[Row]:
    """Its uptime by day, its outages, and its journal."""
    whole = worst_of(uptimes)
    note = _("the worst check of each day") if len(uptimes) > 1 else ""
    rows = day_rows(whole.days if whole is not None else (), width, glyphs, whole=note)
    rows += section(outage_rows(*outages, width, zone, now, named=True))
    journal: list[Row] = [[(" " + _("Journal"), "-strong")]]
    actors = widest([event.actor for event in happened], 7, 12)
    journal += [[("  ", ""), *event_runs(event, width - 2, actors, zone, now)] for event in happened]
    if not happened:
        journal.append([("   " + _("no journal entries yet"), "-dim")])
    return [fitted(row, width) for row in (*rows, *section(journal))]
