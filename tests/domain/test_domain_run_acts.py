"""What people and the runner do about a run: the numbered cases as far as they need no process."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from artisan_tui.domain.runbooks import acts, acts_undo, locks
from artisan_tui.domain.runbooks.acting import RunRefused, check_seen
from artisan_tui.domain.runbooks.approval import LASTS, UNSET, Bound, KernelLogin, blocked, may_approve
from artisan_tui.domain.runbooks.definition import Action, Runbook, Undo, digest_of, read_runbook
from artisan_tui.domain.runbooks.ids import run_id
from artisan_tui.domain.runbooks.ports import ActPlan, Observed, StaleCommit
from artisan_tui.domain.runbooks.run import InFlight, Run
from artisan_tui.domain.runbooks.runner import Runner
from artisan_tui.domain.runbooks.undo import undo_plan
from support.run_line import BACK, LOOK, NOON, RunLine, sim_book, sim_step, verified
from support.run_world import RUN, Drive, SimPlanner, SimSpawner

ABC = sim_book(sim_step("a"), sim_step("b"), sim_step("c"))


def states(run: Run) -> list[str]:
    return [each.state for each in run.steps]


def undos(run: Run) -> list[str]:
    return [each.undo_state for each in run.steps]


def test_a_run_goes_through_its_steps_and_gives_its_locks_back() -> None:
    drive = Drive(sim_book(sim_step("a", verify=verified()), sim_step("b")), target="t")
    run = drive.go()
    assert (run.state, run.rollback_state, states(run)) == ("succeeded", "none", ["succeeded", "succeeded"])
    assert (run.over, locks.held(run)) == (True, ())
    kinds = [event.kind.removeprefix("run.") for event in drive.line.events]
    assert kinds == ["defined", "started", "intended", "ended", "intended", "ended", "intended", "ended", "finished"]


def test_rb_case_02_a_dry_run_starts_only_what_reads_and_says_what_it_left_out() -> None:
    look = sim_step("look", mutates=False, rollback=None, action=Action("docker", {"inspect": "app"}))
    tell = sim_step("tell", mutates=False, rollback=None, action=Action("notify", {"to": ("ops",), "message": "x"}))
    drive = Drive(sim_book(look, sim_step("change", confirm="type"), tell), mode="dry")
    run = drive.go()
    assert (run.state, states(run)) == ("succeeded", ["succeeded", "skipped", "skipped"])
    assert drive.spawned() == ["look.1.do"]
    assert run.step("change").why == "do change"
    assert locks.held(run) == ()
    with pytest.raises(RunRefused, match="dry run"):
        acts_undo.preview(run, drive.world.book)


@pytest.mark.parametrize("typed", ["", "y", "yes", "prod", "production ", "Production"])
def test_rb_case_03_what_is_dangerous_starts_only_with_the_exact_name(typed: str) -> None:
    drive = Drive(sim_book(sim_step("a", confirm="type")), target="production", yes=True)
    run = drive.go()
    assert (run.state, run.asked.what if run.asked else "") == ("waiting", "type")
    with pytest.raises(RunRefused, match="type production"):
        acts.confirm(run, drive.line.by(), typed=typed, yes=True)
    assert drive.spawned() == []
    drive.write(acts.confirm(run, drive.line.by(), typed="production"))
    assert drive.go().state == "succeeded"


def test_yes_agrees_to_what_only_asks() -> None:
    assert Drive(sim_book(sim_step("a", confirm="ask")), yes=True).go().state == "succeeded"
    drive = Drive(sim_book(sim_step("a", confirm="ask")))
    with pytest.raises(RunRefused, match="needs a yes"):
        acts.confirm(drive.go(), drive.line.by())


def test_rb_case_05_every_attempted_step_is_undone_the_last_one_first() -> None:
    drive = Drive(ABC)
    drive.world.script = {"c.1.do": "timed_out"}
    run = drive.go()
    assert (run.state, run.rollback_state, run.undo) == ("failed", "offered", ("c", "b", "a"))
    assert locks.held(run) == run.resources
    drive.write(acts_undo.start_rollback(run, ABC, drive.line.by(), holders={}))
    run = drive.go()
    assert (run.rollback_state, undos(run)) == ("done", ["done", "done", "done"])
    assert [name for name in drive.world.processes if name.endswith(".undo")] == ["c.1.undo", "b.1.undo", "a.1.undo"]
    assert (run.state, locks.held(run)) == ("failed", ())


def test_rb_case_06_a_failed_undo_stops_the_rollback_with_the_locks_held_and_a_retry_ends_it() -> None:
    drive = Drive(ABC)
    drive.world.script = {"c.1.do": "failed", "b.1.undo": "failed"}
    drive.write(acts_undo.start_rollback(drive.go(), ABC, drive.line.by(), holders={}))
    run = drive.go()
    assert (run.rollback_state, undos(run)) == ("failed", ["pending", "failed", "done"])
    assert "a.1.undo" not in drive.world.processes
    assert locks.held(run) == run.resources
    drive.write(acts_undo.retry_undo(run, drive.line.by()))
    run = drive.go()
    assert (run.rollback_state, undos(run), locks.held(run)) == ("done", ["done", "done", "done"], ())


def test_an_undo_done_by_hand_or_left_out_is_never_called_done() -> None:
    for how, wanted in (("manual", "manual_done"), ("skipped", "accepted")):
        drive = Drive(ABC)
        drive.world.script = {"c.1.do": "failed", "b.1.undo": "failed"}
        drive.write(acts_undo.start_rollback(drive.go(), ABC, drive.line.by(), holders={}))
        with pytest.raises(RunRefused, match="needs a reason"):
            acts_undo.mark_undo(drive.go(), drive.line.by(), how, " ")
        drive.write(acts_undo.mark_undo(drive.run, drive.line.by(), how, "I did it"))
        assert (drive.go().rollback_state, undos(drive.run)[0]) == (wanted, "done")
    drive = Drive(ABC)
    drive.world.script = {"c.1.do": "failed", "b.1.undo": "failed"}
    drive.write(acts_undo.start_rollback(drive.go(), ABC, drive.line.by(), holders={}))
    drive.write(acts_undo.accept_rollback(drive.go(), drive.line.by(), "we live with it"))
    assert (drive.run.rollback_state, locks.held(drive.run)) == ("accepted", ())


def test_with_the_policy_continue_the_others_are_undone_and_the_rollback_is_still_failed() -> None:
    book = replace(ABC, undo_policy="continue")
    drive = Drive(book)
    drive.world.script = {"c.1.do": "failed", "b.1.undo": "failed"}
    drive.write(acts_undo.start_rollback(drive.go(), book, drive.line.by(), holders={}))
    run = drive.go()
    assert (run.rollback_state, undos(run)) == ("failed", ["done", "failed", "done"])


def test_an_undo_is_verified_and_a_verify_that_fails_is_a_failed_undo() -> None:
    book = sim_book(sim_step("a", rollback=Undo(BACK, verified())), sim_step("b"))
    drive = Drive(book)
    drive.world.script = {"b.1.do": "failed", "a.1.undo-verify": "failed"}
    drive.write(acts_undo.start_rollback(drive.go(), book, drive.line.by(), holders={}))
    assert (drive.go().rollback_state, undos(drive.run)) == ("failed", ["failed", "done"])


def test_rb_case_07_a_skipped_step_is_never_undone_and_required_cannot_be_skipped() -> None:
    book = sim_book(sim_step("a"), sim_step("b", confirm="ask"), sim_step("c", confirm="ask", required=True))
    drive = Drive(book)
    run = drive.go()
    with pytest.raises(RunRefused, match="needs a reason"):
        acts.skip(run, book, drive.line.by(), "")
    drive.write(acts.skip(run, book, drive.line.by(), "the cache is fine"))
    run = drive.go()
    assert (run.step("b").state, run.step("b").why) == ("skipped", "the cache is fine")
    with pytest.raises(RunRefused, match="required"):
        acts.skip(run, book, drive.line.by(), "no")
    drive.write(acts.abort(run, drive.line.by(), "enough"))
    assert (drive.go().state, drive.run.undo) == ("aborted", ("a",))


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


def approved_drive() -> Drive:
    drive = Drive(sim_book(sim_step("a", approval=True)), target="production")
    drive.go()
    return drive


ALICE, BOB = KernelLogin("alice", 1001), KernelLogin("bob", 1002)


def test_rb_case_15_nobody_approves_their_own_and_a_changed_parameter_voids_it() -> None:
    drive = approved_drive()
    assert drive.run.asked is not None
    with pytest.raises(RunRefused, match="somebody else has to approve"):
        acts.approve(drive.run, drive.line.by("root"), ALICE)  # under sudo the actor is root, the login is still alice
    drive.write(acts.approve(drive.run, drive.line.by("bob"), BOB))
    one = Bound("d", "production", {"replicas": 8}, "a", "act", {"run.sh": "1"})
    others = (replace(one, params={"replicas": 9}), replace(one, files={"run.sh": "2"}), replace(one, target="staging"))
    assert len({each.digest for each in (one, *others)}) == 4


class ChangedPlanner(SimPlanner):
    """The script changes after it was approved."""

    changed = False

    def plan(self, run, definition, step, part):  # type: ignore[no-untyped-def]
        plan = super().plan(run, definition, step, part)
        return replace(plan, binding=plan.binding + " changed") if self.changed else plan


def test_rb_exec_case_32_no_way_out_of_waiting_for_an_approval_but_another_login() -> None:
    drive = approved_drive()
    run, book, by = drive.run, drive.world.book, drive.line.by("alice")
    ways = {
        "confirm": lambda: acts.confirm(run, by, typed="production", yes=True),
        "answer": lambda: acts.answer(run, book, by),
        "approve": lambda: acts.approve(run, by, ALICE),
        "retry": lambda: acts.retry(run, book, by),
        "jump": lambda: acts.jump(run, book, by, "a", "x"),
        "settle": lambda: acts.settle(run, book, by, "done", "x"),
        "rollback": lambda: acts_undo.start_rollback(run, book, by, holders={}),
    }
    for name, way in ways.items():
        with pytest.raises(RunRefused):
            way()
        assert drive.run.asked is not None, name
    drive.write(acts.adopt(run, drive.line.by("alice", "s9"), "again"))
    drive.runner = Runner(drive.ports, "s9")
    assert drive.go().state == "waiting"
    assert drive.spawned() == []


def test_rb_exec_case_32_what_changed_after_the_approval_is_not_started() -> None:
    drive = approved_drive()
    drive.write(acts.approve(drive.run, drive.line.by("bob"), BOB))
    planner = ChangedPlanner(drive.world)
    planner.changed = True
    drive.runner = Runner(replace(drive.ports, planner=planner), "s1")
    run = drive.go()
    assert (run.state, drive.spawned()) == ("waiting", [])
    voided = next(event for event in drive.line.events if event.kind == "run.voided")
    assert voided.body["why"] == "what would run is not what was approved"


def test_rb_exec_case_32_time_denies_and_a_timer_that_is_left_over_changes_nothing() -> None:
    drive = approved_drive()
    drive.line.later(LASTS.total_seconds() + 1)
    run = drive.go()
    assert (run.state, run.rollback_state, drive.spawned()) == ("failed", "none", [])
    drive = approved_drive()
    drive.write(acts.approve(drive.run, drive.line.by("bob"), BOB))
    assert drive.go().state == "succeeded"
    drive.line.later(LASTS.total_seconds() + 1)
    assert drive.go().state == "succeeded"
    late = approved_drive()
    late.line.later(LASTS.total_seconds() + 1)
    assert "expired" in may_approve(late.run, BOB, late.line.now)


@pytest.mark.parametrize(
    ("who", "said"),
    [
        (KernelLogin("bob", UNSET), "the login uid is not set"),
        (KernelLogin("bob", None), "the kernel does not say who logged in"),
        (KernelLogin("deploy", 1003, "the login deploy is shared by several people"), "is shared by several people"),
    ],
)
def test_rb_exec_case_33_an_approval_without_a_person_is_refused_with_the_reason(who: KernelLogin, said: str) -> None:
    drive = approved_drive()
    with pytest.raises(RunRefused, match=said):
        acts.approve(drive.run, drive.line.by("bob"), who)


def test_a_denied_approval_ends_the_run_and_offers_no_rollback_where_nothing_was_done() -> None:
    drive = approved_drive()
    with pytest.raises(RunRefused, match="needs a reason"):
        acts.deny(drive.run, drive.line.by("bob"), "")
    drive.write(acts.deny(drive.run, drive.line.by("bob"), "not now"))
    run = drive.go()
    assert (run.state, run.rollback_state, run.step("a").why, run.over) == ("failed", "none", "not now", True)


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


def test_a_precondition_that_is_not_met_ends_the_run_before_anything_is_done() -> None:
    drive = Drive(sim_book(sim_step("a", pre=(LOOK, LOOK))))
    drive.world.script = {"a.2.pre": "failed"}
    run = drive.go()
    assert (run.state, run.rollback_state, run.undo, drive.spawned()) == ("failed", "none", (), [])
    assert drive.spawned("pre") == ["a.1.pre", "a.2.pre"]


def test_a_step_that_cannot_be_resolved_fails_with_the_reason() -> None:
    class Refusing(SimPlanner):
        def plan(self, run, definition, step, part):  # type: ignore[no-untyped-def]
            return ActPlan(refused="params.x is undefined")

    drive = Drive(ABC)
    drive.runner = Runner(replace(drive.ports, planner=Refusing(drive.world)), "s1")
    run = drive.go()
    assert (run.state, run.step("a").why, run.rollback_state) == ("failed", "params.x is undefined", "none")


def test_retries_need_idempotent_and_are_counted() -> None:
    drive = Drive(sim_book(sim_step("a", idempotent=True, retries=2)))
    drive.world.script = {"a.1.do": "failed", "a.2.do": "timed_out"}
    assert (drive.go().state, drive.spawned()) == ("succeeded", ["a.1.do", "a.2.do", "a.3.do"])
    drive = Drive(ABC)
    drive.world.script = {"a.1.do": "failed"}
    run = drive.go()
    with pytest.raises(RunRefused, match="not idempotent"):
        acts.retry(run, ABC, drive.line.by())
    assert run.state == "failed"


def test_on_failure_continue_goes_on_and_says_so() -> None:
    drive = Drive(sim_book(sim_step("a", on_failure="continue"), sim_step("b")))
    drive.world.script = {"a.1.do": "failed"}
    run = drive.go()
    assert (run.state, run.why, states(run)) == ("succeeded", "went on after a failed", ["failed", "succeeded"])
    assert acts_undo.preview(run, drive.world.book) == ("b", "a")


def test_a_jump_goes_back_only_and_never_over_what_would_happen_twice() -> None:
    book = sim_book(sim_step("a", idempotent=True), sim_step("b"), sim_step("c", confirm="ask"))
    drive = Drive(book)
    run = drive.go()
    with pytest.raises(RunRefused, match="back only"):
        acts.jump(run, book, drive.line.by(), "c", "x")
    with pytest.raises(RunRefused, match="b is not idempotent"):
        acts.jump(run, book, drive.line.by(), "a", "x")
    book = sim_book(sim_step("a", idempotent=True), sim_step("c", confirm="ask"))
    drive = Drive(book)
    drive.write(acts.jump(drive.go(), book, drive.line.by(), "a", "the value was wrong"))
    run = drive.go()
    assert (drive.spawned(), run.state) == (["a.1.do", "a.2.do"], "waiting")
    assert run.step("a").order == 1


def test_the_second_abort_kills_and_the_way_back_is_shielded_from_it() -> None:
    drive = Drive(ABC)
    while not drive.spawned():
        drive.runner.turn(RUN)
    drive.write(acts.abort(drive.run, drive.line.by(), "wrong cluster"))
    assert drive.run.state == "aborting"
    run = drive.go()
    assert (run.state, states(run), run.rollback_state) == (
        "aborted",
        ["cancelled", "not_reached", "not_reached"],
        "offered",
    )
    drive.write(acts_undo.start_rollback(run, ABC, drive.line.by(), holders={}))
    with pytest.raises(RunRefused, match="is over"):
        acts.abort(drive.run, drive.line.by())
    assert drive.go().rollback_state == "done"


def test_what_cannot_be_undone_is_acknowledged_and_what_has_no_undo_is_done_by_hand() -> None:
    book = sim_book(
        sim_step("a"), sim_step("b", rollback=None), sim_step("c", irreversible=True, rollback=None), sim_step("d")
    )
    drive = Drive(book, target="t")
    drive.world.script = {"d.1.do": "failed"}
    drive.write(acts_undo.start_rollback(drive.go(), book, drive.line.by(), holders={}))
    run = drive.go()
    assert run.asked is not None
    assert (run.asked.step, run.asked.what) == ("c", "barrier")
    with pytest.raises(RunRefused, match="type t"):
        acts.confirm(run, drive.line.by(), yes=True)
    drive.write(acts.confirm(run, drive.line.by(), typed="t"))
    run = drive.go()
    assert run.asked is not None
    assert (run.asked.step, run.asked.what) == ("b", "undo")
    drive.write(acts.answer(run, book, drive.line.by()))
    assert (drive.go().rollback_state, undos(drive.run)) == ("accepted", ["done", "manual", "skipped", "done"])


def test_a_rollback_is_declined_with_a_reason_and_gives_the_locks_back() -> None:
    drive = Drive(ABC)
    drive.world.script = {"b.1.do": "failed"}
    run = drive.go()
    drive.write(acts_undo.decline_rollback(run, drive.line.by(), "half of it helps"))
    assert (drive.run.rollback_state, locks.held(drive.run)) == ("declined", ())
    with pytest.raises(RunRefused, match="is rolled back"):
        acts.retry(drive.run, ABC, drive.line.by())


def test_a_run_that_gave_its_locks_back_needs_them_again_to_roll_back() -> None:
    drive = Drive(ABC)
    run = drive.go()
    other = drive.line.start(sim_book(sim_step("x"), id="other"), "RUN-2", resources=("deploy/api",))
    with pytest.raises(RunRefused, match="is locked by RUN-2"):
        acts_undo.start_rollback(
            replace(run, resources=("deploy/api",)), ABC, drive.line.by(), holders={"deploy/api": other}
        )


def test_in_production_nothing_is_rolled_back_without_a_person() -> None:
    book = replace(ABC, auto_rollback=True)
    for environment, wanted in (("production", "offered"), ("staging", "done")):
        drive = Drive(book, environment=environment)
        drive.world.script = {"b.1.do": "failed"}
        assert drive.go().rollback_state == wanted


def test_a_choice_leaves_steps_out_and_a_manual_step_takes_what_it_asks_for() -> None:
    options = ({"label": "Restart", "goto": "next"}, {"label": "Only tell", "goto": "tell"})
    choice = sim_step("ask", action=Action("choice", {"options": options}), mutates=False, rollback=None)
    manual = sim_step(
        "tell",
        action=Action("manual", {"instructions": "tell", "input": {"ticket": "Which?"}}),
        mutates=False,
        rollback=None,
    )
    book = sim_book(choice, sim_step("restart"), manual)
    drive = Drive(book)
    run = drive.go()
    with pytest.raises(RunRefused, match="choose one of Restart, Only tell"):
        acts.answer(run, book, drive.line.by(), choice="Other")
    drive.write(acts.answer(run, book, drive.line.by(), choice="Only tell"))
    run = drive.go()
    with pytest.raises(RunRefused, match="needs a value for ticket"):
        acts.answer(run, book, drive.line.by())
    drive.write(acts.answer(run, book, drive.line.by(), values={"ticket": "T-1"}))
    run = drive.go()
    assert (run.state, states(run)) == ("succeeded", ["succeeded", "skipped", "succeeded"])
    assert (run.step("ask").captures, run.step("tell").captures) == ({"choice": "Only tell"}, {"ticket": "T-1"})


def test_a_drill_keeps_away_from_a_severe_incident_and_unreviewed_steps_from_production() -> None:
    line = RunLine()
    with pytest.raises(RunRefused, match="no drill during a Sev1 or Sev2"):
        line.start(ABC, mode="drill", severe=("INC-1",))
    unread = sim_book(sim_step("a", unreviewed=True))
    with pytest.raises(RunRefused, match="nobody has reviewed it"):
        line.start(unread, environment="production")
    line.start(unread, environment="staging")


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


@pytest.mark.parametrize("part", ["do", "verify", "pre"])
def test_what_can_never_be_started_ends_the_run_and_does_not_fill_the_journal(part: str) -> None:
    class Stuck(SimSpawner):
        def spawn(self, run: Run, attempt: InFlight, act: str) -> None:
            if attempt.part != part:
                super().spawn(run, attempt, act)

    book = sim_book(sim_step("a", pre=(LOOK,), verify=verified()))
    drive = Drive(book)
    drive.runner = Runner(replace(drive.ports, spawner=Stuck(drive.world)), "s1")
    run = drive.go(turns=2000)
    assert (run.state, run.step("a").state) == ("failed", "failed")
    assert len(drive.line.events) < 400
    assert run.undo == (("a",) if part == "verify" else ())


def test_an_abort_between_a_step_and_its_verify_leaves_nothing_at_work() -> None:
    drive = Drive(sim_book(sim_step("a", verify=verified()), sim_step("b")))
    while drive.run.step("a").state != "verifying":
        drive.runner.turn(RUN)
        drive.world.tick()
    drive.write(acts.abort(drive.run, drive.line.by(), "enough"))
    run = drive.go()
    assert (run.state, states(run), run.undo) == ("aborted", ["cancelled", "not_reached"], ("a",))


def test_the_plan_of_a_rollback_is_known_before_anything_runs() -> None:
    restart = sim_step("restart", rollback=None, action=Action("docker", {"restart": "app"}))
    look = sim_step("look", mutates=False, rollback=None)
    assert undo_plan(sim_book(sim_step("a"), restart, look, sim_step("b"))) == ("b", "a")


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


def test_a_step_whose_condition_is_not_met_is_skipped_and_the_next_one_runs() -> None:
    class Choosy(SimPlanner):
        def plan(self, run: Run, definition: Runbook, step: str, part: str) -> ActPlan:
            return replace(super().plan(run, definition, step, part), skip=step == "b")

    book = sim_book(sim_step("a"), sim_step("b", pre=(LOOK,)), sim_step("c"))
    drive = Drive(book)
    drive.runner = Runner(replace(drive.ports, planner=Choosy(drive.world)), "s1")
    run = drive.go()
    assert (run.state, states(run)) == ("succeeded", ["succeeded", "skipped", "succeeded"])
    assert drive.spawned("pre") == []


def test_what_cannot_be_started_that_way_is_refused() -> None:
    line = RunLine()
    limited = replace(ABC, targets=("compose",), steps=(sim_step("a", targets=("kubernetes",)),))
    for given, said in (
        ({"mode": "loud"}, "is no mode"),
        ({"target": "moon"}, "runs at compose, not at moon"),
        ({"target": "compose"}, "has no step at compose"),
    ):
        with pytest.raises(RunRefused, match=said):
            line.start(limited, **given)  # type: ignore[arg-type]
    with pytest.raises(RunRefused, match="has no parameter 'x'"):
        line.start(ABC, params={"x": 1})


def test_an_act_on_a_run_that_changed_is_refused() -> None:
    run = Drive(ABC).go()
    check_seen(run, None)
    check_seen(run, run.version)
    for other in (run.version - 1, run.version + 1):
        with pytest.raises(RunRefused, match="changed meanwhile"):
            check_seen(run, other)


def test_an_automatic_rollback_is_an_act_of_its_own_rule() -> None:
    for book, environment in ((ABC, "staging"), (replace(ABC, auto_rollback=True), "production")):
        drive = Drive(book, environment=environment)
        drive.world.script = {"b.1.do": "failed"}
        run = drive.go()
        assert run.rollback_state == "offered"
        with pytest.raises(RunRefused, match="without a person"):
            acts_undo.start_rollback(run, book, drive.line.by(), holders={}, automatic=True)


def test_an_undo_is_marked_only_where_it_stopped() -> None:
    drive = Drive(ABC)
    for act in (acts_undo.retry_undo, lambda run, by: acts_undo.mark_undo(run, by, "manual", "x")):
        with pytest.raises(RunRefused, match="has not failed"):
            act(drive.run, drive.line.by())
    drive.world.script = {"c.1.do": "failed", "c.1.undo": "lost", "evidence": "unsure"}
    drive.write(acts_undo.start_rollback(drive.go(), ABC, drive.line.by(), holders={}))
    run = drive.go()
    assert (run.rollback_state, undos(run)[2]) == ("running", "unknown")
    drive.write(acts_undo.mark_undo(run, drive.line.by(), "manual", "I looked and did it"))
    assert (drive.go().rollback_state, undos(drive.run)) == ("manual_done", ["done", "done", "manual"])


@pytest.mark.parametrize(("outcome", "wanted"), [("done", "done"), ("failed", "failed"), ("not_done", "done")])
def test_an_undo_of_which_nobody_knows_the_end_is_settled(outcome: str, wanted: str) -> None:
    drive = Drive(ABC)
    drive.world.script = {"b.1.do": "failed", "b.1.undo": "lost", "evidence": "unsure"}
    drive.write(acts_undo.start_rollback(drive.go(), ABC, drive.line.by(), holders={}))
    drive.write(acts.settle(drive.go(), ABC, drive.line.by(), outcome, "I looked"))
    assert drive.go().rollback_state == wanted
    assert ("b.2.undo" in drive.world.processes) == (outcome == "not_done")


def test_what_is_undone_is_what_was_attempted_changed_something_and_can_be_undone() -> None:
    book = sim_book(
        sim_step("read", mutates=False, rollback=None),
        sim_step("restart", rollback=None, action=Action("docker", {"restart": "app"})),
        sim_step("sure", undo_on="succeeded"),
        sim_step("half", undo_on="succeeded", on_failure="continue"),
        sim_step("tried", on_failure="continue"),
        sim_step("last"),
    )
    drive = Drive(book)
    drive.world.script = {"half.1.do": "failed", "tried.1.do": "failed"}
    run = drive.go()
    assert run.state == "succeeded"
    assert acts_undo.preview(run, book) == ("last", "tried", "sure")
    only = sim_book(sim_step("read", mutates=False, rollback=None))
    drive = Drive(only)
    drive.world.script = {"read.1.do": "failed"}
    run = drive.go()
    assert (run.state, run.rollback_state) == ("failed", "none")
    with pytest.raises(RunRefused, match="changed nothing"):
        acts_undo.preview(run, only)


def test_an_approval_ends_at_its_moment() -> None:
    drive = approved_drive()
    asked = drive.run.asked
    assert asked is not None
    assert asked.expires == drive.line.now + LASTS
    assert may_approve(drive.run, BOB, asked.expires - timedelta(microseconds=1)) == ""
    assert "expired" in may_approve(drive.run, BOB, asked.expires)
    drive.write(acts.approve(drive.run, drive.line.by("bob"), BOB))
    approval = drive.run.step("a").approval
    assert approval is not None
    assert blocked(drive.run, "a", approval.binding, approval.expires - timedelta(microseconds=1)) == ""
    assert blocked(drive.run, "a", approval.binding, approval.expires) == "the approval has expired"
    assert blocked(drive.run, "a", "other", drive.line.now) == "what would run is not what was approved"


def test_a_failed_undo_says_why_at_its_step() -> None:
    drive = Drive(ABC)
    drive.world.script = {"b.1.do": "failed", "b.1.undo": "failed"}
    drive.write(acts_undo.start_rollback(drive.go(), ABC, drive.line.by(), holders={}))
    run = drive.go()
    drive.write(acts_undo.mark_undo(run, drive.line.by(), "manual", "put back by hand"))
    assert drive.run.step("b").why == "put back by hand"
