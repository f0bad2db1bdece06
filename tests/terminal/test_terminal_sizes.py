"""However the window was dragged about, the picture is the one a fresh start would draw."""

from __future__ import annotations

import os
import random
import re

import pytest

from support.program import Opener
from support.services import Service
from support.terminal import Terminal

#: What moves by itself: clock, ages, latencies, strips.
_MOVING = re.compile(r"\d\d:\d\d(:\d\d)?|<\d+ ms|\d+ ms|<1m| 1m| *[▁▂▃▄▅▆▇█✖]+")


def still(terminal: Terminal) -> list[str]:
    return [re.sub(r" +", " ", _MOVING.sub("#", line)).rstrip() for line in terminal.screen_text().split("\n")]


@pytest.mark.timeout(120)
@pytest.mark.parametrize("screen", ["board", "help", "check"])
def test_a_storm_of_two_hundred_sizes_ends_as_a_fresh_start(board: Opener, watched: Service, screen: str) -> None:
    watched.status = 503
    keys, said = {"board": ("", "Services"), "help": ("?", "This screen"), "check": ("j\r", "Conditions")}[screen]
    dice = random.Random(screen)
    # Below these lines stands what happened, and more will have happened by then.
    same = {"board": slice(0, 16), "help": slice(1, 20), "check": slice(0, 9)}[screen]
    with board(size=(93, 27)) as fresh:
        fresh.wait_for("live")
        fresh.wait_for("2 down")
        fresh.send(keys)
        fresh.wait_for(said)
        fresh.wait_quiet(0.5)
        expected = still(fresh)[same]
        fresh.press("ctrl+c")
        fresh.wait_exit()
    assert any(expected)
    with board(size=(120, 40)) as terminal:
        terminal.wait_for("live")
        terminal.wait_for("2 down")
        terminal.send(keys)
        terminal.wait_for(said)
        for _ in range(200):
            terminal.resize(dice.randint(1, 300), dice.randint(1, 100))
            if dice.random() < 0.05:
                terminal.wait_quiet(0.02)
        terminal.resize(93, 27)
        terminal.wait_for(lambda: still(terminal)[same] == expected, 30)
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 0
        assert not terminal.left_behind()
        assert b"Traceback" not in terminal.raw()


def fits(terminal: Terminal) -> bool:
    """Whether the picture has the terminal's own size: the header ends at its right edge, the keys are at its foot."""
    header = terminal.row(0)
    return len(header) == terminal.size[0] - 1 and "UTC" in header and "help" in terminal.row(-1)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("sizes", [2, 30], ids=["pairs", "storms"])
def test_f1_no_size_is_lost(board: Opener, watched: Service, sizes: int) -> None:
    """Sizes a hair apart: the second signal comes while the first is handled. `ROUNDS=500` tries as often by hand."""
    dice = random.Random(sizes)
    with board(size=(100, 30)) as terminal:
        terminal.wait_for("all up", 20)
        for _ in range(int(os.environ.get("ROUNDS", "25"))):
            for _ in range(sizes):
                terminal.resize(dice.randint(80, 140), dice.randint(20, 45))
                for _ in range(dice.choice((0, 1, 50, 2_000))):  # some microseconds, or none
                    pass
            terminal.wait_for(lambda: fits(terminal), 20)
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 0
        assert not terminal.left_behind()


def test_too_small_a_window_still_names_the_worst(board: Opener, watched: Service) -> None:
    watched.status = 503
    with board(size=(80, 24)) as terminal:
        terminal.wait_for("2 down")
        terminal.resize(59, 24)
        terminal.wait_for("make the window at least 60x15")
        assert "s.one DOWN" in terminal.row(0)
        assert "ARTISAN" not in terminal.screen_text()
        terminal.resize(60, 14)
        terminal.wait_for("make the window at least 60x15")
        watched.status = 200
        terminal.wait_gone("DOWN")
        terminal.resize(60, 15)
        terminal.wait_for("ARTISAN")
        terminal.press("enter", "j", "j", "enter")  # the focus has not moved meanwhile
        terminal.wait_for("s.two ─")
