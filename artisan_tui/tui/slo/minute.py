"""The journal entries around one of the costliest minutes of an SLO."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from artisan_tui.engine.session.history import EventsBetween
from artisan_tui.engine.snapshot import JournalSlice
from artisan_tui.i18n import _
from artisan_tui.reports.moments import date_time_text
from artisan_tui.tui.cells import Run, widest, wrapped
from artisan_tui.tui.event_line import event_runs
from artisan_tui.tui.kit.dialog import Box, Dialog
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.kit.shell import Shell
from artisan_tui.tui.slo.detail import instant
from artisan_tui.tui.slo.text import counts_text

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.domain.slo.counts import Row as Minute

#: How far before and after the minute the journal is read.
AROUND = timedelta(minutes=5)


class _Events(Lines):
    GROUND = "-surface"

    def __init__(self, minute: Minute, zone: tzinfo, today: datetime) -> None:
        super().__init__()
        self._minute, self._zone, self._today = minute, zone, today
        self._found: tuple[Sequence[Event], bool] | None = None

    def show_events(self, events: Sequence[Event], *, whole: bool) -> None:
        self._found = (events, whole)
        self.refresh(layout=True)
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        _at, bad, total, _measured = self._minute
        rows: list[list[Run]] = [[(" " + counts_text(bad, total), "-strong")], []]
        if self._found is None:
            return [*rows, [(" " + _("searching the journal"), "-dim")]]
        events, whole = self._found
        actors = widest([event.actor for event in events], 7, 12)
        rows += [event_runs(event, width, actors, self._zone, self._today) for event in events]
        if not events and whole:
            rows.append([(" " + _("no journal entries around this minute"), "-dim")])
        if not whole:
            text = _("the loaded journal does not go back that far; there may be more entries")
            rows += [[(" " + line, "-warn")] for line in wrapped(text, max(10, width - 2))]
        return rows


class MinuteEvents(Dialog[None]):
    """``minute`` is a row of the minute series; ``today`` decides where a date is shown."""

    def __init__(self, name: str, minute: Minute, zone: tzinfo, today: datetime) -> None:
        super().__init__()
        self._name, self._at = name, instant(minute[0])
        self._when = self._at.astimezone(zone)
        self._events = _Events(minute, zone, today)

    def compose(self) -> ComposeResult:
        close = self.shell.key_of("dialog.close")
        with Box() as box:
            box.border_title = f"{self._name}  {date_time_text(self._when, self._when.tzinfo)} ±5m"
            box.border_subtitle = _("{close} closes").format(close=close)
            yield self._events

    def on_mount(self) -> None:
        self.run_worker(self._fetch, exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _fetch(self) -> None:
        """Show the entries as soon as they are found."""
        since, until = self._at - AROUND, self._at + timedelta(minutes=1) + AROUND
        events, whole = await around(self.shell, since, until)
        self._events.show_events(events, whole=whole)


async def around(shell: Shell, since: datetime, until: datetime) -> tuple[tuple[Event, ...], bool]:
    """The journal from ``since`` to ``until``, newest first, and whether that is all of it.

    From the store where the engine can be asked, else as far back as the snapshot's journal goes.
    """
    with contextlib.suppress(LookupError):
        found = await shell.ask(EventsBetween(since, until))
        return tuple(sorted(found, key=lambda event: event.occurred_at, reverse=True)), True
    held = shell.snapshot[JournalSlice].events if shell.snapshot is not None else ()
    whole = bool(held) and min(event.occurred_at for event in held) <= since
    return tuple(event for event in held if since <= event.occurred_at < until), whole
