"""The postgres kind against servers that are none or mean harm, and what it leaves behind."""

from __future__ import annotations

import asyncio
import os
import struct
import subprocess
import sys
from typing import Any

import pytest

from artisan_tui.domain.reason import Reason
from support.postgres_server import Postgres
from support.probing import run_probe
from support.servers import talking, until
from support.stopwatch import Stopwatch

pytestmark = pytest.mark.xdist_group("postgres")


def _message(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("!I", len(content) + 4) + content


def _error(state: str, text: str, severity: str = "FATAL") -> bytes:
    fields = f"S{severity}\0VFATAL\0C{state}\0M{text}\0\0"
    return _message(b"E", fields.encode())


_WELCOME = _message(b"R", struct.pack("!I", 0)) + _message(b"Z", b"I")
_COLUMN = _message(b"T", struct.pack("!H", 1) + b"n\0" + struct.pack("!IHIHIH", 0, 0, 25, 65535, 0, 0))


def _saying(said: bytes) -> Any:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(said)
        await writer.drain()
        if said.startswith(_WELCOME):
            await asyncio.Event().wait()

    return talk


@pytest.mark.parametrize(
    ("said", "why"),
    [
        (b"", Reason.PROTOCOL),
        (b"HTTP/1.1 400 Bad Request\r\n\r\n", Reason.PROTOCOL),
        (b"-ERR unknown command\r\n", Reason.PROTOCOL),
        (b"\x1b[31m\xff\xfe[bold]\x07" * 100, Reason.PROTOCOL),
        (b"EVERYTHING \x1b[31m is broken\n" * 50, Reason.PROTOCOL),
        (b"R" + b"\xff" * 1000, Reason.PROTOCOL),
        (_message(b"R", struct.pack("!I", 99)), Reason.AUTH),
        (_error("28P01", '사용자 "ford"의 password 인증을 실패했습니다', "치명적오류"), Reason.AUTH),
        (_error("57P03", "데이터베이스 시스템이 새로 가동 중입니다.", "치명적오류"), Reason.REJECTED),
        (_error("53300", "최대 동시 접속자 수를 초과했습니다.", "치명적오류"), Reason.REJECTED),
        (_error("3D000", '"nope" 데이터베이스 없음', "치명적오류"), Reason.ABSENT),
        (_error("28000", "ein Rolle namens u gibt es nicht"), Reason.DENIED),
        (_error("28000", "\x1b[31mred\x1b[0m " + "x" * 20_000), Reason.DENIED),
        (_error("08P01", "no more connections allowed (max_client_conn)"), Reason.REJECTED),
        (_WELCOME, Reason.TIMEOUT),
        (_WELCOME + b"garbage" * 100, Reason.PROTOCOL),
    ],
)
async def test_what_is_not_postgresql(said: bytes, why: Reason) -> None:
    # sslmode=disable: what comes back is then read as the protocol's own.
    async with talking(_saying(said)) as port:
        seen, outcome = await run_probe(
            "postgres", url=f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable", timeout="1s"
        )
    assert outcome.reason is why, outcome
    for text in (outcome.detail, seen.excerpt):
        assert text.isprintable()
        assert len(text) < 400
    assert seen.failure is not None
    assert not seen.failure.blind


async def test_silence_and_floods() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await asyncio.Event().wait()

    async def noise(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"\x1b[31m\xff" * 20_000)
            await writer.drain()

    async def notices(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(_WELCOME)
        while True:
            writer.write(_message(b"N", b"SNOTICE\0C00000\0Mhello\0\0") * 1000)
            await writer.drain()

    async def rows(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(_WELCOME)
        await reader.read(1000)
        writer.write(_message(b"1", b"") + _message(b"2", b"") + _COLUMN)
        row = _message(b"D", struct.pack("!HI", 1, 1) + b"x")
        while True:
            writer.write(row * 1000)
            await writer.drain()

    async def giant(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1000)
        writer.write(_WELCOME)
        await reader.read(1000)
        writer.write(
            _message(b"1", b"") + _message(b"2", b"") + _COLUMN + b"D" + struct.pack("!IHI", 10**9, 1, 10**9 - 10)
        )
        while True:
            writer.write(b"x" * 100_000)
            await writer.drain()

    for talk, reasons in (
        (silent, {Reason.TIMEOUT}),
        (noise, {Reason.PROTOCOL}),
        (notices, {Reason.TIMEOUT, Reason.TOO_LARGE}),
        (rows, {Reason.OK}),
        (giant, {Reason.TOO_LARGE} if sys.platform == "linux" else {Reason.TIMEOUT}),
    ):
        async with talking(talk) as port:
            url = f"postgresql://u@127.0.0.1:{port}/d?sslmode=disable"
            _, outcome = await run_probe("postgres", url=url, timeout="500ms")
        assert outcome.reason in reasons, (talk.__name__, outcome)
        assert outcome.detail.isprintable()


async def test_the_loop_goes_on_meanwhile(server: Postgres) -> None:
    longest, clock = 0.0, Stopwatch()

    async def beat() -> None:
        nonlocal longest, clock
        while True:
            await asyncio.sleep(0.001)
            longest, clock = max(longest, clock.seconds), Stopwatch()

    beating = asyncio.create_task(beat())
    for _ in range(20):
        await run_probe(
            "postgres", url=server.url().replace("127.0.0.1", "localhost"), query="SELECT count(*) FROM queue"
        )
    beating.cancel()
    assert longest < 0.15


async def test_no_connection_is_left_behind(server: Postgres) -> None:
    def open_files() -> int:
        return len(os.listdir("/proc/self/fd"))

    others = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'artisan-tui'"
    await run_probe("postgres", url=server.url())
    before = open_files()
    for query in ("", "SELECT 1/0", "SELECT pg_sleep(9)", "SELECT generate_series(1, 5000)"):
        await run_probe("postgres", url=server.url(), query=query, timeout="200ms")
    await run_probe("postgres", url=server.url("nothing_here"))
    until(lambda: open_files() <= before, 5, "the end of our files")
    until(lambda: server.sql(others) == "0", 5, "the sessions' end")


def test_without_the_package() -> None:
    """As if psycopg were not installed: a sentence with the mend, and unknown rather than down."""
    code = (
        "import sys, asyncio; sys.modules['psycopg'] = None\n"
        "from support.probing import run_probe\n"
        "seen, outcome = asyncio.run(run_probe('postgres', url='postgresql://u@127.0.0.1:1/d'))\n"
        "print(outcome.verdict, '|', outcome.reason, '|', outcome.detail)"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == (
        'unknown | not installed | the psycopg package is not installed: pip install "artisan-tui[postgres]"'
    )


def test_nothing_heavy_before_the_first_probe() -> None:
    code = (
        "import sys\nfrom artisan_tui.sources.checks import KINDS\nfrom artisan_tui.sources.probe_context import ProbeContext\n"
        "spec = KINDS['postgres'].spec.model_validate({'id': 'x', 'kind': 'postgres', 'url': 'postgresql://u@h/d'})\n"
        "KINDS['postgres'].open(spec, ProbeContext.open(None, {}))\n"
        "print([name for name in sys.modules if name.startswith(('psycopg', 'redis'))])"
    )
    environ = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
