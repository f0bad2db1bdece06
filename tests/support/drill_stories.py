"""A fault of the simulated stack, played by an engine from its alert to the draft of its postmortem, as a person would."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC
from pathlib import Path
from typing import Any

import httpx

from artisan_tui.config.drills.load import load_scenarios
from artisan_tui.domain.drills import files
from artisan_tui.domain.drills.scenario import Scenario, ScenarioFault
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.domain.state import State
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.core import Engine
from artisan_tui.engine.drills.folders import DrillPlace
from artisan_tui.engine.drills.running import begin_drill, drill_options
from artisan_tui.engine.drills.slice import LiveDrillSlice
from artisan_tui.engine.incidents.history import incident_history
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.runbooks.journaled import run_store
from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.reports.incidents.export import IncidentRecord
from artisan_tui.reports.incidents.postmortem import postmortem_draft
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

SHIPPED = Path(__file__).parents[2] / "drills"


@dataclass(frozen=True)
class Story:
    """``check`` and ``alert`` are what shows the ``fault``. ``slo`` is the budget that it costs."""

    name: str
    fault: str
    scenario: str
    runbook: str
    check: str
    alert: str
    slo: str
    answers: Mapping[str, str] = field(default_factory=dict)
    params: str = ""
    #: Whether the run left something that a rollback puts back.
    undone: bool = True
    #: Whether the check is up again within a minute; else the run only keeps users from the fault, or the check looks
    #: back for as long as five minutes.
    cured: bool = True
    #: Whether the budget is seen to move before anybody acts: a minute is bad by what it shows at its end.
    budget_first: bool = False


@dataclass
class Told:
    """What was seen on the way."""

    suggested: str = ""
    check_failed: str = ""
    alert_fired: bool = False
    page: str = ""
    run: Run | None = None
    undone: Run | None = None
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    restored: Mapping[str, Any] = field(default_factory=dict)
    bad: int = 0
    check_well: bool = False
    draft: str = ""
    incident_runs: tuple[str, ...] = ()
    incident_alerts: tuple[str, ...] = ()
    ticks: tuple[str, ...] = ()
    #: The runbooks that the drill's record names.
    named: frozenset[str] = frozenset()


class Player:
    """A headless session in a live drill, with everything that a person at the board does."""

    def __init__(self, place: DrillPlace) -> None:
        self.place = place
        self.options = drill_options(GlobalOptions(), place)
        self.snapshot: Snapshot | None = None
        self._came = asyncio.Event()
        self.engine = Engine(self.options, self._hear)

    def _hear(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._came.set()

    async def until(self, holds: Callable[[Snapshot], Any], seconds: float, what: str) -> Any:
        try:
            async with asyncio.timeout(seconds):
                while self.snapshot is None or not (found := holds(self.snapshot)):
                    self._came.clear()
                    await self._came.wait()
        except TimeoutError:
            raise AssertionError(f"{self.place.path.name}: {what} did not come within {seconds} s") from None
        return found

    async def do(self, command: str, **arguments: str) -> str:
        reply = await self.engine.execute(command, arguments)
        assert reply.ok, f"{command}: {reply.text}"
        return reply.text

    def run(self, run: str) -> Run:
        with Store.open(StorePlace(self.place.path), read_only=True) as store:
            found = run_store(store).get(run)
        assert found is not None
        return found

    async def stack(self) -> dict[str, Any]:
        async with httpx.AsyncClient(trust_env=False) as client:
            found: dict[str, Any] = (await client.get(f"{self.place.url}/admin/state")).json()
        return found


def begun(folder: Path, scenario: Scenario, speed: float) -> DrillPlace:
    """A drill that stands at its first tick, with its store: two stores cannot be made at once in one process."""
    place = begin_drill(scenario, folder, SystemClock().now(), real=None, seed=7, speed=speed, history=0)
    Store.open(StorePlace(place.path)).close()
    return place


def left_alone(place: DrillPlace) -> None:
    """End the process of a drill."""
    with suppress(ProcessLookupError, FileNotFoundError):
        os.kill(json.loads((place.path / "stack.json").read_text())["pid"], signal.SIGKILL)


@asynccontextmanager
async def played(place: DrillPlace) -> AsyncIterator[Player]:
    """A session in the drill, until its end or the session's."""
    player = Player(place)
    running = asyncio.create_task(player.engine.run())
    try:
        await player.until(lambda seen: seen[LiveDrillSlice].id, 60, "the drill")
        yield player
    finally:
        player.engine.stop()
        await running


def scenario_of(story: Story) -> Scenario:
    """The shipped scenario, with the story's fault soon and for good, and nobody who asks."""
    (shipped,) = load_scenarios([SHIPPED / f"{story.scenario}.toml"])
    return replace(
        shipped, faults=(ScenarioFault(20, story.fault),), injects=(), red_herrings=(), objectives=(), ends=3600
    )


async def told(story: Story, place: DrillPlace) -> Told:
    """Play the story to its end. AssertionError says what did not come."""
    async with played(place) as player:
        found = Told()
        await player.until(_all_well, 60, "a true picture before the drill begins")
        before = _bad(player.snapshot, story)
        await player.do("drill.go")
        await _see(player, story, found)
        incident = await _take(player, found)
        if story.budget_first:
            await _spent(player, story, found, before)
        await _carry_out(player, story, found, incident)
        await _effect(player, story, found, before)
        await _finish(player, story, found, incident)
        return found


def _all_well(seen: Snapshot) -> bool:
    views = seen[CheckSlice].views
    return bool(views) and all(each.health.state is State.UP for each in views)


def _bad(seen: Snapshot | None, story: Story) -> int:
    statuses = () if seen is None else seen[SloSlice].slo_statuses
    return next((each.evaluation.burned.bad for each in statuses if each.id == story.slo), 0)


async def _see(player: Player, story: Story, found: Told) -> None:
    """The check fails or the alert fires, and the runbook is suggested."""

    def suggested(seen: Snapshot) -> Any:
        return next((each for each in seen[RunSlice].suggested if each.runbook == story.runbook), None)

    first = await player.until(suggested, 60, f"the suggestion of {story.runbook}")
    found.suggested = first.evidence

    def failed(seen: Snapshot) -> Any:
        return next(
            (
                each.health.state.name
                for each in seen[CheckSlice].views
                if each.id == story.check and each.health.state in (State.DOWN, State.DEGRADED)
            ),
            None,
        )

    found.check_failed = await player.until(failed, 60, f"the failure of {story.check}")

    def fires(seen: Snapshot) -> bool:
        return any(each.name == story.alert for each in seen[AlertSlice].listed)

    found.alert_fired = await player.until(fires, 60, f"the alert {story.alert}")
    found.before = await player.stack()


async def _take(player: Player, found: Told) -> str:
    """The page is an incident; somebody has it."""
    page = await player.until(lambda seen: next(iter(seen[IncidentSlice].open), None), 60, "the page")
    found.page = page.incident.title
    await player.do("incident.acknowledge", incident=page.incident.id, seen=str(page.incident.version))
    return str(page.incident.id)


async def _carry_out(player: Player, story: Story, found: Told, incident: str) -> None:
    await player.do(
        "runbook.start", runbook=story.runbook, target="drill", params=story.params, incident=incident,
        evidence=found.suggested,
    )  # fmt: skip
    run = await player.until(lambda seen: next((each.id for each in seen[RunSlice].active), None), 60, "the run")
    await _answer(player, story, run, lambda each: each.finished_at is not None)
    found.run = player.run(run)


async def _answer(player: Player, story: Story, run: str, over: Callable[[Run], bool], seconds: float = 180.0) -> None:
    """Say yes, and answer what is asked, until it is over."""
    answered = -1
    async with asyncio.timeout(seconds):
        while True:
            one = await asyncio.to_thread(player.run, run)
            if over(one):
                return
            if one.asked is None or one.asked.seq == answered:
                player._came.clear()
                with suppress(TimeoutError):
                    await asyncio.wait_for(player._came.wait(), 0.5)
                continue
            answered = one.asked.seq
            if one.asked.what == "choice":
                await player.do("runbook.answer", run=run, choice=story.answers[one.asked.step])
            elif one.asked.what in ("manual", "undo"):
                await player.do("runbook.answer", run=run, outcome="done", values="{}")
            else:
                await player.do("runbook.confirm", run=run, yes="yes", typed="drill")


async def _effect(player: Player, story: Story, found: Told, before: int) -> None:
    found.after = await player.stack()

    def well(seen: Snapshot) -> Any:
        return any(each.id == story.check and each.health.state is State.UP for each in seen[CheckSlice].views)

    if story.cured:
        await player.until(well, 150, f"{story.check} up again")
        found.check_well = True

    if not story.budget_first:
        await _spent(player, story, found, before)


async def _spent(player: Player, story: Story, found: Told, before: int) -> None:
    found.bad = await player.until(
        lambda seen: max(0, _bad(seen, story) - before), 130, f"the loss of the budget of {story.slo}"
    )


async def _finish(player: Player, story: Story, found: Told, incident: str) -> None:
    assert found.run is not None
    run = found.run.id
    if not story.undone:
        refused = await player.engine.execute("runbook.rollback", {"run": run})
        assert "there is nothing to undo" in refused.text
        await _close(player, found, incident)
        return
    await player.do("runbook.rollback", run=run)
    await _answer(
        player,
        Story("", "", "", "", "", "", ""),
        run,
        lambda each: each.rollback_state in ("done", "manual_done", "failed", "accepted"),
        60,
    )
    found.undone = player.run(run)
    found.restored = await player.stack()
    await _close(player, found, incident)


async def _close(player: Player, found: Told, incident: str) -> None:
    options = GlobalOptions(player.options.config_path, player.place.path)
    # Before it is resolved: an alert that fires again after a rollback reopens it, and then nobody has it.
    found.ticks = tuple(
        each.item for each in (await asyncio.to_thread(incident_history, options, incident)).incident.ticks
    )
    await player.do("incident.resolve", incident=incident, resolution="mended by the runbook")
    history = await asyncio.to_thread(incident_history, options, incident)
    found.incident_runs, found.incident_alerts = history.incident.runs, tuple(a.name for a in history.incident.alerts)
    lines = (player.place.path / files.RECORD).read_text().splitlines()
    found.named = frozenset(json.loads(each).get("data", {}).get("runbook", "") for each in lines) - {""}
    found.draft = postmortem_draft(IncidentRecord(history.incident, history.events, history.head), UTC)
