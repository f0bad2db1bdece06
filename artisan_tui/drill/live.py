"""The process of a live drill: one folder, one scenario, one stack."""

from __future__ import annotations

import asyncio
import socket
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Final

from artisan_tui.domain.drills.files import RECORD
from artisan_tui.drill import alertmanager_api, exposition, prometheus_api
from artisan_tui.drill.alertmanager_api import AlertmanagerApi, create_alertmanager_api
from artisan_tui.drill.api import HANDLERS, create_app
from artisan_tui.drill.before import TimeBefore
from artisan_tui.drill.clock import DrillClock
from artisan_tui.drill.conductor import NOBODY, Conductor
from artisan_tui.drill.conductor_api import ConductorApi, DrillGate, mounted
from artisan_tui.drill.folder import DrillFolder
from artisan_tui.drill.live_play import compared_play
from artisan_tui.drill.prometheus_api import create_prometheus_api
from artisan_tui.drill.quiet_server import serve_app, url_of
from artisan_tui.drill.record import RecordFile
from artisan_tui.drill.recorder import Recorder

#: Real seconds between two looks at the clock, at speed 1. Faster drills are looked at more often.
_LOOK: Final = 0.5
#: Without anybody who looks, a drill stands still after so many seconds, and its process ends after so many more.
ALONE: Final = 60.0
GONE: Final = 600.0
#: Days before the drill that its Prometheus knows, at most: a budget of thirty days is none after a minute.
HISTORY: Final = 30
#: After the end, boards have so many seconds to read how it went.
AFTER: Final = 15.0


class LiveDrill:
    """The drill of a folder. ``alone`` and ``gone`` are the seconds after which nobody is taken to be there."""

    def __init__(self, path: Path, alone: float = ALONE, gone: float = GONE, after: float = AFTER) -> None:
        self.folder = DrillFolder(path)
        about = self.folder.about
        self._record = RecordFile(path / RECORD)
        clock = DrillClock(speed=float(about.get("speed", 1.0)))
        self.conductor = Conductor(self.folder.scenario, about["seed"], self._record, clock)
        self.conductor.before = TimeBefore(self.folder.scenario, self.conductor.stack)
        self._days = min(HISTORY, max(0, int(about.get("history", HISTORY))))
        self._token = self.folder.token
        self._alone, self._gone, self._after = alone, gone, after
        self._seen = time.monotonic()
        self._look = asyncio.Event()

    async def serve(self, listener: socket.socket) -> None:
        """Serve until it is over and nobody looks any more, nobody is there, or a signal arrives."""
        self.folder.keep_stack(url_of(listener))
        conductor = self.conductor
        registry = exposition.registry(conductor.stack)
        recorder = Recorder(conductor.stack, conductor.clock, registry, self._days)
        alerts = AlertmanagerApi(conductor.play.alerts, conductor.clock, conductor.advance)
        others = {
            prometheus_api.PREFIX: create_prometheus_api(recorder, conductor.clock, alerts),
            alertmanager_api.PREFIX: create_alertmanager_api(alerts),
        }
        app = create_app(conductor.stack, conductor.clock, registry, others, conductor.ledger)
        routes = ConductorApi(conductor, self._token, self._look.set).routes()
        gate = DrillGate(mounted(routes, app, HANDLERS), conductor, self._token, self._somebody)
        await serve_app(gate, listener, False, lambda _: recorder.run(), self._conduct)
        self._record.close()

    def _somebody(self) -> None:
        self._seen = time.monotonic()

    async def _conduct(self, stop: asyncio.Event) -> None:
        try:
            await self._go_on(stop)
        except OSError as error:  # nothing can be recorded any more: what is on the disk is where it goes on
            print(f"the record cannot be written: {error}", file=sys.stderr, flush=True)
            stop.set()

    async def _go_on(self, stop: asyncio.Event) -> None:
        """Let time pass while nobody reads, and end when nobody is there."""
        conductor = self.conductor
        while not conductor.ended:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), max(0.05, _LOOK / conductor.clock.speed))
            conductor.advance()
            quiet = time.monotonic() - self._seen
            if quiet > self._alone and not conductor.why and not conductor.ended:
                conductor.pause(NOBODY)
            if quiet > self._gone:
                stop.set()
                return
        self.folder.keep_play(
            await asyncio.to_thread(compared_play, conductor.play, conductor.seed), conductor.play.trace
        )
        self._somebody()
        while (left := self._seen + self._after - time.monotonic()) > 0:
            with suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), left)
                return
        stop.set()
