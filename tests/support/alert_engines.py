"""Running engines with a real Alertmanager."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from pathlib import Path

from artisan_tui.domain.alerts.fingerprint import fingerprint
from artisan_tui.domain.alerts.listed import AlertState, ListedAlert
from artisan_tui.domain.event import Event
from artisan_tui.engine.access import Session
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.core import Engine
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.launch import Options
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.alertmanager_server import AlertmanagerServer

API = {"alertname": "HighErrorRate", "svc": "api", "severity": "critical"}


class MovableClock(SystemClock):
    """The system's, and as far ahead as a test wants."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def now(self) -> datetime:
        return super().now() + self.ahead


class Running:
    """An engine that runs, and the newest snapshot."""

    def __init__(self, folder: Path, state: str = "state") -> None:
        self.place, self.clock = StorePlace(folder / state), MovableClock()
        self.newest: Snapshot | None = None
        self._came = asyncio.Event()
        options = Options(folder / "artisan.toml", self.place, Session("j.park"))
        self.engine = Engine(options, self._publish, self.clock)

    def _publish(self, snapshot: Snapshot) -> None:
        self.newest = snapshot
        self._came.set()

    @property
    def alerts(self) -> AlertSlice:
        assert self.newest is not None
        return self.newest[AlertSlice]

    @property
    def incidents(self) -> IncidentSlice:
        assert self.newest is not None
        return self.newest[IncidentSlice]

    async def until(self, condition: Callable[[AlertSlice], bool]) -> AlertSlice:
        async with asyncio.timeout(15):
            while self.newest is None or not condition(self.alerts):
                self._came.clear()
                await self._came.wait()
        return self.alerts

    async def row(self, state: AlertState, labels: dict[str, str] = API) -> ListedAlert:
        def there(alerts: AlertSlice) -> ListedAlert | None:
            wanted = fingerprint(labels)
            return next((e for e in alerts.listed if e.fingerprint == wanted and e.state is state), None)

        found = there(await self.until(lambda alerts: there(alerts) is not None))
        assert found is not None
        return found

    def journal(self) -> list[Event]:
        """Oldest first."""
        with Store.open(self.place, read_only=True) as store:
            return list(reversed(store.journal.page(500)))


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Running]:
    watched = Running(folder)
    task = asyncio.create_task(watched.engine.run())
    try:
        yield watched
    finally:
        watched.engine.stop()
        await task


def configure(folder: Path, *servers: AlertmanagerServer, check: str = "true", more: str = "") -> None:
    urls = json.dumps([server.url for server in servers])
    (folder / "artisan.toml").write_text(
        f'[artisan]\nenvironment = "staging"\n[[service]]\nid = "s"\n[[service.check]]\nid = "c"\nkind = "command"\nrun = ["{check}"]\nevery = "1s"\n'
        f'timeout = "1s"\nfall = 1\n[alerts]\nalertmanager = {urls}\nevery = "200ms"\ntimeout = "2s"\n{more}'
    )
