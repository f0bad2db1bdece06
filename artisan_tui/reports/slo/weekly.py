"""The weekly SLO review, in Markdown: error budgets, alerts, outages, costliest minutes, and questions to discuss."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from artisan_tui.domain.event import Event
from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.burn import burn
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.evaluation import SloEvaluation
from artisan_tui.domain.slo.gate import Gate
from artisan_tui.domain.slo.review_period import ReviewPeriod
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.i18n import _
from artisan_tui.reports.alerts.words import severity_word
from artisan_tui.reports.markdown import escaped, table
from artisan_tui.reports.slo.journal import BadEpisode, OverridePeriod, alerts, effective_events, outages, overrides
from artisan_tui.reports.slo.numbers import (
    burn_text,
    left_text,
    minute_text,
    moment,
    sli_text,
    target_text,
    used_text,
)
from artisan_tui.reports.slo.review_sections import (
    alert_lines,
    budget_share_text,
    costly_lines,
    costly_periods,
    events_near,
    outage_lines,
    override_lines,
    section,
)
from artisan_tui.reports.slo.words import (
    forecast_text,
    gate_text,
    marked_estimated,
    name_of,
    override_text,
    status_word,
    unknown_text,
    window_text,
)


def weekly_review(
    slo_statuses: Sequence[SloStatus],
    gate: Gate,
    events: Iterable[Event],
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    previous: ReviewPeriod | None = None,
    *,
    week: ReviewPeriod | None = None,
) -> str:
    """The review of the week ``[since, until)``.

    - ``slo_statuses`` were evaluated at ``until``, with their costliest minutes.
    - ``events`` are journal events.
    - ``week`` and ``previous`` are the counts of this week and of the week before. Without them, the
      burn of the week and the trend are shown as "-".
    """
    happened = effective_events(events, since, until)
    raised, down, given = alerts(happened), outages(happened), overrides(happened)
    questions = [
        *_about_budgets(slo_statuses, week),
        *_about_alerts(raised, zone),
        *_about_unexplained(slo_statuses, happened, since, until, zone, week),
        *_about_overrides(given),
    ]
    verdict = [escaped(gate_text(gate), 2000), ""]
    if gate.override is not None:
        verdict += [_("Override") + ": " + escaped(override_text(gate.override, zone), 500), ""]
    calm = _("Nothing to report. Do these SLOs still match what users notice?")
    title = _("SLO review")
    out = [
        f"# {title}: {moment(since, zone)} - {moment(until, zone)}",
        "",
        *verdict,
        *section(_("Error budgets"), _budget_table(slo_statuses, week, previous)),
        *section(_("Alerts"), alert_lines(raised, zone)),
        *section(_("Checks that were down"), outage_lines(down, since, until)),
        *section(_("Costliest minutes"), costly_lines(slo_statuses, happened, since, until, zone, week)),
        *section(_("Overrides"), override_lines(given, zone)),
        *section(_("Discussion"), [f"- {question}" for question in questions or [calm]]),
    ]
    return "\n".join(out)


def _budget_table(
    slo_statuses: Sequence[SloStatus], week: ReviewPeriod | None, previous: ReviewPeriod | None
) -> list[str]:
    rows = []
    for each in slo_statuses:
        evaluation = each.evaluation
        objective, sli, used = evaluation.slo.objective, evaluation.burned.sli, evaluation.budget.used
        now = _counts(week, each.id)
        status = ": ".join(filter(None, (status_word(evaluation.status), unknown_text(evaluation))))
        rows.append(
            [
                escaped(name_of(each)),
                target_text(objective),
                escaped(window_text(evaluation.slo.window)),
                "-" if sli is None else marked_estimated(sli_text(objective, sli), each),
                "-" if used is None else marked_estimated(used_text(used), each),
                budget_share_text(evaluation, now),
                _trend(evaluation, now, _counts(previous, each.id)),
                escaped(status),
            ]
        )
    head = ["SLO", _("Target"), _("SLO Window"), _("Actual"), _("Error Budget Used"), _("Burned this week")]
    return table([*head, _("Burn rate vs last week"), _("Status")], rows) if rows else []


def _counts(period: ReviewPeriod | None, slo_id: str) -> Counts | None:
    return None if period is None else period.counts.get(slo_id)


def _trend(evaluation: SloEvaluation, now: Counts | None, before: Counts | None) -> str:
    """The burn rates of both weeks and the trend, "-" when one week has too little data."""
    objective, minimums = evaluation.slo.objective, evaluation.slo.minimums
    if now is None or before is None or min(now.coverage, before.coverage) < minimums.burn_coverage:
        return "-"
    new, old = burn(objective, now), burn(objective, before)
    if new is None or old is None:
        return "-"
    word = _("worse") if new > old else _("better") if new < old else _("the same")
    return _("{now}, {word} (was {before})").format(now=burn_text(new), word=word, before=burn_text(old))


# -- discussion ------------------------------------------------------------------


def _about_budgets(slo_statuses: Sequence[SloStatus], week: ReviewPeriod | None) -> list[str]:
    out = []
    for each in slo_statuses:
        evaluation, name = each.evaluation, escaped(name_of(each))
        left = evaluation.budget.remaining
        counts = _counts(week, each.id)
        rate = None if counts is None else burn(evaluation.slo.objective, counts)
        if evaluation.status is BudgetStatus.UNKNOWN:
            out.append(
                _("{slo} is unknown: {why}. Who restores the measurement, and by when?").format(
                    slo=name, why=escaped(unknown_text(evaluation))
                )
            )
        elif evaluation.status is BudgetStatus.EXHAUSTED:
            out.append(_("{slo} has no error budget left. What is paused, and what is fixed first?").format(slo=name))
        elif evaluation.status is BudgetStatus.WARNING and left is not None:
            out.append(
                _("{slo} has {left} left (forecast: {forecast}). Which deployments are postponed?").format(
                    slo=name, left=left_text(left), forecast=forecast_text(evaluation)
                )
            )
        elif rate is not None and rate > 1:
            out.append(
                _("{slo} burned at {rate} times the sustainable rate. One incident, or many small ones?").format(
                    slo=name, rate=burn_text(rate)
                )
            )
    return out


def _about_alerts(raised: Sequence[BadEpisode], zone: ZoneInfo) -> list[str]:
    return [
        _("{severity} for {slo} has been firing since {at}. Who owns it?").format(
            severity=escaped(severity_word(each.severity)),
            slo=escaped(each.name),
            at=_("before this period") if each.since is None else moment(each.since, zone),
        )
        for each in raised
        if each.until is None
    ]


def _about_unexplained(
    slo_statuses: Sequence[SloStatus],
    happened: Sequence[Event],
    since: datetime,
    until: datetime,
    zone: ZoneInfo,
    week: ReviewPeriod | None = None,
) -> list[str]:
    """A question for each SLO whose costliest period has no journal entry."""
    out = []
    for each in slo_statuses:
        worst = costly_periods(each, since, until, week)[:1]
        out += [
            _("{slo}: no journal entry for {at}. What happened?").format(
                slo=escaped(name_of(each)), at=minute_text(episode.start, zone)
            )
            for episode in worst
            if not events_near(happened, episode.start, episode.end)
        ]
    return out


def _about_overrides(given: Sequence[OverridePeriod]) -> list[str]:
    return [
        _("{who} overrode the deployment block ({why}). What was deployed, and how much budget did it cost?").format(
            who=escaped(each.actor, 60), why=escaped(each.reason)
        )
        for each in given
    ]
