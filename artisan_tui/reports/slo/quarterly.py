"""The quarterly re-assessment, in Markdown: whether each objective and its alerts are still right.

Each objective is compared with the counts of the last months. When every month exceeded the error budget, the
advice is to loosen it. When the next stricter objective would have been healthy in every month, the advice
is to tighten it. Otherwise it is kept, because a single bad month is an incident.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum
from fractions import Fraction
from statistics import median
from zoneinfo import ZoneInfo

from artisan_tui.domain.event import Event
from artisan_tui.domain.slo.budget import Budget
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.minimums import Minimums
from artisan_tui.domain.slo.objective import Objective, parse_objective
from artisan_tui.domain.slo.review_period import ReviewPeriod
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.span import span_text
from artisan_tui.i18n import _
from artisan_tui.reports.alerts.words import severity_word
from artisan_tui.reports.markdown import escaped, table
from artisan_tui.reports.moments import month_text
from artisan_tui.reports.slo.journal import BadEpisode, alerts, effective_events
from artisan_tui.reports.slo.numbers import coverage_text, left_text, moment, sli_text, target_text, used_text
from artisan_tui.reports.slo.review_sections import section
from artisan_tui.reports.slo.words import name_of

#: Common objectives, least strict first.
_USUAL = tuple(
    parse_objective(text)
    for text in ("90", "95", "97", "98", "99", "99.5", "99.8", "99.9", "99.95", "99.98", "99.99", "99.995", "99.999")
)
#: The number of months with enough data that an advice needs.
_LEAST_MONTHS = 2
#: The number of bad events per month that a stricter objective must allow. With fewer, a single failure decides.
_LEAST_ALLOWED = 10
#: Alerts shorter than this end before anybody can act.
_SHORT = timedelta(minutes=10)


class Advice(Enum):
    KEEP = "keep"
    TIGHTEN = "tighten"
    LOOSEN = "loosen"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Assessment:
    """The advice for one objective.

    ``to`` is the advised objective, None when it stays or no common one fits. ``worst`` is the largest
    share of its budget that a month used, or would have used with ``to``. ``overspent`` of the
    ``assessed`` months exhausted their budget.
    """

    advice: Advice
    assessed: int
    overspent: int
    to: Objective | None = None
    worst: Fraction | None = None


def assess(objective: Objective, minimums: Minimums, months: Iterable[Counts]) -> Assessment:
    """The advice for ``objective`` from the counts of its months. Months with too little data are ignored."""
    assessed = [each for each in months if Budget(objective, each, minimums).unknown_reason is None]
    overspent = sum(_used(objective, each) >= 1 for each in assessed)
    if len(assessed) < _LEAST_MONTHS:
        return Assessment(Advice.UNKNOWN, len(assessed), overspent)
    if overspent == len(assessed):
        looser = (each for each in reversed(_USUAL) if each.target < objective.target)
        fitting = next((each for each in looser if _worst(each, assessed) < 1), None)
        worst = None if fitting is None else _worst(fitting, assessed)
        return Assessment(Advice.LOOSEN, len(assessed), overspent, fitting, worst)
    # One step at a time, because users get used to a stricter objective.
    stricter = next((each for each in _USUAL if each.target > objective.target), None)
    if stricter is not None:
        worst = _worst(stricter, assessed)
        enough = all(each.total * stricter.allowed >= _LEAST_ALLOWED for each in assessed)
        if enough and worst < Fraction(4, 5):
            return Assessment(Advice.TIGHTEN, len(assessed), overspent, stricter, worst)
    return Assessment(Advice.KEEP, len(assessed), overspent, worst=_worst(objective, assessed))


def _used(objective: Objective, counts: Counts) -> Fraction:
    return Budget(objective, counts).used or Fraction(0)


def _worst(objective: Objective, months: Sequence[Counts]) -> Fraction:
    return max(_used(objective, each) for each in months)


def quarterly_review(
    slo_statuses: Sequence[SloStatus],
    months: Sequence[ReviewPeriod],
    events: Iterable[Event],
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
) -> str:
    """The re-assessment of the quarter ``[since, until)``. ``months`` are its periods, oldest first."""
    raised = alerts(effective_events(events, since, until))
    title = _("SLO re-assessment")
    out = [
        f"# {title}: {moment(since, zone)} - {moment(until, zone)}",
        "",
        *section(_("Error budget used by month"), _by_month(slo_statuses, months)),
        *section(_("Is the objective right?"), [f"- {_advice(each, months)}" for each in slo_statuses]),
        *section(
            _("Are the alerts right?"), [*_alert_table(raised, since, until), *_unpaged(slo_statuses, months, raised)]
        ),
    ]
    return "\n".join(out)


def _of(slo_status: SloStatus, months: Sequence[ReviewPeriod]) -> list[tuple[ReviewPeriod, Counts]]:
    return [(month, month.counts[slo_status.id]) for month in months if slo_status.id in month.counts]


def _by_month(slo_statuses: Sequence[SloStatus], months: Sequence[ReviewPeriod]) -> list[str]:
    rows = []
    for each in slo_statuses:
        slo = each.evaluation.slo
        whole = sum((counts for _month, counts in _of(each, months)), Counts())
        cells = [_month_cell(each, month.counts.get(each.id)) for month in months]
        sli = "-" if whole.sli is None else sli_text(slo.objective, whole.sli)
        seen = coverage_text(whole, slo.minimums.coverage)
        rows.append([escaped(name_of(each)), target_text(slo.objective), sli, *cells, seen])
    head = ["SLO", _("Target"), _("Actual"), *(escaped(month_text(month.label)) for month in months), _("Coverage")]
    return table(head, rows) if rows else []


def _month_cell(slo_status: SloStatus, counts: Counts | None) -> str:
    """The share of its budget that the month used, in parentheses with too little data."""
    slo = slo_status.evaluation.slo
    budget = Budget(slo.objective, counts or Counts(), slo.minimums)
    if budget.used is None:
        return "-"
    return used_text(budget.used) if budget.unknown_reason is None else f"({used_text(budget.used)})"


def _advice(slo_status: SloStatus, months: Sequence[ReviewPeriod]) -> str:
    slo = slo_status.evaluation.slo
    known = _of(slo_status, months)
    found = assess(slo.objective, slo.minimums, (counts for _month, counts in known))
    text = f"**{escaped(name_of(slo_status))}** {target_text(slo.objective)}: {_reason(found)}"
    unseen = [
        f"{escaped(month_text(month.label))} {coverage_text(counts, slo.minimums.coverage)}"
        for month, counts in known
        if counts.coverage < slo.minimums.coverage
    ]
    if unseen:
        text += " " + _("Skipped because coverage is too low: {months}.").format(months=", ".join(unseen))
    if slo_status.evidence.estimated:
        text += " " + _("The counts are estimates.")
    return text


def _reason(found: Assessment) -> str:
    to, worst = found.to, found.worst
    if found.advice is Advice.UNKNOWN:
        return _("unknown. Only {n} months have enough data, {needed} needed.").format(
            n=found.assessed, needed=_LEAST_MONTHS
        )
    if found.advice is Advice.LOOSEN and (to is None or worst is None):
        return _("loosen or invest. Every month exceeded its error budget; no common objective would have been met.")
    if found.advice is Advice.LOOSEN and to is not None and worst is not None:
        return _(
            "loosen or invest. All {n} months exceeded their error budget; at {to} the worst month would have "
            "used {worst}."
        ).format(n=found.assessed, to=target_text(to), worst=used_text(worst))
    if to is not None and worst is not None:
        return _(
            "tighten, if users would notice. At {to} the worst of {n} months would have used {worst} and left {left}."
        ).format(to=target_text(to), n=found.assessed, worst=used_text(worst), left=left_text(1 - worst))
    return _("keep. {bad} of {n} months exceeded their error budget; the worst used {worst}.").format(
        bad=found.overspent, n=found.assessed, worst=used_text(worst or Fraction(0))
    )


def _alert_table(raised: Sequence[BadEpisode], since: datetime, until: datetime) -> list[str]:
    """The number and the durations of alerts per SLO and severity, the most frequent first."""
    groups: dict[tuple[str, str], list[BadEpisode]] = {}
    for each in raised:
        groups.setdefault((each.name, each.severity), []).append(each)
    rows: list[tuple[int, list[str]]] = []
    for (name, severity), times in groups.items():
        lengths = [each.within(since, until) for each in times]
        short = sum(length < _SHORT for each, length in zip(times, lengths, strict=True) if each.since and each.until)
        spans = (median(each.total_seconds() for each in lengths), max(lengths).total_seconds())
        cells = [str(len(times)), str(sum(each.again for each in times)), *map(span_text, spans), str(short)]
        rows.append((len(times), [escaped(name), escaped(severity_word(severity)), *cells]))
    rows.sort(key=lambda row: row[0], reverse=True)
    head = ["SLO", _("Severity"), _("Count"), _("Reopened"), _("Median"), _("Longest")]
    short_head = _("Under {span}").format(span=span_text(_SHORT.total_seconds()))
    lines = table([*head, short_head], [row for _times, row in rows]) if rows else []
    if not lines:
        return []
    weeks = Fraction(int((until - since).total_seconds()), 7 * 86400)
    pages = sum(each.severity == "page" for each in raised)
    rate = f"{float(pages / weeks):.1f}" if weeks else "-"
    return [*lines, "", _("Pages: {n}, or {rate} a week.").format(n=pages, rate=rate)]


def _unpaged(
    slo_statuses: Sequence[SloStatus], months: Sequence[ReviewPeriod], raised: Sequence[BadEpisode]
) -> list[str]:
    """The SLOs that exceeded the budget of a month without an alert, so their alerts are not sensitive enough."""
    alerted = {each.subject for each in raised}
    out = []
    for each in slo_statuses:
        slo = each.evaluation.slo
        spent = [
            escaped(month_text(month.label))
            for month, counts in _of(each, months)
            if Budget(slo.objective, counts, slo.minimums).unknown_reason is None and _used(slo.objective, counts) >= 1
        ]
        if spent and each.id not in alerted:
            out.append(
                "- "
                + _("{slo} exceeded its error budget in {months}, but no alert was raised.").format(
                    slo=escaped(name_of(each)), months=", ".join(spent)
                )
            )
    return ["", *out] if out else []
