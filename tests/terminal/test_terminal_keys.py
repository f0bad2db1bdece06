"""Keys and pastes as a terminal sends them: none is lost, none does what nobody meant, Esc answers at once."""

from __future__ import annotations

import contextlib
import json
import sqlite3
from pathlib import Path

import pytest

from support.program import Opener
from support.services import Service
from support.terminal import Terminal

BEGIN, END = "\x1b[200~", "\x1b[201~"


def notes(tmp_path: Path) -> list[str]:
    """The notes that the journal holds."""
    path = tmp_path / "state" / "artisan.db"
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        rows = raw.execute("SELECT body FROM event WHERE kind = 'note' ORDER BY seq").fetchall()
    return [json.loads(body)["text"] for (body,) in rows]


def leave(terminal: Terminal) -> None:
    terminal.press("ctrl+c")
    assert terminal.wait_exit() == 0, terminal.screen_text()
    assert not terminal.left_behind()
    assert b"Traceback" not in terminal.raw()


@pytest.mark.parametrize("keys", ["\r\r", "\r\r\r\r\x1b", "\x1b\x1b", "\x1b\r\x1b\r", "\r\x1b"])
def test_d1_a_dialog_answers_once_however_often_it_is_answered(
    board: Opener, watched: Service, tmp_path: Path, keys: str
) -> None:
    with board() as terminal:
        terminal.wait_for("all up", 20)
        terminal.wait_for("only session entries", 20)
        for opens, says in (("n", "Enter saves"), (":", "Find a command"), ("?", "This screen")):
            terminal.send(opens)
            terminal.wait_for(says)
            terminal.send(keys)
            if keys.endswith("\x1b"):
                terminal.wait_gone(says)
            elif says == "Enter saves" and "\x1b" not in keys:
                terminal.wait_for("must not be empty")  # it stays, however often
                assert says in terminal.screen_text()
            elif says == "Enter saves":
                terminal.wait_gone(says)
            while any(part in terminal.screen_text() for part in (says, "Conditions", "Uptime by day")):
                at = terminal.press("escape")
                terminal.wait_output(at)
                terminal.wait_quiet(0.1)
        leave(terminal)
    assert notes(tmp_path) == []


def test_d1_what_follows_an_enter_or_an_esc_at_once_is_heard(board: Opener, watched: Service, tmp_path: Path) -> None:
    with board() as terminal:
        terminal.wait_for("all up", 20)
        terminal.wait_for("only session entries", 20)
        terminal.send("nfirst\rn")
        terminal.wait_for("Enter saves")
        terminal.send("second\r\rjj\r")  # saves; unfolds the service, opens its second check
        terminal.wait_for("s.two ─")
        terminal.send("\x1bn")  # back, and a note
        terminal.wait_for("Enter saves")
        terminal.send("not this\x1b?")
        terminal.wait_for("This screen")
        terminal.send("\x1b:")
        terminal.wait_for("Find a command")
        terminal.send("\x1bnthird\r/two\r\r")
        terminal.wait_for("s.two ─")
        terminal.send("\x1b\x1b/one\x1b/tw\x1b\x1bj")
        terminal.wait_for("Journal")
        terminal.wait_gone("match")
        leave(terminal)
    assert notes(tmp_path) == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("pasted", "written"),
    [
        (f"{BEGIN}pod \x1b[31mOOMKilled\x1b[0m twice{END}", "pod OOMKilled twice"),
        (f"{BEGIN}one\r\ntwo\nthree\r{END}", "one two three"),
        (f"{BEGIN}\x1b[1mERROR\x1b[0m\r\n  at line 3\r\n{END}", "ERROR at line 3"),
        (f"{BEGIN}safe{END}\rq\r{END}", "safe q"),
        ("first line\rsecond line\rthird line\r", "first line second line third line"),
        (f"{BEGIN}{'word ' * 60}\r\n{'tail ' * 20}{END}", ("word " * 60 + "tail " * 20).strip()),
    ],
    ids=["colours", "lines", "both", "an end in it", "not marked as a paste", "long"],
)
def test_d1_a_paste_stays_in_its_line_in_its_order_until_a_person_submits_it(
    board: Opener, watched: Service, tmp_path: Path, pasted: str, written: str
) -> None:
    with board() as terminal:
        terminal.wait_for("all up", 20)
        terminal.wait_for("only session entries", 20)
        terminal.send("n")
        terminal.wait_for("Enter saves")
        terminal.send("<")
        for at in range(0, len(pasted), 150):
            terminal.send(pasted[at : at + 150])
        terminal.wait_quiet(0.3)
        assert "Enter saves" in terminal.screen_text()
        assert notes(tmp_path) == []
        terminal.send(">\r")
        terminal.wait_gone("Enter saves")
        leave(terminal)
    assert notes(tmp_path) == [f"<{written}>"]


def test_d1_a_paste_on_the_board_presses_no_key(board: Opener, watched: Service, tmp_path: Path) -> None:
    with board() as terminal:
        terminal.wait_for("all up", 20)
        terminal.wait_for("only session entries", 20)
        terminal.send(f"{BEGIN}q\x1b[31mq\rn{END}")
        terminal.send("quite a line\rquite a line\r")
        terminal.wait_quiet(0.3)
        assert "Journal" in terminal.screen_text()
        terminal.send("?")
        terminal.wait_for("This screen")
        leave(terminal)


def test_d1_esc_answers_within_forty_milliseconds(board: Opener, watched: Service) -> None:
    """From the key to the first byte. The best of the tries: other programs run on this machine too."""
    with board() as terminal:
        terminal.wait_for("all up", 20)
        terminal.wait_for("only session entries", 20)
        times = []
        for _ in range(12):
            terminal.send("?")
            terminal.wait_for("This screen")
            terminal.wait_quiet(0.1)
            pressed = terminal.press("escape")
            times.append(terminal.wait_output(pressed) - pressed)
            terminal.wait_gone("This screen")
        leave(terminal)
    assert min(times) < 0.04, times


def test_d1_over_ssh_a_sequence_may_take_its_time(board: Opener, watched: Service) -> None:
    with board(env={"SSH_CONNECTION": "10.0.0.1 1 10.0.0.2 22"}) as terminal:
        terminal.wait_for("all up", 20)
        terminal.wait_for("only session entries", 20)
        terminal.send("?")
        terminal.wait_for("This screen")
        terminal.wait_quiet(0.1)
        pressed = terminal.press("escape")
        assert terminal.wait_gone("This screen") - pressed > 0.09
        leave(terminal)
