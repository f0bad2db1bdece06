"""Numbers of SLOs as people read them, from exact fractions.

A printed number never looks better than the true one, and never lies on another side of a threshold:
it is rounded to the worse side, and gets more digits where two would put it on or across one. So 0.004 % left
is not "0.00%", 20.0004 % left does not read as the warning that exactly 20 % is, and 99.9995 % is not "100.00%".
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import Enum
from fractions import Fraction
from zoneinfo import ZoneInfo

from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.objective import Objective
from artisan_tui.domain.span import minutes_text, span_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: Where a verdict changes: nothing or all of a budget, and a fifth of it left.
_LEFT_MARKS = (Fraction(0), Fraction(1, 5), Fraction(1))
_USED_MARKS = (Fraction(0), Fraction(4, 5), Fraction(1))
#: More than any ledger can need: beyond it a number is printed as it is.
_MOST_PLACES = 30


class Worse(Enum):
    """Which side a number must not err to the other of."""

    LESS = "less"  # of what is good: an SLI, a budget that is left, coverage
    MORE = "more"  # of what is bad: a budget that is used, a burn rate


def decimal(value: Fraction, worse: Worse, marks: Iterable[Fraction] = (), places: int = 2) -> str:
    """``value`` with at least ``places`` decimals, rounded to the ``worse`` side, on the true side of every mark."""
    known = tuple(marks)
    while True:
        scaled = value * 10**places
        digits = math.floor(scaled) if worse is Worse.LESS else math.ceil(scaled)
        shown = Fraction(digits, 10**places)
        if places >= _MOST_PLACES or all(_side(shown, mark) == _side(value, mark) for mark in known):
            whole, part = divmod(abs(digits), 10**places)
            return f"{'-' if digits < 0 else ''}{whole:,}" + (f".{part:0{places}d}" if places else "")
        places += 1


def _side(value: Fraction | float, mark: Fraction | float) -> int:
    return (value > mark) - (value < mark)


def percent(share: Fraction, worse: Worse, marks: Iterable[Fraction] = (), places: int = 2) -> str:
    """A share as ``99.92%``; ``marks`` are shares too."""
    return decimal(share * 100, worse, (mark * 100 for mark in marks), places) + "%"


def sli_text(objective: Objective, sli: Fraction) -> str:
    """The good share. At exactly the objective the budget is gone, so that is a mark."""
    return percent(sli, Worse.LESS, (Fraction(0), objective.target, Fraction(1)))


def used_text(used: Fraction) -> str:
    return percent(used, Worse.MORE, _USED_MARKS)


def left_text(left: Fraction) -> str:
    return percent(left, Worse.LESS, _LEFT_MARKS)


def coverage_text(counts: Counts, needed: Fraction) -> str:
    return percent(counts.coverage, Worse.LESS, (Fraction(0), needed, Fraction(1)))


def target_text(objective: Objective) -> str:
    """The objective, exactly, with the two decimals of a report at least: ``99.90%``."""
    whole, _, places = objective.text.partition(".")
    return f"{whole}.{places.ljust(2, '0')}%"


def burn_text(burn: Fraction | None) -> str:
    """``0.40``; "-" where too little is known. Burn 1 spends the budget in exactly the window."""
    return "-" if burn is None else decimal(burn, Worse.MORE, (Fraction(0), Fraction(1)))


def factor_text(factor: Fraction) -> str:
    """A threshold as it was written: ``13.44``, ``1``; endless ones to four decimals."""
    text = decimal(factor, Worse.LESS, places=4)
    return text.rstrip("0").rstrip(".")


def needed_text(share: Fraction) -> str:
    """A configured share as it was written: ``90%``, ``99.5%``."""
    return f"{factor_text(share * 100)}%"


def json_number(value: Fraction | None, marks: Iterable[Fraction] = ()) -> float | None:
    """The nearest float that compares with the float of every mark as ``value`` does with the mark itself."""
    if value is None:
        return None
    number = float(value)
    for mark in marks:
        side, edge = _side(value, mark), float(mark)
        if _side(number, edge) != side:
            number = math.nextafter(edge, math.copysign(math.inf, side)) if side else edge
    return number


def count(number: int) -> str:
    """``1,234,567``."""
    return f"{number:,}"


def instant(minute: int) -> datetime:
    """A minute since the epoch as a moment in UTC."""
    return _EPOCH + timedelta(minutes=minute)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """``2026-11-21 18:42 KST``."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")


def minute_text(minute: int, zone: ZoneInfo) -> str:
    return moment(instant(minute), zone)


def period_text(start: int, end: int, zone: ZoneInfo) -> tuple[str, str]:
    """Both ends of ``[start, end)``; the zone stands once, unless it changes in between."""
    first, last = (instant(each).astimezone(zone) for each in (start, end))
    short = "%Y-%m-%d %H:%M" if first.tzname() == last.tzname() else "%Y-%m-%d %H:%M %Z"
    return first.strftime(short), last.strftime("%Y-%m-%d %H:%M %Z")


def length_text(minutes: int) -> str:
    """``30d``, ``1h``."""
    return span_text(minutes * 60)


def wait_text(minutes: Fraction) -> str:
    """How long something still lasts, rounded down: it may come sooner, not later than it says."""
    return minutes_text(float(minutes) * 60)


def when(end: int, minutes: Fraction) -> datetime:
    """The moment ``minutes`` after the minute ``end``, whole seconds, rounded down."""
    return instant(end) + timedelta(seconds=int(minutes * 60))


def iso(at: datetime) -> str:
    """ISO 8601 in UTC, milliseconds, as in ``check --json``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cells(text: str) -> int:
    """How many columns ``text`` takes in a terminal: Korean letters take two."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def padded(text: str, width: int) -> str:
    return text + " " * max(0, width - cells(text))
