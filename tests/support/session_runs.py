"""Running sessions that carry runs out."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, closing

from artisan_tui.domain.lease import SessionRole
from artisan_tui.engine.access import Session
from artisan_tui.engine.bus import RoleTaken
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.core import Engine
from artisan_tui.engine.launch import Options
from artisan_tui.engine.runbooks.slice import ActiveRun, RunSlice
from artisan_tui.engine.snapshot import Snapshot
from support.live_runs import House


def lose(house: House, run: str) -> None:
    """As a database does that was promoted without its last events."""
    with closing(sqlite3.connect(house.state / "artisan.db", timeout=10)) as connection, connection:
        assert connection.execute("DELETE FROM run WHERE id = ?", (run,)).rowcount == 1


class Sitting:
    """A running session at a house."""

    def __init__(self, house: House, actor: str, clock: SystemClock | None = None) -> None:
        self.house = house
        self.shown: list[RunSlice] = [RunSlice()]
        self.came = asyncio.Event()
        self.engine = Engine(
            Options(house.config_path, house.place(), Session(actor)), self._publish, clock or SystemClock()
        )
        self.engine.bus.on(RoleTaken, lambda taken: self.came.set())

    def _publish(self, snapshot: Snapshot) -> None:
        self.shown.append(snapshot[RunSlice])
        self.came.set()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                self.came.clear()
                await self.came.wait()

    async def there(self, role: SessionRole) -> None:
        await self.until(lambda: self.engine.role is role and self.engine.config is not None)

    async def give(self, command: str, **arguments: str) -> str:
        reply = await self.engine.execute(command, arguments)
        assert reply.ok, reply.text
        return reply.text

    def active(self, run: str) -> ActiveRun | None:
        return next((each for each in self.shown[-1].active if each.id == run), None)

    def state(self, run: str) -> str:
        found = self.active(run)
        return "" if found is None else found.run.state


@asynccontextmanager
async def sitting(house: House, actor: str, clock: SystemClock | None = None) -> AsyncIterator[Sitting]:
    one = Sitting(house, actor, clock)
    task = asyncio.create_task(one.engine.run())
    try:
        yield one
    finally:
        one.engine.stop()
        await task
