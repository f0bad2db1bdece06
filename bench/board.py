"""The two programs that are measured, and what on their screens says that they are there."""

from __future__ import annotations

import contextlib
import re
import signal
import sys
import time
from pathlib import Path

from support.terminal import Terminal

SIZE = (120, 40)
#: A window that holds no minute change starts and ends this far from one.
MARGIN = 1.5


def bare() -> Terminal:
    """The bare Textual program."""
    return Terminal([sys.executable, Path(__file__).with_name("bare.py")], size=SIZE)


def board(config: Path, state: Path) -> Terminal:
    """The dashboard."""
    return Terminal([sys.executable, "-m", "artisan_tui", "--config", config, "--state", state], size=SIZE)


def painted(terminal: Terminal, timeout: float = 20.0) -> float:
    """When the board's header was on the alternate screen; a traceback does not count."""
    return terminal.wait_for(
        lambda: terminal.emulator.alternate and "artisan" in terminal.row(0).lower(), timeout=timeout
    )


def counts(state: str, count: int) -> re.Pattern[str]:
    """How the board's heading says how many are so: ``14 up``, ``1,000 up``, ``1 down``."""
    return re.compile(rf"(?<![\d,])({count}|{count:,}) {state}\b", re.IGNORECASE)


def leave(terminal: Terminal) -> None:
    """End it as a system does, and insist that it ends."""
    terminal.kill(signal.SIGTERM)
    terminal.wait_exit(15)


def rest(terminal: Terminal, seconds: float, timeout: float) -> None:
    """Wait for a quiet wire; one that never rests is measured as it is."""
    with contextlib.suppress(AssertionError):
        terminal.wait_quiet(seconds, timeout)


def calm(seconds: float) -> None:
    """Return when ``seconds`` without a minute change lie ahead."""
    if seconds + 2 * MARGIN > 60:
        raise ValueError("no minute is that long")
    into = time.time() % 60
    if not MARGIN <= into <= 60 - MARGIN - seconds:
        time.sleep((60 + MARGIN - into) % 60)
