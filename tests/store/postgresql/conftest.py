"""A PostgreSQL for all tests of the store on it, with a fresh database for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from artisan_tui.store.place import StorePlace
from support.postgres_server import Postgres, postgres_server
from support.postgresql_store import NUMBERS


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with postgres_server() as running:
        yield running


@pytest.fixture
def database(server: Postgres) -> str:
    """A new, empty one."""
    name = f"artisan_{next(NUMBERS)}"
    server.sql(f"CREATE DATABASE {name}")
    return name


@pytest.fixture
def place(server: Postgres, database: str, tmp_path: Path) -> StorePlace:
    return StorePlace(tmp_path / "state", server.url(database, driver="postgresql+psycopg"))


@pytest.fixture
def raw(server: Postgres, database: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Runs SQL behind the store's back, as anybody with psql could."""

    def run(*statements: str, values: tuple[Any, ...] | None = None) -> list[tuple[Any, ...]]:
        with psycopg.connect(server.url(database), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    return run
