"""A store on a disk that is full, read-only, or held by another program, under a board that watches on."""

from __future__ import annotations

import contextlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.processes import with_us
from support.servers import until
from support.unusable_stores import (
    NOT_WRITTEN,
    ROOT,
    begun,
    events,
    has_begun,
    needs_root,
    path_of,
    watches_on,
    watching,
)


@pytest.fixture
def small_disk(home: Path) -> Iterator[Path]:
    """A real file system of one megabyte, where the state is."""
    if not ROOT:
        pytest.skip("only root can mount")
    mounted = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(home / "state")]
    made = subprocess.run(mounted, capture_output=True, text=True, check=False)
    if made.returncode:
        pytest.skip(f"no tmpfs may be mounted here: {made.stderr.strip()}")
    yield home / "state"
    subprocess.run(["umount", "-l", str(home / "state")], check=True)


def fill(folder: Path) -> None:
    with (folder / "ballast").open("ab", buffering=0) as ballast, contextlib.suppress(OSError):
        while ballast.write(b"x" * 4096):
            pass


def test_no_room_from_the_start_and_then_room(home: Path, small_disk: Path) -> None:
    fill(small_disk)
    with watching(home) as (terminal, well):
        watches_on(terminal, well, "no disk space left for the store")
        (small_disk / "ballast").unlink()
        terminal.wait_gone(NOT_WRITTEN, 20)
        until(lambda: any(kind == "check.state" for _, kind, _ in events(path_of(home))))
    kinds = [kind for _, kind, _ in events(path_of(home))]
    assert kinds[0] == "session.start"
    assert kinds[-1] == "session.stop"
    assert kinds.count("check.state") >= 3  # of well, down and up; and mute


def test_the_disk_fills_up_under_the_board(home: Path, small_disk: Path) -> None:
    with watching(home) as (terminal, well):
        until(lambda: has_begun(path_of(home)))
        fill(small_disk)
        for _ in range(200):
            well.status = 503 if well.status == 200 else 200
            probes = well.requests
            until(lambda: well.requests > probes, 5)  # noqa: B023  it is asked in this round
            if NOT_WRITTEN in terminal.screen_text():
                break
        well.status = 200
        terminal.wait_for("s.well up again")
        watches_on(terminal, well, "no disk space left for the store")
        (small_disk / "ballast").unlink()
        terminal.wait_gone(NOT_WRITTEN, 20)
    assert [seq for seq, _, _ in events(path_of(home))] == list(range(1, len(events(path_of(home))) + 1))


@needs_root
def test_a_disk_that_became_read_only(home: Path, small_disk: Path) -> None:
    begun(home)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with watching(home) as (terminal, well):
        watches_on(terminal, well, "cannot be written")


HOLD = """
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("PRAGMA locking_mode=EXCLUSIVE")
db.execute("BEGIN EXCLUSIVE")
db.execute("CREATE TABLE IF NOT EXISTS held (x)")
print("held", flush=True)
sys.stdin.read()
"""


def test_another_program_holds_it_from_the_start_and_lets_go(home: Path) -> None:
    path = begun(home)
    before = len(events(path))
    with subprocess.Popen(
        with_us([sys.executable, "-c", HOLD, str(path)]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        assert other.stdout.readline() == "held\n"
        try:
            with watching(home) as (terminal, well):
                watches_on(terminal, well, "another program has locked the store")
                other.send_signal(signal.SIGKILL)
                other.wait(10)
                terminal.wait_gone(NOT_WRITTEN, 30)
        finally:
            other.kill()
    kinds = [kind for _, kind, _ in events(path)][before:]
    assert kinds[0] == "session.start"
    assert kinds[-1] == "session.stop"
    assert kinds.count("check.state") >= 2


def test_the_database_of_another_program(home: Path) -> None:
    with contextlib.closing(sqlite3.connect(path_of(home))) as raw:
        raw.execute("CREATE TABLE recipe (id)")
    before = path_of(home).read_bytes()
    with watching(home) as (terminal, well):
        watches_on(terminal, well, "is the database of another program (it holds recipe); use a separate folder")
    assert path_of(home).read_bytes() == before
    assert [file.name for file in (home / "state").iterdir()] == ["artisan.db"]


def test_a_newer_program_wrote_it(home: Path) -> None:
    path = begun(home)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '9999'")
    before = path.read_bytes()
    with watching(home) as (terminal, well):
        watches_on(terminal, well, "newer artisan-tui")
    assert path.read_bytes() == before
