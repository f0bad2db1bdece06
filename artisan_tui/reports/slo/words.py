"""Texts for statuses, unknown reasons, alerts, forecasts and the gate. The screen and all reports use them."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from zoneinfo import ZoneInfo

from artisan_tui.domain.slo.budget import BudgetStatus, UnknownReason
from artisan_tui.domain.slo.burn import Pair, Severity
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.evaluation import SloEvaluation
from artisan_tui.domain.slo.forecast import Forecast
from artisan_tui.domain.slo.gate import Gate, Override, Verdict
from artisan_tui.domain.slo.status import SloStatus, Unmatched
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _
from artisan_tui.reports.alerts import words as alert_words
from artisan_tui.reports.slo.budget_words import budget_word
from artisan_tui.reports.slo.numbers import (
    count,
    coverage_text,
    factor_text,
    left_text,
    length_text,
    minute_text,
    moment,
    needed_text,
    used_text,
    wait_text,
)

#: The word in front of an SLO: short, in capitals, in ASCII.
_MARKS = {
    BudgetStatus.HEALTHY: N_("OK"),
    BudgetStatus.WARNING: N_("WARN"),
    BudgetStatus.EXHAUSTED: N_("EXHAUSTED"),
    BudgetStatus.UNKNOWN: N_("UNKNOWN"),
}
#: `Slo.unit` -> the labels of the total and of the bad count.
_COUNTED = {
    "events": (N_("Total Requests"), N_("Failed Requests")),
    "slow": (N_("Total Requests"), N_("Slow Requests")),
    "minutes": (N_("Measured Minutes"), N_("Bad Minutes")),
    "slices": (N_("Measured Slices"), N_("Bad Slices")),
    "probes": (N_("Total Probes"), N_("Failed Probes")),
    # A share has no event counts. "Actual" shows how much of it was bad.
    "share": (N_("Measured Minutes"), ""),
}
_CALENDAR = {"week": N_("calendar week"), "month": N_("calendar month"), "quarter": N_("calendar quarter")}
_UNITS = {"events": N_("events"), "slices": N_("slices"), "probes": N_("probes"), "share": N_("parts")}


def status_mark(status: BudgetStatus) -> str:
    return _(_MARKS[status])


def status_word(status: BudgetStatus) -> str:
    return budget_word(status.value)


def severity_word(severity: Severity) -> str:
    return alert_words.severity_word(severity.value)


def name_of(slo_status: SloStatus) -> str:
    return printable(slo_status.evaluation.slo.name, 80)


def id_of(slo_status: SloStatus) -> str:
    return printable(slo_status.id, 80)


def unit_word(unit: str) -> str:
    return _(_UNITS[unit]) if unit in _UNITS else printable(unit, 20)


def counted(slo_status: SloStatus) -> tuple[tuple[str, int], ...]:
    """The counts of the SLO window with labels: (("Total Requests", 1234567), ("Failed Requests", 987))."""
    evaluation = slo_status.evaluation
    unit, burned = evaluation.slo.unit, evaluation.burned
    if unit == "events" and slo_status.evidence.kind == "latency":
        unit = "slow"
    if unit == "slices" and burned.expected + evaluation.excluded.expected == len(evaluation.slo_window.span):
        unit = "minutes"
    total, bad = _COUNTED.get(unit, ("", ""))
    if unit == "share":
        return ((_(total), burned.measured),)
    named = _(total) if total else _("Total ({unit})").format(unit=unit_word(unit))
    return ((named, burned.total), (_(bad) if bad else _("Bad"), burned.bad))


def unknown_text(evaluation: SloEvaluation) -> str:
    """Why the status is unknown, "" when it is known."""
    minimums, burned = evaluation.slo.minimums, evaluation.burned
    match evaluation.unknown_reason:
        case UnknownReason.PARTIAL:
            return _("the newest data is missing or incomplete")
        case UnknownReason.NO_DATA:
            return _("no data in the window")
        case UnknownReason.COVERAGE:
            return _("only {seen} of the window has data, {needed} needed").format(
                seen=coverage_text(burned, minimums.coverage), needed=needed_text(minimums.coverage)
            )
        case UnknownReason.FEW:
            return _("only {n} {unit}, {needed} needed").format(
                n=count(burned.total), unit=unit_word(evaluation.slo.unit), needed=count(minimums.events)
            )
        case UnknownReason.SKEW:
            return _("inconsistent counters: {bad} bad of {total}").format(
                bad=count(burned.bad), total=count(burned.total)
            )
        case UnknownReason.UNMATCHED:
            return _("a selector matches nothing that exists")
        case UnknownReason.DOUBT:
            return _("up to {n} bad events were not counted, the error budget has {left} left").format(
                n=count(burned.unsure), left=count(int(evaluation.budget.allowance) - burned.bad)
            )
        case _:
            return ""


def windows_text(pair: Pair) -> str:
    """``1h/5m``, or one window when both are equal."""
    long, short = length_text(pair.long), length_text(pair.short)
    return long if long == short else f"{long}/{short}"


def pair_text(pair: Pair) -> str:
    """``page 1h/5m above 13.44``, where the number is a burn rate."""
    text = _("{severity} {windows} at {factor} or more") if pair.inclusive else _("{severity} {windows} above {factor}")
    return text.format(
        severity=severity_word(pair.severity), windows=windows_text(pair), factor=factor_text(pair.factor)
    )


def forecast_text(evaluation: SloEvaluation) -> str:
    """When the budget is exhausted if the recent burn rates continue."""
    remaining = evaluation.budget.remaining
    if evaluation.unknown_reason is None and remaining is not None and remaining <= 0:
        return _("already exhausted")
    return _ahead(evaluation.forecast)


def _ahead(forecast: Forecast | None) -> str:
    if forecast is None:
        return _("not enough data for a forecast")
    if forecast.earliest is None:
        return _("not exhausted at this burn rate")
    soonest = wait_text(forecast.earliest)
    if forecast.latest is None:
        return _("runs out in {soonest} at the earliest, or not at all").format(soonest=soonest)
    latest = wait_text(forecast.latest)
    if latest == soonest:
        return _("runs out in {soonest}").format(soonest=soonest)
    return _("runs out in {soonest} to {latest}").format(soonest=soonest, latest=latest)


def unmatched_lines(slo_status: SloStatus) -> tuple[str, ...]:
    """A reservation for each selector that no series has ever matched."""
    return tuple(unmatched_text(each) for each in slo_status.evidence.unmatched)


def unmatched_text(unmatched: Unmatched) -> str:
    selector = printable(unmatched.selector, 300)
    if unmatched.metric:
        text = _("{role}: no series has ever matched {selector}: there is no metric {name}")
        return text.format(role=unmatched.role, selector=selector, name=printable(unmatched.metric, 200))
    if unmatched.label:
        text = _("{role}: no series has ever matched {selector}: no series of it has a label {name}")
        return text.format(role=unmatched.role, selector=selector, name=printable(unmatched.label, 100))
    text = _("{role}: no series has ever matched {selector}: no such event yet, or the selector is mistyped")
    return text.format(role=unmatched.role, selector=selector)


def pace_text(evaluation: SloEvaluation) -> str:
    """In a calendar window, the use of the budget for the time so far, "" in a rolling window."""
    pace = evaluation.budget.pace
    if pace is None:
        return ""
    return _("{used} of the budget for the time so far").format(used=used_text(pace))


def expected_lines(evaluation: SloEvaluation) -> tuple[str, ...]:
    """The total that a calendar window will have, for its formulas, and the pace. None in a rolling window."""
    budget, window = evaluation.budget, evaluation.slo_window
    if budget.pace is None:
        return ()
    said = _("expected = {total} so far, and as much as usual until the end of the window: {expected}")
    return (
        said.format(total=count(evaluation.burned.total), expected=count(budget.total)),
        _("pace: {pace} ({done} of {whole})").format(
            pace=pace_text(evaluation), done=length_text(len(window.span)), whole=length_text(window.whole)
        ),
    )


def excluded_minutes(evaluation: SloEvaluation) -> int:
    """The minutes of the SLO window under maintenance."""
    expected = evaluation.burned.expected + evaluation.excluded.expected
    return round(Fraction(evaluation.excluded.expected * len(evaluation.slo_window.span), expected)) if expected else 0


def excluded_text(evaluation: SloEvaluation) -> str:
    """The time and the counts under maintenance, "" without any."""
    out: Counts = evaluation.excluded
    if not out.expected and not out.total:
        return ""
    length = length_text(excluded_minutes(evaluation))
    if evaluation.slo.unit == "share":
        return _("{length} not counted").format(length=length)
    return _("{length} not counted, with {bad} bad of {total}").format(
        length=length, bad=count(out.bad), total=count(out.total)
    )


def retention_text(slo_status: SloStatus) -> str:
    """The stored history when the retention of the server is shorter than the SLO window, "" when it is not."""
    evaluation, kept = slo_status.evaluation, slo_status.kept_seconds
    if kept is None or kept >= evaluation.slo_window.whole * 60:
        return ""
    held = 0 if slo_status.since is None else max(0, evaluation.end - slo_status.since)
    return _("{wanted} needed, the server keeps {kept}, {held} stored here").format(
        wanted=length_text(evaluation.slo_window.whole), kept=length_text(int(kept // 60)), held=length_text(held)
    )


def marked_estimated(figure: str, slo_status: SloStatus) -> str:
    """``figure``, with a mark when its counts are estimated."""
    return _("{figure} (estimated)").format(figure=figure) if slo_status.evidence.estimated else figure


def window_text(window: str) -> str:
    """``30d``, or "calendar month"."""
    return _(_CALENDAR[window]) if window in _CALENDAR else printable(window, 20)


def since_text(slo_status: SloStatus) -> str:
    """From when on a new SLO counts, "" when it has the whole window."""
    evaluation = slo_status.evaluation
    if evaluation.since is None:
        return ""
    return _("counted since {at}, {held} of {wanted}").format(
        at=minute_text(evaluation.since, evaluation.slo.zone),
        held=length_text(evaluation.end - evaluation.since),
        wanted=length_text(evaluation.slo_window.whole),
    )


def backfill_text(slo_status: SloStatus) -> str:
    """The progress of the backfill, "" when none is running."""
    if slo_status.progress is None:
        return ""
    return _("{done} of {of} minutes").format(done=count(slo_status.progress.done), of=count(slo_status.progress.of))


# -- the gate ---------------------------------------------------------------


def override_text(override: Override, zone: ZoneInfo) -> str:
    return _("{who} allowed deployments until {until}: {why}").format(
        who=printable(override.actor, 60), until=moment(override.until, zone), why=printable(override.reason, 300)
    )


def gate_mark(gate: Gate) -> str:
    if gate.verdict is Verdict.ALLOWED:
        return _("OK")
    if gate.override is not None:
        return _("OVERRIDDEN")
    return _("BLOCKED") if gate.verdict is Verdict.BLOCKED else _("UNKNOWN")


def gate_text(gate: Gate) -> str:
    """The verdict of the budgets, without the override."""
    if gate.verdict is Verdict.ALLOWED:
        return _("All SLOs within error budget - Deployments allowed")
    unknown = listed(gate.unknown)
    if gate.verdict is Verdict.BLOCKED:
        text = _("Deployments blocked due to SLO violations: {ids}").format(ids=listed(gate.blocking))
        also = _("unknown: {ids}").format(ids=unknown)
        return f"{text}; {also}" if unknown else text
    if unknown:
        return _("Deployments blocked, SLO status unknown: {ids}").format(ids=unknown)
    return _("Deployments blocked: no SLO is configured")


def low_budget_text(slo_statuses: Iterable[SloStatus]) -> str:
    """The SLOs with the status warning, "" without any. The SRE guide §1.3 asks for careful deployments then."""
    low = []
    for each in slo_statuses:
        remaining = each.evaluation.budget.remaining
        if each.evaluation.status is BudgetStatus.WARNING and remaining is not None:
            low.append(_("{id} has {left} left").format(id=id_of(each), left=left_text(remaining)))
    return _("deploy with care: {low}").format(low=", ".join(low)) if low else ""


def listed(ids: Iterable[str]) -> str:
    return ", ".join(printable(each, 80) for each in ids)
