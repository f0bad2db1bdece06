"""Ten thousand keys and pastes that nobody meant, on every screen: the program goes on, and the keyboard still works."""

from __future__ import annotations

import random

import pytest
from textual._xterm_parser import XTermParser

from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.help import Help
from artisan_tui.tui.key_decoder import KeyDecoder
from support.budgets import example_slos
from support.screens import show
from support.snapshots import DEMO, FAULTS, FakeHost, check_samples, happenings, make_app, scene, snapshot
from support.terminal import KEYS

#: What leaves the program, and rightly so.
_LEAVES = ("q", "\x03")
_LETTERS = [chr(code) for code in range(0x20, 0x7F) if chr(code) not in _LEAVES] + ["한", "é"]
_PASTES = ["pod gone", "a\rb\r", "x\x1b[31my\x1b[0m", "\x1b[201~q\r", "\x1b", "\x1b[", "q" * 300, "", "\0\r\n\t"]
#: Whole screens and dialogs, by what opens them from the board.
_OPENS = ["", "\r", KEYS["home"] + "j\r", "J", "2", "2x", "?", ":", "n", "/", "b", "M", "p", "O", "m"]
ALL_KEYS = 10_000


def piece(dice: random.Random) -> str:
    """What a terminal may send in one packet."""
    kind = dice.random()
    if kind < 0.45:
        return "".join(dice.choices(_LETTERS, k=dice.randint(1, 8)))
    if kind < 0.75:
        return dice.choice(["\r", "\r\r", "\x1b", "\x1b\x1b", "\t", *KEYS.values()])
    if kind < 0.85:
        return "\x1b" + dice.choice(_LETTERS)
    if kind < 0.95:
        return f"\x1b[200~{dice.choice(_PASTES)}\x1b[201~"
    return f"\x1b[<{dice.choice((0, 64, 65))};{dice.randint(1, 90)};{dice.randint(1, 30)}{dice.choice('Mm')}"


def press(app: ArtisanApp, decoder: KeyDecoder, text: str) -> int:
    """Have the terminal send this; how many keys and pastes it was."""
    assert app._driver is not None
    messages = [*decoder.feed(text), *(decoder.expired() if decoder.patience is not None else ())]
    for message in messages:
        app._driver.process_message(message)
    return len(messages)


@pytest.mark.parametrize(
    "opens",
    _OPENS,
    ids=[
        "board",
        "service",
        "check",
        "journal",
        "slos",
        "explain",
        "help",
        "palette",
        "note",
        "filter",
        "faults",
        "windows",
        "maintenance",
        "override",
        "mute",
    ],
)
async def test_d1_no_key_sequence_ends_the_program(opens: str) -> None:
    dice = random.Random(opens)
    app = make_app(DEMO, host=FakeHost(DEMO, samples=check_samples("llm.qwen")))
    left: list[str] = []
    app.leave = lambda: left.append("by the palette's own entry")  # type: ignore[method-assign]
    app.leave_for = left.append  # type: ignore[method-assign]
    decoder = KeyDecoder(XTermParser(), 0.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene(), happenings(), faults=FAULTS, budgets=SloSlice(example_slos())))
        pressed = 0
        while pressed < ALL_KEYS // len(_OPENS) + 1:
            while len(app.screen_stack) > 1:
                app.pop_screen()
            press(app, decoder, opens)
            await pilot.pause()
            with app.batch_update():  # what is painted in between is of no interest here
                pressed += sum(press(app, decoder, piece(dice)) for _ in range(120))
                await pilot.pause()
            await pilot.pause()
            assert app._exception is None
        for _ in range(12):
            press(app, decoder, "\x1b")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        press(app, decoder, "?")
        await pilot.pause()
        assert isinstance(app.screen, Help)


async def test_d1_what_is_typed_while_the_program_ends_does_no_harm() -> None:
    app = make_app()
    decoder = KeyDecoder(XTermParser(), 0.0)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot(scene()))
        press(app, decoder, "q")
        for text in ("jn?\r\x1b", "\x1b[200~pasted\x1b[201~", "\x1b[<0;5;4M\x1b[<0;5;4m", "\x1bb"):
            press(app, decoder, text)
    assert app._exception is None
