"""The periods of the weekly and the quarterly SLO review, counted from the ledgers of a snapshot."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.review_period import Review, ReviewPeriod
from artisan_tui.domain.slo.windows import Span, month_of

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from artisan_tui.engine.slo.once import SloSnapshot

_WEEK = timedelta(days=7)
_MONTHS = 3
#: How much history a snapshot needs. A week is compared with the week before it. A quarter is
#: three whole months, and the current month is read too because it comes after them.
WEEKLY_BACK, QUARTERLY_BACK = 2 * _WEEK, timedelta(days=(_MONTHS + 1) * 31)


def weekly(slo_snapshot: SloSnapshot) -> Review:
    """The seven days up to the time of the snapshot. The periods are the week before and the week itself."""
    since, until = slo_snapshot.at - _WEEK, slo_snapshot.at
    before = _period("before", slo_snapshot, Span(_minute(since - _WEEK), _minute(since)))
    span = Span(_minute(since), _minute(until))
    found = {each.spec.id: each.episodes(span, slo_snapshot.windows) for each in slo_snapshot.ledgers}
    week = replace(_period("week", slo_snapshot, span), episodes=found)
    return Review(since, until, (before, week))


def quarterly(slo_snapshot: SloSnapshot, zone: ZoneInfo) -> Review:
    """The last three whole calendar months in ``zone``, one period each."""
    month = month_of(_minute(slo_snapshot.at), zone)
    months: list[Span] = []
    for _ in range(_MONTHS):
        month = month_of(month.start - 1, zone)
        months.insert(0, month)
    periods = tuple(_period(f"{_instant(month.start).astimezone(zone):%Y-%m}", slo_snapshot, month) for month in months)
    return Review(_instant(months[0].start), _instant(months[-1].end), periods)


def _period(label: str, slo_snapshot: SloSnapshot, span: Span) -> ReviewPeriod:
    return ReviewPeriod(label, {each.spec.id: each.counts(span, slo_snapshot.windows) for each in slo_snapshot.ledgers})


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def _instant(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
