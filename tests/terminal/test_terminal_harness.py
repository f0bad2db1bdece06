"""The harness itself: if it counts or sees wrongly, every number and picture taken with it is wrong."""

from __future__ import annotations

import signal
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from support.emulator import Emulator
from support.terminal import Terminal

BARE = Path(__file__).parents[2] / "bench" / "bare.py"


def script(body: str, **options: object) -> Terminal:
    """A program in raw mode that says what it is told to; ``say`` writes bytes, ``hear`` reads a key."""
    prelude = """
    import os, signal, sys, termios, tty
    say = lambda data: os.write(1, data)
    hear = lambda: os.read(0, 64)
    tty.setraw(0)
    """
    code = textwrap.dedent(prelude) + textwrap.dedent(body)
    return Terminal([sys.executable, "-c", code], **options)  # type: ignore[arg-type]


def test_counts_every_byte_once() -> None:
    said = "가나다 \x1b[31mred\x1b[0m\r\n".encode() * 500
    with script(f"say({said!r}); hear(); say(b'!' * 7); hear()") as terminal:
        terminal.wait_for(lambda: terminal.total == len(said))
        assert terminal.raw() == said
        terminal.wait_quiet(0.01)
        pressed = terminal.press("x")
        first = terminal.wait_output(pressed)
        terminal.wait_for(lambda: terminal.total == len(said) + 7)
        assert first > pressed
        assert terminal.bytes_between(terminal.started, pressed) == len(said)
        assert terminal.bytes_between(pressed) == 7
        terminal.press("x")
        assert terminal.wait_exit() == 0
        assert terminal.total == len(said) + 7


def test_rings_for_bells_only() -> None:
    title, clipboard = rb"\x1b]0;title\x07", rb"\x1bPtmux;\x1b\x1b]52;c;aGk=\x07\x1b\\"
    with script(f"say(b'a\\x07b{title.decode()}c{clipboard.decode()}d\\x07'); hear()") as terminal:
        terminal.wait_for("abcd")
        assert terminal.bells == 2
        assert terminal.emulator.osc == [b"0;title"]


def test_wide_characters_take_two_cells() -> None:
    with script("say('가x나\\r\\n한글\\x1b[2;4HZ\\x1b[1;10H|'.encode()); hear()", size=(10, 3)) as terminal:
        terminal.wait_for("|")
        assert terminal.row(0) == "가x나    |"
        assert terminal.row(1) == "한 Z"  # a wide character half overwritten is gone
        assert terminal.row(-1) == ""


def test_split_sequences_read_the_same() -> None:
    stream = "\x1b[?1049h\x1b[2;3H\x1b[38;2;1;2;3m장애\x1b[0m\x1b]0;t\x1b\\\x1b[>29u!\x1b[?2026$p".encode()
    whole, pieces = Emulator(20, 4), Emulator(20, 4)
    answer = whole.feed(stream)
    assert b"".join(pieces.feed(stream[at : at + 1]) for at in range(len(stream))) == answer == b"\x1b[?2026;2$y"
    assert [pieces.row(line) for line in range(4)] == [whole.row(line) for line in range(4)]
    assert whole.row(1) == "  장애!" + " " * 13
    assert whole.residue() == pieces.residue() == {"alternate screen", "kitty keyboard"}
    whole.feed(b"\x1b[\xff\x1b[zz\x1b7ok")  # broken sequences do not swallow what follows
    assert "ok" in "".join(whole.row(line) for line in range(4))


def test_failed_wait_shows_the_screen() -> None:
    with script("say(b'on screen'); hear()", size=(12, 2)) as terminal:
        terminal.wait_for("on screen")
        with pytest.raises(AssertionError, match=r"'never' did not come in 0.01 s .*\n\|on screen   \|\n\| {12}\|$"):
            terminal.wait_for("never", timeout=0.01)
        with pytest.raises(AssertionError, match="did not go"):
            terminal.wait_gone("on screen", timeout=0.01)
        with pytest.raises(AssertionError, match="did not end"):
            terminal.wait_exit(0.01)
        with pytest.raises(AssertionError, match="nothing was written"):
            terminal.wait_output(time.monotonic(), timeout=0.01)


def test_failed_wait_is_not_long_when_the_program_ended() -> None:
    with script("say(b'bye')") as terminal, pytest.raises(AssertionError, match="it ended"):
        terminal.wait_for("never", timeout=60)


def test_an_error_in_a_predicate_reaches_the_test() -> None:
    with script("hear(); say(b'x'); hear()") as terminal:

        def fails_later() -> bool:
            return terminal.total > 0 and bool(1 / 0)

        terminal.press("x")
        with pytest.raises(ZeroDivisionError):
            terminal.wait_for(fails_later)


def test_hang_up_is_seen() -> None:
    # Not hear(): whether the end of what it reads or the signal comes first is the machine's to decide. And whoever runs
    # the tests under nohup has told everybody below to ignore it.
    with script("signal.signal(signal.SIGHUP, signal.SIG_DFL); say(b'ready'); signal.pause()") as terminal:
        terminal.wait_for("ready")
        terminal.hang_up()
        assert terminal.wait_exit() == -signal.SIGHUP


def test_hang_up_can_be_handled(tmp_path: Path) -> None:
    note = tmp_path / "note"
    body = f"""
    def end(*_):
        open({str(note)!r}, 'w').write('hung up')
        os._exit(7)
    signal.signal(signal.SIGHUP, end)
    say(b'ready')
    signal.pause()
    """
    with script(body) as terminal:
        terminal.wait_for("ready")
        terminal.hang_up()
        assert terminal.wait_exit() == 7
        assert note.read_text() == "hung up"


def test_kill_and_what_it_leaves() -> None:
    with script("say(b'before\\x1b[?1049h\\x1b[?25l\\x1b[?1003h\\x1b[?2004hinside'); hear()") as terminal:
        terminal.wait_for("inside")
        assert "before" not in terminal.screen_text()
        terminal.kill()
        assert terminal.wait_exit() == -signal.SIGKILL
        left = {"alternate screen", "cursor hidden", "mouse", "bracketed paste", "echo off", "line editing off"}
        assert terminal.left_behind() == left


def test_keyboard_is_the_controlling_terminal() -> None:
    code = "print('ready', flush=True); import signal; signal.pause()"
    with Terminal([sys.executable, "-c", code]) as terminal:
        terminal.wait_for("ready")
        terminal.press("ctrl+c")
        terminal.wait_for("KeyboardInterrupt")
        assert terminal.wait_exit() == -signal.SIGINT


def test_resize_reaches_the_program() -> None:
    body = """
    def sized(*_):
        say(f'\\x1b[H{os.get_terminal_size().columns}x{os.get_terminal_size().lines};'.encode())
    signal.signal(signal.SIGWINCH, sized)
    sized()
    while True: signal.pause()
    """
    with script(body, size=(40, 10)) as terminal:
        terminal.wait_for("40x10;")
        terminal.resize(100, 30)
        terminal.wait_for("100x30;")
        assert len(terminal.screen_text().split("\n")) == 30


def test_answers_what_programs_ask() -> None:
    body = """
    say(b'\\x1b[?2026$p'); say(hear().replace(b'\\x1b', b'E'))
    say(b'\\x1b[?2048$p'); say(hear().replace(b'\\x1b', b'E'))
    say(b'\\x1b[3;5H\\x1b[6n'); say(hear().replace(b'\\x1b', b'E'))
    hear()
    """
    with script(body) as terminal:
        terminal.wait_for("E[3;5R")
        assert terminal.row(0) == "E[?2026;2$yE[?2048;0$y"
        assert terminal.row(2) == "    E[3;5R"


def test_environment_is_a_plain_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("TMUX", "COLUMNS", "NO_COLOR", "SSH_TTY", "LC_ALL"):
        monkeypatch.setenv(name, "1")
    body = (
        "say(repr([os.environ.get(n) for n in ('TMUX COLUMNS NO_COLOR SSH_TTY LC_ALL TERM HOME X').split()]).encode())"
    )
    with script(body, env={"HOME": None, "X": "y"}, size=(120, 5)) as terminal:
        terminal.wait_exit()
        assert terminal.row(0) == "[None, None, None, None, None, 'xterm-256color', None, 'y']"


def test_costs_include_children() -> None:
    body = """
    import subprocess
    code = 'import os\\nx = bytearray(50_000_000)\\nwhile os.times()[0] < 0.3: pass\\nos.write(1, b"held"); os.read(0, 1)'
    subprocess.run([sys.executable, '-c', code])
    """
    with script(body) as terminal:
        terminal.wait_for("held")
        assert terminal.cpu_seconds() >= 0.3
        assert terminal.rss_bytes() > 50_000_000
        children = terminal._tree()[1:]
    assert children
    _, alive = psutil.wait_procs(children, timeout=5)  # a container's first process may not bury them
    assert all(child.status() == psutil.STATUS_ZOMBIE for child in alive)


def test_a_textual_program_starts_answers_and_restores() -> None:
    with Terminal([sys.executable, BARE], size=(100, 30)) as terminal:
        painted = terminal.wait_for("nothing to see here")
        assert 0 < painted - terminal.started < 10
        last = terminal.wait_quiet(0.3)
        assert terminal.emulator.alternate
        assert b"\x1b[?2026h" in terminal.raw()  # it believed the answer
        pressed = terminal.press("?")
        assert terminal.wait_for("there is no help") > terminal.wait_output(pressed) - 1e-9 > pressed > last
        terminal.press("escape")
        terminal.wait_gone("there is no help")
        terminal.resize(60, 20)
        terminal.wait_for("nothing to see here")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert terminal.left_behind() == set()
        assert terminal.screen_text().strip() == ""
