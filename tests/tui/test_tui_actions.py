"""Acting from the screen: every way in is made from the declarations, and the core has the last word."""

from __future__ import annotations

from typing import Any

import pytest
from textual.command import CommandList, CommandPalette
from textual.pilot import Pilot
from textual.widgets import Input

from artisan_tui.engine.access import Role, Session
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.command import exists_for
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.reply import Reply
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.checks.screen import CheckScreen
from artisan_tui.tui.drills.faults import Faults, _FaultList
from artisan_tui.tui.help import Help, _Page
from artisan_tui.tui.kit.ask import Ask
from artisan_tui.tui.kit.bars import KeyBar
from artisan_tui.tui.kit.dialog import Box
from artisan_tui.tui.registry import registry_of, wing_places
from artisan_tui.tui.themes import LIGHT
from support.snapshots import (
    DEMO,
    FAULTS,
    OPERATOR,
    READ_ONLY,
    FakeHost,
    drawn,
    make_app,
    newer,
    scene,
    session_status,
    settled,
    show,
    snapshot,
    visible,
)

sessions = pytest.mark.parametrize("session", [OPERATOR, READ_ONLY, DEMO], ids=["operator", "read-only", "demo"])


def notices(app: ArtisanApp) -> list[tuple[str, str, str, bool]]:
    return [(n.title, n.message, n.severity, n.markup) for n in app._notifications]


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


# -- help -----------------------------------------------------------------------


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


# -- palette --------------------------------------------------------------------------


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


# -- rights ---------------------------------------------------------------------------


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


# -- the note ---------------------------------------------------------------------------


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


# -- the demo's panel -------------------------------------------------------------------


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


# -- what does not apply where it is pressed ---------------------------------------

_NO_CHECK = "no check is selected"


@pytest.mark.parametrize(
    ("place", "key", "said"),
    [
        ("board", "m", _NO_CHECK),
        ("board", "M", _NO_CHECK),
        ("board", "c", _NO_CHECK),
        ("board", "y", "nothing is selected"),
        ("board", "enter", "nothing is selected"),
        ("slos", "m", _NO_CHECK),
        ("slos", "M", _NO_CHECK),
        ("slos", "c", _NO_CHECK),
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
