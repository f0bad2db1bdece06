"""`watch` ends soon after it is told to, whatever it was doing, and whatever others do to its store."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.processes import with_us
from support.servers import until
from support.services import config_text, http_check, service

#: Seconds within which a supervisor's patience must not run out: most wait 10 s before they kill.
SOON = 10.0
HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.read()
"""


@contextmanager
def watch(home: Path) -> Iterator[subprocess.Popen[str]]:
    command = [
        sys.executable,
        "-m",
        "artisan_tui",
        "--config",
        str(home / "artisan.toml"),
        "--state",
        str(home / "state"),
    ]
    with subprocess.Popen(
        with_us([*command, "watch", "--json"]), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=home
    ) as one:
        try:
            assert one.stdout is not None
            one.stdout.readline()
            yield one
        finally:
            one.kill()


def stopped(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGSTOP)
    os.waitid(os.P_PID, process.pid, os.WSTOPPED | os.WNOWAIT)


def ends(process: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, float]:
    began = time.monotonic()
    process.send_signal(number)
    return process.wait(60), time.monotonic() - began


@pytest.mark.parametrize("order", ["continued, told", "told, continued"])
def test_f4_a_watch_that_was_stopped_and_continued_ends(home: Path, order: str) -> None:
    with service() as target:
        (home / "artisan.toml").write_text(config_text(http_check("one", target.url)), "utf-8")
        for _ in range(3):
            with watch(home) as one:
                stopped(one)
                for number in (signal.SIGCONT, signal.SIGTERM)[:: 1 if order == "continued, told" else -1]:
                    one.send_signal(number)
                assert one.wait(SOON) == 0


@pytest.mark.parametrize("freeze", [False, True])
def test_f4_a_watch_ends_while_another_program_holds_the_store(home: Path, freeze: bool) -> None:
    """Every write waits five seconds for the lock, and there are many on the way out."""
    with service() as target:
        (home / "artisan.toml").write_text(config_text(http_check("one", target.url)), "utf-8")
        with watch(home) as one:
            holder = with_us([sys.executable, "-c", HOLD, str(home / "state" / "artisan.db")])
            with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
                try:
                    assert other.stdout is not None
                    assert other.stdout.readline() == "held\n"
                    if freeze:
                        stopped(one)
                        one.send_signal(signal.SIGCONT)
                    code, took = ends(one)
                    assert took < SOON
                    assert code == 1
                    assert one.stderr is not None
                    assert "may be lost" in one.stderr.read()
                finally:
                    other.kill()


def test_f4_told_twice_it_ends_at_once(home: Path) -> None:
    with service() as target:
        (home / "artisan.toml").write_text(config_text(http_check("one", target.url)), "utf-8")
        with watch(home) as one:
            holder = with_us([sys.executable, "-c", HOLD, str(home / "state" / "artisan.db")])
            with subprocess.Popen(holder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
                try:
                    assert other.stdout is not None
                    assert other.stdout.readline() == "held\n"
                    one.send_signal(signal.SIGINT)
                    assert one.stderr is not None
                    while "a second signal" not in one.stderr.readline():
                        pass
                    _code, took = ends(one, signal.SIGINT)
                    assert took < 2.0
                finally:
                    other.kill()


def test_f4_it_ends_although_nobody_reads_what_it_prints(home: Path) -> None:
    with service() as target:
        (home / "artisan.toml").write_text(config_text(http_check("one", target.url)), "utf-8")
        with watch(home) as one:
            assert one.stdout is not None
            assert one.stderr is not None
            for stream in (one.stdout, one.stderr):
                fcntl.fcntl(stream, fcntl.F_SETPIPE_SZ, 4096)
            # Notes of another session, which this one prints: more than the pipe holds.
            with Store.open(StorePlace(home / "state")) as store:
                now = datetime.now(UTC)
                store.append([Entry(now, "alice", "note", "", {"text": "x" * 400}) for _ in range(60)], at=now)
            path = Path(f"/proc/{one.pid}/wchan")
            until(lambda: "pipe" in path.read_text(), 20, "it waits for its reader")
            _code, took = ends(one)
            assert took < SOON
