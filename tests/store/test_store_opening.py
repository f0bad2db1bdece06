"""The opening screen reads what was last known, without SQLModel and without ever failing."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.checks.health import initial_health
from artisan_tui.domain.checks.sample import CheckStatus
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.opening import last_known
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

LIGHT = """
import sys
import artisan_tui.store, artisan_tui.store.place, artisan_tui.store.opening, artisan_tui.store.errors
print(*(name for name in ("sqlmodel", "sqlalchemy", "alembic", "pydantic") if name in sys.modules))
"""
NO_MIGRATION = """
import sys
from pathlib import Path
from artisan_tui.store.place import StorePlace
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.store import Store
Store.open(StorePlace(Path(sys.argv[1]))).close()
print("alembic" in sys.modules)
"""


def told(process: Any) -> str:
    out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    return str(out).strip()


def test_importing_the_room_imports_nothing_heavy(python: Any) -> None:
    assert told(python(LIGHT)) == ""


def test_alembic_is_imported_only_to_migrate(python: Any, tmp_path: Path) -> None:
    assert told(python(NO_MIGRATION, tmp_path)) == "True"
    assert told(python(NO_MIGRATION, tmp_path)) == "False"


def test_it_reads_what_the_store_reads(filled: Store, place: StorePlace, at: datetime) -> None:
    filled.part(CheckStore).record([], [CheckStatus(name, "S", "http", initial_health(at)) for name in ("b", "a")])
    opening = last_known(place, 3)
    assert opening is not None
    assert opening.check_statuses == filled.part(CheckStore).statuses()
    assert opening.events == filled.journal.page(3)
    filled.close()
    assert last_known(place, 3) == opening


def test_it_changes_nothing_and_leaves_private_files(filled: Store, place: StorePlace) -> None:
    filled.close()
    before = (place.state_dir / "artisan.db").read_bytes()
    assert last_known(place) is not None
    assert (place.state_dir / "artisan.db").read_bytes() == before
    assert all(path.stat().st_mode & 0o077 == 0 for path in place.state_dir.iterdir())


@pytest.mark.parametrize(
    "url", ["postgresql://ops@db/artisan", "sqlite://", "sqlite:///:memory:", "sqlite:////nowhere/at/all.db"]
)
def test_there_is_nothing_to_read_elsewhere(tmp_path: Path, url: str) -> None:
    assert last_known(StorePlace(tmp_path, url)) is None


def empty(path: Path) -> None:
    path.write_bytes(b"")


def rubbish(path: Path) -> None:
    path.write_bytes(os.urandom(8192))


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def foreign(path: Path) -> None:
    path.unlink()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE recipe (id)")


def linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def odd_event(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("DROP TRIGGER event_no_update")
        connection.execute("UPDATE event SET body = CAST(x'ff' AS TEXT)")


def odd_status(path: Path) -> None:
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("UPDATE check_state SET since = 9223372036854775807")


@pytest.mark.parametrize("damage", [Path.unlink, empty, rubbish, cut, foreign, linked, folder, odd_event, odd_status])
def test_a_bad_store_is_no_opening_and_no_error(
    filled: Store, place: StorePlace, at: datetime, damage: Callable[[Path], None]
) -> None:
    filled.part(CheckStore).record([], [CheckStatus("a", "S", "http", initial_health(at))])
    filled.close()
    assert last_known(place) is not None
    damage(place.state_dir / "artisan.db")
    assert last_known(place) is None


def test_it_does_not_wait_for_a_lock(filled: Store, place: StorePlace) -> None:
    filled.close()
    with closing(sqlite3.connect(place.state_dir / "artisan.db", isolation_level=None)) as holder:
        holder.execute("PRAGMA journal_mode=DELETE")
        holder.execute("BEGIN EXCLUSIVE")
        assert last_known(place) is None
