"""Runs in running sessions: whoever began one carries it out, and all see the same."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from artisan_tui.domain.alerts.events import AlertOver, AlertSeen
from artisan_tui.domain.checks.events import CheckStateChanged
from artisan_tui.domain.event import Event
from artisan_tui.domain.lease import SessionRole
from artisan_tui.domain.session.loss import Loss
from artisan_tui.engine.bus import EventsLost
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.engine.runbooks import wing
from artisan_tui.engine.runbooks.at_terminal import act_and_drive
from artisan_tui.engine.runbooks.attempt import Attempt, AttemptState
from artisan_tui.engine.runbooks.spawner import attempt_folder
from artisan_tui.engine.runbooks.watching import AttemptOutput, RunsBefore, WatchedRun
from artisan_tui.engine.runbooks.wing import RunsWing
from artisan_tui.reports.event_words import event_text
from artisan_tui.store.runbooks.part import RunbookStore
from artisan_tui.store.store import Store
from support.live_runs import House, book, effect_step
from support.servers import until
from support.session_runs import lose, sitting

AT = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)


async def test_who_began_it_carries_it_out_and_everybody_sees_the_same(tmp_path: Path) -> None:
    house = House(tmp_path, book(effect_step("a"), effect_step("b", keys='confirm = "ask"')))
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)
        async with sitting(house, "bob") as bob:
            await bob.there(SessionRole.FOLLOWER)
            run = (await bob.give("runbook.start", runbook="example")).split()[0]
            for each in (alice, bob):
                await each.until(lambda each=each: each.state(run) == "waiting")  # type: ignore[misc]
            seen = [each.active(run) for each in (alice, bob)]
            assert [one and (one.mine, one.orphaned, one.waits, one.step) for one in seen] == [
                (False, False, "person", "b"),
                (True, False, "person", "b"),
            ]
            assert house.done() == ["a"]
            piece = await WatchedRun(run).run(alice.engine)
            assert ("echo b >>" in piece.act, "echo -b >>" in piece.undo) == (True, True)
            with pytest.raises(LookupError, match="there is no run RUN-0"):
                await WatchedRun("RUN-0").run(alice.engine)
            # One that has not begun yet printed nothing; only of a run from elsewhere it is not known.
            assert await AttemptOutput(run, "b.1.do").run(alice.engine) == ""
            assert await AttemptOutput("RUN-0", "b.1.do").run(alice.engine) is None
            await alice.give("runbook.confirm", run=run, yes="yes")
            for each in (alice, bob):
                await each.until(lambda each=each: each.active(run) is None)  # type: ignore[misc]
            past = await RunsBefore("example").run(alice.engine)
            assert [(each.id, each.state) for each in past] == [(run, "succeeded")]
    assert house.done() == ["a", "b"]


@pytest.mark.parametrize("waits", [False, True], ids=["at work", "waiting for a person"])
async def test_a_run_that_the_database_lost_is_said_once_and_not_tried_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: bool
) -> None:
    monkeypatch.setattr(wing, "_AGAIN", 0.1)
    gate = tmp_path / "gate"
    slow = effect_step("a", f"while [ ! -e {gate} ]; do sleep 0.05; done", "echo a-over >> $EFFECTS")
    first = effect_step("a", keys='confirm = "ask"') if waits else slow
    house = House(tmp_path, book(first, effect_step("b")))
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)
        run = (await alice.give("runbook.start", runbook="example")).split()[0]
        await alice.until(lambda: (found := alice.active(run)) and (found.run.asked if waits else found.run.current))
        lose(house, run)
        event = Event(AT, "alice", "note", "", {}, seq=1, recorded_at=AT)
        alice.engine.bus.say(EventsLost(Loss((event,), "", True)))

        def told() -> list[Event]:
            with Store.open(house.place(), read_only=True) as store:
                return list(store.journal.page(10, kind="store.lost-run"))

        await asyncio.to_thread(until, lambda: bool(told()))
        runs = alice.engine.wing(RunsWing)
        await alice.until(lambda: alice.active(run) is None)
        async with asyncio.timeout(10):
            while runs._drives:
                await asyncio.wait(tuple(runs._drives.values()))
                await asyncio.sleep(0)
        (found,) = told()
        assert (found.subject, found.body["runbook"], found.body["step"]) == (run, "example", "" if waits else "a")
        assert event_text(found).startswith(f"the database lost the run {run} of example, and nothing of it starts")
        gate.touch()
    assert "b" not in house.done()


def test_a_run_that_is_lost_while_a_terminal_carries_it_out_is_refused_in_a_sentence(tmp_path: Path) -> None:
    database = tmp_path / "state" / "artisan.db"
    forget = (
        f"import sqlite3; c = sqlite3.connect({str(database)!r}, timeout=10); c.execute('DELETE FROM run'); c.commit()"
    )
    (tmp_path / "forget.py").write_text(forget)
    house = House(tmp_path, book(effect_step("a", f"{sys.executable} {tmp_path / 'forget.py'}"), effect_step("b")))
    options = GlobalOptions(house.config_path, house.state)
    given = {"runbook": "example", "yes": "yes"}
    with pytest.raises(
        CommandRefused, match=r"the database lost RUN-.*: nothing of it starts any more; see .*/runs/RUN"
    ):
        act_and_drive(options, "runbook.start", given, lambda event, ended: None, lambda line: None)
    with Store.open(house.place(), read_only=True) as store:
        (told,) = store.journal.page(10, kind="store.lost-run")
    assert told.body["runbook"] == "example"
    assert house.done() == ["a"]


async def test_what_a_session_carried_out_waits_for_somebody_when_it_has_ended(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    slow = effect_step("a", f"while [ ! -e {gate} ]; do sleep 0.05; done", "echo a-over >> $EFFECTS")
    house = House(tmp_path, book(slow, effect_step("b")))
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)
        async with sitting(house, "bob") as bob:
            await bob.there(SessionRole.FOLLOWER)
            run = (await bob.give("runbook.start", runbook="example")).split()[0]
            await alice.until(lambda: (found := alice.active(run)) and found.run.current)
        gate.touch()
        exited = Attempt(attempt_folder(house.state, run, "a.1.do"))
        until(lambda: exited.state() is AttemptState.ENDED)
        assert house.done() == ["a", "a-over"]
        assert alice.state(run) == "running"
        await alice.give("runbook.adopt", run=run, reason="bob went home")
        await alice.until(lambda: alice.active(run) is None)
    assert house.done() == ["a", "a-over", "b"]


async def test_a_session_that_is_open_sees_that_the_owner_of_a_run_was_killed(tmp_path: Path) -> None:
    house = House(tmp_path, book(effect_step("a", "sleep 60")))
    places = ("--config", str(house.config_path), "--state", str(house.state))
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)
        bob = subprocess.Popen(  # noqa: ASYNC220 - it does not wait
            [sys.executable, "-m", "artisan_tui", *places, "runbook", "run", "example"]
        )
        try:
            await alice.until(lambda: any(each.run.current for each in alice.shown[-1].active))
            run = alice.shown[-1].active[0]
            assert (run.mine, run.orphaned, run.waits) == (False, False, "")
        finally:
            bob.kill()
            bob.wait()
        await alice.until(lambda: (found := alice.active(run.id)) and found.orphaned)
        assert alice.shown[-1].active[0].waits == "owner"
        await alice.give("runbook.adopt", run=run.id, reason="it was killed")
        await alice.until(lambda: (found := alice.active(run.id)) and found.mine)
        await alice.give("runbook.abort", run=run.id)
        await alice.until(lambda: alice.state(run.id) == "aborted")


async def test_rb_case_01_a_runbook_is_suggested_once_with_the_evidence_and_nothing_runs(tmp_path: Path) -> None:
    house = House(tmp_path, book(effect_step("a"), keys='suggest_on = ["check:llm.qwen", "alert:QwenDown"]'))
    down = CheckStateChanged(before="up", to="down", detail="HTTP 503", count=3)
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)
        async with sitting(house, "bob") as bob:
            await bob.there(SessionRole.FOLLOWER)
            for body in (CheckStateChanged(before="up", to="degraded", count=2), down, down):
                alice.engine.find([body.entry(alice.engine.clock.now(), "artisan", "llm.qwen")])
            for each in (alice, bob):
                await each.until(lambda each=each: each.shown[-1].suggested)  # type: ignore[misc]
                (one,) = each.shown[-1].suggested
                assert (one.runbook, one.cause, one.evidence[:11]) == ("example", "check:llm.qwen", "llm.qwen is")
            up = CheckStateChanged(before="down", to="up")
            alice.engine.find([up.entry(alice.engine.clock.now(), "artisan", "llm.qwen")])
            for each in (alice, bob):
                await each.until(lambda each=each: not each.shown[-1].suggested)  # type: ignore[misc]
            seen = AlertSeen(labels={"alertname": "QwenDown"}, name="QwenDown", since=AT)
            over = AlertOver(labels={"alertname": "QwenDown"}, name="QwenDown")
            alice.engine.find([seen.entry(alice.engine.clock.now(), "artisan", "f1")])
            await bob.until(lambda: [each.cause for each in bob.shown[-1].suggested] == ["alert:QwenDown"])
            alice.engine.find([over.entry(alice.engine.clock.now(), "artisan", "f1")])
            await bob.until(lambda: not bob.shown[-1].suggested)
    with Store.open(house.place(), read_only=True) as store:
        said = store.journal.page(100, kind="runbook.suggested")
        assert len(said) == 2
        assert store.part(RunbookStore).recent() == ()
    assert house.done() == []


async def test_a_run_that_succeeded_suggests_what_goes_on_from_it_until_that_was_done(tmp_path: Path) -> None:
    after = book(effect_step("b"), name="after", keys='suggest_on = ["run:example"]')
    house = House(tmp_path, book(effect_step("a")) + after)
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)
        run = (await alice.give("runbook.start", runbook="example")).split()[0]
        await alice.until(lambda: alice.shown[-1].suggested)
        (one,) = alice.shown[-1].suggested
        assert (one.runbook, one.cause, one.evidence) == ("after", "run:example", f"example succeeded in {run}")
        await alice.give("runbook.start", runbook="after")
        await alice.until(lambda: not alice.shown[-1].suggested)


async def test_a_session_carries_a_child_run_out_with_its_parent_and_all_see_both(tmp_path: Path) -> None:
    call = '[[runbook.step]]\nid = "call"\ntitle = "C"\nkind = "runbook"\nrunbook = { id = "child" }\n'
    child = book(effect_step("b", keys='confirm = "ask"'), effect_step("c"), name="child")
    house = House(tmp_path, book(effect_step("a"), call, effect_step("z")) + child)
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)
        async with sitting(house, "bob") as bob:
            await bob.there(SessionRole.FOLLOWER)
            run = (await bob.give("runbook.start", runbook="example")).split()[0]
            below = f"{run}.2.1"
            for each in (alice, bob):
                await each.until(lambda each=each: each.state(below) == "waiting")  # type: ignore[misc]
                assert each.state(run) == "running"
            piece = await WatchedRun(run).run(alice.engine)
            assert piece.record.child is not None
            assert "echo b >>" in piece.record.child.act
            await alice.give("runbook.confirm", run=run, yes="yes")
            for each in (alice, bob):
                await each.until(lambda each=each: each.active(run) is None)  # type: ignore[misc]
            back = await alice.give("runbook.rollback", run=run)
            assert "rollback started" in back
            await bob.until(lambda: house.done()[-1] == "-a")
    assert house.done() == ["a", "b", "c", "z", "-z", "-c", "-b", "-a"]


async def test_rb_case_14_a_run_says_that_the_file_has_another_definition_by_now(tmp_path: Path) -> None:
    house = House(tmp_path, book(effect_step("a", keys='confirm = "ask"')))
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)
        run = (await alice.give("runbook.start", runbook="example")).split()[0]
        await alice.until(lambda: (found := alice.active(run)) and found.run.asked)
        found = alice.active(run)
        assert found is not None
        assert not found.drifted
        house.write(book(effect_step("z", keys='confirm = "ask"')))
        await alice.until(lambda: (found := alice.active(run)) and found.drifted)
        assert found.run.asked is not None
        assert found.run.asked.step == "a"
        await alice.give("runbook.confirm", run=run, yes="yes")
        await alice.until(lambda: alice.active(run) is None)
    assert house.done() == ["a"]
