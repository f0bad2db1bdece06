"""One SLO in full: its status, its budget over time, its burn rates, and what they are based on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _, language
from artisan_tui.reports.moments import date_time_text, moment_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.slo.doubts import estimate_text, uncounted_text
from artisan_tui.reports.slo.numbers import Worse, count, coverage_text, length_text, percent, sli_text
from artisan_tui.reports.slo.words import (
    excluded_text,
    pace_text,
    retention_text,
    severity_word,
    since_text,
    unknown_text,
    unmatched_lines,
)
from artisan_tui.tui.cells import Run, fit, widest, wrapped
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.slo.burndown import plot_rows
from artisan_tui.tui.slo.burns import alert_rows, burn_rows
from artisan_tui.tui.slo.rows import bar_runs
from artisan_tui.tui.slo.text import (
    ROLE,
    SEVERITY_ROLE,
    condition_role,
    condition_word,
    counts_text,
    forecast_text,
    left_text,
    progress_text,
    remaining_text,
    sign,
    text_rows,
)

if TYPE_CHECKING:
    from artisan_tui.domain.slo.counts import Row as Minute
    from artisan_tui.domain.slo.evaluation import SloEvaluation
    from artisan_tui.domain.slo.status import SloStatus

Row = list[Run]
#: Lines of a page that has room for more than the plot needs.
ROOMY = 20
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
#: What the SRE guide (§1.3) says is done in each state.
_POLICY = {
    BudgetStatus.HEALTHY: N_("more than {share} left: new features and experiments are allowed"),
    BudgetStatus.WARNING: N_("{share} or less left: deploy new features with care, test more, monitor closely"),
    BudgetStatus.EXHAUSTED: N_("exhausted: fixes only, no new features; find the root cause first"),
    BudgetStatus.UNKNOWN: N_("unknown: do not deploy new features until the status is known"),
}


def instant(minute: int) -> datetime:
    """A minute since the epoch as a moment in UTC."""
    return _EPOCH + timedelta(minutes=minute)


def detail_rows(
    slo_status: SloStatus, width: int, height: int, zone: tzinfo, now: datetime, glyphs: Glyphs, even: str = "·"
) -> list[Row]:
    """Everything about it at this width. ``height`` is what can be seen at once and decides how high the plot is;
    ``even`` is the sign of even spending in it."""
    rows: list[Row] = [*_status(slo_status, width, height, glyphs)]
    if height >= ROOMY:
        rows.append([])
    burns = [[], *burn_rows(slo_status.evaluation), [], *alert_rows(slo_status.evaluation, width, glyphs)]
    # The plot gets the lines that the numbers leave on the first page.
    rows += _plot(slo_status, width, max(5, min(12, height - len(rows) - len(burns) - 2)), zone, glyphs, even)
    rows += burns
    rows += [[], *_basis(slo_status, width, zone, now)]
    return rows


# -- status -------------------------------------------------------------------


def _status(slo_status: SloStatus, width: int, height: int, glyphs: Glyphs) -> Iterator[Row]:
    evaluation = slo_status.evaluation
    budget = evaluation.budget
    status = evaluation.status
    mark, role = sign(slo_status, glyphs)
    first: Row = [(f" {mark} {condition_word(slo_status).upper()}", role)]
    if status is not BudgetStatus.UNKNOWN:
        first += [("  " + _("{percent} of the budget left").format(percent=remaining_text(slo_status)), "-strong")]
    if evaluation.severity is not None:
        first.append((f"  {severity_word(evaluation.severity).upper()}", SEVERITY_ROLE[evaluation.severity]))
    yield first
    if height >= ROOMY:
        yield [("   ", ""), *bar_runs(slo_status, max(10, min(60, width - 6)), glyphs)]
    read = progress_text(slo_status)
    if read and slo_status.progress is not None:
        progress, cells = slo_status.progress, max(8, min(30, width // 4))
        filled = min(cells, progress.done * cells // progress.of)
        text = _("backfill: {percent}").format(percent=read)
        counted = _("{done} of {of} minutes").format(done=f"{progress.done:,}", of=f"{progress.of:,}")
        bar = glyphs.levels[-1] * filled + "·" * (cells - filled)
        yield [(f"   {text} ", "-accent"), (f"[{bar}]", "-accent"), (f" {counted}", "-dim")]
    if slo_status.problem:
        yield from text_rows(read_back(printable(slo_status.problem, 600)), width, "-warn")
    if budget.unknown_reason is not None:
        yield from text_rows(unknown_text(evaluation), width, "-unknown")
        if budget.remaining is not None:
            seen = _("{percent} left, based on the available data only").format(percent=left_text(budget.remaining))
            yield from text_rows(seen, width, "-dim")
    for note in (*slo_status.notes, *slo_status.remarks):
        yield from text_rows(read_back(printable(note, 300)), width, "-warn")
    for doubt in (estimate_text(slo_status), uncounted_text(slo_status), *unmatched_lines(slo_status)):
        yield from text_rows("~ " + doubt if doubt else "", width, "-warn")
    yield from text_rows(since_text(slo_status), width, "-dim")
    yield from text_rows(_spent(evaluation), width, "")
    forecast = forecast_text(evaluation)
    if forecast:
        soon = evaluation.forecast is not None and evaluation.forecast.earliest is not None
        yield from text_rows(forecast, width, "-warn" if soon else "")
    yield from _policy(slo_status, width)


def _policy(slo_status: SloStatus, width: int) -> Iterator[Row]:
    """What is allowed now. It is never good news while an alert fires or the newest data is missing."""
    status = slo_status.evaluation.status
    text, role = _(_POLICY[status]).format(share="20%"), ROLE[status] if status is not BudgetStatus.HEALTHY else ""
    if status is BudgetStatus.HEALTHY and slo_status.evaluation.severity is not None:
        text, role = _("burning fast: find the cause before new features are deployed"), condition_role(slo_status)
    elif status in (BudgetStatus.HEALTHY, BudgetStatus.WARNING) and slo_status.problem:
        text, role = _("the newest data is missing: wait for it before new features are deployed"), "-warn"
    yield from text_rows(text, width, role)


def _spent(evaluation: SloEvaluation) -> str:
    """``987 bad of 1,234,567, 1,234 allowed; 99.92% good, target 99.9%``."""
    burned, objective = evaluation.burned, evaluation.slo.objective
    text = _("{counts}, {allowed} allowed").format(
        counts=counts_text(burned.bad, burned.total), allowed=count(int(evaluation.budget.allowance))
    )
    if burned.sli is None:
        return text
    good = sli_text(objective, burned.sli)
    pace = pace_text(evaluation)
    text += f"; {pace}" if pace else ""
    return f"{text}; " + _("{good} good, target {objective}").format(good=good, objective=str(objective))


# -- budget over time -------------------------------------------------------------------


def _plot(slo_status: SloStatus, width: int, height: int, zone: tzinfo, glyphs: Glyphs, even: str) -> Iterator[Row]:
    evaluation = slo_status.evaluation
    span = span_text(evaluation.slo_window.whole * 60)
    yield [
        (" " + _("Budget left") + "  ", "-strong"),
        (_("over {span}; {sign} = even burn").format(span=span, sign=even), "-dim"),
    ]
    if not evaluation.points:
        yield [("   " + _("no data stored for this period"), "-dim")]
        return
    yield from plot_rows(evaluation, width - 1, height, zone, glyphs, even)


# -- what it is based on ------------------------------------------------------------------


def _basis(slo_status: SloStatus, width: int, zone: tzinfo, now: datetime) -> Iterator[Row]:
    evaluation, evidence = slo_status.evaluation, slo_status.evidence
    minimums = evaluation.slo.minimums
    yield [(" " + _("Based on"), "-strong")]
    facts = [(_("window"), _window_text(evaluation, zone, now))]
    coverage = _("{seen} of the window has data, {needed} needed").format(
        seen=coverage_text(evaluation.burned, minimums.coverage),
        needed=percent(minimums.coverage, Worse.LESS, places=0),
    )
    facts.append((_("coverage"), coverage))
    facts.append((_("retention"), retention_text(slo_status) or _stored_text(slo_status)))
    excluded = excluded_text(evaluation)
    if excluded:
        facts.append((_("maintenance"), excluded))
    if slo_status.read_at is not None:
        facts.append((_("last result"), moment_text(slo_status.read_at, zone, now)))
    facts += [(printable(role, 20), printable(text, 300)) for role, text in evidence.selectors]
    if evidence.query:
        facts += [(_("request"), printable(query, 600)) for query in evidence.query.splitlines()]
    names = widest([name for name, _text in facts], 10, 14)
    for name, text in facts:
        for index, line in enumerate(wrapped(text, max(20, width - names - 5))):
            yield [("   " + (fit(name, names) if index == 0 else " " * names) + " ", "-dim"), (line, "")]


def _window_text(evaluation: SloEvaluation, zone: tzinfo, now: datetime) -> str:
    start, end = instant(evaluation.slo_window.span.start).astimezone(zone), instant(evaluation.end)
    return _("from {start} to {end}").format(start=date_time_text(start, zone), end=moment_text(end, zone, now))


def _stored_text(slo_status: SloStatus) -> str:
    """How much SLO data is stored, where the server has the whole window too."""
    if slo_status.since is None:
        return _("no SLO data stored yet")
    held = length_text(max(0, slo_status.evaluation.end - slo_status.since))
    return _("{held} stored").format(held=held)


def minute_runs(minute: Minute, width: int, zone: tzinfo, glyphs: Glyphs, most: int) -> Row:
    """One of the costliest minutes: when, how much of it, and beside it how bad next to the worst."""
    at, bad, total, _measured = minute
    when = date_time_text(instant(at), zone)
    counts = counts_text(bad, total)
    dated = 15 if language() == "ko" else 12
    room = max(0, width - dated - 4 - 28)
    bar = glyphs.levels[-1] * max(1, bad * min(room, 30) // most) if room >= 6 and most else ""
    return [
        (f" {fit(when, dated)}  ", "-dim"),
        (fit(counts, min(28, max(0, width - dated - 4))) + " ", ""),
        (bar, "-bad"),
    ]
