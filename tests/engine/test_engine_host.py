"""Questions to a running engine from another thread, at every time of its life."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.engine.access import Session
from artisan_tui.engine.checks.history import CheckHistory
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.host import EngineHost
from artisan_tui.engine.launch import Options
from artisan_tui.engine.session.history import EventsBetween
from artisan_tui.engine.snapshot import JournalSlice, Snapshot
from artisan_tui.engine.wing import Core
from artisan_tui.store.place import StorePlace

TEXT = """
[artisan]
name = "Shop"
[[service]]
id = "here"
[[service.check]]
id = "memory"
kind = "memory"
"""
ALWAYS = EventsBetween(datetime.now(UTC) - timedelta(hours=1), datetime.now(UTC) + timedelta(days=1))


@dataclass(frozen=True)
class StoreClosed:
    """A query that makes the store unreadable."""

    async def run(self, core: Core) -> None:
        await core.writer.store_thread._let_go()


class Hosted:
    def __init__(self, folder: Path) -> None:
        (folder / "artisan.toml").write_text(TEXT)
        self.written, self.probed = threading.Event(), threading.Event()
        self.failed: list[BaseException] = []
        options = Options(folder / "artisan.toml", StorePlace(folder / "state"), Session("j.park"))
        self.host = EngineHost(options, self._publish, self.failed.append)

    def _publish(self, snapshot: Snapshot) -> None:
        if any(event.seq for event in snapshot[JournalSlice].events):
            self.written.set()
        if any(view.strip for view in snapshot[CheckSlice].views):
            self.probed.set()


@pytest.fixture
def hosted(tmp_path: Path) -> Hosted:
    return Hosted(tmp_path)


def test_before_it_runs_nothing_can_be_read_or_done(hosted: Hosted) -> None:
    with pytest.raises(LookupError, match="still starting"):
        hosted.host.ask(ALWAYS).result(0)
    reply = hosted.host.submit("journal.note", {"text": "x"}).result(0)
    assert (reply.ok, reply.text) == (False, "still starting: try again in a moment")


def test_while_it_runs_and_after_it_ended(hosted: Hosted) -> None:
    host = hosted.host
    host.start()
    try:
        assert hosted.written.wait(20)
        assert hosted.probed.wait(20)
        assert host.submit("journal.note", {"text": "all is well"}).result(10).ok
        raw, rolled = host.ask(CheckHistory("here.memory", 3600)).result(10)
        assert len(raw) >= 1
        assert rolled == ()
        assert host.ask(ALWAYS).result(10)[0].kind == "session.start"
        host.ask(StoreClosed()).result(10)
        with pytest.raises(LookupError, match="the journal cannot be read"):
            host.ask(ALWAYS).result(10)
        waiting, rolled = host.ask(CheckHistory("here.memory", 3600)).result(10)
        assert rolled == (), "what waits to be written is known without the store"
        assert isinstance(waiting, tuple)
    finally:
        assert host.stop(20)
    assert hosted.failed == []
    with pytest.raises(LookupError):
        host.ask(ALWAYS).result(0)
    assert not host.submit("journal.note", {"text": "x"}).result(0).ok
