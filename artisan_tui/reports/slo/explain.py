"""``slo explain ID`` and the key x on the screen: the formulas of an SLO with their numbers."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.burn import Pair
from artisan_tui.domain.slo.counts import Counts
from artisan_tui.domain.slo.evaluation import SloEvaluation
from artisan_tui.domain.slo.forecast import after, leaving_burn
from artisan_tui.domain.slo.status import Evidence, SloStatus
from artisan_tui.domain.slo.windows import BURN_WINDOWS
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.slo.doubts import doubt_lines
from artisan_tui.reports.slo.numbers import (
    burn_text,
    count,
    coverage_text,
    left_text,
    length_text,
    minute_text,
    moment,
    needed_text,
    period_text,
    sli_text,
    used_text,
    wait_text,
)
from artisan_tui.reports.slo.words import (
    backfill_text,
    excluded_text,
    expected_lines,
    forecast_text,
    id_of,
    name_of,
    pair_text,
    retention_text,
    since_text,
    status_word,
    unit_word,
    unknown_text,
    window_text,
)

_INDENT = "  "


def explain_lines(slo_status: SloStatus, zone: ZoneInfo) -> list[str]:
    """The lines of all sections, with an empty line between sections. The first line names the SLO."""
    evaluation = slo_status.evaluation
    sections = [
        _definition(slo_status, zone),
        _sources(slo_status.evidence, evaluation.slo.unit),
        _budget(evaluation),
        _burns(evaluation),
        _alerts(evaluation),
        _forecast(evaluation, zone),
        _limitations(slo_status, zone),
    ]
    out: list[str] = []
    for section in sections:
        out += [*section, ""] if section else []
    return out[:-1]


def _indented(lines: list[str]) -> list[str]:
    return [_INDENT + line for line in lines]


def _definition(slo_status: SloStatus, zone: ZoneInfo) -> list[str]:
    evaluation = slo_status.evaluation
    slo, slo_window, burned = evaluation.slo, evaluation.slo_window, evaluation.burned
    objective = slo.objective
    first, last = period_text(slo_window.span.start, slo_window.span.end, zone)
    kind = _("length {whole}").format(whole=length_text(slo_window.whole)) if slo_window.calendar else _("rolling")
    lines = [
        _("objective {objective}: error budget B = {num}/{den}").format(
            objective=objective, num=count(objective.num), den=count(objective.den)
        ),
        _("window {window} ({kind}): {first} to {last} ({zone}), {n} minutes").format(
            window=window_text(slo.window),
            kind=kind,
            first=first,
            last=last,
            zone=zone.key,
            n=count(len(slo_window.span)),
        ),
        _("counted: {bad} bad of {total} {unit}").format(
            bad=count(burned.bad), total=count(burned.total), unit=unit_word(slo.unit)
        ),
        _("coverage {seen}: {measured} of {expected} measured, {needed} needed").format(
            seen=coverage_text(burned, slo.minimums.coverage),
            measured=count(burned.measured),
            expected=count(burned.expected),
            needed=needed_text(slo.minimums.coverage),
        ),
    ]
    since = since_text(slo_status)
    if since:
        lines.append(since)
    excluded = excluded_text(evaluation)
    if excluded:
        lines.append(_("maintenance: {excluded}").format(excluded=excluded))
    return [f"{name_of(slo_status)} ({id_of(slo_status)})", *_indented(lines)]


def _sources(evidence: Evidence, unit: str) -> list[str]:
    width = max((len(role) for role, _text in evidence.selectors), default=0)
    lines = [f"{printable(role, 40):<{width}}  {printable(text, 2000)}" for role, text in evidence.selectors]
    lines.append(_("sampled every {span}").format(span=span_text(evidence.interval_ms / 1000)))
    if unit == "share":
        lines.append(_("a ratio has no event count: every minute has the same weight"))
    if evidence.query:
        lines += [_("query to copy:"), *_indented(printable(evidence.query, 8000, lines=True).splitlines())]
    return [_("Measured as {kind}").format(kind=printable(evidence.kind, 40)), *_indented(lines)]


def _budget(evaluation: SloEvaluation) -> list[str]:
    head = _("Budget")
    burned, budget, objective = evaluation.burned, evaluation.budget, evaluation.slo.objective
    sli, used, left = burned.sli, budget.used, budget.remaining
    if sli is None or used is None or left is None:
        return [head, *_indented([_("status: {status}: {why}").format(
            status=status_word(evaluation.status), why=unknown_text(evaluation)
        )])]  # fmt: skip
    num, den = objective.num, objective.den
    bad, total = max(burned.bad, 0), burned.total
    name, most = "total" if budget.pace is None else "expected", budget.total
    spent, whole = bad * den, most * num
    product = f"{count(bad)}*{count(den)} / ({count(most)}*{count(num)})"
    lines = [
        f"sli  = 1 - bad/total = 1 - {count(min(bad, total))}/{count(total)} = {sli_text(objective, sli)}",
        *expected_lines(evaluation),
        f"used = bad*den / ({name}*num) = {product} = {count(spent)}/{count(whole)} = {used_text(used)}",
        f"left = 1 - used = {left_text(left)}",
        _question(f"bad*den >= {name}*num", spent, whole, BudgetStatus.EXHAUSTED),
        _question(f"5*bad*den >= 4*{name}*num", 5 * spent, 4 * whole, BudgetStatus.WARNING),
    ]
    unknown_reason = unknown_text(evaluation)
    text = status_word(evaluation.status)
    lines.append(
        _("status: {status}: {why}").format(status=text, why=unknown_reason)
        if unknown_reason
        else _("status: {status}").format(status=text)
    )
    return [head, *_indented(lines)]


def _question(formula: str, one: int, other: int, status: BudgetStatus) -> str:
    answer = _("yes") if one >= other else _("no")
    return _("{status} if {formula}: {one} >= {other}: {answer}").format(
        status=status_word(status), formula=formula, one=count(one), other=count(other), answer=answer
    )


def _burns(evaluation: SloEvaluation) -> list[str]:
    objective = evaluation.slo.objective
    lines = []
    for name in BURN_WINDOWS:
        counts, rate = evaluation.windows[name], evaluation.burn(name)
        if rate is None:
            lines.append(f"{name:>3}  {_too_little(evaluation, counts)}")
            continue
        bad = max(counts.bad, 0)
        lines.append(
            f"{name:>3}  ({count(bad)}/{count(counts.total)}) / ({count(objective.num)}/{count(objective.den)})"
            f" = {burn_text(rate)}"
        )
    return [_("Burn rate = (bad/total)/B; at 1 the budget lasts exactly the window"), *_indented(lines)]


def _too_little(evaluation: SloEvaluation, counts: Counts) -> str:
    """Why ``counts`` are not enough for a burn rate."""
    minimums = evaluation.slo.minimums
    least = max(minimums.burn_events, 1)
    if counts.total < least:
        return _("not enough data: {n} {unit}, {needed} needed").format(
            n=count(counts.total), unit=unit_word(evaluation.slo.unit), needed=count(least)
        )
    return _("not enough data: coverage {seen}, {needed} needed").format(
        seen=coverage_text(counts, minimums.burn_coverage), needed=needed_text(minimums.burn_coverage)
    )


def _alerts(evaluation: SloEvaluation) -> list[str]:
    lines: list[str] = []
    for pair in evaluation.slo.plan.pairs:
        lengths = dict.fromkeys((pair.long, pair.short))
        sides = [(length, evaluation.windows.get(length_text(length))) for length in lengths]
        lines += [f"{pair_text(pair)}: {_verdict(evaluation, pair, sides)}"]
        lines += _indented([_side(evaluation, pair, length, counts) for length, counts in sides])
    refused = [f"{pair_text(pair)}: {printable(why, 500)}" for pair, why in evaluation.slo.plan.refused]
    if refused:
        lines += [_("disabled:"), *_indented(refused)]
    head = _("Alerts: a pair fires when bad/total > factor*B in both windows")
    return [head, *_indented(lines or [_("none")])]


def _verdict(evaluation: SloEvaluation, pair: Pair, sides: list[tuple[int, Counts | None]]) -> str:
    known = [c for _length, c in sides if c is not None and evaluation.slo.minimums.enough_for_burn(c)]
    if len(known) == len(sides):
        return _("firing") if pair in evaluation.firing else _("not firing")
    if pair in evaluation.firing:
        return _("still firing: not enough data to resolve it")
    if any(not pair.exceeded(evaluation.slo.objective, counts) for counts in known):
        return _("not firing")
    return _("unknown: not enough data")


def _side(evaluation: SloEvaluation, pair: Pair, length: int, counts: Counts | None) -> str:
    """The comparison for one window of a pair, in integers as in `Pair.exceeded`."""
    name = length_text(length)
    if counts is None:
        return f"{name:>3}  " + _("no counts stored for this window")
    minimums, objective = evaluation.slo.minimums, evaluation.slo.objective
    if not minimums.enough_for_burn(counts):
        return f"{name:>3}  {_too_little(evaluation, counts)}"
    num, den = pair.factor.numerator, pair.factor.denominator
    bad, allowed = counts.bad * objective.den * den, counts.total * objective.num * num
    sign = ">=" if pair.inclusive else ">"
    exceeded = pair.exceeded(objective, counts)
    text = _("yes") if exceeded else _("no")
    if exceeded and length == pair.long and counts.bad < minimums.burn_bad:
        text = _("yes, but only {n} bad, {needed} needed").format(n=count(counts.bad), needed=count(minimums.burn_bad))
    return (
        f"{name:>3}  {count(counts.bad)}*{count(objective.den)}*{count(den)} {sign} "
        f"{count(counts.total)}*{count(objective.num)}*{count(num)}: {count(bad)} {sign} {count(allowed)}: {text}"
    )


def _forecast(evaluation: SloEvaluation, zone: ZoneInfo) -> list[str]:
    slo_window, budget, left = evaluation.slo_window, evaluation.budget, evaluation.budget.remaining
    lines = []
    if left is not None and left > 0 and evaluation.unknown_reason is None:
        formula = "left*W / burn" if slo_window.calendar else "left*W / (burn - leaving)"
        span = length_text(slo_window.whole)
        for name, recent in evaluation.recent_burns.items():
            if not evaluation.slo.minimums.enough_for_burn(recent.now):
                continue
            then = after(budget, slo_window, recent)
            ends = _("not exhausted at this burn rate") if then is None else wait_text(then)
            rate = burn_text(evaluation.burn(name))
            if not slo_window.calendar:
                rate = f"({rate} - {burn_text(leaving_burn(budget, recent))})"
            numbers = f"{left_text(left)}*{span} / {rate}"
            lines.append(f"{name:>3}  {formula} = {numbers}: {ends}")
        if lines and not slo_window.calendar:
            lines.append(_("leaving: burn rate of the oldest part of the window (same length), which drops out next"))
            lines.append(_("above burn rate 1 the budget runs out within one window in any case"))
    text = forecast_text(evaluation)
    known = evaluation.forecast
    if known is not None and known.earliest:
        text += f" ({minute_text(evaluation.end + int(known.earliest), zone)})"
    return [_("Forecast from {at}").format(at=minute_text(evaluation.end, zone)), *_indented([*lines, text])]


def _limitations(slo_status: SloStatus, zone: ZoneInfo) -> list[str]:
    """What limits the accuracy of the numbers."""
    limits = (slo_status.problem, *slo_status.notes, *slo_status.remarks)
    lines = [read_back(printable(each, 500)) for each in limits]
    lines += doubt_lines(slo_status)
    lines.append(retention_text(slo_status))
    backfill = backfill_text(slo_status)
    if backfill:
        lines.append(_("backfill: {done}").format(done=backfill))
    if slo_status.since is None:
        lines.append(_("no SLO data stored yet"))
    else:
        lines.append(_("stored SLO data begins at {at}").format(at=minute_text(slo_status.since, zone)))
    if slo_status.read_at is not None:
        lines.append(_("newest data: {at}").format(at=moment(slo_status.read_at, zone)))
    return [_("Limitations"), *_indented([line for line in lines if line])]
