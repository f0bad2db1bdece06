"""The panel of faults in the demo, and keys that do not apply."""

from __future__ import annotations

import pytest

from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.checks.screen import CheckScreen
from artisan_tui.tui.drills.faults import _FaultList
from support.acting import notices
from support.screens import drawn, settled, show, visible
from support.snapshots import DEMO, FAULTS, FakeHost, make_app, newer, scene, session_status, snapshot


async def test_the_panel_breaks_and_mends_through_the_command() -> None:
    host = FakeHost(DEMO)
    app = make_app(DEMO, host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(
            pilot, snapshot(scene(), faults=FAULTS, session_status=session_status(environment="drill", demo=True))
        )
        await pilot.press("b")
        await pilot.pause()
        panel = app.screen.query_one(_FaultList)
        assert [line.split()[0] for line in drawn(panel)[:3]] == ["ACTIVE", "off", "off"]
        await pilot.press("down", "enter", "down", "space")
        await settled(pilot)
        assert host.done == [("drill.toggle", {"fault": "db"}), ("drill.toggle", {"fault": "queue"})]
        # The list shows what is so, not what was asked.
        assert [line.split()[0] for line in drawn(panel)[:3]] == ["ACTIVE", "off", "off"]
        broken = tuple(type(f)(f.id, f.title, f.description, f.id != "llm") for f in FAULTS)
        await show(pilot, newer(before, faults=broken))
        assert [line.split()[0] for line in drawn(panel)[:3]] == ["off", "ACTIVE", "ACTIVE"]
        await pilot.press("m")
        await settled(pilot)
        assert host.done[-1] == ("drill.mend-all", {})
        await pilot.press("b")
        await pilot.pause()
        assert isinstance(app.screen, Board)


async def test_the_panel_opened_before_the_parts_are_known_shows_them_all_when_they_are() -> None:
    app = make_app(DEMO)
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene()))
        await pilot.press("b", "down", "enter")  # nothing to choose, nothing happens
        await show(pilot, newer(before, faults=FAULTS))
        await pilot.pause()
        text = "\n".join(visible(app))
        for fault in FAULTS:
            assert fault.title in text


async def test_the_board_goes_on_living_under_the_panel() -> None:
    app = make_app(DEMO)
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), faults=FAULTS))
        await pilot.press("b")
        await pilot.pause()
        assert "llm" in visible(app)[2]
        await show(pilot, newer(before, checks=before[CheckSlice].views[:3]))
        assert "llm" not in visible(app)[2]


async def test_there_is_no_panel_outside_the_demo() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), faults=FAULTS))
        await pilot.press("b")
        await app.action_artisan("view.demo")
        await app.action_artisan("no.such-thing")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        assert {message for _, message, _, _ in notices(app)} == {"no simulated stack is running"}


_NO_CHECK = "no check is selected"


@pytest.mark.parametrize(
    ("place", "key", "said"),
    [
        ("board", "m", _NO_CHECK),
        ("board", "M", _NO_CHECK),
        ("board", "c", _NO_CHECK),
        ("board", "a", "there is no incident; D: Declare an incident"),
        ("board", "y", "nothing is selected"),
        ("board", "enter", "nothing is selected"),
        ("slos", "m", f"{_NO_CHECK}; 1: Board"),
        ("slos", "M", f"{_NO_CHECK}; 1: Board"),
        ("slos", "c", f"{_NO_CHECK}; 1: Board"),
        ("slos", "x", "no SLO is selected"),
        ("slos", "enter", "no SLO is selected"),
        ("slos", "C", "Check everything now works on this screen only: Board"),
        ("slos", "slash", "Filter works on this screen only: Board"),
        ("board", "h", "One hour works on this screen only: Check"),
        ("board", "x", "Explain works on this screen only: SLOs"),
    ],
)
async def test_a_key_that_does_not_apply_says_so(place: str, key: str, said: str) -> None:
    host = FakeHost()
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot([]))
        if place == "slos":
            await pilot.press("2")
            await pilot.pause()
        before = app.screen
        await pilot.press(key)
        await pilot.pause()
        assert app.screen is before
        assert [message for _, message, _, _ in notices(app)] == [said]
    assert host.submitted == []


async def test_it_says_so_in_korean_too() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot([], session_status=session_status()._replace(language="ko")))
        await pilot.press("m")
        await pilot.pause()
        assert [message for _, message, _, _ in notices(app)] == ["선택한 체크가 없습니다"]


async def test_a_key_of_another_screen_that_means_something_here_does_that() -> None:
    app = make_app()
    app_keys = (("slos.explain", "h"),)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), session_status=session_status()._replace(keys=app_keys)))
        await pilot.press("down", "enter")
        await pilot.pause()
        assert isinstance(app.screen, CheckScreen)
        await pilot.press("h", "tab")
        await pilot.pause()
        assert notices(app) == []
