"""Every screen in every mode, size and language: nothing a terminal of that kind lacks, states told apart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest
from rich.cells import cell_len
from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.color import Color as Ground
from textual.strip import Strip

from artisan_tui.domain.state import State
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import state_word
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.filters import NoColours, PlainSigns
from artisan_tui.tui.glyphs import ASCII, UNICODE
from artisan_tui.tui.terminal import Terminal, Wishes
from artisan_tui.tui.themes import ANSI, DARK, LIGHT, MONO
from support.screens import settled, show, visible
from support.snapshots import (
    DEMO,
    FAULTS,
    FakeHost,
    check_samples,
    happenings,
    make_app,
    newer,
    scene,
    session_status,
    snapshot,
)
from support.wire import Wire

MODES = {
    "dark": Terminal(),
    "light": Terminal(light=True),
    "ansi": Terminal(colours=16),
    "mono": Terminal(colours=0),
    "ascii": Terminal(ascii=True),
}
modes = pytest.mark.parametrize("mode", MODES)
SIZES = [(80, 24), (120, 40), (200, 50)]


def lines(app: ArtisanApp) -> list[Strip]:
    return cast("list[Strip]", app.screen._compositor.render_strips())


def painted(app: ArtisanApp) -> Iterator[tuple[str, Style]]:
    for line in lines(app):
        for text, style, _control in line:
            yield text, style or Style()


def assert_the_mode_holds(app: ArtisanApp, mode: str) -> None:
    for line in lines(app):
        assert line.cell_length == app.size.width, line.text
    colours = [colour for _text, style in painted(app) for colour in (style.color, style.bgcolor) if colour is not None]
    if mode == "mono":
        assert colours == []
    elif mode == "ansi":
        assert all(colour.is_default or (colour.number is not None and colour.number < 8) for colour in colours)
    else:
        assert colours
        assert all(colour.triplet is not None for colour in colours)
    if mode == "ascii":
        strange = {letter for text, _style in painted(app) for letter in text if not letter.isascii()}
        assert all(letter.isalpha() for letter in strange), strange  # letters of people, and of their language
        assert not strange & set("".join(UNICODE.states.values()) + UNICODE.levels + UNICODE.rule)


def status_in(language: str, **more: Any) -> Any:
    return session_status(language=language, **more)


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@modes
async def test_the_board(mode: str, size: tuple[int, int], language: str) -> None:
    app = make_app(terminal=MODES[mode])
    async with app.run_test(size=size) as pilot:
        await show(pilot, snapshot(scene(), happenings(), session_status=status_in(language)))
        await pilot.pause()
        assert_the_mode_holds(app, mode)
        text = visible(app)
        glyphs = ASCII if mode == "ascii" else UNICODE
        for state, upper in [(State.DOWN, True), (State.UNKNOWN, True), (State.DEGRADED, True), (State.MAINTENANCE, False), (State.UP, False)]:  # fmt: skip
            word = state_word(state).upper() if upper else state_word(state)
            if state in (State.MAINTENANCE, State.UP) and size == (80, 24):
                # Folded together: a sign and a name each.
                assert f"{glyphs.states[state]} " in "\n".join(text)
                continue
            row = re.compile(rf"^{re.escape(glyphs.states[state])} \S+ +{re.escape(word)} ", re.MULTILINE)
            assert row.search("\n".join(text)), (state, text)
        assert text[2].startswith(f"{glyphs.states[State.DOWN]} llm ")
        title = text[1].split(f" {_('Journal')} ")[0].rstrip()  # beside it on a wide screen
        down, up = state_word(State.DOWN), state_word(State.UP)
        expected = rf"{down} 1  .* 1  {up} 11$" if language == "ko" else rf"1 {down}  1 .*11 {up}$"
        assert re.search(expected, title)
        assert text[-1].rstrip().endswith("? " + _("help"))
        assert f"q {_('quit')}" in text[-1]


#: What opens each of the others, and what then stands on it.
SCREENS = {
    "check": (["down", "enter"], "Conditions"),
    "help": (["question_mark"], "Keys"),
    "palette": (["colon"], "Filter  [/]"),
    "note": (["n", *"pod"], "Add a line"),
    "demo": (["b", "down"], "The model accepts"),
    "filter": (["slash", *"qwen"], "1 of 16 match qwen"),
}


@pytest.mark.parametrize(
    ("mode", "size"),
    [*((mode, (80, 24)) for mode in MODES), ("ascii", (60, 15)), ("dark", (100, 30)), ("mono", (300, 100))],
    ids=lambda value: value if isinstance(value, str) else f"{value[0]}x{value[1]}",
)
@pytest.mark.parametrize("screen", SCREENS)
async def test_the_other_screens(mode: str, screen: str, size: tuple[int, int]) -> None:
    keys, said = SCREENS[screen]
    app = make_app(DEMO, terminal=MODES[mode], host=FakeHost(DEMO, samples=check_samples("llm.qwen")))
    async with app.run_test(size=size) as pilot:
        await show(
            pilot,
            snapshot(
                scene(), happenings(), faults=FAULTS, session_status=session_status(environment="drill", demo=True)
            ),
        )
        for key in keys:
            await pilot.press(key)
            await settled(pilot)
        for _again in range(100):
            if said in "\n".join(visible(app)):
                break
            await pilot.pause()
        if screen == "demo":
            await pilot.press("up")
            await pilot.pause()
        if screen != "help" or size[1] > 15:
            assert said in "\n".join(visible(app))
        assert_the_mode_holds(app, mode)


@modes
async def test_the_chosen_row_is_marked_in_every_mode(mode: str) -> None:
    app = make_app(terminal=MODES[mode])
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        await pilot.press("down")
        await pilot.pause()
        at = {index: line for index, line in enumerate(lines(app)) if 2 <= index <= 6}

        def plain(line: Strip) -> set[tuple[object, ...]]:
            return {(s.style.bgcolor, s.style.reverse, s.style.underline) for s in line if s.style and s.text.strip()}

        assert plain(at[3]) != plain(at[4])
        assert plain(at[3]) != plain(at[2])


async def test_dark_and_light_change_only_where_there_are_colours_for_it() -> None:
    for terminal, there in [(Terminal(), {DARK.name, LIGHT.name}), (Terminal(colours=16), {ANSI.name}), (Terminal(colours=0), {MONO.name})]:  # fmt: skip
        app = make_app(terminal=terminal)
        async with app.run_test(size=(80, 24)) as pilot:
            await show(pilot, snapshot(scene()))
            seen = set()
            for _press in range(3):
                seen.add(app.theme)
                await pilot.press("t")
                await pilot.pause()
            assert seen == there
            assert bool(app._notifications) == (len(there) == 1)


async def test_what_the_configuration_says_later_holds_at_once_and_everywhere() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        await pilot.press("question_mark")
        await settled(pilot)
        before = await show(pilot, newer(before, session_status=session_status(theme="ansi", glyphs="ascii")))
        await pilot.pause()
        await pilot.pause()
        assert_the_mode_holds(app, "ansi")
        assert not any(letter in "".join(visible(app)) for letter in "─│╭✔✖")
        await pilot.press("escape")
        await pilot.pause()
        assert not any(letter in "".join(visible(app)) for letter in "─│╭✔✖")
        await show(pilot, newer(before, session_status=session_status()))
        await pilot.pause()
        assert_the_mode_holds(app, "dark")
        assert visible(app)[2].startswith("✖ llm ")


async def test_the_picture_on_the_terminal_is_right_after_a_change_of_signs() -> None:
    app = make_app(terminal=Terminal())
    async with app.run_test(size=(80, 24)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        for glyphs in ("ascii", "unicode", "ascii"):
            before = await show(pilot, newer(before, session_status=session_status(glyphs=glyphs)))
            await pilot.press("down")
            await pilot.pause()
            assert wire.shown() == wire.believed()


async def test_a_first_picture_before_the_configuration_keeps_the_wishes() -> None:
    """The engine publishes what it remembers before it has read anything."""
    app = make_app(wishes=Wishes("light", "ascii", "off"))
    async with app.run_test(size=(80, 24)) as pilot:
        before = await show(pilot, snapshot(scene(), session_status=session_status(loaded_at=None)))
        assert app.theme == LIGHT.name
        assert visible(app)[2].startswith("x llm ")
        assert not app.wants_mouse
        await show(pilot, newer(before, session_status=session_status(theme="dark", glyphs="auto", mouse="on")))
        assert app.theme == DARK.name
        assert app.wants_mouse


GROUND = Ground(0, 0, 0)


def spelled(text: str, charset: str) -> str:
    return PlainSigns(charset).apply([Segment(text)], GROUND)[0].text


@pytest.mark.parametrize("charset", ["utf-8", "ascii", "euc_kr", "latin-1"])
def test_signs_keep_their_width(charset: str) -> None:
    every = "".join(map(chr, range(0x2190, 0x2600))) + "…·✔✖—‘’“”"
    for letter in every:
        assert cell_len(spelled(letter, charset)) == cell_len(letter), hex(ord(letter))
    for text in ("결제 확인", "é", "👩🏽‍🚒 x", "❤\ufe0f", "가나a", "한"):
        assert cell_len(spelled(text, charset)) == cell_len(text)


def test_what_a_charset_has_stays() -> None:
    assert spelled("결제 ─ é", "utf-8") == "결제 - é"
    assert spelled("결제 ─ é", "euc_kr") == "결제 - ?"
    assert spelled("결제 ─ é", "ascii") == "???? - ?"
    assert spelled("결제 ─ é", "latin-1") == "???? - é"
    assert spelled("".join(UNICODE.states.values()), "ascii") == "".join(ASCII.states.values())
    assert spelled(UNICODE.levels, "utf-8") == ASCII.levels


def test_boxes_and_blocks_are_all_there() -> None:
    for code in range(0x2500, 0x25A0):
        assert spelled(chr(code), "utf-8").isascii()
    frames = {spelled(frame, "utf-8") for frame in ("╭─╮", "┏━┓")}
    assert len(frames) == 2  # production's is another


def test_without_colours_a_ground_becomes_reverse() -> None:
    red, white = Color.parse("red"), Color.parse("white")
    keep = {"meta": {"@click": "x"}}
    given = [
        Segment("a", Style(color=red, bold=True)),
        Segment("b", Style(color=red, bgcolor=white, **keep)),
        Segment("c"),
    ]
    a, b, c = NoColours().apply(given, GROUND)
    assert a.style == Style(bold=True)
    assert b.style is not None
    assert b.style.reverse
    assert b.style.color is None
    assert b.style.meta == keep["meta"]
    assert c.style is None
