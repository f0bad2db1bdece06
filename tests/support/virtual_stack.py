"""The simulated stack, served over HTTP in a loop of virtual time: it and its reader have the same clock."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import uvicorn

from artisan_tui.drill import alertmanager_api, exposition, prometheus_api
from artisan_tui.drill.alert_rules import AlertRules
from artisan_tui.drill.alertmanager_api import AlertmanagerApi, HeldSilence, create_alertmanager_api
from artisan_tui.drill.api import create_app
from artisan_tui.drill.clock import StackClock
from artisan_tui.drill.prometheus_api import create_prometheus_api
from artisan_tui.drill.recorder import EVERY, Recorder
from artisan_tui.drill.stack import SimulatedStack
from support.virtual_time import VirtualClock

#: Seconds that the stack has run when it is asked first: what fires, fires already.
_BEFORE = 120.0


class _LoopClock(StackClock):
    """The stack's clock is that of the loop."""

    def __init__(self, clock: VirtualClock) -> None:
        self.speed, self._clock = 1.0, clock
        self._began, self._unix = clock.monotonic() - _BEFORE, clock.now().timestamp() - _BEFORE

    def elapsed(self) -> float:
        return self._clock.monotonic() - self._began

    def wall(self) -> float:
        return self._unix + self.elapsed()

    def moment(self, elapsed: float) -> float:
        return self._unix + elapsed


@dataclass
class VirtualStack:
    """Serves on ``port`` while `served` is open. Faults that are not mended and silences outlive it."""

    days: int
    port: int = 0
    silences: dict[str, HeldSilence] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    stack: SimulatedStack = field(init=False)
    _clock: _LoopClock = field(init=False)

    def __post_init__(self) -> None:
        self._listener().close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def break_fault(self, fault: str) -> None:
        self.broken.add(fault)
        self.stack.break_fault(fault, self._clock.elapsed())

    def mend_fault(self, fault: str) -> None:
        self.broken.discard(fault)
        self.stack.mend_fault(fault, self._clock.elapsed())

    @contextlib.asynccontextmanager
    async def served(self, clock: VirtualClock) -> AsyncIterator[None]:
        """The stack, which began two minutes ago, with the history of the days before it."""
        self._clock = _LoopClock(clock)
        self.stack = SimulatedStack(7, 0.0)
        for fault in self.broken:
            self.stack.break_fault(fault, 0.0)
        rules = AlertRules(self.stack)
        rules.active()
        self.stack.advance(_BEFORE)
        rules.active()
        registry = exposition.registry(self.stack)
        recorder = Recorder(self.stack, self._clock, registry, self.days)
        alerts = AlertmanagerApi(rules, self._clock, lambda: self.stack.advance(self._clock.elapsed()), self.silences)
        others = {
            prometheus_api.PREFIX: create_prometheus_api(recorder, self._clock, alerts),
            alertmanager_api.PREFIX: create_alertmanager_api(alerts),
        }
        app = create_app(self.stack, self._clock, registry, others)
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, ws="none"))
        server.config.load()
        server.lifespan = server.config.lifespan_class(server.config)
        await server.startup([listener := self._listener()])
        scraping = asyncio.create_task(_scrape(recorder))
        try:
            yield
        finally:
            scraping.cancel()
            for each in server.servers:
                each.close()
            for connection in list(server.server_state.connections):
                connection.shutdown()
            listener.close()

    def _listener(self) -> socket.socket:
        listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        self.port = listener.getsockname()[1]
        return listener


async def _scrape(recorder: Recorder) -> None:
    """As a Prometheus does that stands beside the stack."""
    while True:
        recorder.scrape()
        await asyncio.sleep(EVERY)
