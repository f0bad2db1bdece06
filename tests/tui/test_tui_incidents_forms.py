"""Forms and filters on the list of incidents."""

from __future__ import annotations

from datetime import timedelta

import pytest

from artisan_tui.domain.incidents import acts, closing
from artisan_tui.tui.incidents.overdue import OverdueList
from artisan_tui.tui.kit.bars import Title
from artisan_tui.tui.kit.form import Form
from support.incident_host import IncidentHost, worked_on
from support.incident_list import SEV1, SEV2, app_with, listed, opened
from support.screens import drawn, settled, show, until, visible
from support.snapshots import NOW, READ_ONLY, check, make_app, newer, scene, snapshot


async def test_a_form_keeps_to_the_incident_and_the_version_that_it_was_opened_on() -> None:
    held = worked_on()
    app, host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held, "down", "v")
        version = held.incidents[SEV2].version
        assert isinstance(app.screen, Form)
        assert SEV2 in "\n".join(visible(app))
        held.at(1).declare(1, "INC-20261121-094310", title="Another")
        held.write(acts.note(held.incidents[SEV2], held.by("bob"), "meanwhile"))
        await show(pilot, newer(app.snapshot, incidents=held.slice()))  # type: ignore[arg-type]
        await pilot.press(*"sev1", "enter", *"worse", "enter")
        await settled(pilot)
    given = {"incident": SEV2, "seen": str(version), "severity": "sev1", "reason": "worse"}
    assert host.done == [("incident.severity", given)]


async def test_a_form_asks_only_for_what_a_person_knows_at_night() -> None:
    held = worked_on()
    app, host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held, "D")
        text = "\n".join(visible(app))
        await pilot.press(*"Qwen", "enter", "2", "enter", *"slow", "enter", *"llm", "enter")
        await settled(pilot)
    assert all(word in text for word in ("Title", "Severity, Sev1 to Sev4", "Impact", "Services"))
    assert not any(word in text for word in ("Fingerprint", "Names of alerts", "Drill", "Source"))
    given = {"title": "Qwen", "severity": "2", "description": "slow", "services": "llm"}
    assert host.done == [("incident.declare", given)]


@pytest.mark.parametrize("key", ["x", "X", "K", "I", "e"])
async def test_what_cannot_be_taken_back_asks_first(key: str) -> None:
    held = worked_on()
    app, host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held, key)
        assert isinstance(app.screen, Form)
        assert SEV1 in "\n".join(visible(app))
        assert host.submitted == []
        await pilot.press("escape")
        await settled(pilot)
    assert host.submitted == []


async def test_the_form_of_closing_says_what_is_still_missing() -> None:
    held = worked_on()
    app, _host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held, "down", "X")
        text = "\n".join(visible(app))
    assert "still missing: it is not resolved; the root cause is missing" in text


async def test_a_note_beside_an_incident_goes_into_its_timeline() -> None:
    held = worked_on()
    app, host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held, "n", *"seen", "enter")
        assert host.done == [("incident.note", {"incident": SEV1, "text": "seen", "seen": "1"})] or host.done == [
            ("incident.note", {"incident": SEV1, "text": "seen"})
        ]
        await pilot.press("1", "n", *"journal", "enter")
        await settled(pilot)
    assert host.done[-1] == ("journal.note", {"text": "journal"})


async def test_a_read_only_session_is_told_why_it_may_not() -> None:
    held = worked_on()
    host = IncidentHost(READ_ONLY, held=held)
    app = make_app(READ_ONLY, host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held, "a")
        text = "\n".join(str(each.message) for each in app._notifications)
    assert "read-only" in text
    assert host.done == []


async def test_the_filter_narrows_the_list_and_is_cleared_by_esc() -> None:
    held = worked_on()
    app, _host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held, "slash", *"qwen", "enter")
        assert [line for line in listed(app) if "Sev" in line] == [listed(app)[0]]
        assert "Qwen" in listed(app)[0]
        await pilot.press("escape")
        await settled(pilot)
        assert len([line for line in listed(app) if "Sev" in line]) == 4


async def test_what_is_overdue_is_listed_also_of_incidents_that_are_over_for_long() -> None:
    held = worked_on()
    held.at(-50).write(
        closing.put_item(held.incidents[SEV2], held.by(), text="canary", owner="kim", due=NOW - timedelta(days=3))
    )
    app, _host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([check("a.b")]))  # the snapshot holds no incident at all: the store does
        await pilot.press("3")
        await settled(pilot)
        await until(pilot, lambda: bool(drawn(app.screen.query_one(OverdueList))))
        lines = drawn(app.screen.query_one(OverdueList))
        await pilot.press("tab", "enter")
        await settled(pilot)
        place = app.place
    assert len(lines) == 1
    assert all(word in lines[0] for word in ("18 Nov", "kim", "A1 canary", SEV2))
    assert place == "incident"


async def test_the_palette_finds_an_incident_by_its_title() -> None:
    held = worked_on()
    app, _host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), incidents=held.slice()))
        await pilot.press("colon", *"api answers", "enter")
        await settled(pilot)
        assert app.place == "incident"


@pytest.mark.parametrize(
    ("unmanned", "said"), [((), ""), (("L1", "L2"), "nobody is on call"), (("L2",), "nobody on call: L2")]
)
async def test_the_screen_says_beforehand_whom_a_page_would_not_reach(unmanned: tuple[str, ...], said: str) -> None:
    held = worked_on()
    app, _host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held)
        slice_ = held.slice()._replace(unmanned=unmanned, ladder=("L1", "L2"))
        await show(pilot, snapshot(scene(), incidents=slice_))
        await settled(pilot)
        title = drawn(app.screen.query_one("#incidents-title", Title))[0]
    assert (said in title, "nobody" in title) == (True, bool(said))
