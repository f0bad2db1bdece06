"""One /metrics endpoint: fetch it, store its samples, describe its failure."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Callable, Iterable, Mapping

from artisan_tui.domain.probe_result import Failure
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.capped import NotEncoded, TooLarge
from artisan_tui.sources.connections import Connections
from artisan_tui.sources.errors import failure
from artisan_tui.sources.exchange import Head, Phase, exchange
from artisan_tui.sources.metrics.exposition import LineFilter, Page, parse
from artisan_tui.sources.metrics.series import History
from artisan_tui.sources.trust import Trust

#: Bytes of one page that are read at most.
LARGEST = 16 * 1024 * 1024
#: With more series than this, work runs in a thread, so that the loop never blocks for 10 ms.
MANY = 2000
_ACCEPT = "text/plain;version=0.0.4,*/*;q=0.1"


class ScrapeEndpoint:
    """``timeout`` is for a whole scrape, in seconds. ``clock`` is monotonic seconds, ``wall`` Unix seconds."""

    def __init__(
        self,
        url: str,
        timeout: float,
        trusted: Trust,
        connections: Connections,
        clock: Callable[[], float],
        wall: Callable[[], float] = time.time,
    ) -> None:
        self.url, self.shown = url, printable(url.partition("?")[0], 200)
        #: Names the URL in the store, which may contain a secret.
        self.digest = hashlib.sha256(url.encode()).hexdigest()[:24]
        self.history = History()
        self.failure: Failure | None = None
        #: The size and duration of the newest scrape, as a text.
        self.summary = ""
        #: A problem of the newest page that did not prevent reading it; empty if none.
        self.warning = ""
        self._timeout, self._trust = timeout, trusted
        self._connections, self._clock, self._wall = connections, clock, wall
        self._attempts = 0
        self._ended = asyncio.Condition()
        #: Held while the history is changed or read: with many series both happen in a thread.
        self.lock = asyncio.Lock()

    async def scrape(self, keep: Mapping[str, float], raw_windows: Mapping[str, float]) -> None:
        """Scrape once. ``keep`` and ``raw_windows`` map metric names to the seconds that measures and SLOs look back.

        Never raises because of the endpoint; `failure` has the reason.
        """
        keep, raw_windows, phase = dict(keep), dict(raw_windows), Phase()
        try:
            began, unix = self._clock(), self._wall()
            async with asyncio.timeout(self._timeout):
                page = await self._fetch({*keep, *raw_windows}, phase)
            # This is outside the time limit, because a thread cannot be stopped.
            async with self.lock:
                if len(page.lines) + len(self.history) > MANY:
                    await self._connections.off_loop(self.history.add, began, page.lines, keep, unix, raw_windows)
                else:
                    self.history.add(began, page.lines, keep, unix, raw_windows)
            self.failure = None
            self.summary = f"{page.size} lines in {span_text(self._clock() - began)}"
            self.warning = f"{self.shown}: {page.broken} lines could not be read" if page.broken else ""
        except TimeoutError:
            waited = f"no response within {span_text(self._timeout)}, waiting for {phase.name}"
            self.failure = Failure(Reason.TIMEOUT, waited)
        except _NotMetrics as error:
            self.failure = error.failure
        except TooLarge as error:
            self.failure = Failure(Reason.TOO_LARGE, str(error))
        except NotEncoded as error:
            self.failure = Failure(Reason.ENCODING, str(error))
        except Exception as error:  # noqa: BLE001 - a library may raise anything for a malformed response
            self.failure = failure(error)
        async with self._ended:
            self._attempts += 1
            self._ended.notify_all()

    async def _fetch(self, names: Iterable[str], phase: Phase) -> Page:
        await self._connections.ready(self._trust if self.url.lower().startswith("https:") else None)
        import httpx

        wanted = LineFilter(names)
        origin = f"{httpx.URL(self.url).scheme}://{httpx.URL(self.url).netloc.decode()}"
        pool = await self._connections.pool(origin, self._trust, kept=False)
        headers = {"accept": _ACCEPT, "accept-encoding": "identity", "user-agent": "artisan-tui"}
        request = httpx.Request("GET", self.url, headers=headers)
        head = await exchange(pool, request, wanted.feed, LARGEST, phase)
        self._require_metrics(head)
        kind = head.headers.get("content-type", "")
        phase.name = "reading the metrics"
        openmetrics = kind.startswith("application/openmetrics-text")
        return await self._connections.off_loop(parse, wanted.finish(), wanted.lines, openmetrics=openmetrics)

    def _require_metrics(self, head: Head) -> None:
        """Raises _NotMetrics if the response is not a metrics page."""
        kind = head.headers.get("content-type", "").lower()
        if head.redirected:
            raise _NotMetrics(Reason.REDIRECT, f"{head.status} to {head.location or 'nowhere'}")
        if head.status in (401, 403):
            raise _NotMetrics(Reason.DENIED, f"HTTP {head.status}: access denied")
        if head.status != 200:
            raise _NotMetrics(Reason.STATUS, f"HTTP {head.status}")
        if kind.startswith(("text/html", "application/json", "application/vnd.google.protobuf")):
            raise _NotMetrics(Reason.PROTOCOL, f"{printable(kind, 60)} instead of metrics")

    # -- state --------------------------------------------------------------

    async def wait_for_scrapes(self, times: int) -> None:
        """Wait until ``times`` scrapes have ended, successful or not."""
        async with self._ended:
            await self._ended.wait_for(lambda: self._attempts >= times)

    def is_current(self, now: float, patience: float) -> bool:
        """Whether the newest successful scrape is at most ``patience`` seconds old."""
        return bool(self.history.scrapes) and now - self.history.scrapes[-1] <= patience

    async def has_series(self, selectors: Iterable[Selector]) -> bool:
        """Whether the history has a series that matches one of ``selectors``."""
        async with self.lock:
            return any(next(self.history.matching(each), None) is not None for each in selectors)

    @property
    def reason(self) -> Reason:
        """Why there is no current sample."""
        if self.failure is not None:
            return self.failure.reason
        return Reason.STALE if self.history.scrapes else Reason.NO_DATA

    def describe_failure(self, now: float) -> str:
        """The reason as a text, with the address and the age of the newest sample."""
        why = f"{self.failure.reason}: {self.failure.detail}" if self.failure is not None else "not scraped recently"
        if not self.history.scrapes:
            return f"{self.shown}: {why if self.failure is not None else 'not scraped yet'}"
        return f"{self.shown}: {why}; last seen {span_text(now - self.history.scrapes[-1])} ago"


class _NotMetrics(Exception):
    def __init__(self, reason: Reason, detail: str) -> None:
        self.failure = Failure(reason, detail)
