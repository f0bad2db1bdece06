"""A store that is damaged, deleted or put back, under a board that watches on."""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from support.servers import until
from support.unusable_stores import (
    NOT_WRITTEN,
    PROGRAM,
    begun,
    events,
    has_begun,
    path_of,
    watches_on,
    watching,
)


def damage(path: Path) -> None:
    """Overwrite everything, as a disk that lies would: what is in memory does not hide it for long."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with path.open("r+b") as file:
        file.write(b"\xa5" * path.stat().st_size)


def replaced(path: Path) -> dict[str, object]:
    """The first event of the journal at ``path``, which must tell of the break."""
    import json

    seq, kind, body = events(path)[0]
    assert (seq, kind) == (1, "store.replaced")
    found: dict[str, object] = json.loads(body)
    return found


def quarantined(home: Path) -> list[Path]:
    return sorted(file for file in (home / "state").iterdir() if ".quarantine-" in file.name)


@pytest.mark.parametrize("spoil", [damage, lambda path: os.truncate(path, 0)], ids=["garbage", "emptied"])
def test_a_store_that_is_damaged_at_the_start(home: Path, spoil: Callable[[Path], None]) -> None:
    path = begun(home)
    spoil(path)
    kept = path.read_bytes()
    with watching(home) as (terminal, well):
        terminal.wait_for("quarantine", 20)
        assert NOT_WRITTEN not in terminal.screen_text()
        well.status = 503
        terminal.wait_for("s.well DOWN: status 503")
    (aside,) = quarantined(home)
    assert aside.read_bytes() == kept
    assert stat.S_IMODE(aside.stat().st_mode) == 0o600
    assert replaced(path)["was"] == str(aside)
    assert {"session.start", "check.state", "session.stop"} <= {kind for _, kind, _ in events(path)}


def test_a_store_that_is_damaged_under_the_board(home: Path) -> None:
    with watching(home) as (terminal, well):
        until(lambda: has_begun(path_of(home)))
        until(lambda: any(kind == "check.state" for _, kind, _ in events(path_of(home))))
        seen = events(path_of(home))
        damage(path_of(home))
        watches_on(terminal, well, "is damaged")
        terminal.wait_gone(NOT_WRITTEN, 30)
        terminal.wait_for("quarantine")
    body = replaced(path_of(home))
    assert body["why"] == "damaged"
    assert body["last_seq"] >= seen[-1][0]  # type: ignore[operator]
    assert len(str(body["last_hash"])) == 64
    states = [kind for _, kind, _ in events(path_of(home))].count("check.state")
    assert states >= 2  # down and up again, both seen while nothing could be written
    assert body["was"] in map(str, quarantined(home))


@pytest.mark.parametrize("folder", [False, True], ids=["file", "folder"])
def test_a_store_that_is_deleted_under_the_board(home: Path, folder: bool) -> None:
    with watching(home) as (terminal, well):
        until(lambda: has_begun(path_of(home)))
        until(lambda: any(kind == "check.state" for _, kind, _ in events(path_of(home))))
        shutil.rmtree(home / "state") if folder else path_of(home).unlink()
        watches_on(terminal, well, "was moved or deleted while in use")
        terminal.wait_gone(NOT_WRITTEN, 30)
        terminal.wait_for("deleted or moved")
    body = replaced(path_of(home))
    assert body["why"] == "deleted"
    assert isinstance(body["last_seq"], int)
    assert [kind for _, kind, _ in events(path_of(home))].count("check.state") >= 2


def test_leaving_before_the_new_store_is_begun_loses_nothing(home: Path) -> None:
    with watching(home) as (terminal, well):
        until(lambda: has_begun(path_of(home)))
        until(lambda: any(kind == "check.state" for _, kind, _ in events(path_of(home))))
        path_of(home).unlink()
        well.status = 503
        terminal.wait_for(NOT_WRITTEN)
        terminal.wait_for("s.well DOWN: status 503")
    assert replaced(path_of(home))["why"] == "deleted"
    assert [kind for _, kind, _ in events(path_of(home))][-2:] == ["check.state", "session.stop"]


def test_a_store_that_is_put_back_in_time_goes_on(home: Path) -> None:
    with watching(home) as (terminal, well):
        until(lambda: has_begun(path_of(home)))
        until(lambda: any(kind == "check.state" for _, kind, _ in events(path_of(home))))
        path_of(home).rename(home / "held.db")
        well.status = 503
        terminal.wait_for(NOT_WRITTEN)
        (home / "held.db").rename(path_of(home))
        terminal.wait_gone(NOT_WRITTEN, 20)
        terminal.wait_for("s.well DOWN: status 503")
    assert "store.replaced" not in [kind for _, kind, _ in events(path_of(home))]
    assert [seq for seq, _, _ in events(path_of(home))] == list(range(1, len(events(path_of(home))) + 1))


def test_read_only_touches_no_damaged_store(home: Path) -> None:
    path = begun(home)
    damage(path)
    before = path.read_bytes()
    with watching(home, command=[*PROGRAM, "--read-only"]) as (terminal, _):
        terminal.wait_for("is damaged")
    assert path.read_bytes() == before
    assert quarantined(home) == []
