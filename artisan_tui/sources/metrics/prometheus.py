"""Read measures and raw samples over the Prometheus HTTP API: Prometheus, Thanos, Mimir.

`prometheus_api_client` sends the queries; `session` corrects its defects (no reliable time limit, retries, lost
warnings and error texts). It blocks, so it runs in a few threads, each with its own session: a session must not be
shared.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar

from artisan_tui.config.secret import reveal_headers
from artisan_tui.config.url import without_query
from artisan_tui.domain.measure import Measure, MeasureReading, Promql, Value, to_promql
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.errors import explain
from artisan_tui.sources.metrics import matrix
from artisan_tui.sources.metrics.backend import Blind, Report
from artisan_tui.sources.metrics.call import Call, Instant, MetricsAnswer, Steps, seconds_text
from artisan_tui.sources.metrics.range_source import RangeSamples
from artisan_tui.sources.threads import WorkerThreads
from artisan_tui.sources.trust import Trust

if TYPE_CHECKING:
    from artisan_tui.config.metrics import Metrics

#: Simultaneous queries. A Prometheus server allows twenty for all its clients.
_THREADS = 4
#: Points of one series that a server returns at most.
_MOST_POINTS = 11_000
_NOW = Instant()
#: Seconds before a query is sent again.
_BREATH = 0.2

P = ParamSpec("P")
T = TypeVar("T")


class PrometheusBackend:
    """``environ`` holds the configured secrets. They are read again for every query."""

    def __init__(self, metrics: Metrics, environ: Mapping[str, str]) -> None:
        assert metrics.prometheus is not None
        self._url = metrics.prometheus
        self.url = printable(without_query(self._url).rstrip("/"), 500)
        self._metrics = metrics
        self._environ = environ
        self._threads = WorkerThreads(_THREADS, "prometheus")
        self._local = threading.local()

    def wants(self, measures: Iterable[Measure]) -> None:
        """Nothing to do: the server has all metrics."""

    def start(self) -> None:
        """Nothing to do: the server scrapes."""

    async def prime(self) -> None:
        """Nothing to do: the server scrapes."""

    async def refresh(self) -> None:
        """Nothing to do: the server scrapes."""

    async def read(self, measure: Measure, at: float | None = None) -> MeasureReading:
        """The value at ``at`` (Unix seconds), or at the server's current time. Raises Blind."""
        query = to_promql(measure)
        answer = await self._ask(query, _NOW if at is None else Instant(round(at * 1000)))
        value = _single(answer.data, measure)
        return MeasureReading(
            value,
            notes=_printable_texts(answer.warnings),
            remarks=_printable_texts(answer.infos),
            query=printable(query, 4096),
        )

    # -- range source -------------------------------------------------------

    @property
    def interval_ms(self) -> int:
        return round(self._metrics.every * 1000)

    def wants_samples(self, selectors: Iterable[Selector], seconds: float) -> None:
        """Nothing to do: the server has all metrics."""

    async def now_ms(self) -> int:
        answer = await self._ask("time()")
        try:
            return round(_single(answer.data, Promql("time()")) * 1000)
        except (ValueError, OverflowError):  # NaN or infinity
            raise Blind(Reason.PROTOCOL, "the server returned no time") from None

    async def retention(self) -> float | None:
        from artisan_tui.sources.metrics.about import retention

        return await retention(self._url, self._metrics, self._headers_or_blind())

    async def raw(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        """Does not wait for samples that arrive late. Raises Blind."""
        if start_ms >= end_ms:
            return RangeSamples()
        # A range includes its left edge in Prometheus 2, but not in 3. A range that ends 1 ms earlier is right for
        # both.
        query, last = f"{selector}[{_range(end_ms - start_ms)}]", end_ms - 1
        answer = await self._ask(query, Instant(last))
        if answer.data.get("resultType") != "matrix":
            raise Blind(Reason.PROTOCOL, "the server returned no samples for the range")
        await self.off_loop(matrix.require_matches, answer.series, selector)
        found = await self.off_loop(matrix.within, answer.series, start_ms, end_ms)
        pasted = printable(f"{query} @ {seconds_text(last)}", 4096)
        return RangeSamples(found, _printable_texts(answer.warnings), _printable_texts(answer.infos), pasted)

    async def latest(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        """All times are the last of the range, because the function returns none. Raises Blind."""
        if start_ms >= end_ms:
            return RangeSamples()
        query, last = f"last_over_time({selector}[{_range(end_ms - start_ms)}])", end_ms - 1
        answer = await self._ask(query, Instant(last))
        found = await self.off_loop(matrix.instant, answer.data, selector.name, last)
        return RangeSamples(found, _printable_texts(answer.warnings), _printable_texts(answer.infos))

    async def stepped(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> RangeSamples:
        """Sends as many requests as the server's limit of points requires. Raises Blind."""
        found: list[CounterSeries] = []
        notes: dict[str, None] = {}
        remarks: dict[str, None] = {}
        for first in range(start_ms, end_ms, _MOST_POINTS * step_ms):
            points = min(_MOST_POINTS, -((first - end_ms) // step_ms))
            answer = await self._ask(query, Steps(first, first + (points - 1) * step_ms, step_ms))
            if answer.data.get("resultType") != "matrix":
                raise Blind(Reason.PROTOCOL, "the server returned no numbers for the time range")
            found += answer.series
            notes |= dict.fromkeys(_printable_texts(answer.warnings))
            remarks |= dict.fromkeys(_printable_texts(answer.infos))
        return RangeSamples(tuple(found), tuple(notes), tuple(remarks), printable(query, 4096))

    async def off_loop(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, lambda: work(*args, **kwargs))

    # -- queries ------------------------------------------------------------

    async def _ask(self, query: str, when: Instant | Steps = _NOW) -> MetricsAnswer:
        """Run the query in a thread, with a time limit that holds for any server. Raises Blind."""
        deadline = time.monotonic() + self._metrics.timeout
        try:
            return await self._once(query, when, deadline)
        except Blind as blind:
            # A proxy whose server is being replaced says 503 for a moment. What is left of the time limit is used.
            # A query that the server itself gave up would only burden it again.
            busy = blind.reason is Reason.STATUS and blind.detail.startswith("HTTP 503")
            if not busy or time.monotonic() + _BREATH >= deadline:
                raise
        await asyncio.sleep(_BREATH)
        return await self._once(query, when, deadline)

    async def _once(self, query: str, when: Instant | Steps, deadline: float) -> MetricsAnswer:
        call = Call(query, when, deadline)
        try:
            async with asyncio.timeout(max(0.0, deadline - time.monotonic())):
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._query, call)
        except TimeoutError:
            limit = span_text(self._metrics.timeout)
            raise Blind(Reason.TIMEOUT, f"{self.url}: no response within {limit}") from None
        except Blind:
            raise
        except Exception as error:  # noqa: BLE001 - the library may raise anything for a malformed response
            reason, detail = explain(error)
            raise Blind(reason, f"{self.url}: {detail}") from None
        finally:
            call.abort()  # ends a thread that still reads from the socket

    def _query(self, call: Call) -> MetricsAnswer:
        """Runs in a thread, because importing requests is slow. Raises Blind and whatever requests raises."""
        from artisan_tui.sources.metrics.session import connect

        client = getattr(self._local, "client", None)
        if client is None or not client.is_current():
            metrics = self._metrics
            trusted = Trust(metrics.ca_file, True, metrics.cert_file, metrics.key_file)
            client = self._local.client = connect(self._url, trusted)
        return client.ask(call, self._headers())

    def _headers(self) -> dict[str, str]:
        """Raises SecretMissing."""
        metrics, environ = self._metrics, self._environ
        headers = reveal_headers(metrics.headers, environ)
        if metrics.bearer_token is not None:
            headers["Authorization"] = f"Bearer {metrics.bearer_token.reveal_for_header(environ)}"
        elif metrics.username is not None:
            from base64 import b64encode

            password = metrics.password.reveal(environ) if metrics.password is not None else ""
            headers["Authorization"] = "Basic " + b64encode(f"{metrics.username}:{password}".encode()).decode()
        return headers

    def _headers_or_blind(self) -> dict[str, str]:
        """The same as `_headers`, but raises Blind."""
        try:
            return self._headers()
        except Exception as error:  # noqa: BLE001 - SecretMissing, and any error of reading a file
            reason, detail = explain(error)
            raise Blind(reason, detail) from None

    async def status(self) -> list[Report]:
        from artisan_tui.sources.metrics.about import about

        try:
            reading = await self.read(Promql("time()"))
        except Blind as blind:
            mend = "check [metrics] in the configuration, and the server" if blind.reason is not Reason.DENIED else ""
            return [(False, blind.detail, mend or "check bearer_token, or username and password, in [metrics]")]
        skew = float(reading.value) - time.time()
        said = await about(self._url, self._metrics, self._headers())
        reports: list[Report] = [(True, f"{self.url}: {said}", "")]
        if abs(skew) > 10:
            ahead = "ahead of" if skew > 0 else "behind"
            what = f"its clock is {span_text(abs(skew))} {ahead} the clock of this machine"
            reports.append((False, what, "set both clocks by NTP: ages and windows are wrong until then"))
        return reports

    async def aclose(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _printable_texts(texts: Iterable[str]) -> tuple[str, ...]:
    return tuple(printable(each, 300) for each in texts)


def _range(ms: int) -> str:
    """A PromQL duration in the largest unit that divides ``ms``."""
    for unit, size in (("h", 3_600_000), ("m", 60_000), ("s", 1000)):
        if ms % size == 0:
            return f"{ms // size}{unit}"
    return f"{ms}ms"


def _single(data: Mapping[str, Any], measure: Measure) -> Decimal:
    """The only number in a query's result. Raises Blind."""
    kind, result = data.get("resultType"), data.get("result")
    if kind == "scalar":
        return _number(result)
    if kind != "vector" or not isinstance(result, list):
        raise Blind(Reason.PROTOCOL, f"the query returns a {printable(str(kind), 40)}, not a number")
    if not result:
        raise Blind(Reason.NO_DATA, "no series matches")
    if len(result) > 1:
        mend = 'add agg = "max"' if isinstance(measure, Value) and measure.agg is None else "aggregate it"
        raise Blind(Reason.VALUE, f"{len(result)} series, not one: {mend}")
    pair = result[0].get("value") if isinstance(result[0], Mapping) else None
    if pair is None:
        raise Blind(Reason.PROTOCOL, "the series is a histogram, not a number")
    if isinstance(measure, Value) and measure.agg is None:
        matrix.require_match(result[0].get("metric"), measure.selector)
    return _number(pair)


def _number(pair: object) -> Decimal:
    """Parse ``[time, "text"]``, NaN and infinities included. Raises Blind."""
    if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], str):
        try:
            return Decimal(pair[1])
        except InvalidOperation:
            pass
    raise Blind(Reason.PROTOCOL, "unexpected response: no number in the Prometheus result")
