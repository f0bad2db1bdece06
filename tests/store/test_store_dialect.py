"""What differs between databases, as it is spelled. What a real PostgreSQL does with it: test_store_postgresql.py."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import OperationalError, ProgrammingError
from sqlalchemy.schema import CreateTable

from artisan_tui.domain.event import GENESIS
from artisan_tui.store import errors
from artisan_tui.store.checks.part import CheckRollUp, CheckSampleRow, CheckStore
from artisan_tui.store.dialect import guards, upsert
from artisan_tui.store.explain import explain
from artisan_tui.store.journal import EventRow
from artisan_tui.store.model import Model, table
from artisan_tui.store.place import StorePlace

PG = postgresql.dialect()
TEAM = StorePlace(Path("/s"), "postgresql://ops:s3cret@db/artisan")


class Prepares:
    """What a part asks of the store before it uses it: which database its statements are for."""

    dialect, where = PG, "nowhere"

    def reading(self) -> Any:
        raise NotImplementedError

    def writing(self, fence: int | None = None) -> Any:
        raise NotImplementedError


def spelled(element: object) -> str:
    return " ".join(str(element.compile(dialect=PG)).split())  # type: ignore[attr-defined]


def test_postgresql_guards_every_way_in() -> None:
    function, row, truncate = guards("postgresql").values()
    assert "BEFORE INSERT OR UPDATE OR DELETE ON event FOR EACH ROW EXECUTE FUNCTION event_guard()" in row
    assert "BEFORE TRUNCATE ON event FOR EACH STATEMENT EXECUTE FUNCTION event_guard()" in truncate
    assert function.startswith("CREATE FUNCTION event_guard() RETURNS trigger LANGUAGE plpgsql AS $$")
    assert "NEW.seq IS DISTINCT FROM COALESCE(last_seq, 0) + 1" in function
    assert f"NEW.prev_hash IS DISTINCT FROM COALESCE(last_hash, '{GENESIS}')" in function
    assert function.count("USING ERRCODE = 'AR001'") == 3
    assert next(iter(guards("postgresql"))) == "event_guard"  # the triggers need it


def test_postgresql_tables() -> None:
    event = spelled(CreateTable(table(EventRow)))
    assert "seq BIGINT NOT NULL" in event
    assert "supersedes BIGINT," in event
    assert "ROWID" not in spelled(CreateTable(table(CheckSampleRow)))
    assert "id SERIAL NOT NULL" in spelled(CreateTable(Model.metadata.tables["check_ref"]))


def test_postgresql_upserts() -> None:
    assert spelled(upsert("postgresql", table(CheckSampleRow))).endswith("ON CONFLICT DO NOTHING")
    merged = str(CheckStore(Prepares())._roll_up._text)
    assert "ON CONFLICT (check_ref, start) DO UPDATE SET" in merged
    assert "up = (check_roll_up.up + excluded.up)" in merged
    assert "WHEN (excluded.latency_min < check_roll_up.latency_min) THEN excluded.latency_min" in merged
    assert upsert("sqlite", table(CheckRollUp)) is not None


class DriverError(Exception):
    """As psycopg's: the server's code, or none when no server answered."""

    def __init__(self, sqlstate: str | None) -> None:
        super().__init__("something happened\nDETAIL: more")
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        ("53100", errors.StoreFull),
        ("55P03", errors.StoreLocked),
        ("25006", errors.StoreReadOnly),
        ("42501", errors.StoreReadOnly),
        ("XX001", errors.StoreCorrupt),
        ("08006", errors.StoreUnreachable),
        ("28P01", errors.StoreUnreachable),
        ("3D000", errors.StoreUnreachable),
        ("57P01", errors.StoreUnreachable),
        (None, errors.StoreUnreachable),
        ("42P01", errors.StoreError),
    ],
)
def test_postgresql_errors_are_told(state: str | None, kind: type[errors.StoreError]) -> None:
    told = explain(OperationalError("SELECT 1", {}, DriverError(state)), TEAM)
    assert type(told) is kind
    assert "ops:***@db/artisan" in str(told)
    assert "DETAIL" not in str(told)


def test_what_is_not_known_keeps_the_database_s_words() -> None:
    told = explain(ProgrammingError("SELECT 1", {}, DriverError(None)), TEAM)
    assert str(told) == "the store postgresql://ops:***@db/artisan cannot be used: something happened"


def test_an_io_error_on_a_full_disk_is_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_SHMSIZE
    (tmp_path / "artisan.db").touch()
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4096))
    assert type(explain(error, StorePlace(tmp_path))) is errors.StoreFull


def test_a_disk_that_fails_is_told(tmp_path: Path) -> None:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorcode = sqlite3.SQLITE_IOERR_READ
    (tmp_path / "artisan.db").touch()
    assert type(explain(error, StorePlace(tmp_path))) is errors.StoreDisk
    (tmp_path / "artisan.db").unlink()
    assert type(explain(error, StorePlace(tmp_path))) is errors.StoreMoved
