"""The week's review and the quarter's re-assessment, from the ledgers and the journal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.windows import Span, month_of
from artisan_tui.reports.slo.quarter import quarterly_review
from artisan_tui.reports.slo.review import ReviewPeriod, weekly_review

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from artisan_tui.engine.slo.once import SloSnapshot

WEEK = timedelta(days=7)
#: How far back either looks: the week before is what the week is compared with; three whole months and this one.
WEEKLY_BACK, QUARTERLY_BACK = 2 * WEEK, timedelta(days=4 * 31)
_MONTHS = 3


def weekly(slo_snapshot: SloSnapshot, zone: ZoneInfo) -> str:
    """The seven days up to the moment of ``slo_snapshot``, as Markdown."""
    since, until = slo_snapshot.at - WEEK, slo_snapshot.at
    week = _stretch("week", slo_snapshot, since, until)
    before = _stretch("before", slo_snapshot, since - WEEK, since)
    return weekly_review(
        slo_snapshot.slo_statuses, slo_snapshot.gate, slo_snapshot.events, since, until, zone, before, week=week
    )


def quarterly(slo_snapshot: SloSnapshot, zone: ZoneInfo) -> str:
    """The last three whole calendar months in ``zone``, as Markdown."""
    end = month_of(_minute(slo_snapshot.at), zone).start
    spans: list[Span] = []
    while len(spans) < _MONTHS:
        spans.insert(0, month_of((spans[0].start if spans else end) - 1, zone))
    months = [
        ReviewPeriod(f"{_instant(span.start).astimezone(zone):%Y-%m}", _counts(slo_snapshot, span.start, span.end))
        for span in spans
    ]
    return quarterly_review(
        slo_snapshot.slo_statuses, months, slo_snapshot.events, _instant(spans[0].start), _instant(spans[-1].end), zone
    )


def _stretch(label: str, slo_snapshot: SloSnapshot, since: datetime, until: datetime) -> ReviewPeriod:
    return ReviewPeriod(label, _counts(slo_snapshot, _minute(since), _minute(until)))


def _counts(slo_snapshot: SloSnapshot, start: int, end: int) -> dict[str, Counts]:
    return {each.spec.id: each.counts(Span(start, end), slo_snapshot.windows) for each in slo_snapshot.ledgers}


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def _instant(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
