"""The week's review and the quarter's re-assessment, from the ledgers and the journal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.windows import Span, month_of
from artisan_tui.reports.slo_quarter import quarterly_review
from artisan_tui.reports.slo_review import Stretch, weekly_review

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from artisan_tui.engine.budgets.once import Stood

WEEK = timedelta(days=7)
#: How far back either looks: the week before is what the week is compared with; three whole months and this one.
WEEKLY_BACK, QUARTERLY_BACK = 2 * WEEK, timedelta(days=4 * 31)
_MONTHS = 3


def weekly(stood: Stood, zone: ZoneInfo) -> str:
    """The seven days up to the moment of ``stood``, as Markdown."""
    since, until = stood.at - WEEK, stood.at
    week = _stretch("week", stood, since, until)
    before = _stretch("before", stood, since - WEEK, since)
    return weekly_review(stood.statements, stood.gate, stood.events, since, until, zone, before, week=week)


def quarterly(stood: Stood, zone: ZoneInfo) -> str:
    """The last three whole calendar months in ``zone``, as Markdown."""
    end = month_of(_minute(stood.at), zone).start
    spans: list[Span] = []
    while len(spans) < _MONTHS:
        spans.insert(0, month_of((spans[0].start if spans else end) - 1, zone))
    months = [
        Stretch(f"{_instant(span.start).astimezone(zone):%Y-%m}", _counts(stood, span.start, span.end))
        for span in spans
    ]
    return quarterly_review(
        stood.statements, months, stood.events, _instant(spans[0].start), _instant(spans[-1].end), zone
    )


def _stretch(label: str, stood: Stood, since: datetime, until: datetime) -> Stretch:
    return Stretch(label, _counts(stood, _minute(since), _minute(until)))


def _counts(stood: Stood, start: int, end: int) -> dict[str, Counts]:
    return {each.slo.id: each.counts(Span(start, end), stood.windows) for each in stood.ledgers}


def _minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


def _instant(minute: int) -> datetime:
    return datetime.fromtimestamp(minute * 60, UTC)
