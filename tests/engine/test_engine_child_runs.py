"""A step that is a run: started once with its parent, answered through it, undone with it, and adopted with it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from artisan_tui.domain.runbooks.effects import Finish, Wait
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.runbooks.journaled import run_store
from artisan_tui.engine.settings import read
from support.live_runs import House, book, effect_step
from support.servers import until


def call(name: str = "call", child: str = "child", keys: str = "", params: str = "") -> str:
    given = f", params = {{ {params} }}" if params else ""
    runbook = f'runbook = {{ id = "{child}"{given} }}'
    return f'[[runbook.step]]\nid = "{name}"\ntitle = "Call"\nkind = "runbook"\n{runbook}\n{keys}\n'


def house(folder: Path, *children: str, last: str = "", first: str = "", **more: str) -> House:
    """a, then the child, then z."""
    return House(folder, book(effect_step("a"), call(keys=first), last or effect_step("z")) + "".join(children), **more)


def child_of(run: str, number: int = 1) -> str:
    return f"{run}.2.{number}"


def test_a_child_run_is_in_the_journal_with_its_parent_and_is_undone_with_it(tmp_path: Path) -> None:
    made = house(tmp_path, book(effect_step("b"), effect_step("c"), name="child"), last=effect_step("z", "exit 3"))
    with made.seat() as seat:
        run = seat.start()
        assert isinstance(seat.go(run), Finish)
        parent, child = seat.run(run), seat.run(child_of(run))
        assert (child.runbook, child.state, child.started_by) == ("child", "succeeded", "alice")
        assert seat.bodies(child.id, "run.started")[0]["parent"] == run
        assert [step.state for step in parent.steps] == ["succeeded", "succeeded", "failed"]
        assert (made.done(), parent.rollback_state) == (["a", "b", "c", "z"], "offered")
        seat.give("rollback", run=run)
        seat.go(run)
        assert made.done()[4:] == ["-z", "-c", "-b", "-a"]
        assert [seat.run(each).rollback_state for each in (run, child.id)] == ["done", "done"]
        assert run_store(seat.store).holders(child.resources) == {}


def test_the_failure_of_a_child_is_the_failure_of_its_step(tmp_path: Path) -> None:
    made = house(tmp_path, book(effect_step("b"), effect_step("c", "exit 7"), name="child"))
    with made.seat() as seat:
        run = seat.start()
        seat.go(run)
        parent = seat.run(run)
        assert (parent.state, parent.step("call").state) == ("failed", "failed")
        assert f"{child_of(run)} failed: c failed" in parent.step("call").why
        assert made.done() == ["a", "b", "c"]
        with pytest.raises(CommandRefused, match=f"{child_of(run)} is a step of {run}, which"):
            seat.give("retry", run=child_of(run))
        with pytest.raises(CommandRefused, match="roll that back"):
            seat.give("rollback", run=child_of(run))
        seat.give("rollback", run=run)
        seat.go(run)
        assert made.done()[3:] == ["-c", "-b", "-a"]


def test_a_call_that_succeeds_the_second_time_leaves_no_offer_of_the_first_and_both_are_undone(tmp_path: Path) -> None:
    twice = effect_step("c", f"test -e {tmp_path}/second || {{ touch {tmp_path}/second; exit 7; }}")
    made = house(tmp_path, book(effect_step("b"), twice, name="child"), first="idempotent = true")
    with made.seat() as seat:
        run = seat.start()
        seat.go(run)
        first, second = child_of(run), child_of(run, 2)
        assert seat.run(first).rollback_state == "offered"
        seat.give("retry", run=run)
        assert isinstance(seat.go(run), Finish)
        assert [seat.run(each).state for each in (run, first, second)] == ["succeeded", "failed", "succeeded"]
        assert seat.run(first).rollback_state == "declined"
        assert f"{second} succeeded instead" in str(seat.bodies(first, "run.rollback-declined")[0]["reason"])
        assert run_store(seat.store).active() == ()
        seat.give("rollback", run=run)
        seat.go(run)
        assert made.done()[made.done().index("z") + 1 :] == ["-z", "-c", "-b", "-c", "-b", "-a"]
        assert [seat.run(each).rollback_state for each in (run, first, second)] == ["done"] * 3


def test_what_the_child_asks_is_answered_through_its_parent(tmp_path: Path) -> None:
    asking = book(effect_step("b", keys='confirm = "ask"'), effect_step("c", keys='confirm = "type"'), name="child")
    made = house(tmp_path, asking, environment="production")
    with made.seat() as seat:
        run = seat.start()
        assert isinstance(seat.go(run), Wait)
        assert (seat.run(child_of(run)).asked, made.done()) != (None, ["a", "b"])
        seat.give("confirm", run=run, yes="yes")
        seat.go(run)
        with pytest.raises(CommandRefused, match="type production to confirm"):
            seat.give("confirm", run=run, typed="prod")
        assert made.done() == ["a", "b"]
        seat.give("confirm", run=child_of(run), typed="production")
        assert isinstance(seat.go(run), Finish)
        assert made.done() == ["a", "b", "c", "z"]


def test_an_aborted_parent_aborts_its_child_and_what_runs_in_it(tmp_path: Path) -> None:
    slow = effect_step("b", "sleep 600")
    made = house(tmp_path, book(slow, name="child"))
    with made.seat() as seat:
        run = seat.start()
        until(lambda: seat.drive.turn(run) == Wait("child", child=child_of(run)))
        until(lambda: isinstance(seat.drive.turn(child_of(run)), Wait) and made.done() == ["a", "b"])
        seat.give("abort", run=run)
        seat.go(run)
        assert [seat.run(each).state for each in (run, child_of(run))] == ["aborted", "aborted"]
        seat.give("rollback", run=run)
        seat.go(run)
        assert made.done() == ["a", "b", "-b", "-a"]


def test_a_lock_of_the_parent_is_the_childs_too_and_anothers_is_not(tmp_path: Path) -> None:
    keys = 'resources = ["llm/qwen"]'
    child = book(effect_step("b"), name="child", keys=keys)
    parent = book(effect_step("a"), call(), keys=keys)
    other = book(effect_step("o", keys='confirm = "ask"'), name="other", keys='resources = ["disk"]')
    third = book(effect_step("t"), name="third", keys='resources = ["disk"]')
    calls = book(call("only", "third"), name="calls")
    made = House(tmp_path, parent + child + other + third + calls)
    with made.seat() as seat:
        run = seat.start()
        assert isinstance(seat.go(run), Finish)
        assert made.done() == ["a", "b"]
        holder = seat.start("other")
        seat.go(holder)
        refused = seat.start("calls")
        seat.go(refused)
        assert seat.run(refused).state == "failed"
        assert f"disk is locked by {holder}" in seat.run(refused).step("only").why


def test_a_child_of_a_child_and_the_parameters_go_down(tmp_path: Path) -> None:
    word = "[[runbook.step]]\nid = \"w\"\ntitle = \"w\"\nkind = \"command\"\nrun = ['sh', '-c', 'echo $0 >> $EFFECTS', '{{ params.word }}']\n"
    undo = "rollback = { kind = \"command\", run = ['sh', '-c', 'echo $0 >> $EFFECTS', '-{{ params.word }}'] }\n"
    inner = book(word + undo, name="inner", params='word = { type = "string" }')
    middle = book(call("down", "inner", params='word = "{{ params.word }}"'), name="child",
                  params='word = { type = "string", default = "hello" }')  # fmt: skip
    made = house(tmp_path, middle, inner)
    with made.seat() as seat:
        run = seat.start()
        assert isinstance(seat.go(run), Finish)
        assert made.done() == ["a", "hello", "z"]
        assert seat.run(f"{child_of(run)}.1.1").state == "succeeded"
        seat.give("rollback", run=run)
        seat.go(run)
        assert made.done()[3:] == ["-z", "-hello", "-a"]


def test_an_undo_of_the_child_that_fails_stops_the_parent_and_is_tried_again(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    stuck = effect_step("b", undo=False)
    undo = f"rollback = {{ kind = \"command\", run = ['sh', '-c', '[ -e {gate} ] && echo -b >> \"$EFFECTS\"'] }}\n"
    made = house(tmp_path, book(stuck + undo, name="child"))
    with made.seat() as seat:
        run = seat.start()
        seat.go(run)
        seat.give("rollback", run=run)
        seat.go(run)
        parent = seat.run(run)
        assert (parent.rollback_state, made.done()) == ("failed", ["a", "b", "z", "-z"])
        assert f"the rollback of {child_of(run)} is incomplete" in parent.step("call").why
        gate.touch()
        seat.give("rollback", run=run, how="retry")
        seat.go(run)
        assert (seat.run(run).rollback_state, made.done()[4:]) == ("done", ["-b", "-a"])


def test_a_circle_is_refused_before_a_child_starts(tmp_path: Path) -> None:
    made = house(tmp_path, book(call("back", "example"), name="child"))
    with made.seat() as seat:
        run = seat.start()
        seat.go(run)
        assert "child leads back to example" in seat.run(run).step("call").why
        assert run_store(seat.store).get(child_of(run)) is None


@pytest.mark.parametrize("moment", ["before the child", "in the child", "after the child"])
def test_whoever_adopts_the_parent_adopts_its_child_and_nothing_runs_twice(tmp_path: Path, moment: str) -> None:
    made = house(tmp_path, book(effect_step("b"), effect_step("c"), name="child"))
    with made.seat("alice") as alice:
        run = alice.start()
        turns = {"before the child": "call", "in the child": "call", "after the child": "call"}
        until(lambda: ((current := alice.run(run).current) is not None and current.step == turns[moment])
              or alice.drive.turn(run) is None)  # fmt: skip
        if moment != "before the child":
            alice.drive.turn(run)
            assert alice.run(child_of(run)).state == "planned"
            if moment == "in the child":
                until(lambda: alice.drive.turn(child_of(run)) is None or made.done() == ["a", "b"])
            else:
                alice.go(child_of(run))
        with made.seat("bob", 1001) as bob:
            bob.give("adopt", run=run, reason="alice is gone")
            for each in (run, child_of(run)):
                found = run_store(bob.store).get(each)
                assert found is None or found.over or found.owner == bob.rules.session
            alice.drive.turn(run)
            assert isinstance(bob.go(run), Finish)
            assert bob.run(run).state == "succeeded"
            numbers = bob.run(run).step("call").attempt
            assert numbers == (2 if moment == "before the child" else 1)
    assert made.done() == ["a", "b", "c", "z"]


def test_a_program_killed_in_the_middle_of_a_child_is_adopted_with_both(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    slow = effect_step("b", f"while [ ! -e {gate} ]; do sleep 0.02; done", "echo b-over >> $EFFECTS")
    made = house(tmp_path, book(slow, effect_step("c"), name="child"))
    argv = [sys.executable, "-m", "artisan_tui", "--config", str(made.config_path), "--state", str(made.state)]
    begun = subprocess.Popen(
        [*argv, "runbook", "run", "example"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
    )
    until(lambda: made.done() == ["a", "b"], 30)
    begun.send_signal(signal.SIGKILL)
    begun.wait()
    with made.seat("bob", 1001) as bob:
        (parent,) = [each for each in run_store(bob.store).active() if "." not in each.id]
        gate.touch()
        bob.give("resume", run=child_of(parent.id))
        assert {each.owner for each in run_store(bob.store).active()} == {bob.rules.session}
        assert isinstance(bob.go(parent.id), Finish)
    assert made.done() == ["a", "b", "b-over", "c", "z"]


def test_a_child_is_what_it_was_when_its_parent_started(tmp_path: Path) -> None:
    waiting = effect_step("a", keys='confirm = "ask"')
    middle = book(call("inner", child="leaf"), name="child")
    leaf = book(effect_step("b"), name="leaf")
    parent = book(waiting, call())
    made = House(tmp_path, parent + middle + leaf)
    with made.seat() as seat:
        run = seat.start()
        assert isinstance(seat.go(run), Wait)
        made.write(parent + middle + book(effect_step("changed"), name="leaf"))
        seat.rules.configure(read(made.config_path))
        assert [step.id for step in seat.rules.library.runbooks["leaf"].steps] == ["changed"]
        seat.give("confirm", run=run, yes="yes")
        assert isinstance(seat.go(run), Finish)
        assert made.done() == ["a", "b"]
        inner = seat.run(f"{child_of(run)}.1.1")
        assert inner.definition == seat.run(run).children["leaf"]
        assert sorted(seat.bodies(run, "run.started")[0]["children"]) == ["child", "leaf"]


def test_the_next_run_takes_what_the_file_says_by_then(tmp_path: Path) -> None:
    made = House(tmp_path, book(call()) + book(effect_step("b"), name="child"))
    with made.seat() as seat:
        seat.go(seat.start())
        made.write(book(call()) + book(effect_step("c"), name="child"))
        seat.rules.configure(read(made.config_path))
        seat.go(seat.start())
    assert made.done() == ["b", "c"]
