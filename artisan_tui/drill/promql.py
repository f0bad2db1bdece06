"""As much PromQL as is needed to read the past: a selector, a selector with a range, and ``time()``.

Not promql-parser 0.12: it would replace some 20 lines, `parse`, and ends the process (SIGSEGV) on 10,000 parentheses.
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
_TIME = re.compile(r"time\s*\(\s*\)")
#: Beyond it a time is no time (ms, about the year 9999).
_LAST: Final = 253_402_300_800_000


@dataclass(frozen=True, slots=True)
class Query:
    """``selector`` None is ``time()``; ``range_ms`` None is an instant vector."""

    selector: Selector | None
    range_ms: int | None = None


def parse(text: str) -> Query:
    """Raises ValueError with what is wrong."""
    plain = text.strip()
    if _TIME.fullmatch(plain):
        return Query(None)
    ranged = _RANGE.fullmatch(plain)
    try:
        if ranged is None:
            return Query(parse_selector(plain))
        return Query(parse_selector(ranged[1]), duration(ranged[2]))
    except ValueError as error:
        raise ValueError(f"{error} (this is a simulated Prometheus: it knows selectors, ranges and time())") from None


def duration(text: str) -> int:
    """``1h5s`` in ms. Raises ValueError."""
    match = _DURATION.fullmatch(text)
    if match is None or not text:
        raise ValueError(f"not a valid duration string: {text[:40]!r}")
    length = sum(int(count) * unit for count, unit in zip(match.groups(), _UNITS.values(), strict=True) if count)
    if not 0 < length < _LAST:
        raise ValueError("duration must be greater than 0" if not length else "duration out of range")
    return length


def instant(text: str) -> int:
    """Unix seconds or RFC 3339, in ms. Raises ValueError."""
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
    """Seconds or a duration, in ms. Raises ValueError."""
    try:
        length = float(text) * 1000
    except ValueError:
        return duration(text)
    if not abs(length) < _LAST:
        raise ValueError(f"cannot parse {text[:40]!r} to a valid duration")
    return round(length)


def seconds(ms: int) -> str:
    """A time as Prometheus writes it into JSON."""
    whole, rest = divmod(ms, 1000)
    return f"{whole}.{rest:03d}" if rest else str(whole)


def number(value: float) -> str:
    """A value as Prometheus writes it: all digits, never an exponent."""
    if isinstance(value, int):
        return str(value)
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else "+Inf" if value > 0 else "-Inf"
    if value.is_integer():
        return str(int(value))
    text = repr(value)
    return f"{Decimal(text):f}" if "e" in text else text
