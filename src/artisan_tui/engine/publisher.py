"""Gathers changes and publishes one snapshot for many of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Event
from artisan_tui.engine.clock import Clock
from artisan_tui.engine.judge import Judge
from artisan_tui.engine.snapshot import JOURNAL, Budgets, Fault, Site, Snapshot, Versions

if TYPE_CHECKING:
    from artisan_tui.domain.alert import Alert

#: Seconds during which changes gather into one snapshot: below what a person notices,
#: and a round of a thousand answers becomes some twenty messages.
GATHER = 0.05
#: Seconds during which looks gather that changed nothing shown.
QUIET = 5.0


class Publisher:
    """``publish`` receives each snapshot, on the engine's loop."""

    def __init__(self, clock: Clock, judge: Judge, site: Site, publish: Callable[[Snapshot], None]) -> None:
        self._clock, self._judge, self._publish = clock, judge, publish
        self._site = site
        self._versions = Versions()
        self._journal: tuple[Event, ...] = ()
        self._unwritten: tuple[Event, ...] = ()
        self._faults: tuple[Fault, ...] = ()
        self._budgets = Budgets()
        self._alerts: tuple[Alert, ...] = ()
        self._due: asyncio.TimerHandle | None = None

    @property
    def site(self) -> Site:
        return self._site

    def alter_site(self, **changes: object) -> None:
        site = replace(self._site, **changes)  # type: ignore[arg-type]  # names are Site's own, checked by replace
        if site != self._site:
            self._site = site
            self._moved(site=self._versions.site + 1)

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

    def faults_are(self, faults: Sequence[Fault]) -> None:
        if tuple(faults) != self._faults:
            self._faults = tuple(faults)
            self._moved(faults=self._versions.faults + 1)

    def budgets_are(self, budgets: Budgets) -> None:
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
        answered_at, late = self._judge.newest_answer()
        self._publish(
            Snapshot(
                self._clock.now(),
                self._versions,
                self._site,
                self._judge.views(),
                (*self._unwritten, *self._journal)[:JOURNAL],
                answered_at,
                late,
                self._faults,
                self._budgets,
                self._alerts,
            )
        )
