"""One check: its state and why, what the target answered, its log, and its past."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from artisan_tui.domain.checks.sample import ROLL_UP_SECONDS, CheckSample, RollUp
from artisan_tui.engine.checks.history import CheckHistory
from artisan_tui.engine.checks.logs import CheckLogs
from artisan_tui.engine.checks.outages import OutageQuery
from artisan_tui.engine.checks.slice import CheckSlice, CheckView, UptimeSlice
from artisan_tui.engine.snapshot import JournalSlice, Snapshot
from artisan_tui.i18n import _
from artisan_tui.tui.checks.counts import QUIET, badness
from artisan_tui.tui.checks.detail import Detail
from artisan_tui.tui.checks.evidence import evidence
from artisan_tui.tui.checks.links import open_links
from artisan_tui.tui.checks.outages import UNREADABLE
from artisan_tui.tui.checks.place import CHECK
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.screen import ArtisanScreen

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event

#: Seconds that a key plots.
HOUR, DAY, WEEK = 3600.0, 86400.0, 7 * 86400.0


class CheckScreen(ArtisanScreen):
    place = CHECK

    def __init__(self, check_id: str) -> None:
        super().__init__()
        self._check_id = check_id
        self._span = HOUR
        self._history_at: float | None = None
        self._outages_of: object = None
        self._log_asked = False

    @property
    def check_id(self) -> str:
        return self._check_id

    @property
    def selection(self) -> Mapping[str, str]:
        return {"check": self._check_id}

    def as_text(self) -> str:
        """Everything that is shown, for a ticket."""
        view = self._view(self.shell.snapshot)
        return evidence(self.query_one(Detail), view) if view is not None else ""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notices()
        yield Title("check-title", "", self.shell.glyphs.rule)
        yield Detail(self.shell.glyphs)
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(Detail).focus()

    def _view(self, snapshot: Snapshot | None) -> CheckView | None:
        if snapshot is None:
            return None
        return next((view for view in snapshot[CheckSlice].views if view.id == self._check_id), None)

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        view = self._view(snapshot)
        title = self.query_one("#check-title", Title)
        title.show([(view.kind, "-dim")] if view else [], [(self._check_id + " ", "-accent")])
        if snapshot is not None:
            events = tuple(event for event in snapshot[JournalSlice].events if event.subject == self._check_id)
            uptime = snapshot[UptimeSlice].checks.get(self._check_id)
            key = next((a.shown_key for a in self.shell.actions_at(self.place.id) if a.id == "check.logs"), "")
            self.query_one(Detail).show_check(view, events, self.zone, self.now, uptime, key)
            self._ask_outages(view, events)
        # The plot follows the probes, but not more often than they can change it visibly or are saved.
        asked = self._history_at
        if asked is None or self.shell.clock.monotonic() - asked > min(self._span / 60, ROLL_UP_SECONDS):
            self.plot(self._span)
        if view is not None and view.about.logs and not self._log_asked and badness(view) < QUIET:
            self.read_log()

    # -- what happened ------------------------------------------------------

    def moment_changed(self) -> None:
        self._history_at = self._outages_of = None

    def plot_hour(self) -> None:
        self.plot(HOUR)

    def plot_day(self) -> None:
        self.plot(DAY)

    def plot_week(self) -> None:
        self.plot(WEEK)

    def plot(self, span: float) -> None:
        """Ask for the last ``span`` seconds and draw them when they arrive."""
        self._span = span
        self._history_at = self.shell.clock.monotonic()
        self.run_worker(partial(self._fetch, span), exclusive=True, group="history", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _fetch(self, span: float) -> None:
        """Draw what the store has."""
        samples: tuple[CheckSample, ...] = ()
        roll_ups: tuple[RollUp, ...] = ()
        with contextlib.suppress(LookupError):  # the engine is still starting
            samples, roll_ups = await self.shell.ask(CheckHistory(self._check_id, span))
        self.query_one(Detail).show_history(span, self.now, samples, roll_ups)

    def _ask_outages(self, view: CheckView | None, events: tuple[Event, ...]) -> None:
        """Read the journal again when it, or the state, says something new."""
        news = (view.health.state if view is not None else None, events[0].seq if events else 0)
        if news != self._outages_of:
            self._outages_of = news
            self.run_worker(self._fetch_outages, exclusive=True, group="outages", exit_on_error=False)  # type: ignore[arg-type]

    async def _fetch_outages(self) -> None:
        try:
            found = await self.shell.ask(OutageQuery((self._check_id,)))
        except LookupError:
            self._outages_of = None  # asked again with the next snapshot
            self.query_one(Detail).show_outages(None, UNREADABLE)
        else:
            self.query_one(Detail).show_outages(found)

    # -- what else there is ---------------------------------------------------

    def read_log(self) -> None:
        """Read the last lines of the log now, also where some were read before."""
        view, detail = self._view(self.shell.snapshot), self.query_one(Detail)
        if view is None or not view.about.logs:
            self.shell.say(_("no log is configured for it: write logs = { … } in its [[service.check]]"))
            return
        self._log_asked = True
        detail.log_reading.begin()
        detail.redraw()
        self.run_worker(self._fetch_log, exclusive=True, group="log", exit_on_error=False)  # type: ignore[arg-type]

    async def _fetch_log(self) -> None:
        detail = self.query_one(Detail)
        try:
            detail.log_reading.end(await self.shell.ask(CheckLogs(self._check_id)))
        except LookupError as error:
            detail.log_reading.end(None, str(error))
        detail.redraw()

    def show_links(self) -> None:
        view = self._view(self.shell.snapshot)
        if view is not None:
            open_links(self.shell, view.about)
