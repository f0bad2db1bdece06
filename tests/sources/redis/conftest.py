"""A redis-server for all tests of the redis kind, and one with a password."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from support.redis_server import Redis, redis_server


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Redis]:
    folder = tmp_path_factory.mktemp("redis")
    socket_path = str(folder / "redis.sock")
    with redis_server(folder, "--save", "", "--unixsocket", socket_path) as running:
        yield running
