"""A PostgreSQL for all tests of the postgres kind."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.postgres_server import Postgres, postgres_server


@pytest.fixture(scope="session")
def server() -> Iterator[Postgres]:
    with postgres_server() as running:
        running.sql("CREATE TABLE queue (id int, name text)")
        running.sql("INSERT INTO queue SELECT n, '이름' || n FROM generate_series(1, 5000) n")
        yield running
