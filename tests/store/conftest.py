"""A store of its own for every test, and what goes into it."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

import artisan_tui
from artisan_tui.domain.event import Entry
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.processes import with_us

AT = datetime(2026, 11, 21, 9, 42, 0, 123456, tzinfo=UTC)
Raw = Callable[..., list[tuple[object, ...]]]


@pytest.fixture
def at() -> datetime:
    return AT


@pytest.fixture
def place(tmp_path: Path) -> StorePlace:
    return StorePlace(tmp_path / "state")


@pytest.fixture
def store(place: StorePlace) -> Iterator[Store]:
    with Store.open(place) as opened:
        yield opened


@pytest.fixture
def raw(place: StorePlace) -> Raw:
    """Runs SQL on the file behind the store's back, as anybody with sqlite3 could."""

    def run(*statements: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(place.state_dir / "artisan.db", isolation_level=None)) as connection:
            for statement in statements[:-1]:
                connection.execute(statement)
            return connection.execute(statements[-1], values).fetchall()

    return run


@pytest.fixture
def filled(store: Store) -> Store:
    """Five events, one at a time."""
    for number in range(1, 6):
        store.append([entry(number)], at=AT + timedelta(seconds=number))
    return store


@pytest.fixture
def entries() -> Callable[[int], Entry]:
    return entry


def entry(number: int) -> Entry:
    kind, subject = ("check.state", "api.health") if number % 2 else ("incident.noted", "INC-1")
    return Entry(AT + timedelta(seconds=number), "j.park", kind, subject, {"number": number, "text": "복구"})


@pytest.fixture
def python() -> Callable[..., subprocess.Popen[str]]:
    """Starts ``python -c code arguments``, with this package, its output piped."""

    def start(code: str, *arguments: object) -> subprocess.Popen[str]:
        environ = {**os.environ, "PYTHONPATH": str(Path(artisan_tui.__file__).parents[1])}
        return subprocess.Popen(
            with_us([sys.executable, "-c", code, *map(str, arguments)]),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environ,
        )

    return start
