"""Runs on a screen without an engine: a calm world carries them out, and a host answers what the store would answer."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any

from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.runbooks import acts, acts_undo
from artisan_tui.domain.runbooks.acting import RunActor, RunRefused
from artisan_tui.domain.runbooks.approval import KernelLogin
from artisan_tui.domain.runbooks.clocks import run_clocks
from artisan_tui.domain.runbooks.definition import Action, Parameter, Runbook, Undo, Verify
from artisan_tui.domain.runbooks.events import RunAsked, RunIntended
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.domain.runbooks.runner import Runner
from artisan_tui.domain.runbooks.summary import RunSummary, run_statistics
from artisan_tui.domain.runbooks.verifications import Verified
from artisan_tui.engine.reply import Reply
from artisan_tui.engine.runbooks.records import RunRecord, UndoLine
from artisan_tui.engine.runbooks.slice import ActiveRun, RunSlice, SuggestedRun, waits_of
from artisan_tui.engine.runbooks.watching import (
    AttemptOutput,
    Catalogue,
    CatalogueEntry,
    RunsBefore,
    ShownRun,
    WatchedRun,
)
from support.run_line import sim_step
from support.run_simulation import Drive
from support.run_world import RUN
from support.snapshots import NOW, FakeHost

_SESSIONS = {"alice": "alice@desk|1||m|1", "bob": "bob@desk|2||m|2"}


def http(method: str, path: str, *expect: str) -> Action:
    return Action("http", {"request": {"method": method, "url": "{{ api }}" + path}}, expect, 10.0)


def downshift() -> Runbook:
    """The shape of the runbook that the demo suggests: a look, two changes with their undos, a look."""
    state = Verify(http("GET", "/admin/state", "body.breakers.qwen == open"), 10.0, 1.0)
    closed = Verify(http("GET", "/admin/state", "body.breakers.qwen == closed"), 10.0, 1.0)
    steps = (
        sim_step("verify_failure", mutates=False, rollback=None, action=http("GET", "/health/llm/all", "body.qwen == unhealthy")),
        sim_step(
            "open_breaker",
            action=http("POST", "/admin/breakers/qwen/open", "status == 200"),
            confirm="ask",
            idempotent=True,
            verify=state,
            rollback=Undo(http("POST", "/admin/breakers/qwen/close", "status == 200"), closed),
        ),
        sim_step(
            "downshift_creative",
            action=http("POST", "/admin/modes/creative/downshift", "status == 200"),
            confirm="type",
            rollback=Undo(http("POST", "/admin/modes/creative/restore", "status == 200")),
        ),
        sim_step("check_mistral", mutates=False, rollback=None, action=http("GET", "/health/llm?model=mistral", "status == 200")),
    )  # fmt: skip
    titles = {
        "verify_failure": ("Qwen does not answer as it should", "Qwen 장애 확인"),
        "open_breaker": ("Open the circuit breaker of Qwen", "Qwen 서킷브레이커 열기"),
        "downshift_creative": ("Serve creative mode as balanced", "Creative → Balanced 다운시프트"),
        "check_mistral": ("Mistral is healthy", "Mistral 정상 확인"),
    }
    return Runbook(
        "qwen_failure_downshift",
        "Qwen LLM failure: downshift",
        tuple(replace(each, title=titles[each.id][0], title_ko=titles[each.id][1]) for each in steps),
        "Qwen LLM 장애: 다운시프트",
        "Qwen fails or hangs. Creative mode is served as balanced until it answers again.",
        "Sev2",
        300.0,
        30 * 86400.0,
        ("llm/qwen",),
        ("check:llm.qwen",),
        ("compose", "drill"),
        (
            Parameter("restart", "bool", False, title="Restart Qwen after the downshift"),
            Parameter("times", "int", None, 1, 5, title="How often"),
        ),
    )


def others() -> tuple[Runbook, ...]:
    look = sim_step("look", mutates=False, rollback=None)
    return (
        Runbook("rl_policy_rollback", "RL policy rollback", (look,), "RL 정책 롤백", expected=600.0),
        Runbook("latency_scale_up", "Latency: scale up", (look,), "지연시간: 확장", expected=180.0),
    )


class RunScene:
    """One run of ``book`` in a calm world, and a catalogue around it. ``output`` is what attempts printed, by name."""

    def __init__(self, book: Runbook | None = None, **given: object) -> None:
        self.book = book or downshift()
        given.setdefault("params", {"times": 1} if self.book.params else {})
        given.setdefault("target", "drill" if self.book.targets else "")
        self.drive = Drive(self.book, session=_SESSIONS["alice"], **given)
        self.drive.runner = Runner(self.drive.ports, _SESSIONS["alice"])
        self.output: dict[str, str] = {}
        self.orphaned = False
        self.suggested: tuple[SuggestedRun, ...] = ()
        self.past: tuple[RunSummary, ...] = ()
        self.shown = True
        self.verified: dict[str, Verified] = {}
        #: A run within this one, that its step at work waits for.
        self.child: RunScene | None = None

    def go(self) -> RunScene:
        self.drive.go()
        return self

    def begun(self) -> RunScene:
        """Turn until an act has been started and has not ended."""
        for _ in range(50):
            self.drive.runner.turn(RUN)
            current = self.run.current
            if current is not None and current.name in self.drive.world.processes:
                return self
        raise AssertionError("nothing was started")

    @property
    def run(self) -> Run:
        return self.drive.run

    def by(self, name: str = "alice") -> RunActor:
        return RunActor(name, self.drive.line.now, _SESSIONS[name])

    def slice(self) -> RunSlice:
        run = self.run
        active = (
            (ActiveRun(run, True, self.orphaned, waits_of(run, self.orphaned)),) if self.shown and not run.over else ()
        )
        if self.child is not None:
            below = replace(self.child.run, id=f"{run.id}.1.1")
            active = (*active, ActiveRun(below, True, self.orphaned, waits_of(below, self.orphaned)))
        return RunSlice(active, self.suggested, definitions={each.id: each.digest for each in (self.book, *others())})

    def entries(self) -> tuple[CatalogueEntry, ...]:
        return tuple(
            CatalogueEntry(
                each,
                run_statistics(run for run in self.past if run.runbook == each.id),
                each.targets,
                each.targets[0] if len(each.targets) == 1 else "",
                self.verified.get(each.id, Verified()),
            )
            for each in (*others(), self.book)
        )

    def record(self) -> RunRecord:
        run = self.run
        act, undo = self._body(run.asked.seq if run.asked else run.current.seq if run.current else 0)
        order: Sequence[str] = run.undo
        if not order:
            try:
                order = acts_undo.preview(run, self.book)
            except RunRefused:
                order = ()
        undos = tuple(UndoLine(name, f"undo {name}", run.step(name).undo_state) for name in order)
        kinds = {step.id: step.kind for step in self.book.steps}
        child = None
        if self.child is not None:
            below = self.child.record()
            child = replace(below, run=replace(below.run, id=f"{run.id}.1.1"))
        return RunRecord(
            run,
            self.book,
            kinds,
            act,
            undo,
            undos,
            "alice@desk",
            self.orphaned,
            child,
            run_clocks(self.book, run, None),
        )

    def _body(self, seq: int) -> tuple[str, str]:
        for event in self.drive.line.events:
            if event.seq == seq:
                body = read_body(event)
                if isinstance(body, RunAsked | RunIntended):
                    return body.act, body.undo
        return "", ""

    def act(self, command: str, given: dict[str, str], name: str = "alice") -> None:
        """What the engine's commands do, for those that these tests use."""
        run, by = self.run, self.by(name)
        match command:
            case "runbook.confirm":
                self.drive.write(acts.confirm(run, by, typed=given.get("typed", ""), yes=given.get("yes") == "yes"))
            case "runbook.skip":
                self.drive.write(acts.skip(run, self.book, by, given["reason"]))
            case "runbook.retry":
                self.drive.write(acts.retry(run, self.book, by))
            case "runbook.abort":
                self.drive.write(acts.abort(run, by))
            case "runbook.adopt":
                self.drive.write(acts.adopt(run, by, given["reason"]))
            case "runbook.approve":
                self.drive.write(acts.approve(run, by, KernelLogin(name, 1002)))
            case "runbook.rollback" if given.get("how", "start") == "start":
                self.drive.write(acts_undo.start_rollback(run, self.book, by, holders={}))
            case "runbook.rollback" if given["how"] == "retry":
                self.drive.write(acts_undo.retry_undo(run, by))


def over(runbook: str, days: float, state: str = "succeeded", mode: str = "live", seconds: float = 252) -> RunSummary:
    begun = NOW - timedelta(days=days)
    at = begun + timedelta(seconds=seconds)
    name = f"RUN-{begun:%Y%m%d-%H%M%S}"
    return RunSummary(name, runbook, "drill", "", mode, state, "none", "", True, begun, at)


def suggestion(runbook: str = "qwen_failure_downshift", cause: str = "check:llm.qwen") -> SuggestedRun:
    return SuggestedRun(runbook, cause, "llm.qwen is down: timeout after 5s (3 in a row)", NOW - timedelta(minutes=2))


@dataclass
class RunHost(FakeHost):
    """Answers about ``scene``; with ``acts`` commands change it, as whom is in ``who``."""

    scene: RunScene = field(default_factory=RunScene)
    acts: bool = True
    who: str = "alice"

    def submit(self, command_id: str, arguments: Any) -> Future[Reply]:
        before = len(self.done)
        future = super().submit(command_id, arguments)
        if self.acts and len(self.done) > before and command_id.startswith("runbook."):
            given = dict(arguments)
            try:
                scene = self.scene
                if scene.child is not None and given.get("run", "").endswith(".1.1"):
                    scene = scene.child
                if given.get("seen", str(scene.run.version)) != str(scene.run.version):
                    raise RunRefused("the run changed meanwhile: look at it again")
                scene.act(command_id, given, self.who)
            except RunRefused as refused:
                refusal: Future[Reply] = Future()
                refusal.set_result(Reply(False, str(refused)))
                return refusal
        return future

    def ask(self, query: Any) -> Future[Any]:
        future: Future[Any] = Future()
        match query:
            case Catalogue():
                future.set_result(self.scene.entries())
            case RunsBefore():
                future.set_result(self.scene.past)
            case WatchedRun():
                record = self.scene.record()
                run = record.run
                at = run.asked.step if run.asked else run.current.step if run.current else ""
                if query.id != run.id:
                    future.set_exception(LookupError(f"there is no run {query.id}"))
                elif not query.step or query.step == at:
                    future.set_result(ShownRun(record, at, record.act, record.undo))
                else:
                    tried = bool(run.step(query.step).attempt)
                    texts = (f"do {query.step}", f"undo {query.step}") if tried else ("", "")
                    future.set_result(ShownRun(record, query.step, *texts))
            case AttemptOutput():
                future.set_result(self.scene.output.get(query.name, ""))
            case _:
                return super().ask(query)
        return future
