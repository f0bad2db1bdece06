"""Durations as people write them: ``500ms 30s 5m 6h 7d``."""

from __future__ import annotations

import re
from decimal import Decimal

_UNITS = {
    "ms": Decimal("0.001"),
    "s": Decimal(1),
    "m": Decimal(60),
    "h": Decimal(3600),
    "d": Decimal(86400),
}
_SPAN = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)", re.ASCII)


def parse_span(text: str) -> Decimal:
    """Seconds in ``text``; compounds such as ``1h30m`` are allowed.

    Raises ValueError; its text says how to write a duration.
    """
    text = text.strip()
    total, end = Decimal(0), 0
    for match in _SPAN.finditer(text):
        if match.start() != end:
            break
        total += Decimal(match[1]) * _UNITS[match[2]]
        end = match.end()
    if not text or end != len(text):
        raise ValueError(f"{text!r} is not a duration: write a number and a unit, like 500ms, 30s, 5m, 6h or 7d")
    return total


def span_text(seconds: float) -> str:
    """The two largest units, rounded down: ``2m12s``, ``3h5m``, ``45s``, ``820ms``."""
    seconds = max(seconds, 0)
    if 0 < seconds < 1:
        return f"{int(seconds * 1000)}ms"
    whole = int(seconds)
    for unit, size, lower, step in (("d", 86400, "h", 3600), ("h", 3600, "m", 60), ("m", 60, "s", 1)):
        if whole >= size:
            rest = whole % size // step
            return f"{whole // size}{unit}{rest}{lower}" if rest else f"{whole // size}{unit}"
    return f"{whole}s"


def minutes_text(seconds: float) -> str:
    """Like `span_text`, with minutes as the smallest unit, and hours from one day on.

    The board shows ages with this, so that a line is redrawn at most once a minute.
    """
    if seconds < 60:
        return "<1m"
    return span_text(int(seconds) // 60 * 60) if seconds < 86400 else span_text(int(seconds) // 3600 * 3600)


def hours_text(hours: float) -> str:
    """``80``, ``167.5``, ``0.25``: without a rounding that would hide a gap."""
    return f"{hours:.2f}".rstrip("0").rstrip(".")
