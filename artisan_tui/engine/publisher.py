"""Gathers changes and publishes one snapshot for many of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Event
from artisan_tui.engine.checks.evaluator import Evaluator
from artisan_tui.engine.clock import Clock
from artisan_tui.engine.snapshot import JOURNAL, SessionStatus, SloSlice, Snapshot, StackFault, Versions

if TYPE_CHECKING:
    from artisan_tui.domain.alerts.book import Alert

#: Seconds during which changes gather into one snapshot: below what a person notices,
#: and a round of a thousand answers becomes some twenty messages.
GATHER = 0.05
#: Seconds during which looks gather that changed nothing shown.
QUIET = 5.0


class Publisher:
    """``publish`` receives each snapshot, on the engine's loop."""

    def __init__(
        self, clock: Clock, evaluator: Evaluator, session_status: SessionStatus, publish: Callable[[Snapshot], None]
    ) -> None:
        self._clock, self._evaluator, self._publish = clock, evaluator, publish
        self._session_status = session_status
        self._versions = Versions()
        self._journal: tuple[Event, ...] = ()
        self._unwritten: tuple[Event, ...] = ()
        self._faults: tuple[StackFault, ...] = ()
        self._budgets = SloSlice()
        self._alerts: tuple[Alert, ...] = ()
        self._due: asyncio.TimerHandle | None = None

    @property
    def session_status(self) -> SessionStatus:
        return self._session_status

    def update_session(self, **changes: object) -> None:
        session_status = replace(self._session_status, **changes)  # type: ignore[arg-type]  # names are Site's own, checked by replace
        if session_status != self._session_status:
            self._session_status = session_status
            self._moved(session_status=self._versions.session_status + 1)

    def checks_changed(self, *, quiet: bool = False) -> None:
        """``quiet``: nothing that the board shows; times and counts behind it may follow a little later."""
        self._moved(QUIET if quiet else GATHER, checks=self._versions.checks + 1)

    def events_came(self, newest_first: Sequence[Event]) -> None:
        self._journal = (*newest_first, *self._journal)[:JOURNAL]
        self._moved(journal=self._versions.journal + 1)

    def events_replaced(self, newest_first: Sequence[Event]) -> None:
        self._journal = tuple(newest_first)[:JOURNAL]
        self._moved(journal=self._versions.journal + 1)

    def unwritten_are(self, newest_first: Sequence[Event]) -> None:
        """Events that are not in the store (their ``seq`` is 0) because nothing can be written now."""
        if tuple(newest_first) != self._unwritten:
            self._unwritten = tuple(newest_first)
            self._moved(journal=self._versions.journal + 1)

    def faults_are(self, faults: Sequence[StackFault]) -> None:
        if tuple(faults) != self._faults:
            self._faults = tuple(faults)
            self._moved(faults=self._versions.faults + 1)

    def budgets_are(self, budgets: SloSlice) -> None:
        if budgets != self._budgets:
            self._budgets = budgets
            self._moved(slos=self._versions.slos + 1)

    def alerts_are(self, alerts: Sequence[Alert]) -> None:
        if tuple(alerts) != self._alerts:
            self._alerts = tuple(alerts)
            self._moved(alerts=self._versions.alerts + 1)

    def _moved(self, within: float = GATHER, **numbers: int) -> None:
        self._versions = replace(self._versions, **numbers)
        loop = asyncio.get_running_loop()
        if self._due is not None and self._due.when() > loop.time() + within:
            self._due.cancel()
            self._due = None
        if self._due is None:
            self._due = loop.call_later(within, self.now)

    def now(self) -> None:
        """Publish what there is, without waiting for more."""
        if self._due is not None:
            self._due.cancel()
            self._due = None
        answered_at, late = self._evaluator.newest_answer()
        self._publish(
            Snapshot(
                self._clock.now(),
                self._versions,
                self._session_status,
                self._evaluator.views(),
                (*self._unwritten, *self._journal)[:JOURNAL],
                answered_at,
                late,
                self._faults,
                self._budgets,
                self._alerts,
            )
        )
