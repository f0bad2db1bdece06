"""The address of the store is a reference to a secret: it is read again when it changes, and while nothing can be written."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

from artisan_tui.config.secret import Secret
from artisan_tui.engine.access import Session
from artisan_tui.engine.core import Engine
from artisan_tui.engine.launch import Options
from artisan_tui.engine.store_thread import StoreThread
from artisan_tui.store.errors import StoreError
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.clock import Hands
from support.servers import until

CONFIG = """
database = "file:address"
[artisan]
name = "Shop"
[[service]]
id = "here"
[[service.check]]
id = "memory"
kind = "memory"
every = "5s"
"""


def named(folder: Path, name: str) -> str:
    return f"sqlite:///{folder}/{name}"


def kinds(folder: Path, name: str) -> list[str]:
    try:
        with Store.open(StorePlace(folder / "state", named(folder, name)), read_only=True) as store:
            return [event.kind for event in store.journal.page(50)]
    except StoreError:  # not there yet, or just being made
        return []


def write(folder: Path, text: str) -> None:
    (folder / "new").write_text(text)
    (folder / "new").chmod(0o600)
    (folder / "new").rename(folder / "address")


async def met(condition: Callable[[], bool]) -> None:
    await asyncio.to_thread(until, condition, 20.0)


async def test_a6_the_address_of_the_store_is_read_again_when_it_changes(tmp_path: Path) -> None:
    (tmp_path / "artisan.toml").write_text(CONFIG)
    write(tmp_path, named(tmp_path, "one.db"))
    place = StorePlace(tmp_path / "state")
    engine = Engine(Options(tmp_path / "artisan.toml", place, Session("j.park")), lambda snapshot: None)
    running = asyncio.create_task(engine.run())
    try:
        await met(lambda: bool(kinds(tmp_path, "one.db")))
        write(tmp_path, "")  # as it is being written
        write(tmp_path, named(tmp_path, "two.db"))
        await met(lambda: (tmp_path / "two.db").exists())
    finally:
        engine.stop()
        await running
    assert "session.stop" in kinds(tmp_path, "two.db")
    assert "session.stop" not in kinds(tmp_path, "one.db")


async def test_a6_a_store_that_cannot_be_reached_is_looked_for_where_the_reference_leads_now(tmp_path: Path) -> None:
    """As after a new password in an environment that a wrapper renews: nothing tells that it changed."""
    address = [StorePlace(tmp_path / "state", "postgresql://u:old@127.0.0.1:1/d?connect_timeout=1")]
    problems: list[str] = []
    store_thread = StoreThread(
        StorePlace(tmp_path / "state"), Hands(), problems.append, lambda: None, lambda _: None, read_only=False
    )
    assert store_thread.settle(lambda: address[0], Secret("env", "STORE"))
    try:
        await store_thread.open()
        assert store_thread.problem
        address[0] = StorePlace(tmp_path / "state")
        await store_thread.mend()
        assert store_thread.problem == ""
        assert store_thread.writable
        assert not await store_thread.renewed()
    finally:
        await store_thread.close()
