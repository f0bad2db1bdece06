"""Whatever happens to a run, in whatever order: the fold holds its rules, and a stored one is the same."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from artisan_tui.domain.runbooks import acts, acts_undo, locks
from artisan_tui.domain.runbooks.acting import Entries, RunRefused
from artisan_tui.domain.runbooks.approval import KernelLogin
from artisan_tui.domain.runbooks.definition import Undo
from artisan_tui.domain.runbooks.fold import fold
from artisan_tui.domain.runbooks.run import ROLLBACK_STATES, STATES, STEP_STATES, UNDO_STATES, Run, read_run
from artisan_tui.domain.runbooks.runner import Runner
from support.run_line import BACK, LOOK, sim_book, sim_step, verified
from support.run_simulation import Drive
from support.run_world import RUN

BOOK = sim_book(
    sim_step("a", idempotent=True, retries=1, confirm="ask"),
    sim_step("b", verify=verified()),
    sim_step("c", pre=(LOOK,), required=True, rollback=Undo(BACK, verified(), retries=1)),
    sim_step("d", irreversible=True, rollback=None, approval=True),
    sim_step("e", on_failure="continue", rollback=None),
)
outcomes = st.sampled_from(("ok", "ok", "failed", "timed_out", "cancelled", "lost"))
reasons = st.sampled_from(("", "because"))


class Runs(RuleBasedStateMachine):
    @initialize(yes=st.booleans(), mode=st.sampled_from(("live", "drill")))
    def begin(self, yes: bool, mode: str) -> None:
        self.drive = Drive(BOOK, target="t", yes=yes, mode=mode)
        self.session = "s1"

    @property
    def run(self) -> Run:
        return self.drive.run

    def act(self, act: Callable[[Run], Entries]) -> None:
        """An act is carried out, or refused with words; a refused one changes nothing."""
        before, said = self.run, "carried out"
        try:
            self.drive.write(act(before))
        except RunRefused as refused:
            said = str(refused)
        assert said
        assert said == "carried out" or self.run is before

    @rule(turns=st.integers(1, 8), outcome=outcomes, verdict=st.sampled_from(("happened", "absent", "unsure")))
    def the_runner_goes_on(self, turns: int, outcome: str, verdict: str) -> None:
        self.drive.world.quiet = True
        self.drive.world.script = {"evidence": verdict}
        run = self.run
        for step in run.steps:
            for part in ("do", "undo", "verify", "undo-verify", "pre"):
                number = step.tries.get(part, 0) + 1
                wanted = outcome if part in ("do", "undo") or outcome != "lost" else "failed"
                self.drive.world.script[f"{step.id}.{number}.{part}"] = wanted
        for _ in range(turns):
            self.drive.runner.turn(RUN)
            self.drive.world.tick()

    @rule(yes=st.booleans(), typed=st.sampled_from(("", "t", "x")))
    def confirm(self, yes: bool, typed: str) -> None:
        self.act(lambda run: acts.confirm(run, self.drive.line.by(), typed=typed, yes=yes))

    @rule(who=st.sampled_from(("alice", "bob")))
    def approve(self, who: str) -> None:
        self.act(lambda run: acts.approve(run, self.drive.line.by(who), KernelLogin(who, 1000)))

    @rule(done=st.booleans(), reason=reasons)
    def answer(self, done: bool, reason: str) -> None:
        self.act(lambda run: acts.answer(run, BOOK, self.drive.line.by(), done=done, reason=reason))

    @rule(reason=reasons)
    def skip(self, reason: str) -> None:
        self.act(lambda run: acts.skip(run, BOOK, self.drive.line.by(), reason))

    @rule()
    def retry(self) -> None:
        self.act(lambda run: acts.retry(run, BOOK, self.drive.line.by()))

    @rule(to=st.sampled_from("abcde"), reason=reasons)
    def jump(self, to: str, reason: str) -> None:
        self.act(lambda run: acts.jump(run, BOOK, self.drive.line.by(), to, reason))

    @rule()
    def abort(self) -> None:
        self.act(lambda run: acts.abort(run, self.drive.line.by()))

    @rule(name=st.sampled_from(("s1", "s2", "s3")))
    def adopt(self, name: str) -> None:
        before = self.run.owner
        self.act(lambda run: acts.adopt(run, self.drive.line.by("bob", name), "gone"))
        if self.run.owner != before:
            self.drive.runner = Runner(self.drive.ports, name)

    @rule(outcome=st.sampled_from(("done", "not_done", "failed")))
    def settle(self, outcome: str) -> None:
        self.act(lambda run: acts.settle(run, BOOK, self.drive.line.by(), outcome, "I looked"))

    @rule()
    def roll_back(self) -> None:
        self.act(lambda run: acts_undo.start_rollback(run, BOOK, self.drive.line.by(), holders={}))

    @rule(how=st.sampled_from(("manual", "skipped")))
    def mark(self, how: str) -> None:
        self.act(lambda run: acts_undo.mark_undo(run, self.drive.line.by(), how, "by hand"))

    @rule()
    def retry_undo(self) -> None:
        self.act(lambda run: acts_undo.retry_undo(run, self.drive.line.by()))

    @rule()
    def accept(self) -> None:
        self.act(lambda run: acts_undo.accept_rollback(run, self.drive.line.by(), "enough"))

    @rule()
    def decline(self) -> None:
        self.act(lambda run: acts_undo.decline_rollback(run, self.drive.line.by(), "leave it"))

    @rule(seconds=st.sampled_from((1, 60, 4000)))
    def time_passes(self, seconds: int) -> None:
        self.drive.line.later(seconds)

    @invariant()
    def a_run_is_what_its_events_say(self) -> None:
        run = self.run
        assert fold(event for event in self.drive.line.events if event.subject == RUN) == run
        assert read_run(run.to_json()) == run

    @invariant()
    def its_parts_agree(self) -> None:
        run = self.run
        assert run.state in STATES
        assert run.rollback_state in ROLLBACK_STATES
        assert all(each.state in STEP_STATES and each.undo_state in UNDO_STATES for each in run.steps)
        if not run.over:
            assert set(locks.held(run)) == set(run.resources)
        if run.rollback_state == "done":
            assert all(run.step(name).undo_state == "done" for name in run.undo)
        if run.state == "unknown":
            assert run.unknown is not None
        if run.asked is not None:
            assert run.current is None
            assert run.state == "waiting" or run.rolling_back
        orders = [each.order for each in run.steps if each.order]
        assert len(orders) == len(set(orders))
        if run.state == "succeeded":
            assert all(each.passed or each.id in run.passed_over for each in run.steps)

    @invariant()
    def nothing_that_is_not_idempotent_happens_twice(self) -> None:
        for name in "bcde":
            number = 0
            for step, sign in self.drive.world.effects:
                number = (number + 1 if sign > 0 else 0) if step == name else number
                settled = any(e.kind == "run.settled" and e.body["step"] == name for e in self.drive.line.events)
                # A person may decide wrongly about what is unknown; nobody else may.
                assert number <= 1 or settled


Runs.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestRuns = Runs.TestCase
