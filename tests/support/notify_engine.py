"""An engine with channels, and incidents that are told through them."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.notify.message import Message
from artisan_tui.domain.notify.notice import Notice
from artisan_tui.engine.access import Session
from artisan_tui.engine.bus import EventsWritten
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.core import Engine
from artisan_tui.engine.launch import Options
from artisan_tui.engine.notify.routing import route
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.store.notify.part import OutboxStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

TEXT = """
[artisan]
name = "Shop"
environment = "{environment}"
[[service]]
id = "here"
[[service.check]]
id = "memory"
kind = "memory"
every = "30s"
"""
KEY = "0123456789abcdef0123456789abcdef"
_NUMBERS = itertools.count()


def slack(name: str = "ops", **keys: str) -> str:
    return _table(name, "slack", {"url": '"env:SLACK"', **keys})


def pagerduty(url: str, name: str = "pd", **keys: str) -> str:
    return _table(name, "pagerduty", {"routing_key": '"env:PD"', "url": f'"{url}"', **keys})


def webhook(name: str = "own", **keys: str) -> str:
    return _table(name, "webhook", {"url": '"env:HOOK"', **keys})


def _table(name: str, kind: str, keys: Mapping[str, str]) -> str:
    lines = [f"{key} = {value}" for key, value in {"id": f'"{name}"', "kind": f'"{kind}"', **keys}.items()]
    return "\n".join(["[[notify]]", *lines, ""])


class Notified:
    """A running engine; ``environ`` is what its references to secrets read."""

    def __init__(
        self, folder: Path, channels: str, environ: dict[str, str], environment: str, clock: SystemClock | None = None
    ) -> None:
        self.path, self.place = folder / "artisan.toml", StorePlace(folder / "state")
        self.write(channels, environment)
        self.environ = environ
        self.snapshot: Snapshot | None = None
        self.came = asyncio.Event()
        self.engine = Engine(
            Options(self.path, self.place, Session("j.park"), environ=environ), self._hear, clock or SystemClock()
        )
        self.engine.bus.on(EventsWritten, lambda written: self.came.set())

    def write(self, channels: str, environment: str = "staging") -> None:
        self.path.write_text(TEXT.format(environment=environment) + channels, "utf-8")

    def _hear(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.came.set()

    async def until(self, condition: Callable[[], bool], seconds: float = 20.0) -> None:
        async with asyncio.timeout(seconds):
            while not condition():
                self.came.clear()
                try:
                    async with asyncio.timeout(0.2):
                        await self.came.wait()
                except TimeoutError:
                    pass

    async def leads(self) -> None:
        await self.until(lambda: self.engine.writer.fence is not None and self.engine.config is not None)

    def tell(self, *notices: Notice) -> None:
        """Write them down as an incident's act would."""
        assert self.engine.config is not None
        now = self.engine.clock.now()
        entries: list[Entry] = [entry for each in notices for entry in route(self.engine.config, each, now, "j.park")]
        self.engine.tell(*entries)

    async def outbox(self) -> dict[str, Message]:
        """By channel, incident and purpose."""
        listed = await self.engine.ask(lambda store: store.part(OutboxStore).listed(limit=2000))
        return {f"{each.channel} {each.incident} {each.purpose}": each for each in reversed(listed or ())}

    async def all_in(self, *states: str, count: int = 1) -> dict[str, Message]:
        """Until so many messages are there, and each is in one of these states."""
        found: dict[str, Message] = {}
        async with asyncio.timeout(30):
            while len(found) < count or not all(each.state in states for each in found.values()):
                self.came.clear()
                found = await self.outbox()
                try:
                    async with asyncio.timeout(0.1):
                        await self.came.wait()
                except TimeoutError:
                    pass
        return found

    async def journal(self) -> Sequence[Event]:
        """Oldest first, of notifications only."""
        events = await self.engine.ask(lambda store: store.journal.page(5000))
        return [each for each in reversed(events or ()) if each.kind.startswith("notify.")]


@asynccontextmanager
async def notified(
    folder: Path,
    channels: str,
    environ: Mapping[str, str],
    environment: str = "staging",
    clock: SystemClock | None = None,
) -> AsyncIterator[Notified]:
    one = Notified(folder, channels, {"PD": KEY, **environ}, environment, clock)
    task = asyncio.create_task(one.engine.run())
    try:
        await one.leads()
        yield one
    finally:
        one.engine.stop()
        async with asyncio.timeout(30):
            await task
    with Store.open(one.place) as store:
        assert store.verify().sound


def notice(purpose: str = "page", incident: str = "INC-1", **changes: Any) -> Notice:
    values: dict[str, Any] = {"severity": "Sev2", "title": f"Qwen {next(_NUMBERS)}", "text": "503", **changes}
    return Notice(purpose, incident, **values)
