"""Acting from the screen: the core has the last word, and its answer is told."""

from __future__ import annotations

import pytest
from textual.widgets import Input

from artisan_tui.engine.access import Role, Session
from artisan_tui.engine.reply import Reply
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.checks.screen import CheckScreen
from artisan_tui.tui.kit.ask import Ask
from artisan_tui.tui.kit.dialog import Box
from support.acting import notices
from support.screens import settled, show, visible
from support.snapshots import READ_ONLY, FakeHost, make_app, scene, session_status, snapshot


async def test_a_read_only_session_is_refused_by_the_core_and_told_so() -> None:
    host = FakeHost(READ_ONLY)
    app = make_app(READ_ONLY, host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), session_status=session_status(read_only=True)))
        assert "READ-ONLY" in visible(app)[0]
        await pilot.press("n")
        await settled(pilot)
        assert isinstance(app.screen, Board)  # no dialog that leads nowhere
        assert host.submitted == [("journal.note", {})]
        assert host.done == []
        assert notices(app) == [
            ("Write a note", "this session is read-only: Write a note is not allowed", "error", False)
        ]


async def test_rights_hold_also_where_the_screen_would_let_it_through() -> None:
    host = FakeHost(READ_ONLY)
    app = make_app(READ_ONLY, host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        app.execute("journal.note", {"text": "hello"})
        app.execute("drill.mend-all", {})
        await settled(pilot)
        assert host.done == []
        assert [n[2] for n in notices(app)] == ["error", "error"]


async def test_read_only_may_still_use_the_view() -> None:
    session = Session("guest", Role.VIEWER, read_only=True)
    host = FakeHost(session)
    app = make_app(session, host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("c", "C", "R")
        await settled(pilot)
        assert host.done == [("check.run", {"check": "llm.qwen"}), ("check.run-all", {}), ("config.reload", {})]


async def test_an_answer_full_of_markup_is_shown_as_it_is() -> None:
    host = FakeHost(replies={"config.reload": Reply(False, "artisan.toml:3: [bold]x[/] [/] is wrong")})
    app = make_app(host=host)
    async with app.run_test(size=(120, 40), notifications=True) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("R")
        await settled(pilot)
        await pilot.pause()
        assert notices(app)[0][1:] == ("artisan.toml:3: [bold]x[/] [/] is wrong", "error", False)
        assert "artisan.toml:3: [bold]x[/] [/] is wrong" in "\n".join(visible(app))


async def test_success_with_words_is_told_and_success_without_is_silent() -> None:
    host = FakeHost(replies={"config.reload": Reply(True, "the configuration was reloaded")})
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("c")
        await settled(pilot)
        assert notices(app) == []
        await pilot.press("R")
        await settled(pilot)
        assert [n[1:3] for n in notices(app)] == [("the configuration was reloaded", "information")]


async def test_check_now_means_the_check_in_front() -> None:
    host = FakeHost()
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("down", "down", "down", "c", "enter", "c")
        await settled(pilot)
        assert isinstance(app.screen, CheckScreen)
        assert host.done == [("check.run", {"check": "worker.alive"})] * 2


@pytest.mark.parametrize("place", ["board", "check"])
async def test_a_note_is_asked_for_and_submitted(place: str) -> None:
    host = FakeHost()
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        if place == "check":
            await pilot.press("down", "enter")
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(app.screen, Ask)
        assert "it cannot be changed later" in "\n".join(visible(app))
        await pilot.press(*"q: [bold]재시작 n/b?", "enter")
        await settled(pilot)
        assert host.done == [("journal.note", {"text": "q: [bold]재시작 n/b?"})]
        assert app.place == place


@pytest.mark.parametrize("keys", [["escape"], [*"never mind", "escape"], ["enter"], [*"   ", "enter"]])
async def test_a_note_that_is_left_or_empty_is_not_written(keys: list[str]) -> None:
    host = FakeHost()
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("n", *keys)
        await settled(pilot)
        if keys[-1] == "enter":  # nothing to save: it says so, and stays open
            assert isinstance(app.screen, Ask)
            assert "must not be empty" in "\n".join(visible(app))
            await pilot.press("escape")
            await settled(pilot)
        assert isinstance(app.screen, Board)
        assert host.submitted == []


async def test_a_note_cannot_be_longer_than_the_core_takes() -> None:
    host = FakeHost()
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("n")
        await pilot.pause()
        app.screen.query_one(Input).insert_text_at_cursor("x" * 5000)
        await pilot.press("enter")
        await settled(pilot)
        assert [len(given["text"]) for _id, given in host.done] in ([2000], [])
        assert app.is_running


@pytest.mark.parametrize(("environment", "border"), [("production", "heavy"), ("drill", "round")])
async def test_dialogs_in_production_are_framed(environment: str, border: str) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), session_status=session_status(environment=environment)))
        await pilot.press("n")
        await pilot.pause()
        kind, colour = app.screen.query_one(Box).styles.border_top
        assert kind == border
        assert (colour.hex.lower() == app.theme_variables["error"].lower()) == (environment == "production")
