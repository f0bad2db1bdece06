"""Parse a Prometheus matrix into raw samples, one series at a time.

The JSON parser holds the interpreter lock, which blocks the screen's thread: a response of 2 MB for 60 ms, its
longest series for less than 1 ms.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.domain.text.printable import printable
from artisan_tui.sources.metrics.backend import Blind

#: The start of a response as all known servers write it. Other responses are parsed in one piece.
_BEGINNING = re.compile(
    r'\s*\{\s*"status"\s*:\s*"success"\s*,\s*"data"\s*:\s*\{\s*"resultType"\s*:\s*"matrix"\s*,\s*"result"\s*:\s*\[\s*'
)
_BETWEEN = re.compile(r"\s*,\s*")
_DECODER = json.JSONDecoder()


def document(content: bytes) -> dict[str, Any] | None:
    """The response as a JSON object, or None. For a matrix, ``data.result`` is a list of `CounterSeries`. Raises
    Blind.
    """
    try:
        text = content.decode()
        begun = _BEGINNING.match(text)
        found = json.loads(text) if begun is None else _piecewise(text, begun)
    except (ValueError, RecursionError, TypeError):
        return None
    return found if isinstance(found, dict) else None


def _piecewise(text: str, begun: re.Match[str]) -> Any:
    """Raises Blind, ValueError and TypeError."""
    found: list[CounterSeries] = []
    at = begun.end()
    while text[at : at + 1] not in ("]", ""):
        item, at = _DECODER.raw_decode(text, at)
        found.append(_series(item))
        comma = _BETWEEN.match(text, at)
        at = len(text) - len(text[at:].lstrip()) if comma is None else comma.end()
    whole = json.loads(begun[0] + text[at:])  # the text around the series, which includes warnings
    whole["data"]["result"] = found
    return whole


def series(result: object) -> tuple[CounterSeries, ...]:
    """The series of a matrix. Raises Blind."""
    if not isinstance(result, list):
        raise _malformed()
    return tuple(each if isinstance(each, CounterSeries) else _series(each) for each in result)


def _series(item: object) -> CounterSeries:
    """Times are seconds with a fraction, exact to the ms. A native histogram has no ``values``. Raises Blind."""
    if not isinstance(item, Mapping):
        raise _malformed()
    try:
        labels = {str(name): str(value) for name, value in item["metric"].items()}
        samples = tuple((round(at * 1000), float(value)) for at, value in item.get("values", ()))
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError):
        raise _malformed() from None
    return CounterSeries(labels, samples)


def instant(data: Mapping[str, Any], name: str, at: int) -> tuple[CounterSeries, ...]:
    """The series of a vector, each with one sample ``at`` (ms). Some servers drop the metric's ``name``. Raises Blind."""
    result = data.get("result")
    if data.get("resultType") != "vector" or not isinstance(result, list):
        raise _malformed()
    found = []
    for item in result:
        try:
            labels = {"__name__": name} | {str(label): str(value) for label, value in item["metric"].items()}
            # Of a native histogram, the number of its events.
            value = float(item["value"][1] if "value" in item else item["histogram"][1]["count"])
        except (AttributeError, LookupError, TypeError, ValueError):
            raise _malformed() from None
        found.append(CounterSeries(labels, ((at, value),)))
    return tuple(found)


def _malformed() -> Blind:
    return Blind(Reason.PROTOCOL, "unexpected response: no samples in the Prometheus result")


def require_matches(found: Iterable[CounterSeries], selector: Selector) -> None:
    """Raises Blind if a series is none that ``selector`` asks for, as when a proxy in between drops the query."""
    for each in found:
        require_match(each.labels, selector)


def require_match(labels: object, selector: Selector) -> None:
    """The same for the labels of one series. A label that the answer leaves out is no contradiction: Thanos removes
    the labels by which it joins replicas.
    """
    if not isinstance(labels, Mapping):
        raise _malformed()
    differs = labels.get("__name__", selector.name) != selector.name
    for each in selector.matchers:
        if each.label in labels and each.op in ("=", "!="):
            differs |= (str(labels[each.label]) == each.value) != (each.op == "=")
    if differs:
        shown = ", ".join(f"{name}={value}" for name, value in labels.items())
        raise Blind(Reason.PROTOCOL, f"the answer is about another series: {printable(shown, 200)}")


def within(found: Iterable[CounterSeries], start: int, end: int) -> tuple[CounterSeries, ...]:
    """The samples with ``start`` <= time < ``end`` (ms since the epoch). Series without any are left out."""
    out = []
    for each in found:
        samples = tuple(sample for sample in each.samples if start <= sample[0] < end)
        if samples:
            out.append(CounterSeries(each.labels, samples, each.created))
    return tuple(out)
