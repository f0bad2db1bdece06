"""A run below another one that the database lost: it had begun, so it is not begun anew, and a person decides."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from artisan_tui.domain.event import Event
from artisan_tui.domain.lease import SessionRole
from artisan_tui.domain.runbooks.effects import Wait
from artisan_tui.domain.session.loss import Loss
from artisan_tui.engine.bus import EventsLost
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.runbooks import known_children, wing
from artisan_tui.engine.runbooks.at_terminal import act_and_drive
from artisan_tui.engine.runbooks.lost_run import lost_run
from artisan_tui.reports.event_words import event_text
from artisan_tui.store.store import Store
from support.live_runs import House, book, effect_step, states
from support.servers import until
from support.session_runs import lose, sitting

AT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
CALL = '[[runbook.step]]\nid = "call"\ntitle = "Call"\nkind = "runbook"\nrunbook = { id = "child" }\n'


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wing, "_AGAIN", 0.1)
    monkeypatch.setattr(known_children, "ASKED_AGAIN", 0.2)


def family(folder: Path, *steps: str) -> House:
    """a, the child, z."""
    return House(folder, book(effect_step("a"), CALL, effect_step("z")) + book(*steps, name="child"))


def gated(gate: Path) -> str:
    return effect_step("b", f"while [ ! -e {gate} ]; do sleep 0.05; done", "echo b-over >> $EFFECTS")


def told(house: House) -> list[Event]:
    with Store.open(house.place(), read_only=True) as store:
        return list(store.journal.page(10, kind="store.lost-run"))


async def test_a_lost_child_is_said_once_and_its_step_is_unknown_until_somebody_decides(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    house = family(tmp_path, gated(gate), effect_step("c"))
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)
        run = (await alice.give("runbook.start", runbook="example")).split()[0]
        child = f"{run}.2.1"
        await alice.until(lambda: (found := alice.active(child)) and found.run.current)
        until(lambda: house.done() == ["a", "b"])
        lose(house, child)
        event = Event(AT, "alice", "note", "", {}, seq=1, recorded_at=AT)
        alice.engine.bus.say(EventsLost(Loss((event,), "", True)))
        await alice.until(lambda: (found := alice.active(run)) and found.waits == "settle")
        (found,) = await asyncio.to_thread(told, house)
        assert (found.subject, found.body["runbook"], found.body["step"]) == (child, "child", "b")
        assert f"the database lost the run {child} of child" in event_text(found)
        step = alice.active(run)
        assert step is not None
        assert f"the database lost {child}" in step.run.step("call").why
        gate.touch()
        await asyncio.to_thread(until, lambda: house.done() == ["a", "b", "b-over"])
        await alice.give("runbook.decide-unknown", run=run, outcome="done", reason="c was done by hand")
        await alice.until(lambda: alice.active(run) is None)
        assert house.done() == ["a", "b", "b-over", "z"], "nothing of the child ran again"

        # Every screen says it until somebody has read it, also one that is opened later.
        async with sitting(house, "bob") as bob:
            await bob.there(SessionRole.FOLLOWER)
            for each in (alice, bob):
                await each.until(lambda each=each: [one.run for one in each.shown[-1].lost] == [child])  # type: ignore[misc]
            await bob.give("notice.acknowledge")
            for each in (alice, bob):
                await each.until(lambda each=each: not each.shown[-1].lost)  # type: ignore[misc]
    with Store.open(house.place(), read_only=True) as store:
        (read,) = store.journal.page(10, kind="notice.acknowledged")
    assert (read.actor, read.body["runs"]) == ("bob", [child])


def test_a_child_that_is_lost_at_a_terminal_is_said_and_its_parent_waits(tmp_path: Path) -> None:
    database = tmp_path / "state" / "artisan.db"
    forget = f"c = sqlite3.connect({str(database)!r}, timeout=10); c.execute(\"DELETE FROM run WHERE id LIKE '%.2.1'\")"
    (tmp_path / "forget.py").write_text(f"import sqlite3; {forget}; c.commit()")
    house = family(tmp_path, effect_step("b", f"{sys.executable} {tmp_path / 'forget.py'}"), effect_step("c"))
    options = GlobalOptions(house.config_path, house.state)
    given = {"runbook": "example", "yes": "yes"}
    done = act_and_drive(options, "runbook.start", given, lambda event, ended: None, lambda line: None)
    assert done.record.run.state == "unknown"
    assert house.done() == ["a", "b"]
    (found,) = told(house)
    assert (found.subject, found.body["runbook"]) == (f"{done.record.run.id}.2.1", "child")


@pytest.mark.parametrize("known_by", ["what its steps left", "the word of who carried it out"])
def test_whoever_adopts_the_parent_of_a_lost_child_does_not_begin_it_anew(tmp_path: Path, known_by: str) -> None:
    first = effect_step("b", keys='confirm = "ask"') if "word" in known_by else effect_step("b", "exit 3")
    house = family(tmp_path, first)
    with house.seat() as alice, house.seat("bob") as bob:
        run = alice.start()
        child = f"{run}.2.1"
        until(lambda: alice.drive.turn(run) == Wait("child", child=child))
        if "word" in known_by:
            body = lost_run(child, None, house.state)
            alice.store.append([body.entry(datetime.now(UTC), "artisan", child)], at=datetime.now(UTC))
        else:
            alice.go(child)
        lose(house, child)
        bob.give("adopt", run=run, reason="alice is gone")
        bob.go(run)
        assert (bob.run(run).state, states(bob, run)) == ("unknown", ["succeeded", "unknown", "pending"])
        assert house.done().count("b") == ("word" not in known_by)


def test_a_child_that_had_not_begun_is_begun_by_whoever_adopts_its_parent(tmp_path: Path) -> None:
    house = family(tmp_path, effect_step("b"))
    with house.seat() as alice, house.seat("bob") as bob:
        run = alice.start()
        until(lambda: alice.drive.turn(run) and alice.run(run).current and alice.run(run).step("call").attempt)
        bob.give("adopt", run=run, reason="alice is gone")
        bob.go(run)
        assert (bob.run(run).state, house.done()) == ("succeeded", ["a", "b", "z"])


def test_a_rollback_over_a_lost_child_stops_and_says_so(tmp_path: Path) -> None:
    house = family(tmp_path, effect_step("b"))
    with house.seat() as seat:
        run = seat.start()
        seat.go(run)
        assert house.done() == ["a", "b", "z"]
        lose(house, f"{run}.2.1")
        seat.give("rollback", run=run)
        seat.go(run)
        found = seat.run(run)
        assert (found.rollback_state, house.done()) == ("failed", ["a", "b", "z", "-z"]), "a stays: b is still there"
        assert f"the database lost {run}.2.1: undo by hand what its steps did" in found.step("call").why
