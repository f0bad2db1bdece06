"""Start the two measured programs, and wait for states of their screens."""

from __future__ import annotations

import contextlib
import re
import signal
import sys
import time
from pathlib import Path

from support.terminal import Terminal

SIZE = (120, 40)
#: A window without a minute change starts and ends at least this many seconds from one.
MARGIN = 1.5


def bare() -> Terminal:
    """Start the minimal Textual program."""
    return Terminal([sys.executable, Path(__file__).with_name("bare.py")], size=SIZE)


def board(config: Path, state: Path) -> Terminal:
    """Start the dashboard."""
    return Terminal([sys.executable, "-m", "artisan_tui", "--config", config, "--state", state], size=SIZE)


def painted(terminal: Terminal, timeout: float = 20.0) -> float:
    """The time at which the board's header was on the alternate screen. A traceback does not count."""
    return terminal.wait_for(
        lambda: terminal.emulator.alternate and "artisan" in terminal.row(0).lower(), timeout=timeout
    )


def counts(state: str, count: int) -> re.Pattern[str]:
    """The number of checks in a state, in the board's heading: ``14 up``, ``1,000 up``, ``1 down``."""
    return re.compile(rf"(?<![\d,])({count}|{count:,}) {state}\b", re.IGNORECASE)


def leave(terminal: Terminal) -> None:
    """Send SIGTERM, and require the exit within 15 s."""
    terminal.kill(signal.SIGTERM)
    terminal.wait_exit(15)


def rest(terminal: Terminal, seconds: float, timeout: float) -> None:
    """Wait for ``seconds`` without output. After ``timeout`` the measurement starts anyway."""
    with contextlib.suppress(AssertionError):
        terminal.wait_quiet(seconds, timeout)


def calm(seconds: float) -> None:
    """Wait until no minute changes within the next ``seconds``."""
    if seconds + 2 * MARGIN > 60:
        raise ValueError("no minute is that long")
    into = time.time() % 60
    if not MARGIN <= into <= 60 - MARGIN - seconds:
        time.sleep((60 + MARGIN - into) % 60)
