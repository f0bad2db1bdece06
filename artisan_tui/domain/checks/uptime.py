"""Uptime and percentiles of a check, from its hours."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from artisan_tui.domain.checks.latencies import Latencies
from artisan_tui.domain.checks.sample import CheckHour

#: Days that are told apart.
DAYS = 90


def share(hours: Sequence[CheckHour]) -> float | None:
    """(up + degraded) / (up + degraded + down): a degraded service serves, and what is unknown says nothing."""
    good = sum(hour.up + hour.degraded for hour in hours)
    told = good + sum(hour.down for hour in hours)
    return good / told if told else None


def since(hours: Sequence[CheckHour], start: datetime) -> list[CheckHour]:
    """Those that have begun at ``start`` or later."""
    return [hour for hour in hours if hour.start >= start]


def by_day(hours: Sequence[CheckHour], now: datetime, days: int = DAYS, zone: tzinfo = UTC) -> tuple[float | None, ...]:
    """The share of each of the last ``days`` days of ``zone``, oldest first, today's last.

    In a zone that is half an hour off, an hour belongs to the day in which it begins.
    """
    today = now.astimezone(zone).date()
    found: dict[int, list[CheckHour]] = {}
    for hour in hours:
        found.setdefault((today - hour.start.astimezone(zone).date()).days, []).append(hour)
    return tuple(share(found[back]) if back in found else None for back in range(days - 1, -1, -1))


def percentiles(hours: Sequence[CheckHour], now: datetime) -> tuple[float | None, float | None]:
    """(median, 95th percentile) in seconds of the last 24 hours."""
    total = sum((hour.latencies for hour in since(hours, now - timedelta(days=1))), Latencies())
    return total.quantile(0.5), total.quantile(0.95)
