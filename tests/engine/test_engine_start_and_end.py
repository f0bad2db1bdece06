"""The order in which an engine starts, takes on a configuration, changes its role and ends."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.lease import Holder, Lease, SessionRole
from artisan_tui.engine.access import Session
from artisan_tui.engine.bus import RoleTaken
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.checks.wing import ChecksWing
from artisan_tui.engine.core import Engine
from artisan_tui.engine.launch import Options
from artisan_tui.engine.snapshot import JournalSlice, SessionStatus, Snapshot
from artisan_tui.engine.wing import Wing
from artisan_tui.sources.checks.memory import MemoryProbe
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

TEXT = """
[artisan]
name = "{name}"
[[service]]
id = "here"
[[service.check]]
id = "memory"
kind = "memory"
every = "30s"
"""


class Watched:
    """An engine that runs, and what it published."""

    def __init__(self, folder: Path) -> None:
        (folder / "artisan.toml").write_text(TEXT.format(name="Shop"))
        self.path, self.place = folder / "artisan.toml", StorePlace(folder / "state")
        self.snapshots: list[Snapshot] = []
        self.came = asyncio.Event()
        self.engine = Engine(Options(self.path, self.place, Session("j.park")), self._publish)
        self.engine.bus.on(RoleTaken, lambda taken: self.came.set())

    def _publish(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)
        self.came.set()

    async def until(self, condition: Callable[[Snapshot], bool]) -> Snapshot:
        async with asyncio.timeout(20):
            while not (self.snapshots and condition(self.snapshots[-1])):
                self.came.clear()
                await self.came.wait()
        return self.snapshots[-1]

    async def leads(self) -> None:
        """Until the lease is held and the first result is shown."""
        await self.until(lambda snapshot: any(not view.restored and view.strip for view in snapshot[CheckSlice].views))
        async with asyncio.timeout(20):
            while self.engine.role is not SessionRole.LEADER:
                self.came.clear()
                await self.came.wait()

    def journal(self) -> list[str]:
        """Oldest first."""
        with Store.open(self.place) as store:
            return [event.kind for event in reversed(store.journal.page(99))]


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Watched]:
    one = Watched(folder)
    task = asyncio.create_task(one.engine.run())
    try:
        yield one
    finally:
        one.engine.stop()
        async with asyncio.timeout(20):
            await task


def spied(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The methods of one wing, as they are called."""
    called: list[str] = []
    for name in ("restore", "configure", "enter", "prepare", "begin", "store_opened", "rest", "leave", "aclose"):
        original = getattr(ChecksWing, name)

        def spy(self: Wing, *args: Any, _name: str = name, _original: Any = original, **keys: Any) -> Any:
            following = {True: " following", False: "", None: ""}[keys.get("following")]
            called.append(_name + following)
            return _original(self, *args, **keys)

        monkeypatch.setattr(ChecksWing, name, spy)
    return called


async def test_the_order_of_a_life(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    called = spied(monkeypatch)
    async with running(tmp_path) as one:
        await one.leads()
    start, end = called.index("enter"), called.index("leave")
    assert called[:start] == ["rest", "configure", "rest", "prepare", "begin"]
    assert called[start:end] == ["enter", "store_opened"]
    assert called[end:] == ["leave", "rest", "aclose"]
    assert one.journal()[0] == "session.start"
    assert one.journal()[-1] == "session.stop"
    with Store.open(one.place) as store:
        assert store.leases.read().holder is None, "the next session need not wait"


async def test_a_probe_that_hangs_while_it_closes_costs_the_journal_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing, release = asyncio.Event(), asyncio.Event()

    async def hang(self: MemoryProbe) -> None:
        closing.set()
        await release.wait()

    monkeypatch.setattr(MemoryProbe, "aclose", hang)
    async with running(tmp_path) as one:
        await one.leads()
        await one.engine.execute("journal.note", {"text": "last words"})
        one.engine.stop()
        async with asyncio.timeout(20):
            await closing.wait()
        assert one.journal()[-2:] == ["note", "session.stop"]
        with Store.open(one.place) as store:
            assert store.leases.read().holder is None
        release.set()


async def test_the_last_known_state_is_shown_before_the_configuration_is_read(tmp_path: Path) -> None:
    async with running(tmp_path) as one:
        await one.leads()
    async with running(tmp_path) as again:
        await again.until(lambda snapshot: snapshot[SessionStatus].name == "Shop")
    first = again.snapshots[0]
    assert first[SessionStatus].name == ""
    assert [view.restored for view in first[CheckSlice].views] == [True]
    assert first[JournalSlice].events[0].kind == "session.stop"


async def test_a_reload_rests_before_it_takes_on_the_new_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = spied(monkeypatch)
    async with running(tmp_path) as one:
        await one.leads()
        called.clear()
        one.path.write_text(TEXT.format(name="Other"))
        reply = await one.engine.reload_config()
        assert reply.ok
        assert called == ["rest", "configure", "rest", "prepare", "begin"]
        await one.until(lambda snapshot: snapshot[SessionStatus].name == "Other")
    kinds = one.journal()
    assert kinds.index("config.loaded") < kinds.index("session.stop")


async def test_a_follower_stops_probing_and_a_leader_starts_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called = spied(monkeypatch)
    async with running(tmp_path) as one:
        await one.leads()
        prober = one.engine.wing(ChecksWing).prober
        called.clear()
        leadership = one.engine._leadership
        other = Holder("other", "s.lee", host="web1")
        with Store.open(one.place) as store:
            assert store.leases.claim(store.leases.read(), other) is not None
        async with asyncio.timeout(20):
            while leadership.role is not SessionRole.FOLLOWER:
                await leadership.poll()
        assert called == ["rest", "prepare following", "begin"]
        assert not prober.probing
        assert one.engine.session_status.leader == "s.lee@web1"
        called.clear()
        with Store.open(one.place) as store:
            store.leases.release(store.leases.read().fence)
        async with asyncio.timeout(20):
            while leadership.role is not SessionRole.LEADER:
                await leadership.poll()
        assert called == ["rest", "prepare", "begin"]
        assert prober.probing
        assert one.engine.session_status.leader == ""


async def test_what_a_follower_finds_is_not_written(tmp_path: Path) -> None:
    one = Watched(tmp_path)
    one.engine._leadership.foresee(Lease(4, 9, Holder("other", "s.lee", machine="")))
    assert one.engine.role is SessionRole.FOLLOWER
    await one.engine._ticker.tick(3600, 3600)
    assert not one.engine.writer._findings
    one.engine._leadership.foresee(Lease())
    await one.engine._ticker.tick(3600, 3600)
    assert [entry.kind for entry in one.engine.writer._findings] == ["session.stood-still"]
