"""Who can be asked, in the room of an incident."""

from __future__ import annotations

from dataclasses import replace

from artisan_tui.engine.oncall.slice import LevelNow, OnCallSlice, PeopleSlice, PersonView
from artisan_tui.tui.incidents.beside import RoomSide
from artisan_tui.tui.incidents.people import people_rows
from support.incident_host import IncidentHost, worked_on
from support.screens import drawn, settled, show
from support.snapshots import make_app, scene, snapshot

DBA = PersonView("dba", "Mina", "Database Admin", (("slack", "U1"), ("phone", "+82 2 1")))
ALICE = PersonView("alice", "alice", "", (("email", "alice@example.com"),))


def said(on_call: OnCallSlice, *people: PersonView) -> list[str]:
    return ["".join(text for text, _role in row) for row in people_rows(on_call, PeopleSlice(people))]


def test_s2_26_whoever_has_a_level_is_first_and_everybody_else_follows_with_role_and_phone() -> None:
    on_call = OnCallSlice((LevelNow("L1", ("alice",)), LevelNow("L2")))
    assert said(on_call, DBA, ALICE) == [
        "L1 alice",
        "  email alice@example.com",
        "L2 NOBODY",
        "Mina  Database Admin",
        "  phone +82 2 1, slack U1",
    ]


def test_somebody_of_the_system_without_an_entry_and_somebody_without_a_contact() -> None:
    on_call = OnCallSlice((LevelNow("L1", ("root",)),))
    assert said(on_call, PersonView("x", "x")) == ["L1 root", "x", "  no contact"]
    assert said(on_call) == []


async def test_the_room_of_an_incident_has_them_below_its_runs() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(120, 40)) as pilot:
        before = snapshot(scene(), tuple(reversed(held.events[-200:])), incidents=held.slice())
        slices = {**before.slices, PeopleSlice: PeopleSlice((DBA,)), OnCallSlice: OnCallSlice((LevelNow("L1"),))}
        await show(pilot, replace(before, slices=slices))
        await app.open("incident", incident_id="INC-20261121-082710")
        await settled(pilot)
        side = drawn(app.screen.query_one(RoomSide))
    at = side.index(" Who can be asked")
    assert [line.strip() for line in side[at + 1 : at + 4]] == [
        "L1 NOBODY",
        "Mina  Database Admin",
        "phone +82 2 1, slack U1",
    ]
