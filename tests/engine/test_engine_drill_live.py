"""An engine in a live drill: what it shows, what it writes down, and what it tells the drill's process."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psutil
import pytest

from artisan_tui.domain.drills.score import score
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.core import Engine
from artisan_tui.engine.drills import following, running
from artisan_tui.engine.drills.folders import DrillPlace, drills_in
from artisan_tui.engine.drills.running import DrillRefused, answers, begin_drill, conducted, drill_options
from artisan_tui.engine.drills.slice import LiveDrillSlice
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.launch import GlobalOptions, Options, session_of
from artisan_tui.engine.offline import give
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from artisan_tui.tui.drills.interlude import play_drill
from support.drill_folders import SEED, scenario

REAL = '[artisan]\nname = "Shop"\nenvironment = "production"\n[[service]]\nid = "here"\n[[service.check]]\nid = "m"\nkind = "memory"\n'


class InDrill:
    """A running engine in a drill."""

    def __init__(self, place: DrillPlace, *, facilitates: bool = False) -> None:
        self.place = place
        self.snapshot: Snapshot | None = None
        self._came = asyncio.Event()
        options = drill_options(GlobalOptions(), place, facilitates=facilitates)
        self.engine = Engine(options, self._hear)

    def _hear(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._came.set()

    @property
    def drill(self) -> LiveDrillSlice:
        return LiveDrillSlice() if self.snapshot is None else self.snapshot[LiveDrillSlice]

    async def until(self, holds: Callable[[LiveDrillSlice], bool], seconds: float = 40.0) -> LiveDrillSlice:
        async with asyncio.timeout(seconds):
            while not holds(self.drill):
                self._came.clear()
                await self._came.wait()
        return self.drill

    async def do(self, command: str, **arguments: str) -> str:
        reply = await self.engine.execute(command, arguments)
        assert reply.ok, reply.text
        return reply.text

    def journal(self, beginning: str) -> list[str]:
        with Store.open(StorePlace(self.place.path), read_only=True) as store:
            return [each.kind for each in reversed(store.journal.page(limit=500)) if each.kind.startswith(beginning)]


@asynccontextmanager
async def session(place: DrillPlace, *, facilitates: bool = False) -> AsyncIterator[InDrill]:
    inside = InDrill(place, facilitates=facilitates)
    running = asyncio.create_task(inside.engine.run())
    try:
        await inside.until(lambda drill: bool(drill.id))
        yield inside
    finally:
        inside.engine.stop()
        await running


@pytest.fixture
def place(tmp_path: Path) -> Iterator[DrillPlace]:
    (tmp_path / "artisan.toml").write_text(REAL)
    real = GlobalOptions(tmp_path / "artisan.toml", tmp_path / "state")
    Store.open(StorePlace(tmp_path / "state")).close()
    made = begin_drill(scenario(), tmp_path / "state", SystemClock().now(), real=real, seed=SEED, speed=20.0, history=0)
    yield made
    with suppress(ProcessLookupError, FileNotFoundError):
        os.kill(json.loads((made.path / "stack.json").read_text())["pid"], signal.SIGKILL)


async def test_a_player_sees_messages_answers_and_reads_the_score(place: DrillPlace) -> None:
    async with session(place) as player:
        assert player.drill.state == "begins"
        assert player.drill.conducts
        assert player.drill.truth is None
        await player.do("drill.go")
        asked = await player.until(lambda drill: any(each.waits for each in drill.messages))
        message = asked.messages[0]
        assert (message.id, message.sender, message.answer_by) == ("customer", "customer", 100)
        await player.do("drill.answer", message="customer", text="We are on it")
        await player.do("incident.declare", title="Creative is slow", severity="Sev2")
        await player.until(lambda drill: len(drill.messages) == 1 and not drill.messages[0].waits)
        assert player.snapshot is not None
        await player.until(lambda _: bool(player.snapshot and player.snapshot[IncidentSlice].open))
        incident = player.snapshot[IncidentSlice].open[0].incident
        assert incident.drill
        await player.do("incident.acknowledge", incident=incident.id, seen=str(incident.version))
        await player.until(lambda drill: any(each.id == "support" for each in drill.messages))
        await player.do("drill.hint", confirm="yes")
        await player.until(lambda drill: bool(drill.hints))
        await player.do("drill.end", confirm="yes")
        await player.until(lambda drill: drill.scored, 60)
    kinds = player.journal("drill.")
    assert kinds[0] == "drill.started"
    assert kinds[-2:] == ["drill.ended", "drill.scored"]
    assert kinds.count("drill.inject") == 2
    assert kinds.count("drill.hint") == 1
    play = place.play
    assert play is not None
    levels = {each.objective: each.level for each in score(place.scenario, play).objectives}
    assert levels["told"] == "P"
    assert levels["seen"] == "P"  # the hint was taken later
    assert levels["works"] == "U"


def test_a_drill_that_is_not_over_is_joined_by_its_folder_and_its_stack_started_again(
    place: DrillPlace, tmp_path: Path
) -> None:
    stack = json.loads((place.path / "stack.json").read_text())
    os.kill(stack["pid"], signal.SIGKILL)
    psutil.wait_procs([psutil.Process(stack["pid"])] if psutil.pid_exists(stack["pid"]) else [], timeout=10)
    opened: list[Options] = []

    def run(inside: Options) -> int:
        opened.append(inside)
        return 0

    outside = Options(tmp_path / "artisan.toml", StorePlace(tmp_path / "state"), session_of(GlobalOptions()))
    play_drill(outside, place.path, run)
    (inside,) = opened
    assert inside.config_path == place.path / "artisan.toml"
    assert inside.session.drill
    assert answers(place.url)
    assert [each.path for each in drills_in(tmp_path / "state")] == [place.path]  # no new one was begun


def conductors(folder: Path) -> list[int]:
    """The processes that conduct a drill in this folder."""
    found = []
    for each in psutil.Process().children():
        with suppress(psutil.Error):  # one that another test killed
            if str(folder) in " ".join(each.cmdline()):
                found.append(each.pid)
    return found


def test_two_who_join_at_once_get_the_same_process(place: DrillPlace) -> None:
    before = json.loads((place.path / "stack.json").read_text())["pid"]
    os.kill(before, signal.SIGKILL)
    os.waitpid(before, 0)
    with ThreadPoolExecutor(3) as several:
        urls = list(several.map(lambda _n: conducted(place), range(3)))
    assert len(set(urls)) == 1
    assert conductors(place.path) == [json.loads((place.path / "stack.json").read_text())["pid"]]


def test_a_drill_whose_configuration_cannot_be_written_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    urls = []

    def full(folder: Path, url: str, **_: str) -> Path:
        urls.append(url)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(running, "write_config", full)
    with pytest.raises(DrillRefused, match="No space left"):
        begin_drill(scenario(), tmp_path, SystemClock().now(), real=None, seed=SEED, history=0)
    assert drills_in(tmp_path) == ()
    assert conductors(tmp_path) == []
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", int(urls[0].rpartition(":")[2])), timeout=5)


async def test_drill_case_22_who_comes_later_writes_nothing_twice(place: DrillPlace) -> None:
    async with session(place) as first:
        await first.do("drill.go")
        await first.until(lambda drill: bool(drill.messages))
        await first.do("drill.pause")
        await first.until(lambda drill: drill.state == "paused")
    async with session(place) as second:
        await second.until(lambda drill: drill.state == "paused")
        assert second.journal("drill.inject") == ["drill.inject"]
    assert second.journal("drill.started") == ["drill.started"]


async def test_drill_case_20_a_real_sev2_pauses_the_drill_until_it_is_over(
    place: DrillPlace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "REAL_EVERY", 0.1)
    real = GlobalOptions(tmp_path / "artisan.toml", tmp_path / "state")
    async with session(place) as player:
        await player.do("drill.go")
        await player.until(lambda drill: drill.state == "runs")
        give_ = {"title": "The shop is down", "severity": "Sev2"}
        await asyncio.to_thread(give, real, "incident.declare", give_)
        stopped = await player.until(lambda drill: bool(drill.real) and drill.state == "paused")
        assert stopped.why == "real-incident"
        assert "The shop is down" in stopped.real
        refused = await player.engine.execute("drill.go", {})
        assert not refused.ok
        assert "stays paused" in refused.text


async def test_the_facilitator_sees_the_truth_and_conducts(place: DrillPlace) -> None:
    async with session(place, facilitates=True) as one:
        truth = (await one.until(lambda drill: drill.truth is not None)).truth
        assert truth is not None
        assert truth.truth == place.scenario.truth
        assert [each.id for each in truth.next] == ["customer", "support", "late"]
        await one.do("drill.go")
        await one.do("drill.hold", inject="customer")
        await one.until(lambda drill: drill.truth is not None and drill.truth.next[0].held)
        await one.do("drill.send", inject="late")
        await one.until(lambda drill: [each.id for each in drill.messages] == ["late"])
        await one.do("drill.remove", player="jieun")
        await one.until(lambda drill: drill.removed == ("jieun",))
        barred = await one.engine.execute("journal.note", {"text": "my phone is off"}, "jieun")
        assert not barred.ok
        assert "took you out of this drill" in barred.text
        await one.do("drill.speed", speed="5")
        await one.until(lambda drill: drill.speed == 5.0)


async def test_drill_case_20_nothing_of_a_drill_leaves_loopback(place: DrillPlace) -> None:
    async with session(place) as player:
        await player.do("drill.go")
        await player.do("incident.declare", title="Creative is slow", severity="Sev1")
        await player.until(lambda drill: bool(drill.messages))
        stack = psutil.Process(json.loads((place.path / "stack.json").read_text())["pid"])
        for process in (psutil.Process(), stack):
            for each in process.net_connections(kind="inet"):
                assert each.laddr.ip.startswith("127.") or each.laddr.ip == "::1", each
                assert not each.raddr or each.raddr.ip.startswith("127."), each


async def test_an_alert_of_the_stack_pages_by_one_incident_that_can_be_acknowledged(place: DrillPlace) -> None:
    async with session(place) as player:
        await player.do("drill.go")
        await player.until(lambda _: bool(player.snapshot and player.snapshot[IncidentSlice].open), 60)
        await player.until(lambda drill: drill.tick > 200)
        assert player.snapshot is not None
        (page,) = player.snapshot[IncidentSlice].open
        assert (page.incident.title, page.incident.severity) == ("Qwen model is unhealthy", 3)
        assert page.incident.drill
