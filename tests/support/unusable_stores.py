"""The board with a store that cannot be used, and what it wrote."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from support.rows import Rows
from support.servers import until
from support.services import Service, config_text, http_check, service
from support.terminal import Terminal

PROGRAM = [sys.executable, "-m", "artisan_tui"]
ROOT = os.geteuid() == 0
needs_root = pytest.mark.skipif(not ROOT, reason="only root can mount, and give files away")
NOT_WRITTEN = "NOT SAVED"


@contextlib.contextmanager
def watching(
    home: Path,
    *,
    command: Sequence[str] = PROGRAM,
    state: bool = True,
    env: Mapping[str, str | None] | None = None,
    size: tuple[int, int] = (120, 30),
) -> Iterator[tuple[Terminal, Service]]:
    """The board on one service that is well and one that never answers; how it was left is checked at the end.

    While the first is up the second must never be: what was not seen is not green.
    """
    mute = threading.Event()
    with service() as well, service(delay=mute) as silent:
        text = config_text(http_check("well", well.url, fall=1, rise=1), http_check("mute", silent.url, fall=1))
        (home / "artisan.toml").write_text(text, "utf-8")
        arguments = ["--config", str(home / "artisan.toml")]
        arguments += ["--state", str(home / "state")] if state else []
        forked = command[: len(PROGRAM)] == PROGRAM
        words = [*command, *arguments][len(PROGRAM) if forked else 0 :]
        with Terminal(words, size=size, env=env, cwd=home, forked=forked) as terminal:
            rows = Rows(terminal, "well", "mute")
            terminal.wait_for(lambda: rows.states() == {"mute": "DOWN"}, 20)
            terminal.press("enter")  # the service, with what is well in it
            terminal.wait_for(lambda: rows.states() == {"well": "up", "mute": "DOWN"}, 20)
            yield terminal, well
            assert "up" not in rows.said["mute"]
            terminal.press("q")
            assert terminal.wait_exit(15) == 0, terminal.screen_text()
            assert not terminal.left_behind()
            assert b"Traceback" not in terminal.raw()


def watches_on(terminal: Terminal, well: Service, said: str) -> None:
    """It is live, an outage is seen, and that it is not written down is said beside it."""
    terminal.wait_for(NOT_WRITTEN, 20)
    terminal.wait_for(lambda: said in " ".join(notice(terminal).split()), 5)
    well.status = 503
    terminal.wait_for("s.well DOWN: status 503")
    terminal.wait_for("not saved")
    well.status = 200
    terminal.wait_for("s.well up again")


def notice(terminal: Terminal) -> str:
    """The lines of what is wrong with ourselves, joined."""
    lines = terminal.screen_text().split("\n")
    start = next((index for index, line in enumerate(lines) if NOT_WRITTEN in line), None)
    return "" if start is None else " ".join(line.strip() for line in lines[start : start + 3])


def path_of(home: Path) -> Path:
    return home / "state" / "artisan.db"


def begun(home: Path) -> Path:
    """A store that an earlier session wrote to, closed."""
    with watching(home):
        until(lambda: has_begun(path_of(home)))
    return path_of(home)


def has_begun(path: Path) -> bool:
    """Whether a session has written that it began; the board folds such entries."""
    try:
        return any(kind == "session.start" for _, kind, _ in events(path))
    except sqlite3.OperationalError:
        return False


def events(path: Path) -> list[tuple[int, str, str]]:
    with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as raw:
        return raw.execute("SELECT seq, kind, body FROM event ORDER BY seq").fetchall()
