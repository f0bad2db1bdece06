"""What an error of a database or its driver means for a person."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from artisan_tui.domain.text.printable import printable
from artisan_tui.store.dialect import APPEND_ONLY
from artisan_tui.store.errors import (
    StoreCorrupt,
    StoreDisk,
    StoreError,
    StoreFull,
    StoreLocked,
    StoreMoved,
    StoreReadOnly,
    StoreTampered,
    StoreUnreachable,
)
from artisan_tui.store.place import StorePlace

#: Where a library explains its own error.
_ADDRESS = re.compile(r"\(?\b(?:Background on this error at: )?https?://\S+")
#: Bytes free on a disk below which an error of it is taken for a full disk.
_ALMOST_NOTHING = 1 << 20


def explain(error: Exception, place: StorePlace) -> StoreError:
    """What a driver's ``error`` means for a person."""
    cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
    said = str(cause).strip().split("\n")[0]
    if APPEND_ONLY in said:
        return StoreTampered.of(place.label, said)
    path = place.sqlite_path
    if isinstance(cause, SQLAlchemyError):
        # Neither the database nor its driver, but what is above them: its words are for programmers.
        return StoreError.of(place.label, f"internal error {type(cause).__name__}; if this stays, restart artisan-tui")
    detail = _ADDRESS.sub("", said).strip() or type(cause).__name__
    if path is not None:
        return _explain_sqlite(getattr(cause, "sqlite_errorcode", None), path, detail)
    state = getattr(cause, "sqlstate", None)
    if {"OperationalError", "InterfaceError"} & {type(error).__name__, type(cause).__name__} and not state:
        return StoreUnreachable.of(place.label, detail)  # no answer carries no code
    if state in ("26000", "42P05"):  # a pooler gives every transaction another session, and the prepared stay behind
        return StoreError.of(
            place.label, (f"{detail}: a connection pooler is in between; use the port of PostgreSQL itself")
        )
    if state in ("0A000", "25006") and "recovery" in detail:
        return StoreReadOnly.of(place.label, f"{detail}: this server is a standby; use the primary's address")
    found = next((kind for prefix, kind in _POSTGRESQL.items() if str(state).startswith(prefix)), StoreError)
    if found is StoreLocked:  # its own sentence speaks of a file
        where = printable(place.label, 500)
        return StoreLocked(f"another program holds a lock in {where} ({detail}); see pg_locks, artisan-tui retries")
    return found.of(place.label, detail)


def _explain_sqlite(code: int | None, path: Path, detail: str) -> StoreError:
    if code is None:
        # The driver's own complaints carry no code; that text is not UTF-8 is the one a file can cause.
        if "UTF-8" in detail:
            return StoreCorrupt.of(path, "it holds text that is not UTF-8")
        return StoreError.of(path, "internal error of its driver; if this stays, restart artisan-tui")
    kind = _SQLITE.get(code & 0xFF, StoreError)
    # SQLite's own texts are for programmers, and some are wrong for a person ("unable to open database file").
    detail = _WORDS.get(code & 0xFF, f"SQLite error {code}")
    if kind in (StoreReadOnly, StoreDisk) and not path.exists():
        return StoreMoved.of(path)
    if kind is StoreDisk and shutil.disk_usage(path.parent).free < _ALMOST_NOTHING:
        return StoreFull.of(path)  # the shared-memory file cannot grow: not reported as "full"
    return kind.of(path, detail)


_SQLITE: Final[Mapping[int, type[StoreError]]] = {
    sqlite3.SQLITE_CORRUPT: StoreCorrupt,
    sqlite3.SQLITE_NOTADB: StoreCorrupt,
    sqlite3.SQLITE_BUSY: StoreLocked,
    sqlite3.SQLITE_LOCKED: StoreLocked,
    sqlite3.SQLITE_FULL: StoreFull,
    sqlite3.SQLITE_READONLY: StoreReadOnly,
    sqlite3.SQLITE_CANTOPEN: StoreReadOnly,
    sqlite3.SQLITE_PERM: StoreReadOnly,
    sqlite3.SQLITE_IOERR: StoreDisk,
}
_WORDS: Final[Mapping[int, str]] = {
    sqlite3.SQLITE_CORRUPT: "its pages do not fit together",
    sqlite3.SQLITE_NOTADB: "it is not a database",
    sqlite3.SQLITE_BUSY: "it is locked",
    sqlite3.SQLITE_LOCKED: "it is locked",
    sqlite3.SQLITE_FULL: "the disk is full",
    sqlite3.SQLITE_READONLY: "it is read-only",
    sqlite3.SQLITE_CANTOPEN: "it cannot be opened",
    sqlite3.SQLITE_PERM: "permission denied",
    sqlite3.SQLITE_IOERR: "reading or writing failed",
    sqlite3.SQLITE_NOMEM: "this machine has no memory left",
    sqlite3.SQLITE_ERROR: "its tables are not those of this artisan-tui",
}
_POSTGRESQL: Final[Mapping[str, type[StoreError]]] = {
    "53100": StoreFull,
    "53": StoreUnreachable,
    "55P03": StoreLocked,
    "40": StoreLocked,
    "58": StoreDisk,
    "25006": StoreReadOnly,
    "25P": StoreUnreachable,
    "42501": StoreReadOnly,
    "XX001": StoreCorrupt,
    "XX002": StoreCorrupt,
    "08": StoreUnreachable,
    "28": StoreUnreachable,
    "3D": StoreUnreachable,
    "57P": StoreUnreachable,
}
