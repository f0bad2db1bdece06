"""What probes share to reach others: the network, an HTTP transport and a TLS context per trust, a few threads.

A TLS context costs as much to build as thirty looks.
"""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, ParamSpec, TypeVar

from artisan_tui.sources import trust
from artisan_tui.sources.network import Network

if TYPE_CHECKING:
    import ssl

    from artisan_tui.sources.transport import Transport

P = ParamSpec("P")
T = TypeVar("T")
#: Seconds after it was made in which a connection may answer more than one look. A server that accepts
#: nobody any more can still answer on old connections, and an old one never shows a new certificate:
#: by so much, and no more, can either be seen late.
FRESH_FOR = 5.0


def _load() -> None:
    importlib.import_module("artisan_tui.sources.transport")


@dataclass(frozen=True, slots=True)
class Trust:
    """How far to trust the other side."""

    ca_file: str | None = None
    verify: bool = True


class Connections:
    """Opened cheaply; everything inside is made when first needed, on the running loop."""

    def __init__(self) -> None:
        self._contexts: dict[Trust, asyncio.Task[ssl.SSLContext]] = {}
        self._transports: dict[tuple[Trust | None, bool], Transport] = {}
        self._asked: dict[tuple[str, Trust | None], float] = {}
        self.network = Network()
        self._threads: ThreadPoolExecutor | None = None
        self._loaded = False

    async def off_loop(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Run ``work`` in a thread of our own: the loop's default ones hang when a name server does."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(2, "artisan-sources")
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*args, **kwargs))

    async def ready(self) -> None:
        """Load httpx off the loop: it takes a hundred milliseconds, which no latency should contain."""
        if not self._loaded:
            await self.off_loop(_load)
            self._loaded = True

    async def tls(self, trusted: Trust) -> ssl.SSLContext:
        """One context per trust. Raises Untrusted, and tries again the next time."""
        task = self._contexts.get(trusted)
        if task is None:
            making = self.off_loop(trust.context, trusted.ca_file, verify=trusted.verify)
            task = self._contexts[trusted] = asyncio.create_task(making)
        try:
            return await asyncio.shield(task)
        except trust.Untrusted:
            self._contexts.pop(trusted, None)
            raise

    async def pool(self, origin: str, trusted: Trust, *, kept: bool) -> Transport:
        """What reaches ``origin`` ("https://host:port"): over connections of up to `FRESH_FOR`, or a new one each time.

        Transports rather than clients: no cookies, redirects or environment come into a look.
        """
        from artisan_tui.sources.transport import Transport

        key = (trusted if origin.startswith("https:") else None, kept)
        transport = self._transports.get(key)
        if transport is None:
            tls = None if key[0] is None else await self.tls(trusted)
            made = Transport(self.network, tls, FRESH_FOR if kept else 0.0)
            transport = self._transports.setdefault(key, made)
        return transport

    def often(self, origin: str, trusted: Trust) -> bool:
        """Whether ``origin`` was asked only just now, so that a connection to it is worth keeping."""
        key = (origin, trusted if origin.startswith("https:") else None)
        now, before = time.monotonic(), self._asked.get(key)
        self._asked[key] = now
        return before is not None and now - before < FRESH_FOR

    async def aclose(self) -> None:
        for transport in self._transports.values():
            await transport.aclose()
        self.network.close()
        for task in self._contexts.values():
            task.cancel()
        await asyncio.gather(*self._contexts.values(), return_exceptions=True)
        self._transports, self._contexts = {}, {}
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None
