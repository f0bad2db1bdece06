"""The board's error budgets: silent while nothing changes, and walked through with keys."""

from __future__ import annotations

from dataclasses import replace

import pytest

from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.kit.bars import Title
from artisan_tui.tui.slo.budget_panel import BudgetList
from artisan_tui.tui.slo.screen import SloScreen
from artisan_tui.tui.terminal import Terminal
from support.budgets import example_slos, gate_of, later, on_board, rows, slo_slice, slo_status
from support.screens import details_read, drawn, settled, show, visible
from support.snapshots import FakeClock, make_app, newer
from support.wire import Wire


def anew(slo_statuses: tuple[SloStatus, ...]) -> tuple[SloStatus, ...]:
    return tuple(replace(each, evaluation=replace(each.evaluation)) for each in slo_statuses)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_same_in_new_objects_sends_nothing(size: tuple[int, int]) -> None:
    clock = FakeClock()
    app = make_app(clock=clock)
    async with app.run_test(size=size) as pilot:
        before = await on_board(pilot)
        await details_read(pilot)
        wire = await Wire(pilot).attach()
        for _ in range(5):
            clock.tick(2)
            same = slo_slice(anew(example_slos()))
            before = await show(pilot, later(before, at=clock.now(), budgets=same))
        assert wire.read() == ""


async def test_one_budget_that_moved_is_all_that_is_sent() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await on_board(pilot)
        wire = await Wire(pilot).attach()
        moved = slo_status("llm-fast", "95%", "7d", rows(7, 40, 0.0431), name="LLM fast latency", kind="latency")
        others = example_slos()
        await show(pilot, later(before, budgets=slo_slice([others[0], moved, *others[2:]])))
        written = wire.read()
        assert 0 < len(written) < 250
        assert "latency" not in written  # the name did not change
        assert wire.shown() == wire.believed()


async def test_a_poll_of_the_checks_leaves_the_budgets_alone() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await on_board(pilot)
        panel = app.query_one(BudgetList)
        shown: list[object] = []
        panel.show_budgets = lambda *a, **b: shown.append(a)  # type: ignore[method-assign]
        await show(pilot, newer(before))
        assert shown == []


async def test_the_panel_can_be_walked_through_and_opens_what_is_chosen() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_board(pilot)
        await pilot.press("tab")
        panel = app.query_one(BudgetList)
        assert panel.has_focus
        assert panel.selected == "llm-creative"
        await pilot.press("end")
        assert panel.selected == "api-availability"
        await pilot.pause()
        assert "API availability" in "\n".join(visible(app))
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, SloScreen)
        assert "API availability" in drawn(app.screen.query_one("#slo-title", Title))[0]
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        # Left again, it shows the worst.
        await pilot.press("tab")
        await pilot.pause()
        assert panel.selected is None
        assert panel.scroll_offset.y == 0
        assert any("LLM creative" in line for line in visible(app))
        await pilot.press("tab", "tab")
        assert panel.selected == "llm-creative"


async def test_what_is_copied_is_what_is_chosen() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_board(pilot)
        await pilot.press("tab", "down", "y")
        await settled(pilot)
        assert app._clipboard.startswith("! LLM fast latency")
        assert "17,337 bad of 403,200" in app._clipboard
        await pilot.press("tab", "tab", "y")
        await settled(pilot)
        assert app._clipboard.startswith("llm.qwen DOWN")


async def test_two_lines_each_are_walked_through_two_by_two() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_board(pilot)
        await pilot.press("tab", "down", "down")
        panel = app.query_one(BudgetList)
        assert panel.cursor_line() == 4
        assert panel.selected == "rl-reward"
        await pilot.press("home")
        assert panel.selected == "llm-creative"


async def test_without_colours_the_status_is_told_by_sign_and_word() -> None:
    app = make_app(terminal=Terminal(colours=0, ascii=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await on_board(pilot)
        text = visible(app)
    panel = [line for line in text if "LLM" in line or "RL" in line]
    assert panel[0].startswith("x LLM creative")
    assert "EXHAUSTED PAGE" in panel[0]
    assert "[#........]" in panel[1]
    assert panel[2].startswith("? RL")
    assert all(letter.isascii() or letter.isalpha() for line in text for letter in line)


def test_the_gate_of_these_is_blocked_by_one_and_unknown_for_another() -> None:
    found = gate_of(example_slos())
    assert (found.blocking, found.unknown) == (("llm-creative",), ("rl-reward",))
