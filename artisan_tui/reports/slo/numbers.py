"""Numbers, times and lengths of SLOs as text, from exact fractions.

A printed number is never better than the exact one, and never on another side of a threshold. It is
rounded to the worse side, with more digits where two digits would reach or cross a threshold. So 0.004 %
left is not "0.00%", 20.0004 % left is not "20.00%" (a warning), and 99.9995 % is not "100.00%".
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
from artisan_tui.reports.moments import full_text

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: The thresholds of the budget status: nothing, a fifth, or all of it left.
_LEFT_MARKS = (Fraction(0), Fraction(1, 5), Fraction(1))
_USED_MARKS = (Fraction(0), Fraction(4, 5), Fraction(1))
#: The maximum number of decimals. No ledger needs more.
_MOST_PLACES = 30


class Worse(Enum):
    """The worse side, to which a number is rounded."""

    LESS = "less"  # for an SLI, the remaining budget, coverage
    MORE = "more"  # for the used budget, a burn rate


def decimal(value: Fraction, worse: Worse, marks: Iterable[Fraction] = (), places: int = 2) -> str:
    """``value`` rounded to the ``worse`` side, with at least ``places`` decimals, and on the same side of every mark."""
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
    """A share as ``99.92%``. ``marks`` are shares too."""
    return decimal(share * 100, worse, (mark * 100 for mark in marks), places) + "%"


def sli_text(objective: Objective, sli: Fraction) -> str:
    """The share of good events. The objective is a mark, because the budget is exhausted there."""
    return percent(sli, Worse.LESS, (Fraction(0), objective.target, Fraction(1)))


def used_text(used: Fraction) -> str:
    return percent(used, Worse.MORE, _USED_MARKS)


def left_text(left: Fraction) -> str:
    return percent(left, Worse.LESS, _LEFT_MARKS)


def coverage_text(counts: Counts, needed: Fraction) -> str:
    return percent(counts.coverage, Worse.LESS, (Fraction(0), needed, Fraction(1)))


def target_text(objective: Objective) -> str:
    """The exact objective with at least two decimals: ``99.90%``."""
    whole, _, places = objective.text.partition(".")
    return f"{whole}.{places.ljust(2, '0')}%"


def burn_text(burn: Fraction | None) -> str:
    """A burn rate: ``0.40``. "-" with too little data."""
    return "-" if burn is None else decimal(burn, Worse.MORE, (Fraction(0), Fraction(1)))


def factor_text(factor: Fraction) -> str:
    """A burn rate threshold with at most four decimals: ``13.44``, ``1``."""
    text = decimal(factor, Worse.LESS, places=4)
    return text.rstrip("0").rstrip(".")


def needed_text(share: Fraction) -> str:
    """A configured share: ``90%``, ``99.5%``."""
    return f"{factor_text(share * 100)}%"


def json_number(value: Fraction | None, marks: Iterable[Fraction] = ()) -> float | None:
    """The nearest float that is on the same side of every mark as the exact ``value``."""
    if value is None:
        return None
    number = float(value)
    for mark in marks:
        side, edge = _side(value, mark), float(mark)
        if _side(number, edge) != side:
            number = math.nextafter(edge, math.copysign(math.inf, side)) if side else edge
    return number


def count(number: int) -> str:
    """A number with separators: ``1,234,567``."""
    return f"{number:,}"


def instant(minute: int) -> datetime:
    """A minute since the epoch as a time in UTC."""
    return _EPOCH + timedelta(minutes=minute)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A time in ``zone``: ``2026-11-21 18:42 KST``."""
    return full_text(at, zone)


def minute_text(minute: int, zone: ZoneInfo) -> str:
    return moment(instant(minute), zone)


def period_text(start: int, end: int, zone: ZoneInfo) -> tuple[str, str]:
    """The start and the end of the minutes ``[start, end)``. The start has a zone only when it differs from the end's."""
    first, last = (instant(each).astimezone(zone) for each in (start, end))
    return full_text(first, zone, named_zone=first.tzname() != last.tzname()), full_text(last, zone)


def length_text(minutes: int) -> str:
    """A length in minutes: ``30d``, ``1h``."""
    return span_text(minutes * 60)


def wait_text(minutes: Fraction) -> str:
    """A remaining time, rounded down, so that the event is not announced later than it comes."""
    return minutes_text(float(minutes) * 60)


def when(end: int, minutes: Fraction) -> datetime:
    """The time ``minutes`` after the minute ``end``, rounded down to seconds."""
    return instant(end) + timedelta(seconds=int(minutes * 60))


def iso(at: datetime) -> str:
    """ISO 8601 in UTC with milliseconds, as in ``check --json``."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def cells(text: str) -> int:
    """The number of terminal columns of ``text``. Korean letters take two."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def padded(text: str, width: int) -> str:
    return text + " " * max(0, width - cells(text))
