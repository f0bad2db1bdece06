"""Connections that probes share: HTTP pools per origin, TLS contexts per trust, and a few threads.

A pool costs about as much to build as a request, a TLS context thirty times that.
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

if TYPE_CHECKING:
    import ssl

    import httpx

P = ParamSpec("P")
T = TypeVar("T")
#: Seconds for which a kept connection may stand in for a new one. A server that accepts nobody
#: any more can still answer on old connections, and an old one never shows a new certificate.
FRESH_FOR = 5.0


def _load() -> None:
    for name in ("httpx", "httpcore", "anyio._backends._asyncio"):
        importlib.import_module(name)


@dataclass(frozen=True, slots=True)
class Trust:
    """How far to trust the other side."""

    ca_file: str | None = None
    verify: bool = True


class Connections:
    """Opened cheaply; everything inside is made when first needed, on the running loop."""

    def __init__(self) -> None:
        self._contexts: dict[Trust, asyncio.Task[ssl.SSLContext]] = {}
        self._fresh: dict[Trust | None, httpx.AsyncHTTPTransport] = {}
        self._kept: dict[tuple[str, Trust | None], httpx.AsyncHTTPTransport] = {}
        self._reached: dict[tuple[str, Trust | None], float] = {}
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

    async def pool(self, origin: str, trusted: Trust, *, kept: bool) -> httpx.AsyncHTTPTransport:
        """A pool for ``origin`` ("https://host:port"): of kept connections, or one that always makes new ones.

        Transports rather than clients: no cookies, redirects or environment come into a look.
        """
        trusted_or_plain = trusted if origin.startswith("https:") else None
        if kept:
            pool = self._kept.get((origin, trusted_or_plain))
            if pool is None:
                pool = await self._make(trusted_or_plain, 8)
                pool = self._kept.setdefault((origin, trusted_or_plain), pool)
            return pool
        fresh = self._fresh.get(trusted_or_plain)
        if fresh is None:
            fresh = await self._make(trusted_or_plain, 0)
            fresh = self._fresh.setdefault(trusted_or_plain, fresh)
        return fresh

    async def _make(self, trusted: Trust | None, keep: int) -> httpx.AsyncHTTPTransport:
        import httpx

        tls = trust.blank() if trusted is None else await self.tls(trusted)
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=keep, keepalive_expiry=FRESH_FOR)
        return httpx.AsyncHTTPTransport(verify=tls, trust_env=False, limits=limits)

    def may_reuse(self, origin: str, trusted: Trust) -> bool:
        """Whether a new connection to ``origin`` was answered only just now."""
        key = (origin, trusted if origin.startswith("https:") else None)
        reached = self._reached.get(key)
        return reached is not None and time.monotonic() - reached < FRESH_FOR

    def reached(self, origin: str, trusted: Trust) -> None:
        """A new connection to ``origin`` was answered."""
        self._reached[(origin, trusted if origin.startswith("https:") else None)] = time.monotonic()

    async def aclose(self) -> None:
        for pool in (*self._fresh.values(), *self._kept.values()):
            await pool.aclose()
        for task in self._contexts.values():
            task.cancel()
        await asyncio.gather(*self._contexts.values(), return_exceptions=True)
        self._fresh, self._kept, self._contexts = {}, {}, {}
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None
