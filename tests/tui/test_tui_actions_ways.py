"""Every way to act from the screen is made from the declarations: help, key bar and palette."""

from __future__ import annotations

from typing import Any

import pytest
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot

from artisan_tui.engine.access import Session
from artisan_tui.engine.command import exists_for
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.drills.faults import Faults
from artisan_tui.tui.help import Help, _Page
from artisan_tui.tui.kit.ask import Ask
from artisan_tui.tui.kit.bars import KeyBar
from artisan_tui.tui.registry import registry_of, wing_places
from artisan_tui.tui.themes import LIGHT
from support.screens import drawn, settled, show, visible
from support.snapshots import DEMO, FAULTS, OPERATOR, READ_ONLY, FakeHost, make_app, scene, session_status, snapshot

sessions = pytest.mark.parametrize("session", [OPERATOR, READ_ONLY, DEMO], ids=["operator", "read-only", "demo"])


async def palette(pilot: Pilot[Any], typed: str = "") -> list[str]:
    """The titles that the palette offers, open and filled."""
    await pilot.press("colon")
    await pilot.pause()
    assert isinstance(pilot.app.screen, CommandPalette)
    await pilot.press(*typed)
    for _ in range(200):
        await pilot.pause()
        await pilot.app.workers.wait_for_complete()
        options = pilot.app.screen.query_one(CommandList)._options
        if options and options[0].id != CommandPalette._NO_MATCHES:
            break
    plain = [getattr(option.hit, "text", None) or str(option.prompt) for option in options]
    shown = "\n".join(visible(pilot.app))
    assert "\\[" not in shown
    return [text.split("  ")[0].replace("\\", "") for text in plain]


@sessions
@pytest.mark.parametrize("place", ["board", "check"])
async def test_help_has_every_action_with_a_key_here_and_no_other(session: Session, place: str) -> None:
    app = make_app(session)
    async with app.run_test(size=(120, 60)) as pilot:
        await show(pilot, snapshot(scene(), faults=FAULTS))
        if place == "check":
            await pilot.press("down", "enter")
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, Help)
        page = drawn(app.screen.query_one(_Page))
    text = "\n".join(page)
    for action in registry_of(wing_places()).actions:
        command = COMMANDS.get(action.id)
        here = action.belongs_to(place) and not (action.id == "view.board" and place == "board")
        barred = session.read_only and command is not None and not command.read_only
        expected = here and not barred and (session.demo or not action.demo_only)
        key = f"  {action.shown_key:<6} {action.title}"
        assert any(line.startswith(key) for line in page) == expected, action.id
        if expected:
            assert action.help.split(";")[0] in " ".join(text.split()), action.id


async def test_help_explains_every_sign_and_closes() -> None:
    app = make_app()
    async with app.run_test(size=(120, 60)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("question_mark")
        await pilot.pause()
        text = "\n".join(drawn(app.screen.query_one(_Page)))
        for word in ("✖ down", "? unknown", "! degraded", "~ maintenance", "✔ up", "strip:"):
            assert word in text
        for key in ("escape", "question_mark", "q"):
            assert isinstance(app.screen, Help)
            await pilot.press(key)
            await pilot.pause()
            assert isinstance(app.screen, Board)
            await pilot.press("question_mark")
            await pilot.pause()


async def test_help_on_a_small_screen_scrolls_to_its_end() -> None:
    app = make_app(DEMO)
    async with app.run_test(size=(60, 15)) as pilot:
        await show(pilot, snapshot(scene(), faults=FAULTS))
        await pilot.press("question_mark")
        await pilot.pause()
        assert "strip:" not in "\n".join(visible(app))
        await pilot.press("end")
        await pilot.pause()
        assert "strip:" in "\n".join(visible(app))


@sessions
async def test_the_key_bar_names_only_what_works_here(session: Session) -> None:
    app = make_app(session)
    async with app.run_test(size=(200, 30)) as pilot:
        await show(pilot, snapshot(scene(), faults=FAULTS))
        board = drawn(app.query_one(KeyBar))[0]
        await pilot.press("down", "enter")
        await pilot.pause()
        one = drawn(app.screen.query_one(KeyBar))[0]
    assert ("n note" in board) == (not session.read_only)
    assert ("b faults" in board) == session.demo
    assert "/ filter" in board
    assert "esc back" not in board
    assert "esc back" in one
    assert "/ filter" not in one
    assert one.index("h 1 h") < one.index("d 24 h") < one.index("w 7 d")


async def test_keys_that_a_person_chose_are_the_keys_everywhere() -> None:
    host = FakeHost()
    app = make_app(host=host)
    keys = (("journal.note", "z"), ("view.help", "f1"))
    async with app.run_test(size=(200, 40)) as pilot:
        await show(pilot, snapshot(scene(), session_status=session_status(keys=keys)))
        assert "z note" in drawn(app.query_one(KeyBar))[0]
        await pilot.press("n")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        await pilot.press("z")
        await pilot.pause()
        assert isinstance(app.screen, Ask)
        await pilot.press("escape", "f1")
        await pilot.pause()
        assert isinstance(app.screen, Help)
        assert any(line.startswith("  z      Write a note") for line in drawn(app.screen.query_one(_Page)))


@sessions
async def test_the_palette_has_every_permitted_command_and_no_other(session: Session) -> None:
    app = make_app(session)
    async with app.run_test(size=(120, 60)) as pilot:
        await show(pilot, snapshot(scene(), faults=FAULTS))
        titles = await palette(pilot)
    for command in COMMANDS.values():
        permitted = (command.read_only or not session.read_only) and exists_for(command, session)
        assert (command.title in titles) == permitted, command.id
    assert len(titles) == len(set(titles))
    assert "Filter" in titles
    assert "Quit" in titles
    assert "Command" not in titles


async def test_the_palette_finds_and_does() -> None:
    host = FakeHost()
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        titles = await palette(pilot, "everything now")
        assert titles[0] == "Check everything now"
        assert "[C]" in "\n".join(visible(app))
        await pilot.press("enter")
        await settled(pilot)
        assert host.done == [("check.run-all", {})]
        await palette(pilot, "switch theme")
        await pilot.press("enter")
        await settled(pilot)
        assert app.theme == LIGHT.name


async def test_the_palette_does_not_open_above_a_dialog() -> None:
    app = make_app(DEMO)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), faults=FAULTS))
        for key, dialog in (("question_mark", Help), ("b", Faults), ("n", Ask)):
            await pilot.press(key, "colon")
            await pilot.pause()
            assert isinstance(app.screen, dialog)
            await pilot.press("escape")
            await pilot.pause()
