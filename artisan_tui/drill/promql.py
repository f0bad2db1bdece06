"""The subset of PromQL that reads raw samples: a selector, one with a range, ``last_over_time`` of it, and ``time()``.

promql-parser 0.12 is not used: it would replace only `parse` (20 lines), and 10,000 parentheses crash it (SIGSEGV).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from artisan_tui.domain.selector import Selector, parse_selector

_UNITS: Final = {
    "y": 31_536_000_000,
    "w": 604_800_000,
    "d": 86_400_000,
    "h": 3_600_000,
    "m": 60_000,
    "s": 1000,
    "ms": 1,
}
_DURATION = re.compile("".join(rf"(?:(\d+){unit})?" for unit in _UNITS), re.ASCII)
_RANGE = re.compile(r"(.*[^\s])\s*\[\s*([0-9a-z]+)\s*\]", re.DOTALL)
_LAST_OVER_TIME = re.compile(r"last_over_time\s*\(\s*(.*)\s*\)", re.DOTALL)
_TIME = re.compile(r"time\s*\(\s*\)")
#: Times and durations must be below this (ms, about the year 9999).
_LAST: Final = 253_402_300_800_000


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. ``selector`` None means ``time()``; ``range_ms`` None means an instant vector.

    ``last``: it is ``last_over_time`` of the range, an instant vector too.
    """

    selector: Selector | None
    range_ms: int | None = None
    last: bool = False


def parse(text: str) -> Query:
    """Raises ValueError with the problem."""
    plain = text.strip()
    if _TIME.fullmatch(plain):
        return Query(None)
    last = _LAST_OVER_TIME.fullmatch(plain)
    ranged = _RANGE.fullmatch(last[1] if last is not None else plain)
    try:
        if ranged is None:
            return Query(parse_selector(plain))
        return Query(parse_selector(ranged[1]), duration(ranged[2]), last is not None)
    except ValueError as error:
        known = "it knows selectors, ranges, last_over_time() and time()"
        raise ValueError(f"{error} (this is a simulated Prometheus: {known})") from None


def duration(text: str) -> int:
    """Parse a duration such as ``1h5s`` into ms. Raises ValueError."""
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise ValueError(f"not a valid duration string: {text[:40]!r}")
    length = sum(int(count) * unit for count, unit in zip(match.groups(), _UNITS.values(), strict=True) if count)
    if not 0 < length < _LAST:
        raise ValueError("duration must be greater than 0" if not length else "duration out of range")
    return length


def instant(text: str) -> int:
    """Parse Unix seconds or RFC 3339 into ms since the epoch. Raises ValueError."""
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            pass
        else:
            seconds = moment.timestamp() if moment.tzinfo is not None else math.nan
    if not abs(seconds) * 1000 < _LAST:
        raise ValueError(f"cannot parse {text[:40]!r} to a valid timestamp")
    return round(seconds * 1000)


def step(text: str) -> int:
    """Parse seconds or a duration into ms. Raises ValueError."""
    try:
        length = float(text) * 1000
    except ValueError:
        return duration(text)
    if not abs(length) < _LAST:
        raise ValueError(f"cannot parse {text[:40]!r} to a valid duration")
    return round(length)


def seconds(ms: int) -> str:
    """A time in ms as Prometheus writes it in JSON, which is in seconds."""
    whole, rest = divmod(ms, 1000)
    return f"{whole}.{rest:03d}" if rest else str(whole)


def number(value: float) -> str:
    """A value as Prometheus writes it: all digits, without an exponent."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    return f"{Decimal(text):f}" if "e" in text else text
