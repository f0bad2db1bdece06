"""The SLO screen: how it is opened and left, which keys it knows, and which SLO is chosen."""

from __future__ import annotations

from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.checks.screen import CheckScreen
from artisan_tui.tui.kit.bars import KeyBar, Title
from artisan_tui.tui.slo.explanation import Explanation
from artisan_tui.tui.slo.minute import MinuteEvents
from artisan_tui.tui.slo.screen import SloScreen
from artisan_tui.tui.slo.widgets import SloDetail, SloList
from support.budgets import board, example_slos, later, on_board, slo_slice
from support.screens import drawn, settled, show, visible
from support.slo_screen import opened
from support.snapshots import make_app, session_status, snapshot


async def test_two_opens_it_and_escape_or_one_leads_back() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        assert isinstance(app.focused, SloList)
        await pilot.press("2")
        await pilot.pause()
        assert app.screen is screen
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        await pilot.press("down", "enter")
        await settled(pilot)
        assert isinstance(app.screen, CheckScreen)
        assert "2 slos" in drawn(app.screen.query_one(KeyBar))[0]
        await pilot.press("2")
        await settled(pilot)
        assert isinstance(app.screen, SloScreen)
        await pilot.press("escape")  # not to the check
        await pilot.pause()
        assert isinstance(app.screen, Board)
        await pilot.press("2")
        await settled(pilot)
        await pilot.press("1")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        assert len(app.screen_stack) == 1


async def test_keys_of_other_screens_mean_nothing_here_and_those_of_this_nothing_there() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_board(pilot)
        await pilot.press("x")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        screen = await opened(pilot)
        await pilot.press("slash", "h", "d", "w", "c")
        await pilot.pause()
        assert app.screen is screen
        bar = drawn(screen.query_one(KeyBar))[0]
        for hint in ("x explain", "enter journal", "tab next list", "esc back", "? help"):
            assert hint in bar
        for other in ("filter", "check now", "slos", "open"):
            assert other not in bar


async def test_its_keys_can_be_others() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        keys = (("view.slos", "f2"), ("slos.explain", "f3"), ("slos.minute", "f4"), ("slos.next-list", "f5"))
        await show(pilot, board(session_status=session_status(keys=keys)))
        await pilot.pause()
        await pilot.press("2")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        await pilot.press("f2")
        await settled(pilot)
        assert isinstance(app.screen, SloScreen)
        assert app.key_problems == ()
        await pilot.press("f3")
        await pilot.pause()
        assert isinstance(app.screen, Explanation)
        await pilot.press("f3")
        await pilot.pause()
        assert isinstance(app.screen, SloScreen)
        await pilot.press("f5", "f5", "f4")
        await settled(pilot)
        assert isinstance(app.screen, MinuteEvents)


async def test_help_and_palette_know_it() -> None:
    app = make_app()
    async with app.run_test(size=(120, 60)) as pilot:
        await opened(pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        text = "\n".join(visible(app))
        for said in ("x      Explain", "enter  Journal entries", "tab    Next list", "1      Board"):
            assert said in text
        assert "2      SLOs" not in text
        await pilot.press("escape", "escape")
        await pilot.press("question_mark")
        await pilot.pause()
        assert "2      SLOs" in "\n".join(visible(app))


async def test_without_an_slo_it_says_how_to_get_one() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, snapshot([], budgets=SloSlice()))
        assert "no SLO is configured: add an [[slo]] to artisan.toml" in "\n".join(visible(app))
        await pilot.press("enter", "x", "down", "y", "tab")
        await settled(pilot)
        assert app.screen is screen
        await show(pilot, later(snapshot([]), budgets=SloSlice(reading=True)))
        assert "loading SLO data" in "\n".join(visible(app))


def title(app: ArtisanApp) -> str:
    return drawn(app.screen.query_one("#slo-title", Title))[0]


async def test_arrows_choose_and_the_choice_stays_with_the_slo() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        assert "LLM creative latency" in title(app)
        await pilot.press("down", "down")
        await pilot.pause()
        assert "RL reward stability" in title(app)
        assert title(app).endswith("99% 7d")
        told = example_slos()
        # Of the five only this one and another are left, and it is no longer the third.
        before = await show(pilot, later(app.snapshot or board(), budgets=slo_slice([told[0], told[4]])))
        assert "RL reward stability" in title(app)
        assert screen.query_one(SloList).cursor_line() == 0
        await show(pilot, later(before, budgets=slo_slice([told[0]])))
        assert "API availability" in title(app)


async def test_another_slo_is_read_from_its_top_and_the_same_stays_where_it_was() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        detail = screen.query_one(SloDetail)
        await pilot.press("tab", "pagedown")
        await pilot.pause()
        assert detail.scroll_offset.y > 0
        at = detail.scroll_offset.y
        await show(pilot, later(app.snapshot or board()))
        assert detail.scroll_offset.y == at
        await pilot.press("tab", "tab", "down")
        await pilot.pause()
        assert isinstance(app.focused, SloList)
        assert detail.scroll_offset.y == 0
