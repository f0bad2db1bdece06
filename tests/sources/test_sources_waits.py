"""What a probe's latency counts: the time in which the answer was not there yet, and no time of ours."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import pytest

from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.engine.checks.pace import Pace
from artisan_tui.engine.threads import Loop
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.probe_context import ProbeContext


@contextmanager
def answering(after: float, banner: bytes = b"") -> Iterator[int]:
    """The port of a server with a loop and a thread of its own, that answers ``after`` seconds."""
    loop, ready = asyncio.new_event_loop(), threading.Event()
    ports: list[int] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not banner:
            await reader.readuntil(b"\r\n\r\n")
        await asyncio.sleep(after)
        writer.write(banner or b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        ports.append(server.sockets[0].getsockname()[1])
        ready.set()

    def work() -> None:
        loop.run_until_complete(serve())
        loop.run_forever()

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    assert ready.wait(10)
    try:
        yield ports[0]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


def spin(seconds: float) -> None:
    """Keep the loop, and let other threads run as any code of ours does."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sum(range(200))


def at_work(pieces: int, seconds: float, every: float) -> Callable[[], Awaitable[None]]:
    async def work() -> None:
        for _ in range(pieces):
            await asyncio.sleep(every)
            spin(seconds)

    return work


def probed(kind: str, work: Callable[[], Awaitable[None]] | None, **keys: object) -> ProbeResult:
    """One probe on our own loop, while ``work`` keeps the loop busy."""

    async def run() -> ProbeResult:
        context = ProbeContext.open(None, {})
        spec = KINDS[kind].spec.model_validate({"id": "x", "kind": kind, "timeout": "1s", **keys})
        probe = KINDS[kind].open(spec, context)
        pace = Pace()
        try:
            await pace.run(spec, probe)  # what is loaded once is loaded
            busy = asyncio.ensure_future(work()) if work is not None else None
            result = await pace.run(spec, probe)
            if busy is not None:
                await busy
        finally:
            await probe.aclose()
            await context.aclose()
        return result

    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(run())


def latency(result: ProbeResult) -> float:
    assert result.failure is None, result.failure
    assert result.latency is not None
    return float(result.latency)


KEYS = [
    ("http", b"", lambda port: {"url": f"http://127.0.0.1:{port}/"}),
    ("tcp", b"hello\r\n", lambda port: {"address": f"127.0.0.1:{port}", "expect": ["body == hello"]}),
]


@pytest.mark.parametrize(("kind", "banner", "keys"), KEYS)
def test_a4_the_time_in_which_we_are_at_work_is_not_the_target_s(
    kind: str, banner: bytes, keys: Callable[[int], dict[str, object]]
) -> None:
    with answering(0.004, banner) as port:
        result = probed(kind, at_work(1, 0.3, 0.0), **keys(port))
    assert latency(result) < 0.15


@pytest.mark.parametrize(("kind", "banner", "keys"), KEYS)
def test_a4_a_slow_target_is_slow_whatever_we_do_meanwhile(
    kind: str, banner: bytes, keys: Callable[[int], dict[str, object]]
) -> None:
    """The loop is at work for most of the time, in short pieces as work is."""
    with answering(0.4, banner) as port:
        alone = latency(probed(kind, None, **keys(port)))
        busy = latency(probed(kind, at_work(40, 0.004, 0.004), **keys(port)))
    assert alone >= 0.38  # up to 20 ms may be ours
    assert busy >= 0.2


def test_a4_a_time_out_of_ours_is_probed_again() -> None:
    """The answer was there in time, and we were at work until after the time limit."""
    with answering(0.05) as port:
        result = probed("http", at_work(1, 0.9, 0.01), url=f"http://127.0.0.1:{port}/", timeout="600ms")
    assert latency(result) < 0.3
