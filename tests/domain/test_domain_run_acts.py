"""What people and the runner do about a run: the numbered cases as far as they need no process."""

from __future__ import annotations

from dataclasses import replace

import pytest

from artisan_tui.domain.runbooks import acts, acts_undo, locks
from artisan_tui.domain.runbooks.acting import RunRefused
from artisan_tui.domain.runbooks.definition import Action, Runbook
from artisan_tui.domain.runbooks.ports import ActPlan
from artisan_tui.domain.runbooks.run import InFlight, Run
from artisan_tui.domain.runbooks.runner import Runner
from support.run_line import LOOK, RunLine, sim_book, sim_step, verified
from support.run_simulation import Drive, states
from support.run_world import ABC, RUN, SimPlanner, SimSpawner


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


@pytest.mark.parametrize("yes", [False, True])
def test_a_wrong_name_is_no_yes_where_a_yes_is_enough(yes: bool) -> None:
    drive = Drive(sim_book(sim_step("a", confirm="ask")), target="production")
    run = drive.go()
    with pytest.raises(RunRefused, match="type production"):
        acts.confirm(run, drive.line.by(), typed="staging", yes=yes)
    drive.write(acts.confirm(run, drive.line.by(), typed="production"))
    assert drive.go().state == "succeeded"


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


def test_rb_case_26_a_drill_keeps_away_from_a_severe_incident_and_unreviewed_steps_from_production() -> None:
    line = RunLine()
    with pytest.raises(RunRefused, match="no drill during a Sev1 or Sev2"):
        line.start(ABC, mode="drill", severe=("INC-1",))
    unread = sim_book(sim_step("a", unreviewed=True))
    with pytest.raises(RunRefused, match="nobody has reviewed it"):
        line.start(unread, environment="production")
    line.start(unread, environment="staging")


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
