"""A file system that filled up and then has room again: the store goes on by itself, and says nothing of its libraries."""

from __future__ import annotations

import contextlib
import os
import random
import re
import sqlite3
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import PendingRollbackError

from artisan_tui.domain.event import Entry
from artisan_tui.store.errors import StoreError, StoreFull
from artisan_tui.store.explain import explain
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
LIBRARIES = re.compile(
    r"sqlalche|sqlite3|psycopg|https?://|Background on this error|rolled back|reconnect|Traceback", re.IGNORECASE
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A real file system of one megabyte."""
    if os.geteuid():
        pytest.skip("only root can mount")
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = ["mount", "-t", "tmpfs", "-o", "size=1m,mode=0700", "tmpfs", str(disk)]
    if (made := subprocess.run(mounted, capture_output=True, text=True, check=False)).returncode:
        pytest.skip(f"no tmpfs may be mounted here: {made.stderr.strip()}")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def sized(disk: Path, size: str) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


def entry(text: str) -> Entry:
    return Entry(NOW, "alice", "note", "", {"text": text})


@pytest.mark.parametrize("seed", range(4))
def test_f2_a_store_that_has_room_again_goes_on(small_disk: Path, seed: int) -> None:
    dice = random.Random(seed)
    written = 0
    with Store.open(StorePlace(small_disk / "state")) as store:
        for megabytes in range(2, 7):
            said: list[str] = []
            for _ in range(400):
                try:
                    if dice.random() < 0.7:
                        store.append([entry("x" * dice.randint(1, 30_000))], at=NOW)
                        written += 1
                    else:
                        store.journal.page(200)
                except StoreError as error:
                    said.append(str(error))
                    if len(said) > 20:
                        break
            assert said
            assert not [each for each in said if LIBRARIES.search(each)]
            assert all("no disk space left" in each for each in said)
            sized(small_disk, f"{megabytes}m")
            # Every part of it, at the first try.
            assert store.pulse()[0] == written
            store.append([entry("room")], at=NOW)
            written += 1
            assert len(store.journal.page(10)) == min(10, written)
        assert store.verify().sound


@pytest.mark.parametrize("fails", [("commit",), ("rollback",), ("commit", "rollback")], ids="+".join)
@pytest.mark.parametrize("writes", [True, False])
def test_f2_a_transaction_that_cannot_be_ended_does_not_block_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: tuple[str, ...], writes: bool
) -> None:
    """The disk is full at the very moment of the commit, or the rollback after it fails as well."""

    def refuse(raw: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    with Store.open(StorePlace(tmp_path / "state")) as store:
        for _ in range(2):
            with monkeypatch.context() as patch:
                for name in fails:
                    patch.setattr(store.dialect, f"do_{name}", refuse)
                with contextlib.suppress(StoreError):
                    if writes:
                        store.leases.touch()
                    else:
                        with store.reading() as connection:
                            connection.execute(text("SELECT 1"))
                            raise StoreFull("full")
            store.leases.touch()
            store.append([entry("one")], at=NOW)
            store.pulse()
            store.leases.touch()
        assert store.verify().sound


def test_f2_no_text_of_a_library_and_no_address_reaches_a_person(tmp_path: Path) -> None:
    place = StorePlace(tmp_path)
    error = PendingRollbackError("Can't reconnect until invalid transaction is rolled back.", code="8s2b")
    server = sqlite3.OperationalError("connection is bad\n(Background on this error at: https://example.org/e3q8)")
    for wrong in (error, sqlite3.OperationalError("disk I/O error"), server):
        said = str(explain(wrong, place))
        assert not LIBRARIES.search(said)
        assert str(tmp_path) in said
