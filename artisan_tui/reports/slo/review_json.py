"""The weekly SLO review as a JSON document."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from artisan_tui.domain.event import Event, stamp
from artisan_tui.domain.slo.burn import burn
from artisan_tui.domain.slo.gate import Gate
from artisan_tui.domain.slo.review_period import Review, ReviewPeriod
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.reports.slo.journal import BadEpisode, alerts, effective_events, outages, overrides
from artisan_tui.reports.slo.json_documents import report_json


def weekly_json(
    slo_statuses: Sequence[SloStatus], gate: Gate, events: Iterable[Event], review: Review
) -> dict[str, object]:
    """`slo report --json` at the end of the week, with the counts of this week and of the week before."""
    before, week = review.periods
    happened = effective_events(events, review.since, review.until)
    return {
        "since": stamp(review.since),
        "until": stamp(review.until),
        **report_json(slo_statuses, gate, review.until),
        "weeks": {each.id: {"before": _counts(each, before), "week": _counts(each, week)} for each in slo_statuses},
        "alerts": [_episode(each) for each in alerts(happened)],
        "outages": [_episode(each) for each in outages(happened)],
        "overrides": [
            {"actor": each.actor, "reason": each.reason, "at": stamp(each.at), "until": stamp(each.until)}
            for each in overrides(happened)
        ],
    }


def _counts(slo_status: SloStatus, period: ReviewPeriod) -> dict[str, object] | None:
    counts = period.counts.get(slo_status.id)
    if counts is None:
        return None
    rate = burn(slo_status.evaluation.slo.objective, counts)
    return {
        "bad": counts.bad,
        "total": counts.total,
        "coverage": float(counts.coverage),
        "burn": None if rate is None else float(rate),
    }


def _episode(each: BadEpisode) -> dict[str, object]:
    return {
        "subject": each.subject,
        "name": each.name,
        "severity": each.severity or None,
        "since": None if each.since is None else stamp(each.since),
        "until": None if each.until is None else stamp(each.until),
        "detail": each.detail or None,
    }
