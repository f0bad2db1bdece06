"""Targets and windows of other tools -> "99.9%" and "30d", exactly."""

from __future__ import annotations

import re
from decimal import Decimal

from artisan_tui.config.slo.fields import percent_text
from artisan_tui.config.slo.importing.findings import At, ImportRefused, Notes

_DURATION = re.compile(r"(\d{1,6})([mhdwMQY])", re.ASCII)
#: Days of a rolling month, quarter and year.
_DAYS = {"d": 1, "w": 7, "M": 30, "Q": 90, "Y": 365}
_MINUTES = {"m": 1, "h": 60, "d": 1440, "w": 7 * 1440}
_NAMES = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks", "M": "months", "Q": "quarters", "Y": "years"}
_MOST_DAYS = 366
#: The maximum number of decimals of a percentage in [[slo]].
_PLACES = 6


def percent(at: At, share: Decimal, mend: str = "write a target like 0.999, or targetPercent: 99.9") -> str:
    """``0.9995`` -> ``99.95%``. Raises ImportRefused."""
    if share == 1:
        raise ImportRefused(at, "an objective of 100% leaves no error budget", "write less, like 99.9")
    if not 0 < share < 1:
        raise ImportRefused(at, "an objective lies between 0 and 100 per cent", mend)
    text = percent_text(share)
    if len(text.partition(".")[2]) > _PLACES:
        raise ImportRefused(at, f"an objective of {text[:40]}% has more than {_PLACES} decimals", "round it")
    return f"{text}%"


def minutes(at: At) -> int:
    """A time slice: ``5``, ``1m``, ``2h``. Raises ImportRefused."""
    text = (at.node.text or "").strip()
    if text.isascii() and text.isdigit() and int(text) > 0:
        return int(text)
    count, unit = _duration(at, text)
    if unit not in _MINUTES:
        raise ImportRefused(
            at,
            f"a slice of {count}{unit} ({_NAMES[unit]}) is too long: m is minutes, M months",
            "write it like 1m or 5m",
        )
    return count * _MINUTES[unit]


def rolling(at: At, notes: Notes) -> str:
    """A rolling window in days. Raises ImportRefused."""
    count, unit = _duration(at, (at.node.text or "").strip())
    if unit in {"m", "h"}:
        whole, rest = divmod(count * _MINUTES[unit], 1440)
        if rest:
            hint = ' OpenSLO writes months "M": 1m is one minute, 1M a month.' if unit == "m" else ""
            what = f"a window of {count}{unit} ({_NAMES[unit]}) is not a whole number of days.{hint}"
            raise ImportRefused(at, what, 'write it like "7d", "4w" or "1M"')
        days = whole
    else:
        days = count * _DAYS[unit]
    if days > _MOST_DAYS:
        raise ImportRefused(at, f"a window of {days} days is too long", f"write at most {_MOST_DAYS}d")
    if unit in {"M", "Q", "Y"}:
        notes.remark(at, f"a rolling window of {count}{unit} ({_NAMES[unit]}) is read as {days} days")
    return f"{days}d"


def calendar(window: At, notes: Notes) -> str:
    """The calendar month, the only supported calendar window. Raises ImportRefused."""
    duration = window.get("duration")
    count, unit = _duration(duration or window, window.text("duration"))
    if (count, unit) != (1, "M"):
        hint = " 1m is one minute, 1M a month (OpenSLO's own example has it wrong)." if unit == "m" else ""
        what = f"a calendar window of {count}{unit} ({_NAMES[unit]}) cannot be kept, only one month.{hint}"
        raise ImportRefused(duration or window, what, 'write "1M" with its calendar, or a rolling window like "30d"')
    rules = window.get("calendar")
    if rules is None:
        return "month"
    notes.unknown(rules, "startTime", "timeZone")
    start = rules.get("startTime")
    text = rules.text("startTime")
    if start is not None and not re.fullmatch(r"\d{4}-\d\d?-0?1([T ]0?0:00(:00(\.0*)?)?Z?)?", text, re.ASCII):
        what = f"a month that begins at {text[:40]!r} cannot be kept: ours begins on the first at 00:00"
        raise ImportRefused(start, what, "write startTime: 2022-01-01 00:00:00")
    if (zone := rules.get("timeZone")) is not None:
        notes.remark(zone, f'the month follows [artisan].timezone: write timezone = "{rules.text("timeZone")}" there')
    return "month"


def _duration(at: At, text: str) -> tuple[int, str]:
    match = _DURATION.fullmatch(text)
    if match is None or int(match[1]) == 0:
        raise ImportRefused(
            at, f"{text[:40]!r} is not a duration", "write a number and one of m h d w M Q Y, like 30d or 4w"
        )
    return int(match[1]), match[2]
