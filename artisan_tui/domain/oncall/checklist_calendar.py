"""The periods of checklists of the calendar: local days, weeks, months and quarters as instants."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from artisan_tui.domain.oncall.checklists import CalendarRule
from artisan_tui.domain.oncall.wall_time import DAY, instant

_INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ChecklistPeriod:
    """``[start, end)``. ``key`` names it: 2026-11-30, 2026-W49, 2026-11 or 2026-Q4."""

    key: str
    start: datetime
    end: datetime
    due: datetime


def period_at(rule: CalendarRule, at: datetime, zone: ZoneInfo) -> ChecklistPeriod:
    """The period that contains ``at``. One of a daily list lasts until the next of its days."""
    day = at.astimezone(zone).date()
    first = _first_day(rule, day)
    following = _next_first_day(rule, first)
    start, end = instant(first, time(0), zone), instant(following, time(0), zone)
    due = end if rule.day is None else instant(first + rule.day * DAY, rule.clock, zone)
    if rule.every == "day" and rule.days and rule.day is None:
        due = instant(first + DAY, time(0), zone)  # on its own day, not at the end of the days without one
    return ChecklistPeriod(_key(rule, first), start, end, min(due, end))


def period_before(rule: CalendarRule, period: ChecklistPeriod, zone: ZoneInfo) -> ChecklistPeriod:
    return period_at(rule, period.start - _INSTANT, zone)


def _first_day(rule: CalendarRule, day: date) -> date:
    match rule.every:
        case "week":
            return day - day.weekday() * DAY
        case "month":
            return day.replace(day=1)
        case "quarter":
            return day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
    while rule.days and day.weekday() not in rule.days:
        day -= DAY
    return day


def _next_first_day(rule: CalendarRule, first: date) -> date:
    match rule.every:
        case "week":
            return first + 7 * DAY
        case "month":
            return (first + 31 * DAY).replace(day=1)
        case "quarter":
            return (first + 95 * DAY).replace(day=1)
    following = first + DAY
    while rule.days and following.weekday() not in rule.days:
        following += DAY
    return following


def _key(rule: CalendarRule, first: date) -> str:
    match rule.every:
        case "week":
            year, week, _day = first.isocalendar()
            return f"{year:04}-W{week:02}"
        case "month":
            return f"{first:%Y-%m}"
        case "quarter":
            return f"{first.year:04}-Q{(first.month + 2) // 3}"
    return first.isoformat()
