"""What is a target of the postgres kind, and what a refused connection means."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks.postgres import PostgresSpec
from artisan_tui.sources.checks.postgres.errors import login_failure
from support.probing import run_probe
from support.servers import free_port, talking


@pytest.mark.parametrize(
    ("keys", "endpoint", "user", "dbname", "security"),
    [
        ({"url": "postgresql://u@db/name"}, "db:5432", "u", "name", "prefer"),
        ({"url": "postgres://u@[::1]:6000/name?sslmode=require"}, "[::1]:6000", "u", "name", "require"),
        ({"url": "postgresql://db", "user": "u", "dbname": "n"}, "db:5432", "u", "n", "prefer"),
        ({"address": "db:1", "user": "u"}, "db:1", "u", "", "prefer"),
        ({"address": "/run/postgresql", "user": "u"}, "/run/postgresql", "u", "", "prefer"),
        ({"url": "postgresql://u@db/n", "ca_file": "/ca.pem"}, "db:5432", "u", "n", "verify-full"),
        (
            {"url": "postgresql://u@db/n", "ca_file": "/ca.pem", "sslmode": "verify-ca"},
            "db:5432",
            "u",
            "n",
            "verify-ca",
        ),
        ({"url": "postgresql://a%40b@db/n%20m"}, "db:5432", "a@b", "n m", "prefer"),
    ],
)
def test_places(keys: dict[str, Any], endpoint: str, user: str, dbname: str, security: str) -> None:
    spec = PostgresSpec.model_validate({"id": "x", **keys})
    assert (str(spec.place), spec.user, spec.dbname, spec.security) == (endpoint, user, dbname, security)
    assert spec.url or spec.address
    assert PostgresSpec.model_validate(spec.model_dump()) == spec


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"url": "postgresql://u@a/d", "address": "a:5432"},
        {"url": "http://u@a"},
        {"url": "postgresql:///d", "user": "u"},
        {"url": "postgresql://a/d"},
        {"url": "postgresql://u:zaphod@a/d"},
        {"url": "postgresql://:zaphod@a/d"},
        {"url": "postgresql://u@a/d?password=zaphod"},
        {"url": "nonsense zaphod@"},
        {"url": "postgresql://u@a/d?host=b"},
        {"url": "postgresql://u@a/d?sslmode=whatever"},
        {"url": "postgresql://u@a/d", "user": "v"},
        {"url": "postgresql://u@a/d", "dbname": "e"},
        {"url": "postgresql://u@a/d%00"},
        {"url": "postgresql://u@a/d", "query": "SELECT\0"},
        {"url": "postgresql://u@a/d", "password": "zaphod"},
        {"address": "zaphod@a:1", "user": "u"},
        {"address": "a", "user": "u"},
        {"address": "a:1"},
    ],
)
def test_what_is_refused(keys: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        PostgresSpec.model_validate({"id": "x", **keys})
    assert "zaphod" not in str(refused.value)


def test_every_key_is_described() -> None:
    assert all(field.description for field in PostgresSpec.model_fields.values())


_SEVERAL = """connection to server at "h" (::1), port 1 failed: FATAL:  the first address
connection to server at "h" (127.0.0.1), port 1 failed: Connection refused
\tIs the server running on that host and accepting TCP/IP connections?
"""


@pytest.mark.parametrize(
    ("message", "why"),
    [
        (_SEVERAL, Reason.REFUSED),
        ('connection to server at "h" (1.2.3.4), port 1 failed: No route to host\n', Reason.UNREACHABLE),
        ('connection to server at "h" (1.2.3.4), port 1 failed: Connection timed out\n', Reason.TIMEOUT),
        ('connection to server at "h", port 1 failed: SSL error: certificate verify failed', Reason.TLS),
        ('connection to server at "h", port 1 failed: FATAL:  something new', Reason.DENIED),
        ("", Reason.PROTOCOL),
    ],
)
def test_words_at_the_door(message: str, why: Reason) -> None:
    assert login_failure(message).reason is why


async def test_a_port_that_resets_is_not_our_fault() -> None:
    async def reset(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        writer.transport.abort()

    async with talking(reset) as port:
        seen, outcome = await run_probe("postgres", url=f"postgresql://u@127.0.0.1:{port}/d")
    assert outcome.verdict is State.DOWN
    assert outcome.reason in {Reason.RESET, Reason.PROTOCOL}
    assert free_port() > 0
    assert seen.latency is None
