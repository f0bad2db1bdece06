"""Overrides, swaps and "take it now" in running sessions, and whom an incident pages for them."""

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
from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.engine.access import Session
from artisan_tui.engine.bus import RoleTaken
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import COMMANDS, decide
from artisan_tui.engine.core import Engine
from artisan_tui.engine.decision import Present
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.incidents.wing import IncidentsWing
from artisan_tui.engine.launch import Options
from artisan_tui.engine.oncall.at_moment import schedule_at
from artisan_tui.engine.oncall.slice import OnCallSlice
from artisan_tui.engine.settings import read
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

SEOUL = ZoneInfo("Asia/Seoul")
TEXT = """
[artisan]
name = "Shop"
timezone = "Asia/Seoul"
[[service]]
id = "here"
[[service.check]]
id = "memory"
kind = "memory"
every = "30s"
[[rotation]]
id = "primary"
people = ["alice", "bob", "carol"]
handoff = "fri 17:00"
from = 2026-11-20
[escalation]
levels = { L2 = ["dave"] }
[access]
responder = ["*"]
commander = ["alice"]
[[person]]
id = "silent"
""" + "".join(
    f'[[person]]\nid = "{name}"\ncontacts = {{ phone = "1" }}\n' for name in ("alice", "bob", "carol", "dave")
)


class SetClock(SystemClock):
    """The wall clock stands where the test sets it, and goes on from there; waiting takes its real time."""

    def __init__(self, at: str) -> None:
        self.ahead = timedelta()
        self.set(at)

    def set(self, at: str) -> None:
        self.ahead = datetime.fromisoformat(at).replace(tzinfo=SEOUL) - datetime.now(UTC)

    def now(self) -> datetime:
        return super().now() + self.ahead


def queued(notice: Notice, at: datetime, actor: str) -> tuple[Entry, ...]:
    """A channel that takes everything."""
    body = {"purpose": notice.purpose, "to": list(notice.to), "text": notice.text}
    return (Entry(at, actor, "notify.queued", notice.incident, body),)


class Running:
    def __init__(self, folder: Path, clock: SetClock, actor: str) -> None:
        self.path, self.place = folder / "artisan.toml", StorePlace(folder / "state")
        self.path.write_text(TEXT)
        self.shown: Snapshot | None = None
        self.came = asyncio.Event()
        self.engine = Engine(Options(self.path, self.place, Session(actor)), self._publish, clock)
        self.engine.bus.on(RoleTaken, lambda taken: self.came.set())

    def _publish(self, snapshot: Snapshot) -> None:
        self.shown = snapshot
        self.came.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not condition():
                self.came.clear()
                await self.came.wait()

    async def is_a(self, role: SessionRole) -> None:
        await self.until(
            lambda: self.engine.role is role and self.engine.config is not None and bool(self.current.levels)
        )
        self.engine.state(IncidentRules).route = queued

    @property
    def current(self) -> OnCallSlice:
        return OnCallSlice() if self.shown is None else self.shown[OnCallSlice]

    @property
    def incidents(self) -> IncidentSlice:
        assert self.shown is not None
        return self.shown[IncidentSlice]

    async def give(self, command: str, **arguments: str) -> str:
        reply = await self.engine.execute(command, {name.rstrip("_"): value for name, value in arguments.items()})
        assert reply.ok, reply.text
        return reply.text

    async def refused(self, command: str, **arguments: str) -> str:
        reply = await self.engine.execute(command, {name.rstrip("_"): value for name, value in arguments.items()})
        assert not reply.ok, reply.text
        return reply.text

    def events(self, kind: str) -> Sequence[Event]:
        with Store.open(self.place, read_only=True) as store:
            return tuple(reversed(store.journal.page(500, kind=kind)))


@asynccontextmanager
async def running(folder: Path, clock: SetClock, actor: str, role: SessionRole) -> AsyncIterator[Running]:
    one = Running(folder, clock, actor)
    task = asyncio.create_task(one.engine.run())
    try:
        await one.is_a(role)
        yield one
    finally:
        one.engine.stop()
        await task


LEADER, FOLLOWER = SessionRole.LEADER, SessionRole.FOLLOWER


def pages(one: Running) -> list[object]:
    return [each.body["to"] for each in one.events("notify.queued") if each.body["purpose"] == "page"]


async def test_oncall_case_21_an_unacknowledged_page_reaches_who_comes_on_call_and_moves_no_deadline(
    tmp_path: Path,
) -> None:
    clock = SetClock("2026-11-20T16:50:00")
    async with running(tmp_path, clock, "alice", LEADER) as one:
        await one.give("incident.declare", title="Qwen is down", severity="Sev2")
        await one.until(lambda: bool(one.incidents.open))
        assert pages(one) == [["carol"]]
        clock.set("2026-11-20T16:59:40")
        assert await one.engine.wing(IncidentsWing).page_incoming() == ()
        clock.set("2026-11-20T17:00:00")
        for _ in range(3):
            await one.engine.wing(IncidentsWing).page_incoming()
        (incoming,) = one.events("incident.incoming-paged")
        assert (incoming.body["level"], incoming.body["persons"]) == ("L1", ["alice"])
        assert pages(one) == [["carol"], ["alice"]]
        due = one.incidents.open[0].acknowledge_due
        assert due is not None
        assert f"{due.astimezone(SEOUL):%H:%M}" == "17:20"
        clock.set("2026-11-20T17:20:40")
        await one.engine.wing(IncidentsWing).fire_due()
        assert pages(one) == [["carol"], ["alice"], ["dave"]]


async def test_an_acknowledged_incident_pages_nobody_at_the_hand_over(tmp_path: Path) -> None:
    clock = SetClock("2026-11-20T16:50:00")
    async with running(tmp_path, clock, "alice", LEADER) as one:
        said = await one.give("incident.declare", title="Qwen is down", severity="Sev2")
        await one.give("incident.acknowledge", incident=said.split()[0])
        clock.set("2026-11-20T17:00:05")
        await one.engine.wing(IncidentsWing).page_incoming()
        assert one.events("incident.incoming-paged") == ()


async def test_a_rung_takes_people_from_the_overrides_that_hold_when_it_fires(tmp_path: Path) -> None:
    clock = SetClock("2026-11-21T12:00:00")
    async with running(tmp_path, clock, "alice", LEADER) as one:
        await one.give("oncall.override", person="carol", from_="sat 22:00", to="sun 06:00", reason="wedding")
        await one.until(lambda: bool(one.engine.state(OnCallChanges).overrides))
        clock.set("2026-11-21T23:00:00")
        await one.give("incident.declare", title="Qwen is down", severity="Sev2")
        assert pages(one) == [["carol"]]
        told = [each.body for each in one.events("notify.queued") if each.body["purpose"] == "inform"]
        assert [each["to"] for each in told] == [["carol", "alice"]]


async def test_oncall_case_13_a_swap_is_accepted_by_the_other_login_only(tmp_path: Path) -> None:
    clock = SetClock("2026-11-18T12:00:00")
    async with (
        running(tmp_path, clock, "alice", LEADER) as alice,
        running(tmp_path, clock, "bob", FOLLOWER) as bob,
    ):
        said = await alice.give("oncall.swap", shift="2026-11-20", with_="bob", for_="2026-11-27")
        assert "until they accept" in said
        await bob.until(lambda: bool(bob.current.pending))
        wanted = bob.current.pending[0].id
        assert alice.engine.state(OnCallChanges).schedule.swaps == ()
        assert "waits for bob" in await alice.refused("oncall.accept", swap=wanted)
        assert "already asks bob" in await alice.refused("oncall.swap", shift="2026-11-20", with_="bob")
        assert "you take" in await bob.give("oncall.accept", swap=wanted)
        await alice.until(lambda: not alice.current.pending)
        plan = alice.engine.state(OnCallChanges).schedule
        at = datetime(2026, 11, 27, 16, 59, 59, tzinfo=SEOUL)
        assert (plan.on_call("L1", at), plan.on_call("L1", at + timedelta(seconds=1))) == (("bob",), ("alice",))
        before = datetime(2026, 11, 18, 2, tzinfo=UTC)
        with Store.open(alice.place, read_only=True) as store:
            assert schedule_at(store, read(alice.path), before).swaps == ()
            assert len(schedule_at(store, read(alice.path), clock.now()).swaps) == 1
            assert store.verify().sound
        assert "undone" in await alice.give("oncall.undo", change=wanted)
        await bob.until(lambda: bob.engine.state(OnCallChanges).schedule.swaps == ())
        assert "can be undone" in await bob.refused("oncall.undo", change=wanted)
        told = [(each.body["to"]) for each in alice.events("notify.queued")]
        assert told[0] == ["bob"]


async def test_take_it_now_holds_until_the_shift_ends_and_both_are_told(tmp_path: Path) -> None:
    clock = SetClock("2026-11-21T12:00:00")
    async with (
        running(tmp_path, clock, "alice", LEADER) as alice,
        running(tmp_path, clock, "bob", FOLLOWER) as bob,
    ):
        await alice.give("incident.declare", title="Qwen is down", severity="Sev2")
        await alice.until(lambda: bool(alice.incidents.open))
        assert "instead of alice" in await bob.give("oncall.take")
        await alice.until(lambda: alice.current.levels[0].people == ("bob",))
        level = alice.current.levels[0]
        # The next turn is bob's own, so nobody else has it before the one after that.
        assert (level.why, level.following) == ("override", ("carol",))
        assert level.until == datetime(2026, 12, 4, 8, tzinfo=UTC)
        (taken,) = alice.events("oncall.taken")
        assert (taken.body["person"], taken.body["people"]) == ("bob", ["alice"])
        assert taken.body["end"] == "2026-11-27T08:00:00.000000Z"
        (told,) = [each.body["to"] for each in alice.events("notify.queued") if each.body["purpose"] == "inform"]
        assert told == ["bob", "alice"]
        await alice.engine.wing(IncidentsWing).page_incoming()
        assert pages(alice) == [["alice"], ["bob"]]
        assert "already" in await bob.refused("oncall.take")
        assert "alice on call for L1" in await bob.give("oncall.undo", change=taken.subject)
        await alice.until(lambda: alice.current.levels[0].people == ("alice",))


async def test_whoever_takes_the_pager_second_is_decided_upon_the_first_and_tells_them(tmp_path: Path) -> None:
    """Neither session has read what the other wrote: the journal decides."""
    clock = SetClock("2026-11-21T12:00:00")
    (tmp_path / "artisan.toml").write_text(TEXT)
    states, rules = OnCallChanges(), IncidentRules()
    config = read(tmp_path / "artisan.toml")
    states.configure(config.schedule())
    rules.configure(config)

    def present(actor: str, *swaps: str) -> Present:
        known = {"person": ("alice", "bob", "carol", "dave"), "swap": swaps}
        return Present(clock.now(), actor, known, {OnCallChanges: states, IncidentRules: rules})

    with Store.open(StorePlace(tmp_path / "state")) as store:
        decided = [decide(COMMANDS["oncall.take"], present(each), {}) for each in ("bob", "carol")]
        said = [each.change(store).said for each in decided if each.change is not None]
        assert "instead of alice" in said[0]
        assert "instead of bob" in said[1]
        last = store.journal.page(1, kind="oncall.taken")[0]
        assert (last.body["person"], last.body["people"]) == ("carol", ["bob"])
        # A swap that is answered twice: the second is told.
        asked = decide(COMMANDS["oncall.swap"], present("alice"), {"shift": "2026-12-11", "with": "bob"})
        assert asked.change is not None
        swap = asked.change(store).subject
        for answer, refusal in (("oncall.decline", ""), ("oncall.accept", "answered already")):
            decision = decide(COMMANDS[answer], present("bob", swap), {"swap": swap})
            assert decision.change is not None
            if refusal:
                with pytest.raises(CommandRefused, match=refusal):
                    decision.change(store)
            else:
                decision.change(store)


async def test_oncall_case_12_what_is_no_override_is_refused_and_writes_nothing(tmp_path: Path) -> None:
    clock = SetClock("2026-11-21T12:00:00")
    async with running(tmp_path, clock, "alice", LEADER) as one:
        hour = {"from_": "2026-11-22T12:00", "to": "2026-11-22T11:00"}
        assert "before it begins" in await one.refused("oncall.override", person="bob", **hour)
        empty = {"from_": "2026-11-22T12:00", "to": "2026-11-22T12:00"}
        assert "at once" in await one.refused("oncall.override", person="bob", **empty)
        assert "no [[person]] eve" in await one.refused("oncall.override", person="eve", to="2h")
        assert "no contact" in await one.refused("oncall.override", person="silent", to="2h")
        assert "60 days" in await one.refused("oncall.override", person="bob", to="90d")
        assert "no level L9" in await one.refused("oncall.override", person="bob", to="2h", level="L9")
        assert "no time" in await one.refused("oncall.override", person="bob", to="soon")
        over = {"from_": "2026-11-20T12:00", "to": "2026-11-20T14:00"}
        assert "over already" in await one.refused("oncall.override", person="bob", **over)
        assert "no shift then" in await one.refused("oncall.swap", shift="2026-11-27", with_="bob")
        assert "has begun" in await one.refused("oncall.swap", shift="2026-11-21", with_="bob")
        assert "yourself" in await one.refused("oncall.swap", shift="2026-12-11", with_="alice")
        assert [event.kind for event in one.events("oncall.overridden")] == []
        await one.give("oncall.override", person="bob", to="2h")
        await one.until(lambda: bool(one.engine.state(OnCallChanges).overrides))
        assert "hides" in await one.give("oncall.override", person="carol", to="1h")


async def test_who_may_not_command_may_not_override(tmp_path: Path) -> None:
    async with running(tmp_path, SetClock("2026-11-21T12:00:00"), "bob", LEADER) as one:
        assert "commander" in await one.refused("oncall.override", person="bob", to="2h")


async def test_oncall_case_17_the_slice_says_the_hours_that_nobody_has(tmp_path: Path) -> None:
    one = Running(tmp_path, SetClock("2026-11-21T12:00:00"), "alice")
    text, _, _ = TEXT.partition("[[rotation]]")
    one.path.write_text(text)
    task = asyncio.create_task(one.engine.run())
    try:
        await one.until(lambda: bool(one.current.levels))
        assert (one.current.levels[0].people, one.current.open_hours, one.current.declared) == ((), 168.0, False)
    finally:
        one.engine.stop()
        await task
