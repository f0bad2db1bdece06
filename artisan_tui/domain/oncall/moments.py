"""Moments as people write them for a schedule: a wall time that is not exactly one instant is refused, never guessed."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta, tzinfo

from artisan_tui.domain.oncall.wall_time import DAY
from artisan_tui.domain.span import parse_span
from artisan_tui.domain.when import day_begins, nearest_day, parse_when, reckonable, written_in_full

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_NAMED = re.compile(r"([a-z]{3})[a-z]*(?:\s+(\d{1,2}:\d{2}))?", re.ASCII)
_CLOCK = re.compile(r"\d{1,2}:\d{2}", re.ASCII)
_SPAN = re.compile(r"\d+\s*[smhdw]", re.ASCII)


def parse_moment(text: str, now: datetime, zone: tzinfo, *, ahead: bool = True) -> datetime:
    """The moment, in UTC. "2h" lies ``ahead`` of ``now`` or before it; "17:00" and "fri 17:00" are the next such or the last.

    What names no zone is in ``zone``, a date is its beginning. Raises ValueError, and NotOneMoment.
    """
    word = text.strip().lower()
    local = now.astimezone(zone)
    if _SPAN.fullmatch(word):
        try:
            span = timedelta(seconds=float(parse_span(word)))
            return reckonable(now + span if ahead else now - span)
        except OverflowError:
            raise ValueError(f"{text!r} is too far away") from None
    named = _NAMED.fullmatch(word)
    if named and named[1] in _WEEKDAYS and word.split()[0] in _NAMES:
        day = local.date() + timedelta(days=(_WEEKDAYS.index(named[1]) - local.weekday()) % 7)
        if named[2] is None:
            return _next_day(day, now, zone, ahead=ahead)
        return _next(day, _clock(named[2]), 7, now, zone, ahead=ahead)
    if _CLOCK.fullmatch(word):
        return _next(local.date(), _clock(word), 1, now, zone, ahead=ahead)
    if word == "tomorrow":
        return day_begins(local.date() + DAY, zone)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        return parse_when(text, now, zone)
    return written_in_full(text.strip(), moment, zone)


_NAMES = frozenset(
    name
    for full in ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    for name in (full, full[:3])
)


def _clock(text: str) -> time:
    return time.fromisoformat(text.zfill(5))


def _next(day: date, clock: time, days: int, now: datetime, zone: tzinfo, *, ahead: bool) -> datetime:
    wall = datetime.combine(day, clock)
    if ahead:
        return nearest_day(wall, days, zone, lambda at: at > now)
    return nearest_day(wall, -days, zone, lambda at: at <= now)


def _next_day(day: date, now: datetime, zone: tzinfo, *, ahead: bool) -> datetime:
    found = day_begins(day, zone)
    if ahead and found <= now:
        return day_begins(day + timedelta(days=7), zone)
    return day_begins(day - timedelta(days=7), zone) if not ahead and found > now else found
