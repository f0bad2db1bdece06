"""The program itself: in a pty for the board, as a process for the plain-text twin."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.forked import ordinary, run_program
from support.program import Opener, Runner
from support.terminal import Terminal

PROGRAM = [sys.executable, "-m", "artisan_tui"]


def places(home: Path) -> list[str]:
    return ["--config", str(home / "artisan.toml"), "--state", str(home / "state")]


def environment() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if not k.startswith(("ARTISAN", "XDG"))}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of its own for configuration and state."""
    (tmp_path / "state").mkdir(mode=0o700)
    return tmp_path


@pytest.fixture
def run(home: Path) -> Runner:
    """Run the program with this home, imported already; its output as text."""

    def call(*arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        return run_program(*places(home), *arguments, timeout=timeout, cwd=home, env=ordinary(environment()))

    return call


@pytest.fixture
def run_afresh(home: Path) -> Runner:
    """`run` by a new interpreter, as a person starts it."""

    def call(*arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, *places(home), *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=home,
            env=environment(),
            check=False,
        )

    return call


@pytest.fixture
def board(home: Path) -> Opener:
    """A function that opens the board in a terminal of its own; use it as a context manager."""

    def open_board(*arguments: str, cols: int = 120, rows: int = 40) -> Terminal:
        return Terminal([*places(home), *arguments], size=(cols, rows), forked=True)

    return open_board


@pytest.fixture
def board_afresh(home: Path) -> Opener:
    """`board` by a new interpreter, as a person starts it."""

    def open_board(*arguments: str, cols: int = 120, rows: int = 40) -> Terminal:
        return Terminal([*PROGRAM, *places(home), *arguments], size=(cols, rows))

    return open_board
