"""Statements behind the ledger's back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from artisan_tui.store import connections
from artisan_tui.store.place import StorePlace
from support.ledger_rows import Execute


@pytest.fixture
def execute(place: StorePlace) -> Iterator[Execute]:
    """Runs SQL behind the store's back; ``?`` is a value."""
    engine = connections.connect(place, read_only=False)
    mark = "?" if place.sqlite_path else "%s"

    def run(statement: str, *values: object) -> list[tuple[Any, ...]]:
        with connections.writer(engine) as connection, connections.writing(connection):
            done = connection.exec_driver_sql(statement.replace("?", mark), values)
            return [tuple(row) for row in done] if done.returns_rows else []

    yield run
    engine.dispose()
