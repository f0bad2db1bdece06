"""Reads measures from a server with the Prometheus HTTP API: Prometheus, Thanos, Mimir.

`prometheus_api_client` asks; `session` keeps its faults away (no time limit that holds, retries,
warnings and error texts lost). It blocks, so it runs in a few threads of its own, each with its
own session: neither is safe to share.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterable, Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from artisan_tui.config.secret import reveal_headers
from artisan_tui.domain.measure import Measure, Promql, Reading, Value, to_promql
from artisan_tui.domain.plain import printable
from artisan_tui.domain.sighting import Reason
from artisan_tui.domain.span import span_text
from artisan_tui.sources.errors import explain
from artisan_tui.sources.metrics.backend import Blind, Report
from artisan_tui.sources.metrics.call import Answer, Call
from artisan_tui.sources.threads import Threads

if TYPE_CHECKING:
    from artisan_tui.config.models import Metrics

#: Queries under way at once; a Prometheus allows twenty for everybody.
_THREADS = 4


class PrometheusBackend:
    """``environ`` holds the secrets that the configuration points at; they are read anew for every query."""

    def __init__(self, metrics: Metrics, environ: Mapping[str, str]) -> None:
        assert metrics.prometheus is not None
        self.url = metrics.prometheus.rstrip("/")
        self._metrics = metrics
        self._environ = environ
        self._threads = Threads(_THREADS, "prometheus")
        self._local = threading.local()

    def wants(self, measures: Iterable[Measure]) -> None:
        """The server has everything."""

    def start(self) -> None:
        """The server gathers."""

    async def prime(self) -> None:
        """The server gathers."""

    async def read(self, measure: Measure, at: float | None = None) -> Reading:
        """``at`` pins the time of evaluation (Unix seconds); else the server's now. Raises Blind."""
        query = to_promql(measure)
        answer = await self._ask(query, at)
        value = _single(answer.data, measure)
        return Reading(
            value,
            notes=tuple(printable(each, 300) for each in answer.warnings),
            remarks=tuple(printable(each, 300) for each in answer.infos),
            query=printable(query, 4096),
        )

    async def _ask(self, query: str, at: float | None = None) -> Answer:
        """In a thread, but never longer than the time limit, whatever the server does. Raises Blind."""
        call = Call(query, at, time.monotonic() + self._metrics.timeout)
        try:
            async with asyncio.timeout(self._metrics.timeout):
                return await asyncio.get_running_loop().run_in_executor(self._threads, self._query, call)
        except TimeoutError:
            limit = span_text(self._metrics.timeout)
            raise Blind(Reason.TIMEOUT, f"{self.url}: no answer within {limit}") from None
        except Blind:
            raise
        except Exception as error:  # noqa: BLE001 - whatever the library makes of hostile bytes
            reason, detail = explain(error)
            raise Blind(reason, f"{self.url}: {detail}") from None
        finally:
            call.abort()  # frees a thread that still waits on the socket

    def _query(self, call: Call) -> Answer:
        """On a thread, where loading requests holds nobody up. Raises Blind and whatever requests raises."""
        from artisan_tui.sources.metrics.session import connect

        client = getattr(self._local, "client", None)
        if client is None:
            client = self._local.client = connect(self.url, self._metrics.ca_file)
        return client.ask(call, self._headers())

    def _headers(self) -> dict[str, str]:
        """Raises SecretMissing."""
        metrics, environ = self._metrics, self._environ
        headers = reveal_headers(metrics.headers, environ)
        if metrics.bearer_token is not None:
            headers["Authorization"] = f"Bearer {metrics.bearer_token.reveal(environ)}"
        elif metrics.username is not None:
            from base64 import b64encode

            password = metrics.password.reveal(environ) if metrics.password is not None else ""
            headers["Authorization"] = "Basic " + b64encode(f"{metrics.username}:{password}".encode()).decode()
        return headers

    async def status(self) -> list[Report]:
        from artisan_tui.sources.metrics.about import about

        try:
            reading = await self.read(Promql("time()"))
        except Blind as blind:
            mend = "check [metrics] in the configuration, and the server" if blind.reason is not Reason.DENIED else ""
            return [(False, blind.detail, mend or "check bearer_token, or username and password, in [metrics]")]
        skew = float(reading.value) - time.time()
        said = await about(self.url, self._metrics, self._headers())
        reports: list[Report] = [(True, f"{self.url}: {said}", "")]
        if abs(skew) > 10:
            ahead = "ahead of" if skew > 0 else "behind"
            what = f"its clock is {span_text(abs(skew))} {ahead} ours"
            reports.append((False, what, "set both clocks by NTP: ages and windows are wrong until then"))
        return reports

    async def aclose(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _single(data: Mapping[str, Any], measure: Measure) -> Decimal:
    """The one number in a query's answer. Raises Blind."""
    kind, result = data.get("resultType"), data.get("result")
    if kind == "scalar":
        return _number(result)
    if kind != "vector" or not isinstance(result, list):
        raise Blind(Reason.PROTOCOL, f"the query gives a {printable(str(kind), 40)}, not a number")
    if not result:
        raise Blind(Reason.NO_DATA, "no series matches")
    if len(result) > 1:
        mend = 'add agg = "max"' if isinstance(measure, Value) and measure.agg is None else "aggregate it"
        raise Blind(Reason.VALUE, f"{len(result)} series, not one: {mend}")
    pair = result[0].get("value") if isinstance(result[0], Mapping) else None
    if pair is None:
        raise Blind(Reason.PROTOCOL, "the series is a histogram, not a number")
    return _number(pair)


def _number(pair: object) -> Decimal:
    """From ``[time, "text"]``, NaN and infinities included. Raises Blind."""
    if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[1], str):
        try:
            return Decimal(pair[1])
        except InvalidOperation:
            pass
    raise Blind(Reason.PROTOCOL, "the answer holds no number where Prometheus puts it")
