"""Approval of a step by somebody else: who may, for what, and for how long."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from artisan_tui.domain.runbooks import acts, acts_undo
from artisan_tui.domain.runbooks.acting import RunRefused
from artisan_tui.domain.runbooks.approval import LASTS, UNSET, Bound, KernelLogin, blocked, may_approve
from artisan_tui.domain.runbooks.runner import Runner
from support.run_line import sim_book, sim_step
from support.run_simulation import Drive
from support.run_world import SimPlanner

ALICE, BOB = KernelLogin("alice", 1001), KernelLogin("bob", 1002)


def approved_drive() -> Drive:
    drive = Drive(sim_book(sim_step("a", approval=True)), target="production")
    drive.go()
    return drive


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
