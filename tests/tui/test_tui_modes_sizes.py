"""Windows that are too small, grow or change, and what each width keeps; and a window without focus."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from textual import events
from textual.geometry import Size
from textual.pilot import Pilot
from textual.widgets import Input

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.kit.bars import KeyBar
from artisan_tui.tui.kit.sized import TooSmall
from support.screens import details_read, drawn, resized, settled, show, visible
from support.snapshots import (
    DEMO,
    FAULTS,
    FakeHost,
    check,
    check_samples,
    happenings,
    make_app,
    newer,
    scene,
    session_status,
    snapshot,
)
from support.wire import Wire


async def test_a_window_that_is_too_small_says_so_and_keeps_everything_below() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        await pilot.press("down", "slash", *"a")
        await pilot.pause()
        for size in [(59, 24), (80, 14), (30, 4), (1, 1)]:
            await resized(pilot, *size)
            text = "\n".join(visible(app))
            assert "ARTISAN" not in text
            assert len(visible(app)) == size[1]
            assert isinstance(app.focused, Input)
        await resized(pilot, 40, 8)
        assert visible(app)[0].startswith("✖ llm.qwen DOWN")
        assert "make the window at least 60x15" in "\n".join(visible(app))
        await show(pilot, newer(before, checks=(check("a.b"),)))
        await pilot.pause()
        assert "DOWN" not in "\n".join(visible(app))
        await resized(pilot, 60, 15)
        assert "ARTISAN" in visible(app)[0]
        assert not any(over.display for over in app.screen.query(TooSmall))
        await pilot.press("b")
        assert app.query_one("#prompt", Input).value == "ab"


@pytest.mark.parametrize("keys", [["question_mark"], ["n"], ["colon"], ["enter"]])
async def test_a_dialog_over_a_window_that_becomes_too_small(keys: list[str]) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        await pilot.press(*keys)
        await settled(pilot)
        await pilot.pause()
        before = visible(app)
        await resized(pilot, 50, 10)
        assert visible(app)[0].startswith("✖ llm.qwen DOWN")
        assert "─" not in "".join(visible(app))
        await resized(pilot, 80, 24)
        await pilot.pause()
        assert visible(app) == before


async def test_a_board_that_was_covered_while_the_window_grew_is_as_wide() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        await pilot.press("enter")
        await settled(pilot)
        await resized(pilot, 200, 50)
        await pilot.press("escape")
        await details_read(pilot)
        covered = visible(app)
    fresh = make_app()
    async with fresh.run_test(size=(200, 50)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        await details_read(pilot)
        assert covered == visible(fresh)


async def test_notices_and_help_take_the_lines_they_need_at_every_width() -> None:
    app = make_app()
    async with app.run_test(size=(200, 40)) as pilot:
        problem = "artisan.toml:12: 'evry' is not a key of a check: did you mean 'every'? " + "Look. " * 10
        before = await show(pilot, snapshot(scene(), session_status=session_status(config_problems=(problem,))))
        assert visible(app)[2].startswith(" Services")
        await show(
            pilot,
            newer(before, session_status=session_status(config_problems=(problem,), store_problem="the disk is full")),
        )
        await pilot.pause()
        assert visible(app)[3].startswith(" Services")
        await show(pilot, newer(newer(before), session_status=session_status(config_problems=(problem,))))
        await pilot.pause()
        assert visible(app)[2].startswith(" Services")
        await resized(pilot, 80, 24)
        await pilot.pause()
        text = visible(app)
        assert text[4].startswith(" Services"), text[:6]
        assert "stays" in "".join(text[1:4])
        await pilot.press("question_mark")
        await settled(pilot)
        await resized(pilot, 200, 100)
        await pilot.pause()
        assert "✖ failed, ? unknown" in "\n".join(visible(app))  # all of it, without scrolling


async def test_two_hundred_sizes_end_in_the_picture_of_a_fresh_start() -> None:
    dice = random.Random(7)
    app = make_app(host=FakeHost(samples=check_samples("llm.qwen")))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        for number in range(200):
            size = Size(dice.randint(1, 300), dice.randint(1, 100))
            app.post_message(events.Resize(size, size))
            if number % 10 == 9:
                await pilot.pause()
            if number % 40 == 7:
                await pilot.press("question_mark" if dice.random() < 0.5 else "escape")
        while len(app.screen_stack) > 1:
            await pilot.press("escape")
        await resized(pilot, 97, 31)
        stormed = visible(app)
    fresh = make_app()
    async with fresh.run_test(size=(97, 31)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        assert stormed == visible(fresh)


async def blurred(pilot: Pilot[Any]) -> None:
    pilot.app.post_message(events.AppBlur())
    await pilot.pause()


async def test_without_the_windows_focus_nothing_is_sent_until_something_changes() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        await pilot.press("slash", "q")
        await pilot.pause()
        wire = await Wire(pilot).attach()
        await blurred(pilot)
        for _turn in range(10):  # a scrollbar that came with the filter's line takes a turn to be drawn
            await pilot.pause()
        wire.read()
        for _poll in range(3):
            before = await show(pilot, newer(before))
        assert wire.read() == ""
        await show(pilot, newer(before, checks=(*before[CheckSlice].views[:-1], check("llm.qwen-2", State.DOWN))))
        assert "qwen-2" in wire.read()
        app.post_message(events.AppFocus())
        await pilot.pause()
        assert isinstance(app.focused, Input)
        await pilot.press("w")
        assert app.focused.value == "qw"
        await pilot.pause()
        assert wire.shown() == wire.believed()


async def test_a_key_that_comes_without_focus_is_a_key() -> None:
    """Not every terminal says that the focus is back."""
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        await blurred(pilot)
        await pilot.press("down", "down", "down")
        await pilot.pause()
        selected = app.query_one(Services).selected
        assert selected is not None
        assert selected.id == "worker.alive"


async def test_a_key_bar_drops_whole_hints_at_every_width() -> None:
    app = make_app(DEMO)
    async with app.run_test(size=(60, 24)) as pilot:
        await show(pilot, snapshot(scene(), faults=FAULTS))
        for width in range(60, 130, 7):
            await resized(pilot, width, 24)
            bar = drawn(app.query_one(KeyBar))[0]
            hints = [hint for hint in re.split(r"  +", bar.strip()) if hint]
            whole = {f"{a.shown_key} {a.hint}" for a in app.hints_at("board")}
            assert set(hints) <= whole
