"""Incidents on the board and in the header: a few lines while there are any, none and no byte otherwise."""

from __future__ import annotations

import pytest

from artisan_tui.domain.incidents import acts
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.incidents.pane import IncidentsPane
from artisan_tui.tui.kit.header import Header, header_runs
from support.incident_host import IncidentHost, Incidents, worked_on
from support.screens import drawn, settled, show, until, visible
from support.snapshots import NOW, check, happenings, make_app, newer, scene, snapshot
from support.wire import Wire

SEV1, SEV2, SEV4 = "INC-20261121-093910", "INC-20261121-082710", "INC-20261121-091210"


def pane_lines(app: ArtisanApp) -> list[str]:
    """What is between the header and the services."""
    lines = visible(app)
    end = next(at for at, line in enumerate(lines) if line.startswith(" Services"))
    return lines[1:end]


@pytest.mark.parametrize(("size", "most"), [((80, 24), 3), ((120, 40), 5), ((200, 50), 6)])
async def test_open_incidents_stand_above_the_services_and_take_few_lines(size: tuple[int, int], most: int) -> None:
    held = worked_on()
    for n in range(6):
        held.at(-1).declare(3, f"INC-20261121-0800{n:02}", title=f"mild {n}")
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=size) as pilot:
        await show(pilot, snapshot(scene(), happenings(), incidents=held.slice()))
        await settled(pilot)
        lines = pane_lines(app)
        services = drawn(app.query_one(Services))
    assert "Incidents" in lines[0]
    assert "8 not acknowledged" in lines[0]
    assert "API answers 503" in lines[1]
    assert len(lines) == most
    assert "llm.qwen" in services[1]


async def test_without_an_open_incident_there_is_no_pane() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        picture = await show(pilot, snapshot(scene(), happenings()))
        assert pane_lines(app) == []
        assert not app.query(IncidentsPane)
        await show(pilot, newer(picture, incidents=held.slice()))
        await settled(pilot)
        assert len(pane_lines(app)) == 3
        await pilot.press("shift+tab")
        await show(pilot, newer(picture, incidents=IncidentSlice()))
        await settled(pilot)
        assert pane_lines(app) == []


async def test_a_resolved_incident_leaves_the_board() -> None:
    held = worked_on()
    for incident in list(held.incidents.values()):
        if incident.active:
            held.write(acts.resolve(incident, held.by("alice"), "restarted"))
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([check("a.b")], incidents=held.slice()))
        await settled(pilot)
        header = drawn(app.query_one(Header))[0]
        assert pane_lines(app) == []
    assert "inc" not in header
    assert "all up" in header


async def test_inc_case_15_the_board_s_key_acknowledges_the_marked_incident_at_once() -> None:
    held = worked_on()
    host = IncidentHost(held=held)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), happenings(), incidents=held.slice()))
        await settled(pilot)
        held.at(1).declare(1, "INC-20261121-080000", title="new and older", declared_at=NOW)
        await show(pilot, newer(app.snapshot, incidents=held.slice()))  # type: ignore[arg-type]
        assert "a ack" in visible(app)[-1]
        await pilot.press("a")
        await settled(pilot)
    assert [arguments["incident"] for _command, arguments in host.done] == [SEV1]


async def test_the_pane_takes_the_focus_and_enter_opens_the_room() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), happenings(), incidents=held.slice()))
        await settled(pilot)
        app.query_one(IncidentsPane).list.focus()
        await pilot.press("down", "enter")
        await settled(pilot)
        assert app.place == "incident"
        assert "Qwen LLM failure" in "\n".join(visible(app))
        await pilot.press("escape")
        await settled(pilot)
        assert app.place == "board"


async def test_a_snapshot_that_changes_no_incident_sends_nothing() -> None:
    held = worked_on()
    app = make_app(host=IncidentHost(held=held))
    async with app.run_test(size=(80, 24)) as pilot:
        picture = await show(pilot, snapshot(scene(), happenings(), incidents=held.slice()))
        await until(pilot, lambda: app.query_one(IncidentsPane).list.show_vertical_scrollbar)
        await settled(pilot)
        wire = await Wire(pilot).attach()
        await show(pilot, newer(picture, incidents=held.slice()))
        await settled(pilot)
        wire.read()  # the scrollbar's first cells may come late
        for _ in range(5):
            await show(pilot, newer(picture, incidents=held.slice()))
            await settled(pilot)
            assert wire.read() == ""
        # An acknowledgement changes a line, the title, the header and the key bar at most.
        held.write(acts.acknowledge(held.incidents[SEV1], held.by("bob")))
        await show(pilot, newer(picture, incidents=held.slice()))
        await settled(pilot)
        assert 0 < len(wire.read()) < 2000
        assert wire.shown() == wire.believed()


async def test_no_key_of_incidents_is_named_on_a_board_that_has_none() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        assert "a ack" not in visible(app)[-1]


def said(width: int, incidents: IncidentSlice, **more: object) -> str:
    picture = snapshot(scene(), incidents=incidents, **more)
    return "".join(text for text, _role in header_runs(picture, NOW, NOW.tzinfo, width))  # type: ignore[arg-type]


def test_the_header_counts_incidents_and_the_outage_is_the_last_to_go() -> None:
    held = worked_on()
    assert "inc 3, 2 not acked" in said(120, held.slice())
    seen_short = seen_none = False
    for width in range(200, 8, -1):
        text = said(width, held.slice(unattended=True))
        seen_short |= "inc 3" in text and "not acked" not in text
        seen_none |= "inc" not in text
        assert "1 down" in text
    assert seen_short
    assert seen_none


def test_the_header_says_when_nobody_would_fire_timers() -> None:
    held = worked_on()
    assert "NOBODY FIRES TIMERS" in said(160, held.slice(unattended=True))
    assert "TIMERS" in said(80, held.slice(unattended=True))
    assert "TIMERS" not in said(160, held.slice())


def test_an_active_incident_is_never_beside_all_up() -> None:
    held = Incidents()
    held.declare(2, SEV2)
    picture = snapshot([check("a.b")], incidents=held.slice())
    text = "".join(each for each, _role in header_runs(picture, NOW, NOW.tzinfo, 120))  # type: ignore[arg-type]
    assert "all up" not in text
    assert "inc 1" in text
