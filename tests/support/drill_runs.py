"""Runs in a drill without processes: the real runner, planner, kinds of steps and HTTP, on a stack in this process.

Time is the stack's: a wait of five minutes lets the stack live five minutes, and takes none.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
import uvicorn

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.runbooks import acts, acts_undo
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.effects import Finish, Wait
from artisan_tui.domain.runbooks.events import RunIntended
from artisan_tui.domain.runbooks.ports import EXITED, NOT_STARTED, Observed
from artisan_tui.domain.runbooks.run import InFlight, Run
from artisan_tui.domain.runbooks.runner import Runner, RunnerPorts
from artisan_tui.drill import actions, exposition
from artisan_tui.drill.api import create_app
from artisan_tui.drill.shapes import APP, Shape
from artisan_tui.drill.stack import SimulatedStack
from artisan_tui.engine.runbooks.planner import StepPlanner
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.settings import Overlay, read
from artisan_tui.steps.runbook_step import done
from artisan_tui.steps.runbooks.job import StepJob, read_job
from artisan_tui.steps.runbooks.protocol import StepChannel
from artisan_tui.steps.runbooks.seen import StepResult
from support.drill_measures import StackMeasures
from support.run_line import RunLine

RUN = "RUN-1"
#: Seconds of a wait that the stack lives through: replicas start, restarts end, shares of the last minute are new.
_LIVED = 8
REPOSITORY = Path(__file__).parents[2]


class StackTime:
    """A clock that goes on when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def elapsed(self) -> float:
        return self.now

    def wall(self) -> float:
        return 1_767_225_600.0 + self.now


class LiveStack:
    """A stack in this process, served on loopback by a thread. `fresh` puts a new stack behind the same address."""

    def __init__(self) -> None:
        self.url = ""
        self._app: Any = None
        self._client = httpx.Client(trust_env=False, timeout=10)

    def fresh(self, shape: Shape = APP) -> None:
        self.time = StackTime()
        self.stack = SimulatedStack(now=0.0, shape=shape)
        self.ledger = actions.ActLedger()
        self._app = create_app(self.stack, self.time, exposition.registry(self.stack), {}, self.ledger)  # type: ignore[arg-type]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._app(scope, receive, send)

    def request(self, method: str, path: str, body: Any = None) -> Any:
        """What the stack answers, as JSON."""
        answer = self._client.request(method, f"{self.url}{path}", json=body)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def passes(self, seconds: float, *, whole: bool = False) -> None:
        """Let the stack live on. Of a long time only the end is simulated, unless the ``whole`` is wanted."""
        self.time.now += max(seconds, 0.0)
        if not whole:
            self.stack.world.skip_to(int(self.time.now) - _LIVED)
        self.stack.advance(self.time.now)


@contextmanager
def live_stack() -> Iterator[LiveStack]:
    live = LiveStack()
    live.fresh()
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen()  # whoever connects before the thread serves waits for it
    live.url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    options: dict[str, Any] = {"lifespan": "off", "log_config": None, "access_log": False, "ws": "none"}
    server = uvicorn.Server(uvicorn.Config(live, **options))
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    try:
        yield live
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


class DrillJournal:
    """Incidents of a drill, in memory."""

    def __init__(self) -> None:
        self.written_marks: dict[str, Mapping[str, Any]] = {}

    def notify(self, request: Mapping[str, Any], mark: str) -> tuple[str, ...]:
        raise AssertionError("a message left the drill")

    def incident(self, request: Mapping[str, Any], mark: str) -> str:
        assert request["options"]["mode"] == "drill", "an incident of a drill would page somebody"
        self.written_marks[mark] = request
        return "INC-1"

    def written(self, request: Mapping[str, Any], mark: str) -> bool:
        return mark in self.written_marks


class DrillPorts:
    """Store, planner and spawner of one run: attempts are done at once, in this process."""

    def __init__(self, live: LiveStack, rules: RunRules, line: RunLine, folder: Path) -> None:
        self._live, self._line = live, line
        self._observed: dict[str, Observed] = {}
        self._definitions: dict[str, Runbook] = {}
        self.journal = DrillJournal()
        self.planner = StepPlanner(rules, folder, os.environ, self.intent, self._outside)

    def knows(self, definition: Runbook) -> None:
        self._definitions[definition.digest] = definition

    # -- store

    def load(self, run: str) -> Run:
        return self._line.runs[run]

    def definition(self, digest: str) -> Runbook:
        return self._definitions[digest]

    def intent(self, run: str, seq: int) -> RunIntended:
        event = next(each for each in self._line.events if each.seq == seq)
        body = read_body(event)
        assert isinstance(body, RunIntended)
        return body

    def commit(self, run: Run, entries: Sequence[Entry]) -> None:
        self._line.write(entries)

    # -- spawner

    def spawn(self, run: Run, attempt: InFlight, act: str) -> None:
        job = read_job(json.loads(act))
        assert not job.resolved.argv, f"{attempt.name} would start {job.resolved.argv[0]}"
        result = self._done(job)
        outcome = "timed_out" if result.get("timed_out") else str(result["state"])
        verdict = str(result.get("verdict", ""))
        if attempt.part == "evidence" and job.does == "verify":
            outcome, verdict = "ok", "happened" if outcome == "ok" else "unsure"
        captures = result.get("captures", {})
        why = str(result.get("why", ""))
        self._observed[attempt.name] = Observed(
            EXITED, outcome, result.get("exit"), why, captures=captures, verdict=verdict
        )

    def observe(self, run: Run, attempt: InFlight) -> Observed:
        return self._observed.get(attempt.name, Observed(NOT_STARTED))

    def seal(self, run: Run, attempt: InFlight) -> Observed:
        raise AssertionError(f"{attempt.name} was lost")

    def terminate(self, run: Run, attempt: InFlight) -> None:
        raise AssertionError(f"{attempt.name} hangs")

    kill = terminate

    def now(self) -> datetime:
        return self._line.now

    # -- steps

    def _outside(self, job: StepJob, above: Path, environ: Mapping[str, str]) -> StepResult:
        found = self._done(job)
        outcome = str(found["state"])
        return StepResult(outcome, str(found.get("why", "")), before=found.get("before", {}))

    def _done(self, job: StepJob) -> dict[str, Any]:
        lasts = job.resolved.until.within if job.does == "verify" and job.resolved.until else job.resolved.timeout
        clock = self._live.time.elapsed
        channel = StepChannel(
            say=lambda text: None,
            note=lambda hints: None,
            deadline=clock() + lasts + 1.0,
            clock=clock,
            sleep=self._live.passes,
            lent={"measure": StackMeasures(lambda: self._live.stack), "journal": self.journal},
        )
        return done(job, channel)


def drill_rules(live: LiveStack, target: str = "drill", config: Path = REPOSITORY / "artisan.toml") -> RunRules:
    """The shipped configuration beside the stack, as the demo has it."""
    host = live.url.removeprefix("http://")
    overlay = Overlay({"127.0.0.1:8000": host}, 2.0, "drill", target=target, stack=live.url)
    rules = RunRules()
    rules.configure(read(config, overlay), overlay)
    return rules


class DrillRun:
    """One run in a drill. ``answers`` are labels of choices, ``entered`` the values of manual steps, by step."""

    def __init__(
        self,
        live: LiveStack,
        rules: RunRules,
        definition: Runbook,
        target: str,
        folder: Path,
        *,
        params: Mapping[str, Any],
        answers: Mapping[str, str] | None = None,
        entered: Mapping[str, Mapping[str, str]] | None = None,
    ) -> None:
        self.live, self.definition, self.target = live, definition, target
        self.answers, self.entered = answers or {}, entered or {}
        self.line = RunLine()
        self.ports = DrillPorts(live, rules, self.line, folder)
        self.ports.knows(definition)
        self._runner = Runner(RunnerPorts(self.ports, self.ports.planner, self.ports, self.ports), "s1")
        self.line.start(
            definition, RUN, target=target, environment="drill", mode="drill", params=params, incident="INC-1"
        )

    @property
    def run(self) -> Run:
        return self.line.runs[RUN]

    def go(self) -> Run:
        """Until it is over; every question is answered."""
        for _ in range(2000):
            effect = self._runner.turn(RUN)
            if isinstance(effect, Finish):
                return self.run
            if isinstance(effect, Wait):
                if effect.why != "person":
                    return self.run
                self._answer()
        raise AssertionError("the run does not come to an end")

    def _answer(self) -> None:
        run, asked = self.run, self.run.asked
        assert asked is not None
        by = self.line.by()
        there = self.definition.at(self.target)
        step = there.step(asked.step)
        assert step is not None
        if asked.what == "choice":
            label = self.answers.get(asked.step) or str(step.action.body["options"][0]["label"])
            self.line.write(acts.answer(run, there, by, choice=label))
        elif asked.what in ("manual", "undo"):
            wanted = step.action.body.get("input", {}) if asked.what == "manual" else {}
            values = {name: self.entered.get(asked.step, {}).get(name, "as seen") for name in wanted}
            self.line.write(acts.answer(run, there, by, values=values))
        else:
            self.line.write(acts.confirm(run, by, typed=self.target, yes=True))

    def roll_back(self) -> Run:
        self.line.write(acts_undo.start_rollback(self.run, self.definition.at(self.target), self.line.by(), holders={}))
        return self.go()

    def done_steps(self) -> list[str]:
        """The steps that were carried out and change something, in their order."""
        there = self.definition.at(self.target)
        return [
            each.id for each in there.steps if each.mutates and not each.by_hand and self.run.step(each.id).order > 0
        ]


__all__ = ["RUN", "DrillRun", "LiveStack", "drill_rules", "live_stack"]
