"""The board: its filter, and the way from a row to its check and back."""

from __future__ import annotations

import pytest
from textual.message import Message
from textual.widgets import Input

from artisan_tui.domain.state import State
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.checks.screen import CheckScreen
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.kit.bars import Title
from artisan_tui.tui.themes import DARK
from support.board_rows import names
from support.screens import drawn, show, visible
from support.snapshots import check, make_app, newer, scene, snapshot, with_check


async def test_slash_filters_while_typing_and_esc_clears() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        services = app.query_one(Services)
        await pilot.press("slash", *"llm")
        await pilot.pause()
        assert names(app) == ["llm", "llm.qwen", "llm.creative"]
        assert "2 of 16 match llm" in drawn(app.query_one("#services-title", Title))[0]
        # The counts go on counting everything: a filter must not hide an outage.
        assert "11 up" in drawn(app.query_one("#services-title", Title))[0]
        await pilot.press("escape")
        await pilot.pause()
        assert len(drawn(services)) > 10
        assert not app.query_one("#prompt", Input).display
        assert "match" not in drawn(app.query_one("#services-title", Title))[0]


async def test_enter_keeps_the_filter_and_gives_the_list_back() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene()))
        await pilot.press("slash", *"llm !qwen", "enter")
        await pilot.pause()
        services = app.query_one(Services)
        assert names(app) == ["llm"]
        assert services.has_focus
        await show(pilot, newer(before))  # a poll does not lose it
        assert names(app) == ["llm"]
        await pilot.press("escape")
        await pilot.pause()
        assert len(drawn(services)) > 10


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("down", ["llm"]),
        ("!up !down !unknown !maintenance", ["cache"]),
        ("stale", ["scheduler"]),
        ("TIMEOUT", ["llm"]),
        ("결제", ["결제"]),
        ("metric value", ["cache"]),
        ("api", ["Artisan", "API", "api.ready", "api.live"]),
        ("nothing-like-it", []),
    ],
)
async def test_filter_words(words: str, expected: list[str]) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        services = app.query_one(Services)
        app.query_one("#prompt", Input).value = words
        await pilot.pause()
        ids = names(app) if expected else []
        assert ids == expected
        if not expected:
            assert drawn(services) == [" nothing matches the filter"]
            await pilot.press("enter")  # nothing selected, nothing opens
            assert isinstance(app.screen, Board)


async def test_letters_that_are_keys_can_be_typed_into_the_filter() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("slash", *"qtbnc:?/hdw1CR")
        assert app.query_one("#prompt", Input).value == "qtbnc:?/hdw1CR"
        assert isinstance(app.screen, Board)
        assert app.theme == DARK.name


async def test_a_filter_shorter_than_the_scroll_shows_its_rows() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([check(f"svc{n}.x", State.DOWN) for n in range(100)]))
        services = app.query_one(Services)
        await pilot.press("end")
        assert services.scroll_offset.y > 0
        await pilot.press("slash", *"svc7")
        await pilot.pause()
        assert services.scroll_offset.y == 0
        assert sum("svc7" in line for line in visible(app)[2:15]) == 11


async def test_enter_opens_the_selected_check_and_esc_comes_back() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("down", "j", "j", "j", "k", "enter")
        await pilot.pause()
        assert isinstance(app.screen, CheckScreen)
        assert app.screen.check_id == "worker.alive"
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        assert app.query_one(Services).selected.id == "worker.alive"
        await pilot.press("enter", "1")
        await pilot.pause()
        assert isinstance(app.screen, Board)


async def test_esc_on_the_board_does_not_leave() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape", "escape")
        assert app.is_running
        assert isinstance(app.screen, Board)


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_q_and_ctrl_c_leave(key: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert app._exit


async def test_the_selection_stays_on_its_check_when_the_order_changes() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot([check("a.a"), check("b.b"), check("c.c")]))
        await pilot.press("down")
        services = app.query_one(Services)
        assert services.selected.id == "b.b"
        await show(pilot, with_check(before, check("c.c", State.DOWN)))
        assert services.selected.id == "b.b"
        assert services.cursor_line() == 2


async def test_a_second_click_opens() -> None:
    seen: list[Message] = []
    app = make_app()
    async with app.run_test(size=(120, 40), message_hook=seen.append) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.click(Services, offset=(5, 3))
        assert app.query_one(Services).selected.id == "worker.alive"
        assert not [m for m in seen if isinstance(m, Services.Opened)]
        await pilot.click(Services, offset=(5, 3))
        await pilot.pause()
        assert len({id(m) for m in seen if isinstance(m, Services.Opened)}) == 1
        assert isinstance(app.screen, CheckScreen)
        assert app.screen.check_id == "worker.alive"
