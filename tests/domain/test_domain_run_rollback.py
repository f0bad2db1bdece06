"""Going back: what is undone, in which order, and what stops it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from artisan_tui.domain.runbooks import acts, acts_undo, locks
from artisan_tui.domain.runbooks.acting import RunRefused
from artisan_tui.domain.runbooks.definition import Action, Undo
from artisan_tui.domain.runbooks.undo import undo_plan
from support.run_line import BACK, sim_book, sim_step, verified
from support.run_simulation import Drive, states, undos
from support.run_world import ABC, RUN


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


def test_the_plan_of_a_rollback_is_known_before_anything_runs() -> None:
    restart = sim_step("restart", rollback=None, action=Action("docker", {"restart": "app"}))
    look = sim_step("look", mutates=False, rollback=None)
    assert undo_plan(sim_book(sim_step("a"), restart, look, sim_step("b"))) == ("b", "a")


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


def test_what_succeeded_before_a_jump_went_back_over_it_is_undone() -> None:
    for second in ("", "failed"):
        book = sim_book(sim_step("a", undo_on="succeeded", idempotent=True), sim_step("b", confirm="ask"))
        drive = Drive(book)
        drive.world.script = {"a.2.do": second} if second else {}
        drive.write(acts.jump(drive.go(), book, drive.line.by(), "a", "the value was wrong"))
        if second:
            drive.go()
        else:
            drive.write(acts.abort(drive.run, drive.line.by(), "enough"))
        assert (drive.go().rollback_state, drive.run.undo) == ("offered", ("a",))


def test_a_failed_undo_says_why_at_its_step() -> None:
    drive = Drive(ABC)
    drive.world.script = {"b.1.do": "failed", "b.1.undo": "failed"}
    drive.write(acts_undo.start_rollback(drive.go(), ABC, drive.line.by(), holders={}))
    run = drive.go()
    drive.write(acts_undo.mark_undo(run, drive.line.by(), "manual", "put back by hand"))
    assert drive.run.step("b").why == "put back by hand"
