"""The sections of a review, in Markdown: alerts, outages, costliest minutes, overrides."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from artisan_tui.domain.event import Event
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.episodes import Episode, episodes
from artisan_tui.domain.slo.evaluation import SloEvaluation
from artisan_tui.domain.slo.review_period import ReviewPeriod
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.span import span_text
from artisan_tui.i18n import _
from artisan_tui.reports.alerts.words import severity_word
from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.markdown import escaped, table
from artisan_tui.reports.moments import time_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.slo.journal import BadEpisode, OverridePeriod, around
from artisan_tui.reports.slo.numbers import Worse, count, instant, moment, percent, period_text
from artisan_tui.reports.slo.words import name_of

#: The number of costliest periods per SLO, and of journal events per period.
_PERIODS, _EVENTS = 3, 5
#: Periods that used a smaller share of the budget are not listed.
_LEAST_COST = Fraction(1, 100)
#: Events from shortly before a costly period can explain it. Notes are often written shortly after it.
_BEFORE, _AFTER = timedelta(minutes=10), timedelta(minutes=5)


def section(title: str, lines: Sequence[str]) -> list[str]:
    return [f"## {title}", "", *(lines or [_("None.")]), ""]


def budget_share(evaluation: SloEvaluation, bad: int) -> Fraction | None:
    """The share of the budget of the SLO window that ``bad`` events used. None without events in the window."""
    allowance = evaluation.budget.allowance
    return max(bad, 0) / allowance if allowance > 0 else None


def budget_share_text(evaluation: SloEvaluation, counts: Counts | None) -> str:
    """The share of the budget of the SLO window that ``counts`` used, "-" when unknown."""
    share = None if counts is None or counts.total <= 0 else budget_share(evaluation, counts.bad)
    return "-" if share is None else percent(share, Worse.MORE, (Fraction(0), Fraction(1)))


def alert_lines(raised: Sequence[BadEpisode], zone: ZoneInfo) -> list[str]:
    rows = [
        [
            escaped(severity_word(each.severity)),
            escaped(each.name),
            _("before this period") if each.since is None else moment(each.since, zone),
            _("still firing") if each.until is None else _lasted(each),
            str(each.again) if each.again else "",
        ]
        for each in raised
    ]
    return table([_("Severity"), "SLO", _("Raised"), _("Duration"), _("Reopened")], rows) if rows else []


def _lasted(episode: BadEpisode) -> str:
    if episode.since is None or episode.until is None:
        return "-"
    return span_text((episode.until - episode.since).total_seconds())


def outage_lines(down: Sequence[BadEpisode], since: datetime, until: datetime) -> list[str]:
    """A table with one row per check, the longest total first."""
    by_check: dict[str, list[BadEpisode]] = {}
    for each in down:
        by_check.setdefault(each.subject, []).append(each)
    rows: list[tuple[timedelta, list[str]]] = []
    for subject, times in by_check.items():
        lengths = [each.within(since, until) for each in times]
        whole = sum(lengths, timedelta())
        detail = next((read_back(each.detail) for each in reversed(times) if each.detail), "")
        total, longest = (span_text(each.total_seconds()) for each in (whole, max(lengths)))
        if times[-1].until is None:
            total = _("{span}, still down").format(span=total)
        rows.append((whole, [escaped(subject), str(len(times)), total, longest, escaped(detail, 120)]))
    rows.sort(key=lambda row: row[0], reverse=True)
    head = [_("Check"), _("Times down"), _("Total"), _("Longest"), _("Last detail")]
    return table(head, [row for _whole, row in rows]) if rows else []


def costly_periods(
    slo_status: SloStatus, since: datetime, until: datetime, week: ReviewPeriod | None = None
) -> list[Episode]:
    """The costliest episodes of ``week``, worst first; without them what the costliest minutes of the window say.

    Episodes below `_LEAST_COST` of the budget are left out.
    """
    evaluation = slo_status.evaluation
    found = None if week is None else week.episodes.get(slo_status.id)
    if found is None:
        rows = [row for row in sorted(evaluation.costliest) if since <= instant(row[0]) < until]
        found = episodes(rows, evaluation.slo.objective)
    costly = [each for each in found if (budget_share(evaluation, each.bad) or 0) >= _LEAST_COST]
    return sorted(costly, key=lambda each: (-each.bad, each.start))[:_PERIODS]


def events_near(events: Sequence[Event], start: int, end: int) -> list[Event]:
    """The journal events around the minutes ``[start, end)``."""
    return around(events, instant(start) - _BEFORE, instant(end) + _AFTER, _EVENTS)


def costly_lines(
    slo_statuses: Sequence[SloStatus],
    events: Sequence[Event],
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    week: ReviewPeriod | None = None,
) -> list[str]:
    out: list[str] = []
    for each in slo_statuses:
        for episode in costly_periods(each, since, until, week):
            start, end = episode.start, episode.end
            first, last = period_text(start, end, zone)
            cost = budget_share(each.evaluation, episode.bad)
            text = _("{bad} bad of {total}, {share} of the budget").format(
                bad=count(episode.bad),
                total=count(episode.total),
                share="-" if cost is None else percent(cost, Worse.MORE, (Fraction(0), Fraction(1))),
            )
            out.append(f"- **{escaped(name_of(each))}** {first} - {last}: {text}")
            found = events_near(events, start, end)
            out += [f"  - {_event_line(event, zone)}" for event in found]
            if not found:
                out.append("  - " + _("no journal entries for this time"))
    return out


def _event_line(event: Event, zone: ZoneInfo) -> str:
    clock = time_text(event.occurred_at, zone)
    return f"{clock} {escaped(event.actor, 60)}: {escaped(event_text(event))}"


def override_lines(given: Sequence[OverridePeriod], zone: ZoneInfo) -> list[str]:
    return [
        f"- {moment(each.at, zone)} - {moment(each.until, zone)} {escaped(each.actor, 60)}: {escaped(each.reason)}"
        for each in given
    ]
