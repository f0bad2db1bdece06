"""Connections that the probes share: name resolution, HTTP transports, TLS contexts and a few threads.

Building a TLS context costs as much CPU as thirty probes.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from artisan_tui.sources.file_stamp import Stamp
from artisan_tui.sources.network import Network
from artisan_tui.sources.threads import WorkerThreads
from artisan_tui.sources.trust import Trust, Untrusted, context

if TYPE_CHECKING:
    import ssl

    from artisan_tui.sources.transport import Transport

P = ParamSpec("P")
T = TypeVar("T")
#: Seconds for which a connection may serve more than one probe. A server that accepts no new connections may still
#: answer on an old one, and an old one never shows a renewed certificate. This value limits how late either is noticed.
FRESH_FOR = 5.0
#: Characters or bytes that are read on the loop. To read more takes more than a few milliseconds.
MOST_ON_LOOP = 65_536


def _load() -> None:
    importlib.import_module("artisan_tui.sources.transport")


@dataclass(frozen=True, slots=True)
class _Context:
    """A TLS context, and the stamps of its files when they were read."""

    stamps: tuple[Stamp, ...]
    task: asyncio.Task[ssl.SSLContext]


class Connections:
    """Cheap to construct. Everything inside is created on first use, on the running loop."""

    def __init__(self) -> None:
        self._contexts: dict[Trust, _Context] = {}
        self._transports: dict[tuple[Trust | None, bool], Transport] = {}
        self._asked: dict[tuple[str, Trust | None], float] = {}
        self.network = Network()
        self._threads: WorkerThreads | None = None
        self._loaded = False

    async def off_loop(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` in a thread of this object. asyncio's default threads may all be waiting for a name server."""
        if self._threads is None:
            self._threads = WorkerThreads(2, "artisan-sources")
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*args, **kwargs))

    async def by_size(self, size: int, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` in a thread if what it reads has more than `MOST_ON_LOOP` characters or bytes."""
        return work(*args, **kwargs) if size <= MOST_ON_LOOP else await self.off_loop(work, *args, **kwargs)

    async def ready(self, trusted: Trust | None = None) -> None:
        """Import httpx off the loop, and read the certificates of ``trusted`` if they have changed.

        The import takes 100 ms, the certificates tens of them: neither must count as latency. Raises Untrusted.
        """
        if not self._loaded:
            await self.off_loop(_load)
            self._loaded = True
        if trusted is not None:
            await self.tls(trusted)

    async def prepare(self, trusted: Trust | None, *, http: bool = True) -> None:
        """Load what a probe with these certificates needs. A probe that needs it says what cannot be loaded."""
        if http:
            await self.ready()
        if trusted is not None:
            with suppress(Untrusted):
                await self.tls(trusted)

    async def tls(self, trusted: Trust) -> ssl.SSLContext:
        """The TLS context for ``trusted``, created anew when one of its files has changed. Raises Untrusted; the next
        call tries again.
        """
        stamps = await self.off_loop(trusted.stamps)
        held = self._contexts.get(trusted)
        if held is None or held.stamps != stamps:
            task = asyncio.create_task(self.off_loop(context, trusted))
            held = self._contexts[trusted] = _Context(stamps, task)
        try:
            return await asyncio.shield(held.task)
        except Untrusted:
            if self._contexts.get(trusted) is held:
                del self._contexts[trusted]
            raise

    async def pool(self, origin: str, trusted: Trust, *, kept: bool) -> Transport:
        """The transport for ``origin`` ("https://host:port"). Call `ready` before, which reads changed files.

        With ``kept`` its connections are reused for `FRESH_FOR` seconds, else every request opens a new one. It is a
        transport and not a client, so cookies, redirects and environment variables do not affect a probe.
        """
        from artisan_tui.sources.transport import Transport

        key = (trusted if origin.startswith("https:") else None, kept)
        tls = None
        if key[0] is not None:
            held = self._contexts.get(trusted)
            done = held is not None and held.task.done() and not held.task.cancelled() and not held.task.exception()
            tls = held.task.result() if held is not None and done else await self.tls(trusted)
        transport = self._transports.get(key)
        if transport is None:
            made = Transport(self.network, tls, FRESH_FOR if kept else 0.0)
            transport = self._transports.setdefault(key, made)
        transport.use(tls)
        return transport

    def often(self, origin: str, trusted: Trust) -> bool:
        """Whether ``origin`` was requested within the last `FRESH_FOR` seconds. Only then is keeping a connection
        useful.
        """
        key = (origin, trusted if origin.startswith("https:") else None)
        now, before = time.monotonic(), self._asked.get(key)
        self._asked[key] = now
        return before is not None and now - before < FRESH_FOR

    async def aclose(self) -> None:
        """Close all transports and end the threads."""
        for transport in self._transports.values():
            await transport.aclose()
        self.network.close()
        tasks = [held.task for held in self._contexts.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._transports, self._contexts = {}, {}
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None
