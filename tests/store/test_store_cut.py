"""A part of the open store is cut off or taken away: noticed before the next word, which is never lost in it."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.store.errors import StoreCorrupt
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


def entry(text: str) -> Entry:
    return Entry(NOW, "alice", "note", "", {"text": text})


def half(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


WAL_CUTS: list[tuple[str, Callable[[Path], None]]] = [
    ("was cut short", lambda wal: os.truncate(wal, 0)),
    ("was cut short", lambda wal: os.truncate(wal, 32)),
    ("was cut short", half),
    ("was cut short", lambda wal: os.truncate(wal, wal.stat().st_size - 1)),
    ("was deleted", lambda wal: wal.unlink()),
    ("was replaced", lambda wal: (wal.rename(wal.with_suffix(".old")), wal.write_bytes(b""))),  # type: ignore[dict-item, list-item, arg-type]
]


@pytest.mark.parametrize(("said", "cut"), WAL_CUTS, ids=["empty", "header", "half", "a byte", "deleted", "replaced"])
@pytest.mark.parametrize("reads", [True, False])
def test_f3_a_wal_that_was_cut_is_said_at_the_next_word_and_nothing_is_written_into_it(
    tmp_path: Path, said: str, cut: Callable[[Path], None], reads: bool
) -> None:
    path = tmp_path / "state" / "artisan.db"
    with Store.open(StorePlace(tmp_path / "state")) as store:
        for number in range(20):
            store.append([entry(f"note {number}" * 50)], at=NOW)
        before = path.read_bytes()
        cut(path.with_name("artisan.db-wal"))
        for _ in range(2):
            with pytest.raises(StoreCorrupt, match=said):
                store.pulse() if reads else store.append([entry("lost?")], at=NOW)
        assert path.read_bytes() == before


def test_f3_a_file_that_was_cut_to_half_is_said_before_anything_is_written(tmp_path: Path) -> None:
    path = tmp_path / "state" / "artisan.db"
    with Store.open(StorePlace(tmp_path / "state")) as store:
        for number in range(60):
            store.append([entry(f"note {number}" * 50)], at=NOW)
        with contextlib.closing(sqlite3.connect(path)) as raw:
            raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        store.pulse()
        half(path)
        for _ in range(2):
            with pytest.raises(StoreCorrupt, match="the file was cut short"):
                store.append([entry("lost?")], at=NOW)


def test_f3_what_other_programs_may_do_is_no_damage(tmp_path: Path) -> None:
    path = tmp_path / "state" / "artisan.db"
    with Store.open(StorePlace(tmp_path / "state")) as store, Store.open(StorePlace(tmp_path / "state")) as other:
        for round_ in range(30):
            store.append([entry("x" * 40_000)], at=NOW)
            other.append([entry("y" * 40_000)], at=NOW)
            with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as raw:
                raw.execute(f"PRAGMA wal_checkpoint({('PASSIVE', 'FULL', 'RESTART', 'TRUNCATE')[round_ % 4]})")
                if round_ % 7 == 3:
                    raw.execute("VACUUM")
            assert store.pulse()[0] == other.pulse()[0] == 2 * round_ + 2
        assert store.verify().sound
