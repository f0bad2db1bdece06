"""The simulated Prometheus: the part of its HTTP API that reads the stack's samples, under ``/prometheus``.

It represents another server, so faults of the app do not affect it. Ranges exclude their left edge, as in Prometheus
3. Long responses are sent in pieces, so that they do not block other requests.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from math import isnan
from typing import Any, Final, TypeVar
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from artisan_tui.domain.selector import Selector
from artisan_tui.drill import promql
from artisan_tui.drill.alertmanager_api import AlertmanagerApi
from artisan_tui.drill.clock import StackClock
from artisan_tui.drill.recorder import Recorder
from artisan_tui.drill.samples import LOOKBACK, Labels, RangePart, held, matching

PREFIX: Final = "/prometheus"
#: The suffix shows that it is simulated. The semantics are those of this version.
VERSION: Final = "3.5.0-drill"
RETENTION: Final = "30d"
_MOST_POINTS: Final = 11_000
_MAX_BODY: Final = 64 * 1024
_JSON: Final = "application/json"

Given = Mapping[str, str]
T = TypeVar("T")


class QueryRefused(Exception):
    """An error response in Prometheus' format."""

    def __init__(self, status: int, kind: str, message: str) -> None:
        super().__init__(message)
        self.status, self.kind = status, kind


def bad(message: str) -> QueryRefused:
    """The error for an invalid parameter."""
    return QueryRefused(400, "bad_data", message)


class PrometheusApi:
    """The endpoints."""

    def __init__(self, recorder: Recorder, clock: StackClock) -> None:
        self._recorder, self._clock = recorder, clock

    async def query(self, request: Request) -> Response:
        """An instant query: ``query`` at ``time`` (default: now)."""
        given = await _given(request)
        asked = _read("query", given.get("query", ""), promql.parse)
        at = _read("time", given["time"], promql.instant) if given.get("time") else int(self._clock.wall() * 1000)
        if asked.selector is None:
            return _success("scalar", iter((f'{promql.seconds(at)},"{promql.seconds(at)}"',)))
        self._ready(at - (asked.range_ms or LOOKBACK), at)
        if asked.range_ms is not None:
            found = self._recorder.samples.between(asked.selector, at - asked.range_ms, at)
            if asked.last:
                return _success("vector", _listed(_last(found, at)))
            return _success("matrix", _matrix(found))
        return _success("vector", _listed(self._vector(asked.selector, at)))

    async def query_range(self, request: Request) -> Response:
        """A range query: ``query`` from ``start`` to ``end`` every ``step``."""
        given = await _given(request)
        start, end = (_read(name, given.get(name, ""), promql.instant) for name in ("start", "end"))
        if end < start:
            raise bad('invalid parameter "end": end timestamp must not be before start time')
        step = _read("step", given.get("step", ""), promql.step)
        if step <= 0:
            what = "zero or negative query resolution step widths are not accepted. Try a positive integer"
            raise bad(f'invalid parameter "step": {what}')
        if (end - start) // step > _MOST_POINTS:
            raise bad(
                "exceeded maximum resolution of 11,000 points per timeseries. "
                "Try decreasing the query resolution (?step=XX)"
            )
        asked = _read("query", given.get("query", ""), promql.parse)
        times = range(start, end + 1, step)
        if asked.selector is None:
            return _success("matrix", iter([_series((), (f'[{t},"{t}"]' for t in map(promql.seconds, times)))]))
        if asked.last:
            raise bad("the simulated Prometheus answers last_over_time() at one instant only")
        if asked.range_ms is not None:
            raise bad('invalid expression type "range vector" for range query, must be Scalar or instant Vector')
        self._ready(start - LOOKBACK, end)
        return _success("matrix", _listed(self._sampled(asked.selector, times)))

    async def runtimeinfo(self, _: Request) -> Response:
        """The retention time."""
        return _whole({"status": "success", "data": {"storageRetention": RETENTION}})

    async def buildinfo(self, _: Request) -> Response:
        """The version."""
        return _whole({"status": "success", "data": {"version": VERSION}})

    def _ready(self, low: int, high: int) -> None:
        """Raises QueryRefused if the samples in ``low < t <= high`` (ms) are still being generated."""
        done = self._recorder.missing(low, high)
        if done is not None:
            raise QueryRefused(503, "unavailable", f"history is being made, {done} % done")

    def _vector(self, selector: Selector, at: int) -> Iterator[str]:
        for labels, value in self._newest(selector, at, {}):
            yield f'{{"metric":{_metric(labels)},"value":[{promql.seconds(at)},"{promql.number(value)}"]}}'

    def _sampled(self, selector: Selector, times: range) -> Iterator[str]:
        points: dict[Labels, list[str]] = {}
        known: dict[int, list[Labels]] = {}
        for at in times:
            shown = promql.seconds(at)
            for labels, value in self._newest(selector, at, known):
                points.setdefault(labels, []).append(f'[{shown},"{promql.number(value)}"]')
            yield ""  # nothing to send yet, but other requests may run
        for labels, values in sorted(points.items()):
            yield _series(labels, iter(values))

    def _newest(self, selector: Selector, at: int, known: dict[int, list[Labels]]) -> Iterator[tuple[Labels, float]]:
        """The samples of an instant vector. ``known`` caches the matching series of each range."""
        found = self._recorder.samples.newest(at)
        if found is not None:
            samples, row = found
            if id(samples) not in known:
                known[id(samples)] = matching(selector, samples)
            for labels in known[id(samples)]:
                value = held(samples.columns[labels], row)
                if value is not None:
                    yield labels, value


def _matrix(found: list[tuple[Labels, list[RangePart]]]) -> Iterator[str]:
    """Each series in pieces, one per part. A series without samples is left out."""
    shown: dict[int, list[str]] = {}  # all series of a range have the same times
    first = True
    for labels, parts in found:
        opened = False
        for part in parts:
            times = shown.get(id(part.samples))
            if times is None:
                rows = part.samples.times[part.low : part.high]
                times = shown[id(part.samples)] = [f'[{promql.seconds(at)},"' for at in rows]
            cells = part.cells[part.low : part.high]
            if cells.typecode == "i":
                text = ",".join([f'{at}{value}"]' for at, value in zip(times, cells, strict=True) if value >= 0])
            else:
                pairs = zip(times, cells, strict=True)
                text = ",".join([f'{at}{promql.number(value)}"]' for at, value in pairs if not isnan(value)])
            if text:
                head = f'{{"metric":{_metric(labels)},"values":['
                yield ("," if opened else head if first else f",{head}") + text
                opened, first = True, False
        if opened:
            yield "]}"


def _last(found: list[tuple[Labels, list[RangePart]]], at: int) -> Iterator[str]:
    """The newest sample of each series, at the time of the query."""
    for labels, parts in found:
        cells = (cell for part in reversed(parts) for cell in reversed(part.cells[part.low : part.high]))
        value = next((cell for cell in cells if (cell >= 0 if isinstance(cell, int) else not isnan(cell))), None)
        if value is not None:
            yield f'{{"metric":{_metric(labels)},"value":[{promql.seconds(at)},"{promql.number(value)}"]}}'


def _listed(elements: Iterable[str]) -> Iterator[str]:
    """Put commas between the non-empty elements."""
    comma = ""
    for element in elements:
        yield f"{comma}{element}" if element else ""
        comma = comma or ("," if element else "")


def _series(labels: Labels, values: Iterator[str]) -> str:
    return f'{{"metric":{_metric(labels)},"values":[{",".join(values)}]}}'


def _metric(labels: Labels) -> str:
    return json.dumps(dict(labels), separators=(",", ":"))


def _success(kind: str, pieces: Iterator[str]) -> Response:
    return StreamingResponse(_sent(kind, pieces), media_type=_JSON)


async def _sent(kind: str, pieces: Iterator[str]) -> AsyncIterator[bytes]:
    yield f'{{"status":"success","data":{{"resultType":"{kind}","result":['.encode()
    for piece in pieces:
        if piece:
            yield piece.encode()
        await asyncio.sleep(0)
    yield b"]}}"


def _whole(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, media_type=_JSON)


async def _given(request: Request) -> Given:
    """The parameters of the URL and of a form. The form takes precedence."""
    given = dict(request.query_params)
    if request.method == "POST":
        raw = bytearray()
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > _MAX_BODY:
                raise QueryRefused(413, "bad_data", "the form is too large")
        given |= parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True)
    return given


def _read(name: str, text: str, parse: Callable[[str], T]) -> T:
    """Raises QueryRefused."""
    try:
        return parse(text)
    except ValueError as error:
        raise bad(f'invalid parameter "{name}": {error}') from None


async def _refused(_: Request, error: Exception) -> Response:
    if isinstance(error, QueryRefused):
        return _whole({"status": "error", "errorType": error.kind, "error": str(error)}, error.status)
    assert isinstance(error, HTTPException)
    return _whole({"status": "error", "errorType": "not_found", "error": error.detail}, error.status_code)


def create_prometheus_api(recorder: Recorder, clock: StackClock, alerts: AlertmanagerApi | None = None) -> ASGIApp:
    """The API as an ASGI application; with the alert rules of ``alerts``."""
    api = PrometheusApi(recorder, clock)

    def at(path: str, endpoint: Callable[[Request], Awaitable[Response]], *methods: str) -> Route:
        return Route(f"{PREFIX}/api/v1/{path}", endpoint, methods=["GET", *methods])

    routes = [
        at("query", api.query, "POST"),
        at("query_range", api.query_range, "POST"),
        at("status/runtimeinfo", api.runtimeinfo),
        at("status/buildinfo", api.buildinfo),
    ]
    if alerts is not None:
        routes += [at("alerts", alerts.prometheus_alerts), at("rules", alerts.prometheus_rules)]
    app = Starlette(routes=routes, exception_handlers={QueryRefused: _refused, HTTPException: _refused})
    app.router.redirect_slashes = False
    return app
