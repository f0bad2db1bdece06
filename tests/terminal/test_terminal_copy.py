"""Copying through what stands between, in a bare terminal and in a real tmux; tmux also for colours and residue."""

from __future__ import annotations

import base64
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from support.program import Opener
from support.servers import until
from support.services import Service
from support.tmux import tmux_server

Configure = Callable[..., None]


@dataclass(frozen=True)
class Tmux:
    """A server of its own: ``do`` gives it a command, ``open`` opens the board in it."""

    do: Callable[..., str]
    open: Callable[..., None]


def test_y_copies_a_line_from_the_board_and_everything_from_a_check(board: Opener, watched: Service) -> None:
    watched.status = 503
    with board() as terminal:
        terminal.wait_for("2 down")
        terminal.press("y")
        terminal.wait_for("copied")
        said = [osc for osc in terminal.emulator.osc if osc.startswith(b"52;c;")]
        assert base64.b64decode(said[-1][5:]) == b"s.one DOWN: status 503, expected < 300"
        assert b"tmux" not in terminal.raw()
        terminal.press("down", "enter")  # the first check below its service
        terminal.wait_for("Conditions")
        terminal.press("y")
        terminal.wait_for(lambda: len([osc for osc in terminal.emulator.osc if osc.startswith(b"52;")]) == 2)
        text = base64.b64decode(terminal.emulator.osc[-1][5:]).decode()
        assert text.startswith("s.one\n")
        for part in ("status 503", watched.url, "Conditions", "State changes"):
            assert part in text


@pytest.fixture
def tmux(command: list[str], configure: Configure) -> Iterator[Tmux]:
    """A tmux server of its own; the first call opens the board in it."""
    with tmux_server() as server:
        call = server.do

        def open_in(
            size: tuple[int, int] = (80, 24),
            options: tuple[str, ...] = (),
            term: str = "tmux-256color",
            before: str = "",
        ) -> None:
            configure()
            call("new-session", "-d", "-x", str(size[0]), "-y", str(size[1]), "sh")
            call("set-option", "-g", "default-terminal", term)
            call("set-option", "-g", "status", "off")
            for option in options:
                call("set-option", "-g", *option.split())
            # A shell around it, as a person has, so that what is left behind is seen.
            call("new-window", f"sh -c '{before}{shlex.join(command)}; echo gone $?; cat'")
            call("resize-window", "-x", str(size[0]), "-y", str(size[1]))

        yield Tmux(call, open_in)


def shown(tmux: Tmux, *more: str) -> str:
    return tmux.do("capture-pane", "-p", *more)


@pytest.mark.parametrize(("size", "term"), [((80, 24), "screen"), ((120, 40), "tmux-256color")])
def test_in_tmux_it_looks_right_and_leaves_nothing(
    tmux: Tmux, watched: Service, size: tuple[int, int], term: str
) -> None:
    tmux.open(size, term=term)
    until(lambda: "all up" in shown(tmux), 15)
    # A capture may fall between two halves of a frame.
    until(lambda: shown(tmux).split("\n")[size[1] - 1].rstrip().endswith("? help"), 15)
    lines = shown(tmux).split("\n")
    assert lines[0].startswith(" ARTISAN")
    painted = shown(tmux, "-e")
    assert ("\x1b[38;5;" in painted) == (term == "tmux-256color")
    assert "38;2;" not in painted
    watched.status = 500
    until(lambda: "2 down" in shown(tmux), 15)
    tmux.do("send-keys", "Down", "Down", "Enter")  # the service, its first check, its second
    until(lambda: "s.two ─" in shown(tmux), 10)
    tmux.do("send-keys", "Escape")
    until(lambda: "Journal" in shown(tmux), 10)
    tmux.do("send-keys", "q")
    until(lambda: "gone 0" in shown(tmux), 10)
    # The screen that was there before, the answers to our questions not typed into the shell.
    assert shown(tmux).strip() == "gone 0"
    assert tmux.do("display-message", "-p", "#{alternate_on}#{mouse_any_flag}#{cursor_flag}").strip() == "001"


@pytest.mark.parametrize("options", [(), ("set-clipboard on",), ("allow-passthrough on",), ("set-clipboard off",)])
def test_in_tmux_a_copy_gets_into_its_buffer_however_it_is_configured(
    tmux: Tmux, watched: Service, options: tuple[str, ...]
) -> None:
    watched.status = 503
    tmux.open(options=options)
    until(lambda: "2 down" in shown(tmux), 15)
    tmux.do("send-keys", "y")
    until(lambda: tmux.do("show-buffer") == "s.one DOWN: status 503, expected < 300", 10)
    assert "52;c" not in shown(tmux)


def test_a_far_board_reaches_the_clipboard_of_a_near_tmux(tmux: Tmux, watched: Service) -> None:
    """Over SSH there is no TMUX in the environment, only the terminal's name."""
    watched.status = 503
    tmux.open(options=("set-clipboard on",), before="env -u TMUX ")
    until(lambda: "2 down" in shown(tmux), 15)
    tmux.do("send-keys", "y")
    until(lambda: "s.one DOWN" in tmux.do("show-buffer"), 10)
    assert "52;c" not in shown(tmux)


def test_a_far_board_reaches_the_clipboard_through_a_tmux_that_only_lets_things_pass(
    tmux: Tmux, watched: Service
) -> None:
    """The board runs in an inner tmux that keeps no clipboard; the outer one stands for the terminal."""
    watched.status = 503
    with tmux_server() as inner:
        for option in ("allow-passthrough on", "set-clipboard off", "default-terminal tmux-256color"):
            inner.do("set-option", "-g", *option.split())
        tmux.open(
            options=("set-clipboard on",),
            before=f"env -u TMUX {shlex.join(inner.command)} new-session env -u TMUX ",
        )
        until(lambda: "2 down" in shown(tmux), 15)
        tmux.do("send-keys", "y")
        until(lambda: "s.one DOWN" in tmux.do("show-buffer"), 10)
