"""A store of its own for every test, and what goes into it."""

from __future__ import annotations

import itertools
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

import artisan_tui
from artisan_tui.domain.event import Entry
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.postgres_server import Postgres, postgres_server
from support.processes import with_us
from support.servers import until

AT = datetime(2026, 11, 21, 9, 42, 0, 123456, tzinfo=UTC)
Raw = Callable[..., list[tuple[object, ...]]]
_NUMBERS = itertools.count(1)


@pytest.fixture
def at() -> datetime:
    return AT


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A file that says ``DIALECTS = ...`` runs each test with a store on each of them, except those marked sqlite_only."""
    dialects = getattr(metafunc.module, "DIALECTS", ())
    own = [mark.name for mark in metafunc.definition.iter_markers()]
    if dialects and "place" in metafunc.fixturenames and "sqlite_only" not in own:
        metafunc.parametrize("place", dialects, indirect=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """One server for all of them; its database ``ready`` has the tables."""
    with postgres_server(max_connections="40") as running:
        running.sql("CREATE DATABASE ready")
        Store.open(StorePlace(Path("/nowhere"), running.url("ready"))).close()
        gone = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'ready'"
        until(lambda: running.sql(gone) == "0", 10, "a database that nobody uses")
        yield running


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> StorePlace:
    """Where the store of this test is: in a file, or in a database of its own, see `pytest_generate_tests`."""
    if getattr(request, "param", "sqlite") == "sqlite":
        return StorePlace(tmp_path / "state")
    server: Postgres = request.getfixturevalue("postgres")
    name = f"store_{next(_NUMBERS)}"
    server.sql(f"CREATE DATABASE {name} TEMPLATE ready")
    return StorePlace(tmp_path / "state", server.url(name))


@pytest.fixture
def store(place: StorePlace) -> Iterator[Store]:
    with Store.open(place) as opened:
        yield opened


@pytest.fixture
def raw(place: StorePlace) -> Raw:
    """Runs SQL behind the store's back, as anybody with sqlite3 or psql could. ``?`` stands for a value."""

    def run(*statements: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(place.state_dir / "artisan.db", isolation_level=None)) as connection:
            for statement in statements[:-1]:
                connection.execute(statement)
            return connection.execute(statements[-1], values).fetchall()

    def run_there(*statements: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
        with psycopg.connect(place.sqlalchemy_url, autocommit=True) as connection:
            for statement in statements[:-1]:
                connection.execute(statement)  # type: ignore[arg-type]  # a test's own text
            cursor = connection.execute(statements[-1].replace("?", "%s"), list(values) or None)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    return run if place.url is None else run_there


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
