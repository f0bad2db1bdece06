"""`artisan-tui demo` as a newcomer meets it: live within seconds, broken and mended by hand, gone without a trace."""

from __future__ import annotations

import re
import signal
import sys
from pathlib import Path

import psutil
import pytest

from support.rows import Rows, changes
from support.servers import until
from support.terminal import Terminal


def demo(home: Path, size: tuple[int, int]) -> Terminal:
    """Without any option, as the README says; what it puts into the temporary folder lands in ``home``."""
    return Terminal([sys.executable, "-m", "artisan_tui", "demo"], size=size, env={"TMPDIR": str(home)}, cwd=home)


def header(terminal: Terminal, *words: str) -> None:
    """Wait for the top line: elsewhere the same words are news ("llm.all up again")."""
    terminal.wait_for(lambda: all(word in terminal.row(0) for word in words))


def stack_of(terminal: Terminal) -> psutil.Process:
    (stack,) = [
        child
        for child in psutil.Process(terminal.process.pid).children(recursive=True)
        if "artisan_tui.drill" in child.cmdline()
    ]
    return stack


def ended(process: psutil.Process) -> bool:
    """An orphan whose new parent does not look stays a zombie, and has ended all the same."""
    try:
        return not process.is_running() or process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def toggle(terminal: Terminal, becomes: str) -> None:
    """Break or mend the first part of the panel."""
    terminal.press("b")
    terminal.wait_for("Qwen is down")
    terminal.press("enter")
    terminal.wait_for(lambda: any(f"{becomes} " in line and "Qwen is down" in line for line in screen(terminal)))
    terminal.press("escape")
    terminal.wait_gone("Enter sets/clears")


def unfolded(terminal: Terminal, name: str) -> list[str]:
    """The lines below a service with the check of this name, down."""
    return [line for line in screen(terminal) if re.match(rf"  \S {name} +DOWN ", line)]


def screen(terminal: Terminal) -> list[str]:
    return terminal.screen_text().split("\n")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)], ids=["80x24", "120x40"])
def test_break_qwen_see_it_mend_it_and_leave(home: Path, size: tuple[int, int]) -> None:
    with demo(home, size) as terminal:
        header(terminal, "all up", *(["live"] if size[0] > 80 else []))  # within 10 s
        # What is well is one line a service; what fails unfolds below its service, by its name.
        stack, models = stack_of(terminal), Rows(terminal, "Language models")
        terminal.wait_for(lambda: models.states() == {"Language models": "up"})
        assert unfolded(terminal, "Qwen") == []
        assert terminal.bells == 0

        toggle(terminal, "ACTIVE")
        terminal.wait_for(lambda: any("status 503" in row for row in unfolded(terminal, "Qwen")), 15)
        terminal.wait_for(lambda: models.all("DOWN", "CUDA out of memory"))
        header(terminal, "1 down")
        # First of the services; above them may stand the runbook that is suggested for it.
        first = next(row for row in screen(terminal) if row[:1] in {"✖", "!", "?", "✔"})
        assert "Language models" in first, terminal.screen_text()
        terminal.wait_for("llm.qwen DOWN: status 503")

        toggle(terminal, "off")
        terminal.wait_for("llm.qwen up again, was down", 15)
        terminal.wait_for(lambda: models.all("up"), 15)
        terminal.wait_for(lambda: "down" not in terminal.row(0))
        assert (models.said["Language models"][0], models.said["Language models"][-1]) == ("up", "up")
        assert "DOWN" in models.said["Language models"]

        (state,) = home.glob("artisan-demo-*")
        journal = changes(state)
        assert [change[1:] for change in journal if change[0] == "llm.qwen"] == [
            ("up", "down", "status"),
            ("down", "up", "ok"),
        ]
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert not terminal.left_behind()
        until(
            lambda: ended(stack), 15, "the end of the stack"
        )  # also when a thread of ours hung, and it was not waited for
        # Qwen is one of three: everything else may limp, and must not wake anybody.
        assert {check for check, _, to, _ in journal if to == "down"} <= {"llm.qwen", "llm.qwen-inference"}
        assert terminal.bells == 1
    assert not list(home.glob("artisan-demo-*"))


def test_kill_nine_takes_the_stack_along(home: Path) -> None:
    with demo(home, (80, 24)) as terminal:
        header(terminal, "all up")
        stack = stack_of(terminal)
        terminal.kill(signal.SIGKILL)
        assert terminal.wait_exit() == -signal.SIGKILL
        until(lambda: ended(stack), 15, "the end of the stack")
