"""A week on call, played: engines in their own time watch a simulated stack whose faults are real, and people act.

Nothing is written by hand. Sessions come and go as they would; what the hand-over says is what happened.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import httpx
import pytest

from artisan_tui.config.drills.load import load_scenarios
from artisan_tui.domain.runbooks.ports import RUNNING, Observed
from artisan_tui.domain.runbooks.run import InFlight, Run
from artisan_tui.drill.folder import DrillFolder
from artisan_tui.drill.playing import play_through
from artisan_tui.engine.access import Session
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.core import Engine
from artisan_tui.engine.drills.folders import new_drill
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.launch import Options
from artisan_tui.engine.runbooks.journaled import run_store
from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.engine.runbooks.spawner import FolderSpawner
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.virtual_stack import VirtualStack
from support.virtual_time import VirtualClock, run_virtually

_ROOT = Path(__file__).parents[2]
SEOUL = ZoneInfo("Asia/Seoul")
#: Friday 17:00 in Seoul: alice hands over to bob.
HANDOVER = datetime(2026, 11, 27, 17, 0, tzinfo=SEOUL)
_DAY = timedelta(days=1)
_NEVER = threading.Event()

CONFIG = """
[artisan]
name = "Artisan"
environment = "production"
timezone = "Asia/Seoul"
target = "drill"

[[target]]
id = "drill"
stack = "URL"

[metrics]
prometheus = "URL/prometheus"

[alerts]
alertmanager = "URL/alertmanager"
every = "30s"

[flapping]
begin = 5

[[service]]
id = "api"
name = "Artisan API"
[[service.check]]
id = "health"
kind = "http"
url = "URL/health"
every = "1m"
timeout = "5s"
fall = 2
rise = 2
expect = ["status == 200", "body.status == healthy"]

[[service]]
id = "llm"
name = "Language models"
[[service.check]]
id = "qwen"
kind = "http"
url = "URL/health/llm?model=qwen"
every = "1m"
timeout = "5s"
fall = 1
rise = 1
expect = ["status == 200"]

[[slo]]
id = "api-availability"
name = "API availability"
objective = "99.5%"
window = "3d"
sli = { kind = "events", total = 'api_requests_total', bad = 'api_requests_total{status=~"5.."}' }

[[slo]]
id = "creative-latency"
name = "Creative briefs within 4.5 s"
objective = "95%"
window = "3d"
sli = { kind = "latency", histogram = 'llm_brief_latency_seconds{mode="creative"}', threshold = "4.5s", interpolate = true }

[[notify]]
id = "phone"
kind = "file"
path = "PHONE"

[escalation]
levels = { L2 = ["bob"] }
acknowledge = { Sev2 = "8m" }

[[person]]
id = "alice"
name = "Alice Kim"
contacts = { slack = "U1", email = "alice@example.com" }

[[person]]
id = "bob"
name = "Bob Lee"
contacts = { slack = "U2", email = "bob@example.com" }

[[person]]
id = "carol"
name = "Carol Jones"
zone = "Europe/London"
contacts = { email = "carol@example.com" }

[[rotation]]
id = "primary"
people = ["alice", "bob", "carol"]
shift = "1w"
handoff = "fri 17:00"
from = 2026-11-20
"""


@dataclass
class OnDuty:
    """Somebody's session: it watches, and its person acts by the commands of the board."""

    engine: Engine
    clock: VirtualClock
    snapshots: list[Snapshot]
    state: Path

    @property
    def seen(self) -> Snapshot:
        return self.snapshots[-1]

    async def wait(self, minutes: float) -> None:
        await asyncio.sleep(minutes * 60)

    async def until(self, holds: Callable[[Snapshot], Any], minutes: float, what: str) -> Any:
        """What ``holds`` finds in a snapshot; looked at every five seconds of the engine's time."""
        for _ in range(int(minutes * 12)):
            if self.snapshots and (found := holds(self.seen)):
                return found
            await asyncio.sleep(5)
        raise AssertionError(f"{what} did not come within {minutes} min of {self.clock.now()}")

    async def fires(self, alert: str, minutes: float = 6) -> Any:
        def found(seen: Snapshot) -> Any:
            return next((each for each in seen[AlertSlice].listed if each.name == alert), None)

        return await self.until(found, minutes, f"the alert {alert}")

    async def over(self, alert: str, minutes: float = 15) -> None:
        def gone(seen: Snapshot) -> bool:
            return all(each.name != alert for each in seen[AlertSlice].listed if each.state.value == "firing")

        await self.until(gone, minutes, f"the end of {alert}")

    async def do(self, command: str, **arguments: str) -> str:
        reply = await self.engine.execute(command, {"confirm": "yes", **arguments})
        assert reply.ok, (command, arguments, reply.text)
        return reply.text

    async def declare(self, title: str, severity: str, **more: str) -> str:
        known = {each.incident.id for each in self.seen[IncidentSlice].open}
        await self.do("incident.declare", title=title, severity=severity, **more)

        def new(seen: Snapshot) -> str:
            return next((e.incident.id for e in seen[IncidentSlice].open if e.incident.id not in known), "")

        return str(await self.until(new, 1, title))

    def run(self, run: str) -> Run:
        with Store.open(StorePlace(self.state), read_only=True) as store:
            found = run_store(store).get(run)
        assert found is not None
        return found

    async def start(self, runbook: str, incident: str = "", evidence: str = "") -> str:
        known = {each.id for each in self.seen[RunSlice].active}
        await self.do("runbook.start", runbook=runbook, target="drill", incident=incident, evidence=evidence)

        def new(seen: Snapshot) -> str:
            return next((each.id for each in seen[RunSlice].active if each.id not in known), "")

        return str(await self.until(new, 2, f"the run of {runbook}"))

    async def answer(self, run: str, over: Callable[[Run], bool], minutes: float = 30) -> Run:
        """Confirm whatever the run asks, until it is over."""
        answered = -1
        for _ in range(int(minutes * 12)):
            one = await asyncio.to_thread(self.run, run)
            if over(one):
                return one
            if one.asked is not None and one.asked.seq != answered:
                answered = one.asked.seq
                if one.asked.what in ("manual", "undo"):
                    await self.do("runbook.answer", run=run, outcome="done", values="{}")
                else:
                    await self.do("runbook.confirm", run=run, yes="yes", typed="drill")
            await asyncio.sleep(5)
        raise AssertionError(f"{run} of {one.runbook} is {one.state}: {one.why}")


Act = Callable[["PlayedWeek", OnDuty], Awaitable[None]]


@dataclass
class PlayedWeek:
    """The folder has ``artisan.toml`` and ``state``. ``ids`` are incidents and runs by what the plan calls them."""

    folder: Path
    clock: VirtualClock
    stack: VirtualStack
    ids: dict[str, str] = field(default_factory=dict)

    @property
    def config(self) -> Path:
        return self.folder / "artisan.toml"

    @property
    def state(self) -> Path:
        return self.folder / "state"

    @asynccontextmanager
    async def on_duty(self, person: str, at: datetime) -> AsyncIterator[OnDuty]:
        """A session of ``person`` from ``at`` on, beside a stack that is well."""
        self.clock.pass_to(at)
        snapshots: list[Snapshot] = []
        options = Options(self.config, StorePlace(self.state), Session(person), environ={})
        async with self.stack.served(self.clock):
            engine = Engine(options, snapshots.append, self.clock)
            running = asyncio.create_task(engine.run())
            duty = OnDuty(engine, self.clock, snapshots, self.state)
            try:
                await duty.until(lambda seen: seen[AlertSlice].sources, 2, "the first reading")
                yield duty
            finally:
                engine.stop()
                await running


def play_week(folder: Path, patch: pytest.MonkeyPatch, after: Act | None = None) -> None:
    """Play carol's Tuesday and alice's week in ``folder``, up to five minutes past the hand-over of `HANDOVER`.

    ``after`` sees the week while the last session, which is bob's, still runs.
    """
    _stand_still_for_processes(patch)

    async def main(clock: VirtualClock) -> None:
        week = PlayedWeek(folder, clock, VirtualStack(days=4))
        _configure(week)
        for person, at, act in PLAN:
            async with week.on_duty(person, at) as duty:
                await act(week, duty)
        async with week.on_duty("bob", HANDOVER + timedelta(minutes=5)) as duty:
            await duty.do("handoff.accept")
            if after is not None:
                await after(week, duty)

    run_virtually(main, PLAN[0][1].astimezone(UTC))


def _configure(week: PlayedWeek) -> None:
    week.folder.mkdir(parents=True, exist_ok=True)
    week.config.write_text(
        CONFIG.replace("URL", week.stack.url).replace("PHONE", str(week.folder / "pages.jsonl")), encoding="utf-8"
    )
    (week.folder / "runbooks").mkdir(exist_ok=True)
    for name in ("runbooks.toml", "runbooks/artisan.toml"):
        text = (_ROOT / name).read_text(encoding="utf-8").replace("127.0.0.1:8000", f"127.0.0.1:{week.stack.port}")
        text = re.sub(r'^  "runbooks/(?!artisan).*\n', "", text, flags=re.MULTILINE)
        # A step that waits for users to feel it would wait in the machine's time, in which the stack stands still.
        (week.folder / name).write_text(
            text.replace('within = "5m", every = "5s"', 'within = "1s", every = "1s"'), "utf-8"
        )
    shutil.copytree(_ROOT / "drills", week.folder / "drills")


def _stand_still_for_processes(patch: pytest.MonkeyPatch) -> None:
    """While an attempt of a step runs, the engine's time waits for it: its process knows the machine's time only."""
    observe = FolderSpawner.observe

    def waiting(self: FolderSpawner, run: Run, attempt: InFlight) -> Observed:
        found = observe(self, run, attempt)
        for _ in range(100):
            if found.state != RUNNING:
                break
            _NEVER.wait(0.02)
            found = observe(self, run, attempt)
        return found

    patch.setattr(FolderSpawner, "observe", waiting)


# -- what happens ------------------------------------------------------------------------------


async def carols_tuesday(week: PlayedWeek, duty: OnDuty) -> None:
    """The week before: Redis is gone for some minutes in carol's morning."""
    week.stack.break_fault("redis_down")
    await duty.wait(1)
    found = week.ids["redis"] = await duty.declare("Redis does not answer", "Sev3", services="api")
    await duty.wait(3)
    await duty.do("incident.acknowledge", incident=found)
    week.stack.mend_fault("redis_down")
    await duty.wait(4)
    await duty.do("incident.resolve", incident=found, resolution="Redis was started again")


async def night(week: PlayedWeek, duty: OnDuty) -> None:
    """Saturday 02:40: the API fails, alice is woken, and what has to be done about it stays."""
    week.stack.break_fault("errors_5xx")
    alert = await duty.fires("HighErrorRate")
    found = week.ids["errors"] = await duty.declare(
        "API answers 5xx", "Sev2", services="api", alerts=alert.fingerprint, alert_names=alert.name
    )
    await duty.wait(6)
    await duty.do("incident.acknowledge", incident=found)
    await duty.do("incident.inform", incident=found, text="Some requests fail. We are looking into it.", stage="update")
    await duty.do("incident.status", incident=found, status="mitigating", text="the release of Friday goes back")
    await duty.wait(4)
    week.stack.mend_fault("errors_5xx")
    await duty.over("HighErrorRate")
    await duty.do("incident.resolve", incident=found, resolution="The release of Friday was taken back")
    await duty.do("incident.postmortem-state", incident=found, state="draft", owner="alice")
    await duty.do(
        "incident.action", incident=found, text="Canary of ten minutes before every release", owner="bob",
        due="2026-11-26", sort="prevent",
    )  # fmt: skip


async def dentist(week: PlayedWeek, duty: OnDuty) -> None:
    """Monday: bob stands in for two hours; the team plays a drill."""
    await duty.do("oncall.override", person="bob", to="2026-11-23T13:00+09:00", reason="alice is at the dentist")
    (scenario,) = load_scenarios([_ROOT / "drills" / "empty-shelves.toml"])
    place = new_drill(scenario, week.state, week.clock.now(), seed=7, speed=1.0, real=None)
    record = await asyncio.to_thread(play_through, scenario, scenario.reference, 7)
    DrillFolder(place.path).keep_play(record, [])
    await duty.wait(1)


async def for_nothing(week: PlayedWeek, duty: OnDuty) -> None:
    """Wednesday 03:10: alice is woken for a queue that empties by itself; the alert is silenced, and hers is not the only one."""
    week.stack.break_fault("latency_high")
    alert = await duty.fires("HighResponseTime")
    found = week.ids["slow"] = await duty.declare(
        "API is slow", "Sev2", services="api", alerts=alert.fingerprint, alert_names=alert.name
    )
    await duty.wait(2)
    await duty.do("incident.acknowledge", incident=found)
    await duty.do(
        "alert.silence", matchers='alertname="HighResponseTime"', comment="known until the new nodes are there",
        **{"for": "4d"},
    )  # fmt: skip
    async with httpx.AsyncClient(trust_env=False) as client:
        body = {
            "matchers": [{"name": "alertname", "value": "CacheHitRateLow", "isRegex": False, "isEqual": True}],
            "startsAt": week.clock.now().isoformat(),
            "endsAt": (HANDOVER + 2 * _DAY).isoformat(),
            "createdBy": "deploy-bot",
            "comment": "cache is moved to new nodes",
        }
        (await client.post(f"{week.stack.url}/alertmanager/api/v2/silences", json=body)).raise_for_status()
    week.stack.mend_fault("latency_high")
    await duty.wait(3)
    await duty.do("incident.resolve", incident=found, resolution="It went away by itself")
    await duty.do("handoff.class", incident=found, **{"as": "needs_work"}, note="fires for two minutes of traffic")
    await duty.do("handoff.class", incident=week.ids["errors"], **{"as": "acted"})


async def qwen(week: PlayedWeek, duty: OnDuty) -> None:
    """Friday 15:30: Qwen is down. The runbook is run, and rolled back; Qwen fails again, and stays open."""
    week.stack.break_fault("qwen_down")
    alert = await duty.fires("QwenModelUnhealthy")
    found = week.ids["qwen"] = await duty.declare(
        "Qwen fails", "Sev2", services="llm", alerts=alert.fingerprint, alert_names=alert.name
    )
    await duty.wait(9)  # the first rung is not answered: bob is paged, too
    await duty.do("incident.acknowledge", incident=found)
    run = week.ids["run"] = await duty.start("qwen_failure_downshift", found, "alert:QwenModelUnhealthy")
    await duty.answer(run, lambda one: one.finished_at is not None)
    await duty.do("runbook.rollback", run=run, typed="drill")
    await duty.answer(run, lambda one: one.rollback_state in ("done", "manual_done", "failed", "accepted"))
    await duty.do("incident.status", incident=found, status="mitigating", text="Qwen is being loaded again")
    await duty.do("incident.inform", incident=found, text="Creative briefs are slower than usual.", stage="update")
    await duty.do("slo.override", **{"for": "2h"}, reason="the fix of Qwen must go out", confirm="production")
    week.ids["waits"] = await duty.start("qwen_recovery", found)
    await duty.wait(2)
    await duty.do("handoff.class", incident=found, **{"as": "acted"})


async def friday(week: PlayedWeek, duty: OnDuty) -> None:
    """16:50: the review is read together, completed, and signed at 17:01. Qwen still fails, and alice takes it again."""
    await duty.fires("QwenModelUnhealthy")
    await duty.do("incident.acknowledge", incident=week.ids["qwen"])
    await duty.do("handoff.next", incident=week.ids["qwen"], text="Finish the recovery of Qwen, then let users back")
    await duty.do("handoff.note", text="The new nodes arrive on Monday; the silence of HighResponseTime ends with them")
    await duty.wait((HANDOVER - duty.clock.now()).total_seconds() / 60 + 1)
    await duty.do("handoff.sign")


#: Whose session, from when on, and what happens in it.
PLAN: tuple[tuple[str, datetime, Act], ...] = (
    ("carol", datetime(2026, 11, 17, 18, 0, tzinfo=SEOUL), carols_tuesday),
    ("alice", datetime(2026, 11, 21, 2, 40, tzinfo=SEOUL), night),
    ("alice", datetime(2026, 11, 23, 11, 0, tzinfo=SEOUL), dentist),
    ("alice", datetime(2026, 11, 25, 3, 10, tzinfo=SEOUL), for_nothing),
    ("alice", datetime(2026, 11, 27, 15, 30, tzinfo=SEOUL), qwen),
    ("alice", datetime(2026, 11, 27, 16, 50, tzinfo=SEOUL), friday),
)
