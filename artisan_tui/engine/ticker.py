"""Every two seconds: what time alone changes, and what changed on disk."""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.events import ObserverCleared, ObserverSuspected
from artisan_tui.domain.event import Entry
from artisan_tui.domain.maintenance.events import MaintenanceBegan, MaintenanceOver
from artisan_tui.domain.session.events import ClockJumped, SessionStoodStill
from artisan_tui.engine.checks.runtime import OBSERVER
from artisan_tui.engine.leadership import SessionRole

if TYPE_CHECKING:
    from artisan_tui.engine.core import Engine

#: Seconds between looks at the clocks and at the configuration file.
BEAT = 2.0
#: A beat later than this many seconds means that we stood still (SIGSTOP, suspend), not the world.
STOOD_STILL = 10.0
#: The wall clock moving this many seconds more or less than the monotonic one was set, not read.
JUMPED = 30.0


class Ticker:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        #: Windows that began before this session did are not news.
        self._active: frozenset[str] | None = None
        self._suspected = False

    async def run(self) -> None:
        """Until cancelled."""
        engine = self._engine
        mono, wall = engine.clock.monotonic(), engine.clock.now()
        while True:
            await asyncio.sleep(BEAT)
            mono_now, wall_now = engine.clock.monotonic(), engine.clock.now()
            self.beat(mono_now - mono, (wall_now - wall).total_seconds())
            mono, wall = mono_now, wall_now
            await engine.config_file.look()

    def beat(self, missed: float, passed: float) -> None:
        """``missed`` monotonic seconds since the beat before, ``passed`` on the wall clock."""
        engine, now = self._engine, self._engine.clock.now()
        stood_still = missed > STOOD_STILL
        entries, changed = engine.evaluator.age(quietly=stood_still)
        if stood_still:
            entries.append(SessionStoodStill(seconds=round(missed)).entry(now, OBSERVER))
        if abs(passed - missed) > JUMPED:
            entries.append(ClockJumped(seconds=round(passed - missed)).entry(now, OBSERVER))
        entries += [*self._windows(now), *self._network(now)]
        # What a session that shows another's view noticed, that other has noticed too.
        if entries and engine.leadership.session_role is not SessionRole.FOLLOWER:
            engine.journal_follower.find(entries, [entry.subject for entry in entries])
        engine.arrange()
        if changed:
            engine.publisher.checks_changed()

    def _windows(self, now: datetime) -> list[Entry]:
        """What began and what ended since the beat before; those declared from the screen have their own entries."""
        orders = self._engine.orders
        windows = {w.id: w for w in orders.windows(now) if not orders.declared(w.id, now)}
        before, self._active = self._active, frozenset(windows)
        if before is None:
            return []
        began, over = windows.keys() - before, before - windows.keys()
        entries = [
            MaintenanceBegan(reason=windows[name].reason, covers=windows[name].covers).entry(now, OBSERVER, name)
            for name in sorted(began)
        ]
        return entries + [MaintenanceOver().entry(now, OBSERVER, name) for name in sorted(over)]

    def _network(self, now: datetime) -> list[Entry]:
        """Nearly everything unreached at once is said, and paged, once."""
        suspicion = self._engine.evaluator.suspicion()
        self._engine.publisher.update_session(suspicion=suspicion)
        suspected, self._suspected = self._suspected, suspicion is not None
        if suspicion is not None and not suspected:
            body = ObserverSuspected(unreached=suspicion.unreached, targets=suspicion.of)
            return [body.entry(now, OBSERVER)]
        if suspicion is None and suspected:
            return [ObserverCleared().entry(now, OBSERVER)]
        return []
