"""What reaches the terminal in every mode, byte for byte, from the real program."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from support.program import Opener
from support.services import Service
from support.terminal import Terminal

Configure = Callable[..., None]

_SGR = re.compile(rb"\x1b\[([0-9;:]*)m")
_ESCAPES = re.compile(
    rb"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|P(?:[^\x1b]|\x1b(?!\\))*\x1b\\|[ -/]*[0-~])"
)


def colours(raw: bytes) -> Iterator[tuple[str, ...]]:
    """Every colour that was named: ("16", code), ("256", number) or ("rgb", …)."""
    for match in _SGR.finditer(raw):
        codes = iter(match[1].decode().replace(":", ";").split(";"))
        for code in codes:
            if code in ("38", "48"):
                kind = next(codes)
                yield ("256", next(codes)) if kind == "5" else ("rgb", next(codes), next(codes), next(codes))
            elif code.isdecimal() and (30 <= int(code) <= 49 or 90 <= int(code) <= 107):
                yield ("16", code)


def every_screen(terminal: Terminal, watched: Service, *, only_the_board: bool = False) -> None:
    """Board, check, help, palette, note, filter, toast, an outage; and out again."""
    terminal.wait_for("all up", 20)
    watched.status = 503
    terminal.wait_for("DOWN", 20)
    if only_the_board:
        terminal.press("q")
        assert terminal.wait_exit() == 0
        return
    terminal.press("down")  # from the service to its first check
    for key, said in [("enter", "Conditions"), ("y", "copied"), ("escape", "Journal"), ("?", "This screen")]:
        terminal.press(key)
        terminal.wait_for(said, 20)
    terminal.press("escape")
    terminal.wait_gone("This screen")
    terminal.press(":")
    terminal.wait_for(re.compile(r"Find a command(.|\n)*Show the checks of the selected service"), 20)
    terminal.press("down")
    terminal.press("escape")
    terminal.wait_gone("Find a command")
    terminal.send("n")
    terminal.wait_for("Enter saves")
    terminal.send("pod")
    terminal.press("escape")
    terminal.wait_gone("Enter saves")
    terminal.send("/one")
    terminal.wait_for("1 of 2 match one")
    terminal.press("escape")
    terminal.wait_gone("match one")
    terminal.press("q")
    assert terminal.wait_exit() == 0
    assert not terminal.left_behind()


XTERM = {"TERM": "xterm", "COLORTERM": None}


@pytest.mark.parametrize(
    ("env", "top", "kinds"),
    [
        ({}, "", {"rgb"}),
        ({}, 'theme = "light"\n', {"rgb"}),
        ({"TERM": "xterm-256color", "COLORTERM": None}, "", {"256"}),
        ({"TERM": "tmux-256color", "COLORTERM": None}, "", {"256"}),
        (XTERM, "", {"16"}),
        (XTERM | {"COLORFGBG": "0;15"}, 'theme = "dark"\n', {"16"}),
        ({"TERM": "linux", "COLORTERM": None}, "", {"16"}),
        ({"TERM": "screen", "COLORTERM": None}, "", {"16"}),
        ({"TERM": "vt220", "COLORTERM": None}, "", {"16"}),
        ({}, 'theme = "ansi"\n', {"16"}),
        ({"NO_COLOR": "1"}, "", set()),
        ({"NO_COLOR": "1"} | XTERM, 'theme = "light"\n', set()),
    ],
    ids=["truecolor", "light", "256", "tmux", "xterm", "xterm-light", "linux", "screen", "vt220", "ansi", "no-color", "no-color-16"],
)  # fmt: skip
def test_only_the_colours_there_are(
    board: Opener, watched: Service, env: dict[str, str | None], top: str, kinds: set[str]
) -> None:
    with board(env=env, top=top) as terminal:
        # Terminals that get the same theme need not see all of it again.
        every_screen(
            terminal, watched, only_the_board=env.get("TERM") not in (None, "xterm", "xterm-256color", "linux")
        )
        named = set(colours(terminal.raw()))
    assert {colour[0] for colour in named} == kinds
    if kinds == {"16"}:
        # The eight that every console has, and the default.
        assert {int(code) % 10 for _kind, code in named} <= {0, 1, 2, 3, 4, 5, 6, 7, 9}
        assert all(int(code) < 50 for _kind, code in named)


def test_an_empty_no_color_says_nothing(board: Opener, watched: Service) -> None:
    with board(env={"NO_COLOR": ""}) as terminal:
        terminal.wait_for("all up")
        assert {colour[0] for colour in colours(terminal.raw())} == {"rgb"}


def test_a_theme_that_comes_later_is_taken_whole(board: Opener, watched: Service, configure: Configure) -> None:
    with board() as terminal:
        terminal.wait_for("all up")
        configure(top='theme = "ansi"\nglyphs = "ascii"\n')
        terminal.wait_for(re.compile("Services ----"))
        terminal.wait_quiet(0.3)
        seen = len(terminal.raw())
        terminal.press("enter", "down", "enter")
        terminal.wait_for("Conditions")
        after = terminal.raw()[seen:]
        assert {colour[0] for colour in colours(after)} == {"16"}
        assert _ESCAPES.sub(b"", after).isascii()
        seen = len(terminal.raw())
        configure(top='theme = "light"\n')
        terminal.wait_for("────")
        terminal.wait_quiet(0.3)
        assert b"48;2;255;255;255" in terminal.raw()[seen:]


@pytest.mark.parametrize(
    ("env", "top"),
    [
        ({"LANG": "C"}, ""),
        ({"LANG": None}, ""),
        ({"LC_ALL": "POSIX", "LANG": "ko_KR.UTF-8"}, 'theme = "ansi"\n'),
        ({"LANG": "en_US.ISO-8859-1"}, ""),
        ({"TERM": "linux", "COLORTERM": None}, ""),
        ({}, 'glyphs = "ascii"\n'),
        ({"LANG": "C", "NO_COLOR": "1"}, ""),
    ],
    ids=["c", "unset", "posix", "latin-1", "console", "asked-for", "c-no-color"],
)
def test_ascii_is_ascii_on_every_screen(board: Opener, watched: Service, env: dict[str, str | None], top: str) -> None:
    with board(env=env, top=top) as terminal:
        every_screen(terminal, watched, only_the_board=env.get("LANG") == "C" or "LC_ALL" in env)
        assert _ESCAPES.sub(b"", terminal.raw()).isascii()


def test_a_charset_without_korean_gets_question_marks_of_the_same_width(board: Opener, watched: Service) -> None:
    watched.body = '{"status": "결제"}'.encode()
    with board(env={"LC_ALL": "C"}, head='language = "ko"') as terminal:
        terminal.wait_for("all up")  # and English instead of a board of question marks
        terminal.press("enter", "down", "enter")
        terminal.wait_for("Conditions")
        terminal.press("end")  # the body is below the plot, once there is one
        terminal.wait_for('"status": "????"')
        assert _ESCAPES.sub(b"", terminal.raw()).isascii()
    with board(env={"LC_ALL": "C"}, top='glyphs = "unicode"\n', head='language = "ko"') as terminal:
        terminal.wait_for("정상")  # a person who knows better is believed


def test_no_kitty_keyboard_where_it_would_be_printed(board: Opener) -> None:
    for term, asked in [("xterm-256color", True), ("linux", False), ("screen.xterm-256color", False)]:
        with board(env={"TERM": term}) as terminal:
            terminal.wait_for("all up")
            assert (b"\x1b[>25u" in terminal.raw()) == asked
            terminal.press("q")
            assert terminal.wait_exit() == 0
            assert not terminal.left_behind()


@pytest.mark.parametrize("term", ["dumb", "", None, "unknown"])
def test_a_terminal_that_cannot_draw_gets_one_plain_round(board: Opener, watched: Service, term: str | None) -> None:
    watched.status = 503
    with board(env={"TERM": term, "COLORTERM": None}, size=(120, 24)) as terminal:
        assert terminal.wait_exit() == 1
        said = terminal.screen_text()
        assert re.search(r"cannot show the board \(TERM=(dumb|''|unknown)\)", said)
        assert "s.one  down" in said
        assert "2 down" in said
        assert b"\x1b" not in terminal.raw()


def test_a_pipe_is_refused_whatever_its_term(configure: Configure, command: list[str]) -> None:
    configure()
    for term in ("xterm", "dumb"):
        done = subprocess.run(
            command, env=os.environ | {"TERM": term}, stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False
        )  # fmt: skip
        assert done.returncode == 2
        assert b"artisan-tui check" in done.stderr
        assert done.stdout == b""


@pytest.mark.parametrize("ending", ["", "broken"])
def test_a_plain_round_of_a_broken_configuration_is_2(tmp_path: Path, command: list[str], ending: str) -> None:
    (tmp_path / "artisan.toml").write_text("[[service]]\n" + ending, encoding="utf-8")
    with Terminal(command, env={"TERM": "dumb"}, size=(120, 24)) as terminal:
        assert terminal.wait_exit() == 2
        assert "artisan.toml" in terminal.screen_text()
        assert "Traceback" not in terminal.screen_text()


# -- the mouse ----------------------------------------------------------------------


SSH: dict[str, str | None] = {"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}
MOUSE = 1003


@pytest.mark.parametrize(
    ("env", "top", "on"),
    [
        ({}, "", True),
        (SSH, "", False),
        ({"SSH_TTY": "/dev/pts/3"}, "", False),
        (SSH, 'mouse = "on"\n', True),
        ({}, 'mouse = "off"\n', False),
    ],
    ids=["local", "ssh", "ssh-tty", "ssh-on", "local-off"],
)
def test_the_mouse_is_off_over_ssh_unless_asked(board: Opener, env: dict[str, str | None], top: str, on: bool) -> None:
    with board(env=env, top=top) as terminal:
        terminal.wait_for("all up")
        assert terminal.emulator.modes.get(MOUSE, False) is on
        if not on:
            assert b"\x1b[?1003h" not in terminal.raw()  # not even for a moment
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert not terminal.left_behind()


def test_the_mouse_follows_the_configuration_while_it_runs(
    board: Opener, watched: Service, configure: Configure
) -> None:
    with board() as terminal:
        terminal.wait_for("all up")
        configure(top='mouse = "off"\n')
        terminal.wait_for(lambda: not terminal.emulator.modes[MOUSE])
        terminal.press("J", "f")
        terminal.wait_for("reloaded artisan.toml")
        terminal.press("escape")
        terminal.wait_for("Services ─")
        configure(top='mouse = "on"\n')
        terminal.wait_for(lambda: terminal.emulator.modes[MOUSE])
        terminal.press("enter")
        terminal.wait_for(" ✔ one ")
        # A click selects, a second one opens: below the header, the title and the service is its first check.
        for _ in range(2):
            terminal.send("\x1b[<0;5;4M\x1b[<0;5;4m")
        terminal.wait_for("Conditions")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert not terminal.left_behind()


# -- focus --------------------------------------------------------------------------


def test_while_the_window_has_no_focus_nothing_is_sent_and_nothing_is_lost(board: Opener, watched: Service) -> None:
    with board() as terminal:
        terminal.wait_for("all up")
        terminal.send("/on")
        terminal.wait_for("match on")
        assert terminal.bytes_between(terminal.wait_quiet(1.2)) == 0  # a cursor that blinks would be heard
        terminal.send("\x1b[O")
        quiet_from = terminal.wait_quiet(1.2)
        assert terminal.bytes_between(quiet_from) == 0
        watched.status = 500
        terminal.wait_for("2 down")  # but what changes is shown: the window may well be seen
        terminal.send("\x1b[I")
        terminal.send("e")
        terminal.wait_for("match one")  # the focus is where it was
        terminal.send("\x1b[O\x1b[I" * 20)
        terminal.press("escape")
        terminal.wait_gone("match one")
        terminal.press("j", "j", "enter")
        terminal.wait_for("s.two ─")


def test_the_first_frame_is_in_the_right_theme(board: Opener) -> None:
    """A flash of dark on a light terminal is what people remember."""
    with board(env={"COLORFGBG": "0;15"}) as terminal:
        terminal.wait_for("all up")
        assert b"48;2;15;20;25" not in terminal.raw()
        assert b"48;2;255;255;255" in terminal.raw()
    with board(env={"COLORFGBG": "0;15"}, top="theme = 'dark'\n") as terminal:
        terminal.wait_for("all up")
        assert b"48;2;255;255;255" not in terminal.raw()
