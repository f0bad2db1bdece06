"""Whole engines on one store, in this process: what each of them wrote, read and showed."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

from artisan_tui.domain.event import Event
from artisan_tui.domain.lease import SessionRole
from artisan_tui.engine.access import Session
from artisan_tui.engine.bus import EventsCame
from artisan_tui.engine.clock import Clock, SystemClock
from artisan_tui.engine.core import Engine
from artisan_tui.engine.launch import Options
from artisan_tui.engine.snapshot import SessionStatus, Snapshot
from artisan_tui.store.place import StorePlace


class SkewedClock(SystemClock):
    """The clock of a machine that is ``seconds`` ahead."""

    def __init__(self, seconds: float) -> None:
        self._ahead = timedelta(seconds=seconds)

    def now(self) -> datetime:
        return super().now() + self._ahead


class Colleague:
    """A session that runs."""

    def __init__(self, name: str, config: Path, url: str, clock: Clock | None, *, read_only: bool) -> None:
        self.name, self.said = name, 0
        self.snapshot: Snapshot | None = None
        self.seen: dict[str, float] = {}
        place = StorePlace(config.parent / f"state-{name}")
        environ = {**os.environ, "ARTISAN_DB": url}
        options = Options(config, place, Session(name, read_only=read_only), environ=environ)
        self.engine = Engine(options, self._publish, clock)
        self.engine.bus.on(EventsCame, self._came)

    def _publish(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot

    def _came(self, came: EventsCame) -> None:
        now = asyncio.get_running_loop().time()
        for event in came.events:
            self.seen.setdefault(text_of(event), now)

    @property
    def status(self) -> SessionStatus:
        return self.engine.session_status

    @property
    def shown(self) -> SessionStatus:
        """What the board says of the session."""
        return SessionStatus() if self.snapshot is None else self.snapshot[SessionStatus]

    @property
    def role(self) -> SessionRole:
        return self.engine.role

    async def note(self, text: str) -> float:
        """Say it; the moment on the loop's clock."""
        reply = await self.engine.execute("journal.note", {"text": text})
        assert reply.ok, reply.text
        return asyncio.get_running_loop().time()


def text_of(event: Event) -> str:
    return str(event.body.get("text", event.kind))


async def met(condition: Callable[[], bool], seconds: float = 20.0, what: str = "the condition") -> float:
    """How long it took until ``condition`` held, looked at in between everything else."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not condition():
        assert loop.time() - began < seconds, f"{what} did not come within {seconds} s"
        await asyncio.sleep(0.005)
    return loop.time() - began


@asynccontextmanager
async def colleagues(
    names: Sequence[str],
    config: Path,
    url: str,
    clocks: dict[str, Clock] | None = None,
    *,
    readers: Sequence[str] = (),
    reading: str = "",
) -> AsyncIterator[list[Colleague]]:
    """Sessions that are up: one leads, the others follow. The first of ``names`` leads. ``readers`` use ``reading``."""
    tasks: list[asyncio.Task[None]] = []
    found: list[Colleague] = []
    try:
        for name in names:
            reads = name in readers
            each = Colleague(
                name, config, (reading or url) if reads else url, (clocks or {}).get(name), read_only=reads
            )
            found.append(each)
            tasks.append(asyncio.create_task(each.engine.run()))
            if len(found) == 1:
                await met(lambda: found[0].role is SessionRole.LEADER, 20, "a leader")
        await met(lambda: all(each.engine.journal_read.is_set() for each in found), 30, "the journal")
        await met(lambda: one_leads(found), 20, "one leader, and followers")
        yield found
    finally:
        for each in found:
            each.engine.stop()
        await asyncio.gather(*tasks, return_exceptions=True)


def one_leads(found: Sequence[Colleague]) -> bool:
    roles = [each.role for each in found]
    return roles.count(SessionRole.LEADER) == 1 and roles.count(SessionRole.FOLLOWER) == len(roles) - 1
