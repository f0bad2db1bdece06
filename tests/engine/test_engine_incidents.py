"""Incidents in running sessions: one fires what is due, all show the same, and a page is queued with what it tells of."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.lease import SessionRole
from artisan_tui.domain.notify.notice import Notice
from artisan_tui.engine.access import Session
from artisan_tui.engine.bus import RoleTaken
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.core import Engine
from artisan_tui.engine.decision import Present
from artisan_tui.engine.incidents.arguments import coming
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.incidents.wing import IncidentsWing
from artisan_tui.engine.launch import Options
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.store.incidents.part import IncidentStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

TEXT = """
[artisan]
name = "Shop"
[[service]]
id = "here"
[[service.check]]
id = "memory"
kind = "memory"
every = "30s"
[escalation]
levels = { L1 = ["bob"], L2 = ["carol"], L3 = ["dave"], L4 = ["erin"] }
business_hours = { from = "00:00", to = "24:00" }
""" + "".join(f'[[person]]\nid = "{name}"\ncontacts = {{ phone = "1" }}\n' for name in ("bob", "carol", "dave", "erin"))


class TurnedClock(SystemClock):
    """The wall clock is ahead by what the test says; waiting takes its real time."""

    def __init__(self) -> None:
        self.ahead = timedelta()

    def now(self) -> datetime:
        return super().now() + self.ahead


def queued(notice: Notice, at: datetime, actor: str) -> tuple[Entry, ...]:
    """A channel that takes everything."""
    body = {"purpose": notice.purpose, "to": list(notice.to), "rung": notice.rung, "text": notice.text}
    return (Entry(at, actor, "notify.queued", notice.incident, body),)


class Running:
    def __init__(self, folder: Path, clock: TurnedClock, actor: str) -> None:
        (folder / "artisan.toml").write_text(TEXT)
        self.place = StorePlace(folder / "state")
        self.shown: list[IncidentSlice] = []
        self.came = asyncio.Event()
        options = Options(folder / "artisan.toml", self.place, Session(actor))
        self.engine = Engine(options, self._publish, clock)
        self.engine.bus.on(RoleTaken, lambda taken: self.came.set())

    def _publish(self, snapshot: Snapshot) -> None:
        self.shown.append(snapshot[IncidentSlice])
        self.came.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                self.came.clear()
                await self.came.wait()

    async def is_a(self, role: SessionRole) -> None:
        await self.until(lambda: self.engine.role is role and bool(self.shown) and self.engine.config is not None)
        self.engine.state(IncidentRules).route = queued

    async def give(self, command: str, **arguments: str) -> str:
        reply = await self.engine.execute(f"incident.{command}", arguments)
        assert reply.ok, reply.text
        return reply.text

    def events(self, kind: str) -> Sequence[Event]:
        with Store.open(self.place, read_only=True) as store:
            return tuple(reversed(store.journal.page(500, kind=kind)))


@asynccontextmanager
async def running(folder: Path, clock: TurnedClock, actor: str) -> AsyncIterator[Running]:
    one = Running(folder, clock, actor)
    task = asyncio.create_task(one.engine.run())
    try:
        yield one
    finally:
        one.engine.stop()
        await task


async def test_rb_case_19_of_three_sessions_one_pages_each_rung_once(tmp_path: Path) -> None:
    clock = TurnedClock()
    async with running(tmp_path, clock, "alice") as first:
        await first.is_a(SessionRole.LEADER)
        async with running(tmp_path, clock, "bob") as second, running(tmp_path, clock, "carol") as third:
            await second.is_a(SessionRole.FOLLOWER)
            await third.is_a(SessionRole.FOLLOWER)
            said = await second.give("declare", title="Qwen is down", severity="P1")
            wanted = said.split()[0]
            sessions = (first, second, third)
            for each in sessions:
                await each.until(lambda each=each: [one.id for one in each.shown[-1].open] == [wanted])  # type: ignore[misc]
            assert [event.body["rung"] for event in first.events("incident.rung")] == [1]
            clock.ahead = timedelta(minutes=30)
            await asyncio.gather(*(each.engine.wing(IncidentsWing).fire_due() for each in sessions * 3))
            for each in sessions:
                await each.until(lambda each=each: each.shown[-1].open[0].incident.rung == 2)  # type: ignore[misc]
            assert len({str(each.shown[-1].open[0]) for each in sessions}) == 1
            await third.give("acknowledge", incident=wanted)
            clock.ahead = timedelta(minutes=61)
            await asyncio.gather(*(each.engine.wing(IncidentsWing).fire_due() for each in sessions * 3))
    rungs = [(event.body["rung"], event.body["persons"]) for event in first.events("incident.rung")]
    assert rungs == [(1, ["bob"]), (2, ["carol"])]
    pages = [event.body for event in first.events("notify.queued") if event.body["purpose"] == "page"]
    assert [(page["rung"], page["to"]) for page in pages] == [(1, ["bob"]), (2, ["carol"])]
    assert "Nobody has acknowledged it for 30m" in str(pages[1]["text"])
    with Store.open(first.place, read_only=True) as store:
        assert store.verify().sound


async def test_a_page_is_written_in_the_transaction_that_declares(tmp_path: Path) -> None:
    async with running(tmp_path, TurnedClock(), "alice") as one:
        await one.is_a(SessionRole.LEADER)
        await one.give("declare", title="Qwen is down", severity="critical")
        (declared,) = one.events("incident.declared")
        queue = one.events("notify.queued")
        assert [(each.body["purpose"], each.body["to"]) for each in queue] == [
            ("inform", ["bob", "carol", "dave", "erin"]),
            ("page", ["bob"]),
        ]
        assert {each.recorded_at for each in queue} == {declared.recorded_at}
        reply = await one.engine.execute("incident.declare", {"title": "x", "severity": "Sev9"})
        assert not reply.ok
        assert "Sev1 to Sev4" in reply.text
        assert (await one.engine.execute("incident.note", {"incident": "INC-1", "text": "x"})).text == (
            "there is no incident INC-1"
        )


async def test_inc_case_16_a_stale_act_in_a_session_is_refused_with_what_happened(tmp_path: Path) -> None:
    async with running(tmp_path, TurnedClock(), "alice") as one:
        await one.is_a(SessionRole.LEADER)
        wanted = (await one.give("declare", title="Down", severity="3")).split()[0]
        await one.until(lambda: bool(one.shown[-1].open))
        seen = one.shown[-1].open[0].incident.version
        await one.give("resolve", incident=wanted, resolution="restarted")
        reply = await one.engine.execute("incident.acknowledge", {"incident": wanted, "seen": str(seen)})
        assert (reply.ok, reply.text.partition(": ")[2]) == (False, "acknowledged by alice; alice resolved it")
        await one.until(lambda: one.shown[-1].open[0].incident.status == "resolved")
        purposes = [each.body["purpose"] for each in one.events("notify.queued")]
        assert purposes == ["page", "acknowledged", "resolved"]


async def test_inc_case_18_escalating_asks_when_the_timer_was_quicker(tmp_path: Path) -> None:
    clock = TurnedClock()
    async with running(tmp_path, clock, "alice") as one:
        await one.is_a(SessionRole.LEADER)
        wanted = (await one.give("declare", title="Down", severity="2")).split()[0]
        await one.until(lambda: bool(one.shown[-1].open))
        seen = str(one.shown[-1].open[0].incident.version)
        clock.ahead = timedelta(minutes=31)
        await one.engine.wing(IncidentsWing).fire_due()
        reply = await one.engine.execute("incident.escalate", {"incident": wanted, "seen": seen})
        assert not reply.ok
        assert "rung 2 was paged" in reply.text
        assert [event.body["rung"] for event in one.events("incident.rung")] == [1, 2]


async def test_inc_case_20_a_lapsed_acknowledgement_tells_who_had_it_and_who_is_on_call(tmp_path: Path) -> None:
    clock = TurnedClock()
    async with running(tmp_path, clock, "alice") as one:
        await one.is_a(SessionRole.LEADER)
        wanted = (await one.give("declare", title="Down", severity="1")).split()[0]
        await one.give("acknowledge", incident=wanted)
        clock.ahead = timedelta(minutes=15, seconds=5)
        await one.engine.wing(IncidentsWing).fire_due()
        clock.ahead = timedelta(minutes=31)
        await one.engine.wing(IncidentsWing).fire_due()
        told = [(each.body["purpose"], each.body["to"]) for each in one.events("notify.queued")]
        assert told == [
            *(("inform", ["bob", "carol", "dave", "erin"]), ("page", ["bob"]), ("acknowledged", [])),
            *(("reminder", ["alice"]), ("reminder", ["alice"]), ("page", ["alice", "bob"])),
        ]


async def test_inc_case_25_a_new_alert_on_an_acknowledged_incident_is_paged_and_a_known_one_is_not(
    tmp_path: Path,
) -> None:
    async with running(tmp_path, TurnedClock(), "alice") as one:
        await one.is_a(SessionRole.LEADER)
        wanted = (await one.give("declare", title="Down", severity="2", alerts="f1", alert_names="QwenDown")).split()[0]
        await one.give("acknowledge", incident=wanted)
        await one.give("note", incident=wanted, text="seen before")
        before = len(one.events("notify.queued"))
        reply = await one.engine.execute("incident.attach", {"incident": wanted, "alerts": "f1"})
        assert not reply.ok
        assert len(one.events("notify.queued")) == before
        await one.give("attach", incident=wanted, alerts="f2", alert_names="ApiSlow")
        page = one.events("notify.queued")[-1].body
        assert (page["purpose"], page["to"]) == ("page", ["alice", "bob"])
        assert "ApiSlow" in str(page["text"])
        with Store.open(one.place, read_only=True) as store:
            incident = store.part(IncidentStore).get(wanted)
        assert incident is not None
        assert (incident.acknowledged_by, incident.fingerprints) == ("alice", ("f1", "f2"))


async def test_inc_case_23_and_rb_case_23_a_known_alert_reopens_or_is_followed(tmp_path: Path) -> None:
    clock = TurnedClock()
    async with running(tmp_path, clock, "alice") as one:
        await one.is_a(SessionRole.LEADER)

        async def declare() -> str:
            reply = await one.engine.execute("incident.declare", {"title": "Down", "severity": "2", "alerts": "f1"})
            return reply.text

        wanted = (await declare()).split()[0]
        await one.give("note", incident=wanted, text="hot")
        assert await declare() == f"the alert f1 is attached to {wanted} already"
        await one.give("resolve", incident=wanted, resolution="restarted")
        clock.ahead = timedelta(minutes=29)
        assert await declare() == f"{wanted} reopened"
        await one.give("resolve", incident=wanted, resolution="again")
        clock.ahead = timedelta(minutes=61)
        new = (await declare()).split()[0]
        with Store.open(one.place, read_only=True) as store:
            incidents = store.part(IncidentStore)
            first, second = incidents.get(wanted), incidents.get(new)
        assert first is not None
        assert second is not None
        assert (second.previous, first.reopened) == (wanted, 1)


async def test_rb_case_23_an_alert_that_fires_again_reopens_by_itself_and_never_touches_open_work(
    tmp_path: Path,
) -> None:
    clock = TurnedClock()
    async with running(tmp_path, clock, "alice") as one:
        await one.is_a(SessionRole.LEADER)
        wing = one.engine.wing(IncidentsWing)
        wanted = (await one.give("declare", title="Down", severity="2", alerts="f1")).split()[0]
        await one.give("acknowledge", incident=wanted)
        assert await wing.alert_fired("f1", "QwenDown") == ()
        assert await wing.alert_fired("unknown", "x") == ()
        await one.give("resolve", incident=wanted, resolution="restarted")
        clock.ahead = timedelta(minutes=29)
        written = [event.kind for event in await wing.alert_fired("f1", "QwenDown")]
        assert written == ["incident.reopened", "incident.rung", "notify.queued"]
        assert await wing.alert_fired("f1", "QwenDown") == ()
        await one.give("resolve", incident=wanted, resolution="restarted again")
        clock.ahead = timedelta(minutes=60)
        assert await wing.alert_fired("f1", "QwenDown") == ()


@pytest.mark.parametrize("night", ["2026-03-28T21:30", "2026-10-24T20:30", "2026-11-23T21:30"])
def test_inc_case_21_a_time_of_day_tomorrow_is_the_same_after_a_change_of_the_clocks(night: str) -> None:
    rules = IncidentRules()
    rules.zone = ZoneInfo("Europe/Berlin")
    present = Present(datetime.fromisoformat(night).replace(tzinfo=UTC), "alice", {}, {IncidentRules: rules})
    found = coming("06:00", present)
    assert found is not None
    assert f"{found.astimezone(rules.zone):%H:%M}" == "06:00"
    assert found > present.now
