"""The last call of heartbeat checks in the store: a row of `Meta` for each, because there are few and all are read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from artisan_tui.domain.checks.heartbeat import Heartbeat
from artisan_tui.store.model import Meta, table
from artisan_tui.store.rows import micros, moment, storable

_META = table(Meta)
#: Before the check's id, in `Meta`.
_KEY = "heartbeat:"


def read_heartbeats(connection: Connection) -> Mapping[str, Heartbeat]:
    """By check id. A row that cannot be read is as one that was never written."""
    query = select(_META.c.key, _META.c.value).where(_META.c.key.startswith(_KEY))
    found = {}
    for key, value in connection.execute(query):
        try:
            row = json.loads(value)
            found[key.removeprefix(_KEY)] = Heartbeat(
                moment(int(row["since"])), _moment(row["at"]), bool(row["failed"]), str(row["message"])
            )
        except (ValueError, TypeError, KeyError, OverflowError):
            continue
    return found


def put_heartbeats(connection: Connection, beats: Mapping[str, Heartbeat]) -> None:
    """Replace the rows of these checks. The caller holds the write lock."""
    for check_id, beat in beats.items():
        row = {
            "since": micros(beat.since),
            "at": None if beat.at is None else micros(beat.at),
            "failed": beat.failed,
            "message": beat.message,
        }
        connection.execute(delete(_META).where(_META.c.key == _KEY + check_id))
        connection.execute(insert(_META).values(key=_KEY + check_id, value=storable(json.dumps(row))))


def _moment(microseconds: object) -> datetime | None:
    return moment(microseconds) if isinstance(microseconds, int) else None
