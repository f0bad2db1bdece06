"""The CPU time of one probe, compared with a minimal client and with httpx."""

from __future__ import annotations

import asyncio
import gc
import importlib
import ssl
import statistics
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence

from bench.report import Options, Row, spread
from bench.target_server import TargetServer

CHECKS = 200
#: Probes per second for 1,000 checks every 10 s.
RATE = 100.0

Probe = Callable[[int], Awaitable[object]]


async def one_after_another(probe: Probe) -> float:
    """CPU seconds per probe."""
    used = time.process_time()
    for check in range(CHECKS):
        await probe(check)
    return (time.process_time() - used) / CHECKS


async def in_time(probe: Probe, count: int, together: int) -> float:
    """The same at `RATE` probes per second, where every wake-up of the process adds cost."""
    loop = asyncio.get_running_loop()
    start, used, tasks = loop.time(), time.process_time(), []
    for first in range(0, count, together):
        await asyncio.sleep(start + first / RATE - loop.time())
        tasks += [asyncio.ensure_future(probe(check % CHECKS)) for check in range(first, first + together)]
    await asyncio.gather(*tasks)
    return (time.process_time() - used) / count


async def bare(server: TargetServer) -> tuple[Probe, Callable[[], Awaitable[None]]]:
    """asyncio streams with a new connection each time, and no evaluation."""

    async def probe(check: int) -> None:
        host, port = server.url(check).split("/")[2].split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        writer.write(b"GET /health/%d HTTP/1.1\r\nHost: %b\r\n\r\n" % (check, host.encode()))
        if not (await reader.read(65_536)).startswith(b"HTTP/1.1 200 "):
            raise RuntimeError("the server does not answer")
        writer.close()

    async def done() -> None:
        pass

    return probe, done


def httpx_alone(kept: int) -> Callable[[TargetServer], Awaitable[tuple[Probe, Callable[[], Awaitable[None]]]]]:
    """httpx with one client per origin and ``kept`` connections. One client for all would search all its connections."""

    async def make(server: TargetServer) -> tuple[Probe, Callable[[], Awaitable[None]]]:
        httpx = importlib.import_module("httpx")
        tls, limits = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT), httpx.Limits(max_keepalive_connections=kept)
        clients = [httpx.AsyncClient(verify=tls, trust_env=False, limits=limits) for _ in range(CHECKS)]

        async def probe(check: int) -> None:
            (await clients[check].get(server.url(check))).raise_for_status()

        async def done() -> None:
            for client in clients:
                await client.aclose()

        return probe, done

    return make


async def ours(server: TargetServer) -> tuple[Probe, Callable[[], Awaitable[None]]]:
    """The whole probe of an http check: a new connection, the request, the parsed response."""
    kinds = importlib.import_module("artisan_tui.sources.checks").KINDS
    shared = importlib.import_module("artisan_tui.sources.probe_context").ProbeContext.open(None, {})
    probes = []
    for check in range(CHECKS):
        keys = {"id": "x", "kind": "http", "url": server.url(check), "timeout": "5s"}
        spec = kinds["http"].spec.model_validate(keys | {"expect": ["status == 200", "body.status == healthy"]})
        probes.append(kinds["http"].open(spec, shared))

    async def probe(check: int) -> None:
        shared.connections._asked.clear()  # the checks are ten seconds apart, so no connection is kept
        failed = (await probes[check].probe()).failure
        if failed is not None:
            raise RuntimeError(failed.detail)

    return probe, shared.aclose


def probes(options: Options) -> Iterator[Row]:
    """All ways alternate in one process. The results are medians."""
    ways = {"ours": ours, "bare": bare, "httpx": httpx_alone(0), "httpx kept": httpx_alone(1)}
    busy: dict[str, list[float]] = {name: [] for name in ways}
    timed: dict[str, list[float]] = {name: [] for name in ways}
    company = importlib.import_module("artisan_tui.engine.checks.scheduler").COMPANY

    async def measure(server: TargetServer, turns: int) -> None:
        made = {name: await make(server) for name, make in ways.items()}
        for probe, _ in made.values():
            await one_after_another(probe)  # creating connections' state is not part of a probe
        gc.freeze()
        for _ in range(turns):
            for name, (probe, _) in made.items():
                busy[name].append(1000 * await one_after_another(probe))
        for _ in range(options.times(3, 1)):
            for name, (probe, _) in made.items():
                together = company if name == "ours" else 1
                timed[name].append(1000 * await in_time(probe, options.times(600, 200), together))
        for _, done in made.values():
            await done()

    with TargetServer() as server:
        asyncio.run(measure(server, options.times(9, 3)))
    gc.unfreeze()

    def said(of: dict[str, list[float]], names: Sequence[str]) -> str:
        return "; ".join(f"{name} {statistics.median(of[name]):.2f}" for name in names)

    others = ("bare", "httpx", "httpx kept")
    mine, theirs = statistics.median(busy["ours"]), statistics.median(busy["httpx"])
    yield Row("a probe / a request of httpx alone, new connections", mine / theirs, "x", 1.0, note=spread(busy["ours"]))
    yield Row("a probe, one after another", mine, "ms", note=said(busy, others), samples=busy["ours"])
    paced, note = statistics.median(timed["ours"]), f"{said(timed, others)}; ours {company} together"
    yield Row(f"a probe at {RATE:.0f} a second", paced, "ms", note=note, samples=timed["ours"])
