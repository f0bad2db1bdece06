"""What sessions do about runs by themselves: verify, remove, suggest, and tell incidents."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from artisan_tui.domain.checks.events import CheckCauseCorrected, CheckStateChanged
from artisan_tui.domain.journal_body import Body
from artisan_tui.domain.lease import SessionRole
from artisan_tui.domain.runbooks.events import RunbookVerified
from artisan_tui.domain.runbooks.verifications import Verifications
from artisan_tui.engine.checks.wing import ChecksWing
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.runbooks.keeping import remove, untouched
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.runbooks.shim.folder import take_lock
from artisan_tui.engine.runbooks.verifying import states_of
from artisan_tui.engine.runbooks.watching import Catalogue, RunsBefore
from artisan_tui.engine.runbooks.wing import RunsWing
from artisan_tui.store.incidents.part import IncidentStore
from artisan_tui.store.store import Store
from support.live_runs import House, book, effect_step
from support.session_runs import Sitting, sitting


async def test_the_leader_verifies_every_runbook_once_a_night_and_makes_up_for_a_missed_one(tmp_path: Path) -> None:
    broken = '[[runbook.step]]\nid = "a"\ntitle = "A"\nkind = "command"\nrun = ["no-such"]\nmutates = false\n'
    house = House(tmp_path, book(effect_step("a"), name="good") + book(broken, name="bad"))
    at = datetime.now(UTC)
    earlier = RunbookVerified(definition="d", outcome="ok", by="night").entry(at - timedelta(days=3), "artisan", "good")
    with Store.open(house.place()) as store:
        store.append([earlier], at=at)
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)
        async with sitting(house, "bob") as bob:
            await bob.there(SessionRole.FOLLOWER)

            def known(one: Sitting) -> dict[str, str]:
                found = states_of(one.engine.state(RunRules), one.engine.state(Verifications), datetime.now(UTC))
                return {name: each.state for name, each in found.items()}

            for each in (alice, bob):
                await each.until(lambda each=each: known(each) == {"good": "ok", "bad": "failed"})  # type: ignore[misc]
            found = await Catalogue().run(bob.engine)
            assert [each.verified_at is not None for each in found] == [True, False]
    with Store.open(house.place(), read_only=True) as store:
        kept = store.journal.page(20, kind="runbook.verified")
        assert [(each.subject, each.body["by"]) for each in reversed(kept)][1:] == [("good", "night"), ("bad", "night")]
    assert house.done() == []


class AheadClock(SystemClock):
    """The system's, ahead by what the test says."""

    ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


async def test_what_runs_printed_is_removed_a_month_after_their_end(tmp_path: Path) -> None:
    """Not that of a run which still waits, nor of one that the store does not know."""
    house = House(tmp_path, book(effect_step("a"), effect_step("b", keys='confirm = "ask"')))
    with house.seat() as seat:
        over, waiting = seat.start(), ""
        seat.go(over)
        seat.give("confirm", run=over, yes="yes")
        seat.go(over)
        waiting = seat.start()
        seat.go(waiting)
    folders = house.state / "runs"
    (folders / "RUN-20200101-000000" / "x.1.do").mkdir(parents=True)
    clock = AheadClock()
    clock.ahead = timedelta(days=29)
    async with sitting(house, "alice", clock) as alice:
        await alice.there(SessionRole.LEADER)
        keeping = alice.engine.wing(RunsWing).keeping
        await keeping.clear()
        assert (folders / over / "a.1.do").is_dir()
        clock.ahead = timedelta(days=31)
        await keeping.clear()
        assert sorted(each.name for each in folders.iterdir()) == sorted([waiting, "RUN-20200101-000000"])
        found = await RunsBefore("example").run(alice.engine)
        assert [each.id for each in found if each.state == "succeeded"] == [over]


def test_a_folder_in_which_something_lives_stays(tmp_path: Path) -> None:
    later = datetime.now(UTC) + timedelta(days=31)
    for name in ("RUN-1", ".gone.RUN-2"):
        (tmp_path / name / "a.1.do").mkdir(parents=True)
    held = take_lock(tmp_path / "RUN-1" / "a.1.do")
    assert held is not None
    try:
        remove(tmp_path, untouched(tmp_path, later), later)
    finally:
        os.close(held)
    assert [each.name for each in tmp_path.iterdir()] == ["RUN-1"]


async def test_a_symptom_suggests_nothing_and_its_cause_suggests_its_own(tmp_path: Path) -> None:
    gate, other = tmp_path / "port", tmp_path / "model"
    checks = "".join(
        f'[[service.check]]\nid = "{name}"\nkind = "command"\nrun = ["test", "-e", "{path}"]\n'
        f'every = "200ms"\ntimeout = "200ms"\nfall = 1\nrise = 1\n{more}'
        for name, path, more in (("port", gate, ""), ("qwen", other, 'needs = ["llm.port"]\n'))
    )
    service = f'[[service]]\nid = "llm"\nname = "L"\n{checks}'
    downshift = book(effect_step("a"), keys='suggest_on = ["check:llm.qwen"]', name="downshift")
    restart = book(effect_step("b"), keys='suggest_on = ["check:llm.port"]', name="restart_port")
    house = House(tmp_path, downshift + restart, more=service)
    gate.touch(), other.touch()
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)

        def suggested() -> set[str]:
            return {each.runbook for each in alice.shown[-1].suggested}

        gate.unlink(), other.unlink()
        await alice.until(lambda: suggested() == {"restart_port"})
        views = alice.engine.wing(ChecksWing).evaluator.views
        await alice.until(lambda: [each.root_cause for each in views() if each.id == "llm.qwen"] == ["llm.port"])
        gate.touch()
        await alice.until(lambda: suggested() == {"downshift"})
    with Store.open(house.place(), read_only=True) as store:
        said = store.journal.page(100, kind="runbook.suggested")
        assert [each.subject for each in said] == ["downshift", "restart_port"]


async def test_a_cause_that_the_journal_corrects_ends_and_begins_a_suggestion(tmp_path: Path) -> None:
    house = House(tmp_path, book(effect_step("a"), keys='suggest_on = ["check:llm.qwen"]'))
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)
        bodies: list[tuple[Body, bool]] = [
            (CheckStateChanged(before="up", to="down", detail="HTTP 503", count=3, root_cause="api.port"), False),
            (CheckCauseCorrected(before="api.port", detail="HTTP 503"), True),
            (CheckCauseCorrected(to="api.port"), False),
            (CheckStateChanged(before="up", to="down", count=3), True),
            (CheckStateChanged(before="down", to="maintenance"), False),
            (CheckStateChanged(before="up", to="down", count=3, past_cause="api.port"), False),
        ]
        for body, wanted in bodies:
            alice.engine.find([body.entry(alice.engine.clock.now(), "artisan", "llm.qwen")])
            await alice.until(lambda wanted=wanted: bool(alice.shown[-1].suggested) is wanted)  # type: ignore[misc]
    with Store.open(house.place(), read_only=True) as store:
        assert len(store.journal.page(100, kind="runbook.suggested")) == 2


async def test_a_run_for_an_incident_is_in_its_timeline_and_told_as_a_change(tmp_path: Path) -> None:
    os.environ["PD_KEY"] = "0123456789abcdef0123456789abcdef"
    channel = '[[notify]]\nid = "pd"\nkind = "pagerduty"\nrouting_key = "env:PD_KEY"\nurl = "http://127.0.0.1:9/"\n'
    house = House(tmp_path, book(effect_step("a"), effect_step("b", "exit 1")))
    house.config_path.write_text(house.config_path.read_text() + channel)
    async with sitting(house, "alice") as alice:
        await alice.there(SessionRole.LEADER)
        incident = (await alice.give("incident.declare", title="Qwen is down", severity="Sev3")).split()[0]
        run = (await alice.give("runbook.start", runbook="example", incident=incident)).split()[0]
        await alice.until(lambda: alice.state(run) == "failed")
        await alice.give("incident.acknowledge", incident=incident)
        await alice.give("incident.resolve", incident=incident, resolution="restarted")
        await alice.give("incident.root-cause", incident=incident, text="a full disk")
        reply = await alice.engine.execute("incident.close", {"incident": incident})
        assert f"run {run} is not over" in reply.text
        await alice.give("runbook.rollback", run=run)
        await alice.until(lambda: alice.active(run) is None)
        await alice.give("incident.close", incident=incident)
    with Store.open(house.place(), read_only=True) as store:
        incidents = store.part(IncidentStore)
        found = incidents.get(incident)
        assert found is not None
        assert found.runs == (run,)
        kinds = [event.kind for event in incidents.timeline(found)]
        assert {"run.started", "run.ended", "incident.run", "run.rollback-finished"} <= set(kinds)
        queued = [event.body for event in store.journal.page(100, kind="notify.queued")]
        assert [each["title"] for each in reversed(queued) if each["purpose"] == "change"] == [
            f"{run}: example started at staging",
            f"{run}: rollback of example started at staging",
        ]
    assert house.done() == ["a", "b", "-b", "-a"]
