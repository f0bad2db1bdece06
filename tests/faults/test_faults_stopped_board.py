"""A board that stands still in the middle of a run: another one takes the run, and the first wakes up to the truth."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import psutil

from artisan_tui.domain.event import Event
from artisan_tui.store.errors import StoreMissing
from artisan_tui.store.store import Store
from support.live_runs import House, book, effect_step
from support.servers import until
from support.terminal import Terminal

PROGRAM = [sys.executable, "-m", "artisan_tui"]


def board(house: House, *, rows: int = 24) -> Terminal:
    command = [*PROGRAM, "--config", str(house.config_path), "--state", str(house.state)]
    return Terminal(command, size=(80, rows), env={"EFFECTS": str(house.effects)})


def of_runs(house: House) -> list[Event]:
    """Oldest first."""
    with Store.open(house.place(), read_only=True) as store:
        return [each for each in reversed(store.journal.page(500)) if each.kind.startswith("run.")]


def notes(house: House) -> list[object]:
    try:
        with Store.open(house.place(), read_only=True) as store:
            return [each.body["text"] for each in store.journal.page(10, kind="note")]
    except StoreMissing:
        return []  # the board may be quicker than its store


def started(terminal: Terminal) -> None:
    """A person starts the only runbook, and stays at its run."""
    terminal.wait_for("1 up", 30)
    terminal.press("4")
    terminal.wait_for("Example", 30)
    terminal.press("r")
    terminal.wait_for("Start a runbook", 30)
    terminal.press("enter", "enter", "enter", "enter")


def joined(terminal: Terminal) -> None:
    """Another one comes to look at it."""
    terminal.wait_for("1 up", 30)
    terminal.press("4")
    terminal.wait_for(re.compile(r"Example +0/"), 30)
    terminal.press("up", "enter")  # the run is above the runbook
    terminal.wait_for("expects: ", 30)  # what is read of it, too


def stood_still(terminal: Terminal) -> None:
    terminal.kill(signal.SIGSTOP)
    process = psutil.Process(terminal.process.pid)
    until(lambda: process.status() == psutil.STATUS_STOPPED, 30, "the stop")


def adopted(terminal: Terminal) -> None:
    for _again in range(5):
        terminal.press("o")
        terminal.wait_for("Adopt the run", 30)
        terminal.send("the first board stands still\r")
        terminal.press("enter")
        refused = "look at it again"  # what happened to the run last was on the way to this screen
        terminal.wait_for(
            lambda: (
                refused in terminal.screen_text()  # noqa: B023  it is asked in this round
                or "Adopt the run" not in terminal.screen_text()
            ),
            30,
        )
        if refused not in terminal.screen_text():
            return
        terminal.press("escape")
        terminal.wait_gone("Adopt the run", 30)


def test_a_run_of_a_stopped_board_goes_on_at_another_and_nothing_happens_twice(tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    slow = effect_step("first", f"while [ ! -e {gate} ]; do sleep 0.05; done", "echo first-over >> $EFFECTS")
    house = House(tmp_path, book(slow, effect_step("second"), effect_step("third")))
    house.state.mkdir(mode=0o700)
    with board(house) as one, board(house) as other:
        started(one)
        until(lambda: house.done() == ["first"], 20, "the first step")
        joined(other)
        other.wait_for("runs first", 30)
        stood_still(one)
        gate.touch()
        until(lambda: house.done() == ["first", "first-over"], 30, "the end of the step")
        adopted(other)
        other.wait_for("SUCCEEDED", 30)
        before = of_runs(house)
        assert "SUCCEEDED" not in one.screen_text()
        one.kill(signal.SIGCONT)
        one.wait_for("SUCCEEDED", 30)
        for each in (one, other):
            assert "runs first" not in each.screen_text()
        assert of_runs(house) == before, "not one more"
        one.press("q")
        assert one.wait_exit(10) == 0
    assert house.done() == ["first", "first-over", "second", "third"]
    begun = [(each.body["step"], each.body["number"]) for each in before if each.kind == "run.intended"]
    assert begun == [("first", 1), ("second", 1), ("third", 1)]
    with Store.open(house.place(), read_only=True) as store:
        assert store.journal.verify().sound


def test_a_key_that_was_pressed_while_the_board_stood_still_agrees_to_nothing_that_came_after(tmp_path: Path) -> None:
    asks = 'confirm = "ask"'
    house = House(tmp_path, book(effect_step("first", keys=asks), effect_step("second", keys=asks)))
    house.state.mkdir(mode=0o700)
    with board(house) as one, board(house) as other:
        started(one)
        one.wait_for("first waits for your yes", 20)
        joined(other)
        other.wait_for("first waits for your yes", 30)
        stood_still(one)
        one.press("r")  # agrees to the first; read when the board goes on, or thrown away with what the terminal held
        other.press("r")
        other.wait_gone("first waits for your yes", 30)
        adopted(other)
        other.wait_for("second waits for your yes", 20)
        assert house.done() == ["first"]
        one.kill(signal.SIGCONT)
        one.wait_for("second waits for your yes", 30)
        assert house.done() == ["first"], "nobody has seen the second yet"
        other.wait_for("second waits for your yes", 30)
        other.press("r")
        for each in (one, other):
            each.wait_for("SUCCEEDED", 30)
    assert house.done() == ["first", "second"]


def test_what_is_half_typed_is_still_there_when_the_board_goes_on(tmp_path: Path) -> None:
    house = House(tmp_path, book(effect_step("first")))
    house.state.mkdir(mode=0o700)
    with board(house) as one:
        one.wait_for("1 up", 30)
        one.press("n")
        one.wait_for("Write a note", 30)
        one.send("half of it")
        one.wait_for("half of it", 30)
        asked = one.raw().count(b"\x1b[?2026$p")
        stood_still(one)
        one.kill(signal.SIGCONT)
        one.wait_for(lambda: one.raw().count(b"\x1b[?2026$p") > asked, 30)  # it listens again
        one.wait_for("half of it", 30)
        one.send(", and the rest")
        one.wait_for("half of it, and the rest", 30)
        one.press("enter")
        until(lambda: notes(house) == ["half of it, and the rest"], 30, "the note")
