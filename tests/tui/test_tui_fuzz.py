"""Ten thousand keys and pastes that nobody meant, on every screen: the program goes on, and the keyboard still works."""

from __future__ import annotations

import random
from typing import Any

import pytest
from textual import events
from textual._xterm_parser import XTermParser
from textual.pilot import Pilot

from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.key_decoder import KeyDecoder
from support.snapshots import DEMO, FAULTS, FakeHost, happenings, looks, make_app, scene, show, snapshot
from support.terminal import KEYS

#: What leaves the program, and rightly so.
_LEAVES = ("q", "\x03")
_LETTERS = [chr(code) for code in range(0x20, 0x7F) if chr(code) not in _LEAVES] + ["한", "é"]
_PASTES = ["pod gone", "a\rb\r", "x\x1b[31my\x1b[0m", "\x1b[201~q\r", "\x1b", "\x1b[", "q" * 300, "", "\0\r\n\t"]
#: Whole screens and dialogs, by what opens them from the board.
_OPENS = ["", "\r", "2", "2x", "?", ":", "n", "/", "b", "M", "p", "O", "m"]
ALL_KEYS = 10_000


def piece(dice: random.Random) -> str:
    """What a terminal may send in one packet."""
    kind = dice.random()
    if kind < 0.45:
        return dice.choice(_LETTERS)
    if kind < 0.75:
        return dice.choice(["\r", "\r\r", "\x1b", "\x1b\x1b", "\t", *KEYS.values()])
    if kind < 0.85:
        return "\x1b" + dice.choice(_LETTERS)
    if kind < 0.95:
        return f"\x1b[200~{dice.choice(_PASTES)}\x1b[201~"
    return f"\x1b[<{dice.choice((0, 64, 65))};{dice.randint(1, 90)};{dice.randint(1, 30)}{dice.choice('Mm')}"


async def pressed(pilot: Pilot[Any], decoder: KeyDecoder, text: str) -> None:
    app = pilot.app
    assert app._driver is not None
    messages = [*decoder.feed(text), *(decoder.expired() if decoder.patience is not None else ())]
    for message in messages:
        app._driver.process_message(message)


@pytest.mark.parametrize("opens", _OPENS, ids=["board", "check", "slos", "explain", "help", "palette", "note", "filter", "faults", "windows", "maintenance", "override", "mute"])
async def test_d1_no_key_sequence_ends_the_program(opens: str) -> None:
    dice = random.Random(opens)
    app = make_app(DEMO, host=FakeHost(DEMO, samples=looks("llm.qwen")))
    decoder = KeyDecoder(XTermParser(), 0.0)
    async with app.run_test(size=(90, 30)) as pilot:
        await show(pilot, snapshot(scene(), happenings(), faults=FAULTS))
        for burst in range(ALL_KEYS // len(_OPENS) // 40 + 1):
            if not burst % 4:
                while len(app.screen_stack) > 1:
                    app.pop_screen()
                for key in opens:
                    await pressed(pilot, decoder, key)
            for _ in range(40):
                await pressed(pilot, decoder, piece(dice))
            await pilot.pause()
            assert app._exception is None
            assert not app._exit
        for _ in range(12):
            await pressed(pilot, decoder, "\x1b")
            await pilot.pause()
        assert isinstance(app.screen, Board)
        app._driver.process_message(events.Key("question_mark", "?"))  # type: ignore[union-attr]
        await pilot.pause()
        assert type(app.screen).__name__ == "Help"
