"""Who carries a run out, and what nobody knows: adoption, locks, evidence."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from artisan_tui.domain.runbooks import acts, acts_undo, locks
from artisan_tui.domain.runbooks.acting import RunRefused, check_seen
from artisan_tui.domain.runbooks.definition import digest_of, read_runbook
from artisan_tui.domain.runbooks.ids import run_id
from artisan_tui.domain.runbooks.ports import Observed, StaleCommit
from artisan_tui.domain.runbooks.run import InFlight, Run
from artisan_tui.domain.runbooks.runner import Runner
from support.run_line import NOON, RunLine, sim_book, sim_step, verified
from support.run_simulation import Drive, states
from support.run_world import ABC, RUN, SimSpawner


def test_a_run_goes_through_its_steps_and_gives_its_locks_back() -> None:
    drive = Drive(sim_book(sim_step("a", verify=verified()), sim_step("b")), target="t")
    run = drive.go()
    assert (run.state, run.rollback_state, states(run)) == ("succeeded", "none", ["succeeded", "succeeded"])
    assert (run.over, locks.held(run)) == (True, ())
    kinds = [event.kind.removeprefix("run.") for event in drive.line.events]
    assert kinds == ["defined", "started", "intended", "ended", "intended", "ended", "intended", "ended", "finished"]


def test_rb_case_09_what_is_unknown_is_not_tried_again_and_is_left_by_evidence_or_a_named_decision() -> None:
    drive = Drive(ABC)
    drive.world.script = {"b.1.do": "lost", "evidence": "unsure"}
    run = drive.go()
    assert (run.state, run.step("b").state) == ("unknown", "unknown")
    assert drive.spawned("evidence") == ["b.1.evidence"]
    for act in (
        lambda: acts.retry(run, ABC, drive.line.by()),
        lambda: acts.skip(run, ABC, drive.line.by(), "x"),
        lambda: acts_undo.start_rollback(run, ABC, drive.line.by(), holders={}),
    ):
        with pytest.raises(RunRefused, match="settle that first"):
            act()
    with pytest.raises(RunRefused, match="needs a reason"):
        acts.settle(run, ABC, drive.line.by(), "done", "")
    drive.write(acts.settle(run, ABC, drive.line.by("bob"), "done", "the server has it"))
    assert drive.go().state == "succeeded"
    settled = next(event for event in drive.line.events if event.kind == "run.settled")
    assert (settled.actor, settled.body["by"], settled.body["reason"]) == ("bob", "person", "the server has it")
    assert drive.spawned().count("b.1.do") == 1


@pytest.mark.parametrize(("verdict", "spawned"), [("happened", ["b.1.do"]), ("absent", ["b.1.do", "b.2.do"])])
def test_evidence_decides_whether_a_lost_step_runs_again(verdict: str, spawned: list[str]) -> None:
    drive = Drive(ABC)
    drive.world.script = {"b.1.do": "lost", "evidence": verdict}
    assert drive.go().state == "succeeded"
    assert [name for name in drive.spawned() if name.startswith("b")] == spawned


def test_rb_case_10_after_a_disconnect_the_step_ends_and_the_next_one_waits_for_somebody_who_adopts() -> None:
    drive = Drive(ABC)
    while not drive.spawned():
        drive.runner.turn(RUN)
    drive.world.tick()
    drive.world.tick()
    drive.world.tick()
    other = Runner(drive.ports, "s2")
    for _ in range(5):
        other.turn(RUN)
    assert drive.spawned() == ["a.1.do"]
    with pytest.raises(RunRefused, match="needs a reason"):
        acts.adopt(drive.run, drive.line.by("bob", "s2"), "")
    drive.write(acts.adopt(drive.run, drive.line.by("bob", "s2"), "her laptop is closed"))
    drive.runner = other
    run = drive.go()
    assert (run.state, run.step("a").exit, run.owner) == ("succeeded", 0, "s2")
    adopted = next(event for event in drive.line.events if event.kind == "run.adopted")
    assert (adopted.actor, adopted.body["reason"]) == ("bob", "her laptop is closed")


def test_rb_case_11_of_two_who_start_the_same_the_second_hears_who_and_where() -> None:
    line = RunLine()
    run = line.start(ABC, "RUN-1", target="production", name="alice")
    holders = dict.fromkeys(locks.held(run), run)
    with pytest.raises(RunRefused, match=r"locked by RUN-1 of alice \(example at a, planned\)"):
        line.start(ABC, "RUN-2", target="production", name="bob", holders=holders)


def test_rb_case_12_a_run_that_waits_holds_its_locks_against_other_runbooks() -> None:
    drive = Drive(
        sim_book(sim_step("a", confirm="ask"), resources=("deploy/artisan-api",)), resources=("deploy/artisan-api",)
    )
    run = drive.go()
    assert run.state == "waiting"
    other = sim_book(sim_step("x"), id="other")
    holders = dict.fromkeys(locks.held(run), run)
    with pytest.raises(RunRefused, match="deploy/artisan-api is locked by RUN-1"):
        drive.line.start(other, "RUN-2", resources=("deploy/artisan-api",), holders=holders)
    drive.line.start(other, "RUN-3", resources=("deploy/artisan-api",), holders=holders, mode="dry")


def test_rb_case_13_who_was_adopted_from_writes_nothing_any_more() -> None:
    drive = Drive(ABC)
    before = drive.run
    drive.write(acts.adopt(drive.run, drive.line.by("bob", "s2"), "she is asleep"))
    with pytest.raises(StaleCommit):
        drive.ports.store.commit(before, acts.abort(before, drive.line.by()))
    events = len(drive.line.events)
    for _ in range(3):
        drive.runner.turn(RUN)
    assert (len(drive.line.events), drive.run.fence) == (events, 2)


def test_rb_case_14_a_run_keeps_the_definition_that_it_began_with() -> None:
    drive = Drive(ABC)
    defined = drive.line.events[0]
    assert defined.kind == "run.defined"
    text = str(defined.body["text"])
    assert (drive.run.definition, digest_of(text)) == (ABC.digest, ABC.digest)
    assert read_runbook(text) == ABC
    assert replace(ABC, title="edited").digest != drive.run.definition


def test_rb_exec_case_34_two_resumes_and_a_sweep_in_one_instant_start_it_once() -> None:
    drive = Drive(ABC)
    seen = drive.run
    drive.ports.store.commit(seen, acts.adopt(seen, drive.line.by("bob", "s2"), "resume"))
    with pytest.raises(StaleCommit):
        drive.ports.store.commit(seen, acts.adopt(seen, drive.line.by("carol", "s3"), "resume"))
    runners = [Runner(drive.ports, session) for session in ("s1", "s2", "s3")]
    for turn in range(90):
        runners[turn % 3].turn(RUN)
        if turn % 3 == 2:
            drive.world.tick()
    assert drive.run.state == "succeeded"
    assert drive.spawned() == ["a.1.do", "b.1.do", "c.1.do"]


def test_a_lock_is_broken_with_its_name_typed_and_a_reason() -> None:
    drive = Drive(ABC)
    drive.world.script = {"b.1.do": "failed"}
    run = drive.go()
    lock = run.resources[0]
    with pytest.raises(RunRefused, match="type "):
        acts.break_lock(run, drive.line.by(), lock, "yes", "gone")
    drive.write(acts.break_lock(run, drive.line.by(), lock, lock, "its machine is gone"))
    assert lock not in locks.held(drive.run)


def test_ids_of_one_second_differ() -> None:
    taken: set[str] = set()
    for _ in range(3):
        taken.add(run_id(NOON + timedelta(milliseconds=len(taken)), taken.__contains__))
    assert sorted(taken) == ["RUN-20261130-120000", "RUN-20261130-120000-2", "RUN-20261130-120000-3"]


def test_an_attempt_that_began_while_it_was_sealed_is_watched_and_not_begun_again() -> None:
    class Late(SimSpawner):
        """The other session starts it in the moment between looking and sealing."""

        def seal(self, run: Run, attempt: InFlight) -> Observed:
            SimSpawner.spawn(self, run, attempt, "")
            return self.observe(run, attempt)

    drive = Drive(ABC)
    while drive.run.current is None:
        drive.runner.turn(RUN)
    drive.write(acts.adopt(drive.run, drive.line.by("bob", "s2"), "gone"))
    drive.runner = Runner(replace(drive.ports, spawner=Late(drive.world)), "s2")
    assert drive.go().state == "succeeded"
    assert drive.spawned() == ["a.1.do", "b.1.do", "c.1.do"]
    assert "run.lost" not in [event.kind for event in drive.line.events]


def test_an_act_on_a_run_that_changed_is_refused() -> None:
    run = Drive(ABC).go()
    check_seen(run, None)
    check_seen(run, run.version)
    for other in (run.version - 1, run.version + 1):
        with pytest.raises(RunRefused, match="changed meanwhile"):
            check_seen(run, other)
