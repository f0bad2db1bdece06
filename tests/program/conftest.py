"""The program itself: in a pty for the board, as a process for the plain-text twin."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from support.program import Opener, Runner
from support.terminal import Terminal

PROGRAM = [sys.executable, "-m", "artisan_tui"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder of its own for configuration and state."""
    (tmp_path / "state").mkdir(mode=0o700)
    return tmp_path


@pytest.fixture
def run(home: Path) -> Runner:
    """Run the program with this home; its output as text."""

    def call(*arguments: str, timeout: float = 60) -> subprocess.CompletedProcess[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("ARTISAN", "XDG"))}
        return subprocess.run(
            [*PROGRAM, "--config", str(home / "artisan.toml"), "--state", str(home / "state"), *arguments],
            capture_output=True,
            text=True,
            timeout=timeout,
            cwd=home,
            env=environment,
            check=False,
        )

    return call


@pytest.fixture
def board(home: Path) -> Opener:
    """A function that opens the board in a terminal of its own; use it as a context manager."""

    def open_board(*arguments: str, cols: int = 120, rows: int = 40) -> Terminal:
        command = [*PROGRAM, "--config", str(home / "artisan.toml"), "--state", str(home / "state"), *arguments]
        return Terminal(command, size=(cols, rows))

    return open_board
