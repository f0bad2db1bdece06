"""Dates and times for people, in their language: every screen and report says them with these functions.

A table of its own instead of a locale library: it is read before the first frame, and it is two lines.
"""

from __future__ import annotations

import re
from datetime import datetime, tzinfo

from artisan_tui.i18n import language

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS = {"en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"), "ko": ("월", "화", "수", "목", "금", "토", "일")}

#: The date of a container's start in a probe's sentence, which is English when it is made.
_SINCE = re.compile(rf" since (\d{{1,2}}) ({'|'.join(_MONTHS)}) (\d\d:\d\d) UTC")

#: A period of a ledger in the engine's sentence, in the zone of its SLO.
_DAY = r"(\d{4})-(\d\d)-(\d\d) (\d\d:\d\d)"
_PERIOD = re.compile(f"{_DAY} to {_DAY}")


def date_text(at: datetime, zone: tzinfo | None, *, weekday: bool = False) -> str:
    """``21 Nov``, ``Sat 21 Nov``; in Korean ``11월 21일``, ``11월 21일 (토)``."""
    local = at.astimezone(zone)
    if language() == "ko":
        name = f" ({_WEEKDAYS['ko'][local.weekday()]})" if weekday else ""
        return f"{local.month}월 {local.day}일{name}"
    name = f"{_WEEKDAYS['en'][local.weekday()]} " if weekday else ""
    return f"{name}{local.day:02} {_MONTHS[local.month - 1]}"


def brief_date_text(at: datetime, zone: tzinfo | None) -> str:
    """``11-21``, in Korean ``11/21``: for a column without room for the name of the month."""
    local = at.astimezone(zone)
    return f"{local.month:02}{'/' if language() == 'ko' else '-'}{local.day:02}"


def time_text(at: datetime, zone: tzinfo | None, *, seconds: bool = False) -> str:
    """``18:42``, ``18:42:07``."""
    local = at.astimezone(zone)
    return f"{local:%H:%M:%S}" if seconds else f"{local:%H:%M}"


def date_time_text(at: datetime, zone: tzinfo | None, *, weekday: bool = False, seconds: bool = False) -> str:
    """``21 Nov 18:42``, in Korean ``11월 21일 18:42``."""
    return f"{date_text(at, zone, weekday=weekday)} {time_text(at, zone, seconds=seconds)}"


def moment_text(at: datetime, zone: tzinfo | None, now: datetime) -> str:
    """``18:42``, with its date where it is not today's."""
    today = at.astimezone(zone).date() == now.astimezone(zone).date()
    return time_text(at, zone) if today else date_time_text(at, zone)


def coming_text(at: datetime, zone: tzinfo | None, now: datetime) -> str:
    """``18:42`` today, ``Fri 17:00`` within a week, ``04 Dec 17:00`` after that; in Korean ``금 17:00``."""
    days = (at.astimezone(zone).date() - now.astimezone(zone).date()).days
    if not 0 < days < 7:
        return moment_text(at, zone, now)
    names = _WEEKDAYS["ko" if language() == "ko" else "en"]
    return f"{names[at.astimezone(zone).weekday()]} {time_text(at, zone)}"


def full_text(at: datetime, zone: tzinfo | None, *, named_zone: bool = True, seconds: bool = False) -> str:
    """``2026-11-21 18:42 KST``, in Korean ``2026년 11월 21일 18:42 KST``: for what is read later, or elsewhere."""
    local = at.astimezone(zone)
    date = (
        f"{local.year}년 {date_text(at, zone)}"
        if language() == "ko"
        else f"{local.year:04}-{local.month:02}-{local.day:02}"
    )
    return f"{date} {time_text(at, zone, seconds=seconds)}" + (f" {local.tzname()}" if named_zone else "")


def month_text(month: str) -> str:
    """``2026-11``, in Korean ``2026년 11월``."""
    year, _, number = month.partition("-")
    return f"{year}년 {int(number)}월" if language() == "ko" and number.isdigit() else month


def since_text(sentence: str) -> str:
    """``sentence`` with its `` since 21 Nov 09:42 UTC`` or ``2026-11-21 09:42 to 2026-11-21 09:44`` in Korean."""
    sentence = _PERIOD.sub(
        lambda found: f"{_day_and_time(*found.groups()[:4])}부터 {_day_and_time(*found.groups()[4:])}까지", sentence
    )
    return _SINCE.sub(
        lambda found: f" ({_MONTHS.index(found[2]) + 1}월 {int(found[1])}일 {found[3]} UTC부터)", sentence
    )


def _day_and_time(year: str, month: str, day: str, time: str) -> str:
    return f"{year}년 {int(month)}월 {int(day)}일 {time}"
