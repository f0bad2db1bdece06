"""One SLO in full: its status, its budget over time, its burn rates, and what they are based on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from rich.cells import cell_len

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.burn import Severity
from artisan_tui.domain.slo.windows import BURN_WINDOWS
from artisan_tui.domain.span import span_text
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _, language
from artisan_tui.reports.moments import date_time_text, moment_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.slo.numbers import Worse, count, coverage_text, factor_text, length_text, percent, sli_text
from artisan_tui.reports.slo.words import estimate_text, excluded_text, retention_text, severity_word, unknown_text
from artisan_tui.tui.cells import Run, fit, widest, wrapped
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.slo.burndown import plot_rows
from artisan_tui.tui.slo.rows import bar_runs
from artisan_tui.tui.slo.text import (
    ROLE,
    SEVERITY_ROLE,
    burn_text,
    counts_text,
    forecast_text,
    left_text,
    progress_text,
    remaining_text,
    sign,
    status_word,
)

if TYPE_CHECKING:
    from artisan_tui.domain.slo.burn import Pair
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
    burns = [[], *_burns(slo_status.evaluation), [], *_alerts(slo_status.evaluation, width, glyphs)]
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
    first: Row = [(f" {mark} {status_word(status).upper()}", role)]
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
        yield from _text_rows(read_back(printable(slo_status.problem, 600)), width, "-warn")
    if budget.unknown_reason is not None:
        yield from _text_rows(unknown_text(evaluation), width, "-unknown")
        if budget.remaining is not None:
            seen = _("{percent} left, based on the available data only").format(percent=left_text(budget.remaining))
            yield from _text_rows(seen, width, "-dim")
    for note in (*slo_status.notes, *slo_status.remarks):
        yield from _text_rows(read_back(printable(note, 300)), width, "-warn")
    estimate = estimate_text(slo_status)
    if estimate:
        yield from _text_rows("~ " + estimate, width, "-warn")
    yield from _text_rows(_spent(evaluation), width, "")
    forecast = forecast_text(evaluation)
    if forecast:
        soon = evaluation.forecast is not None and evaluation.forecast.earliest is not None
        yield from _text_rows(forecast, width, "-warn" if soon else "")
    yield from _text_rows(
        _(_POLICY[status]).format(share="20%"), width, ROLE[status] if status is not BudgetStatus.HEALTHY else ""
    )


def _text_rows(text: str, width: int, role: str) -> Iterator[Row]:
    for line in wrapped(text, max(10, width - 4)):
        yield [("   " + line, role)]


def _spent(evaluation: SloEvaluation) -> str:
    """``987 bad of 1,234,567, 1,234 allowed; 99.92% good, target 99.9%``."""
    burned, objective = evaluation.burned, evaluation.slo.objective
    text = _("{counts}, {allowed} allowed").format(
        counts=counts_text(burned.bad, burned.total), allowed=count(int(evaluation.budget.allowance))
    )
    if burned.sli is None:
        return text
    good = sli_text(objective, burned.sli)
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


# -- burn rates and alerts ------------------------------------------------------------------------


def _burns(evaluation: SloEvaluation) -> Iterator[Row]:
    """Each window's burn and counts, and which alert thresholds it is above."""
    yield [(" " + _("Burn rate") + "  ", "-strong"), (_("1 = the budget lasts exactly the window"), "-dim")]
    texts = {name: counts_text(counts.bad, counts.total) for name, counts in evaluation.windows.items()}
    room = widest(list(texts.values()), 14, 34)
    names = widest(list(texts), 4, 6)
    lengths = dict(BURN_WINDOWS)
    lengths |= {length_text(each): each for pair in evaluation.slo.plan.pairs for each in (pair.long, pair.short)}
    for name in sorted(evaluation.windows, key=lambda each: lengths[each]):
        rate, counts = evaluation.burn(name), evaluation.windows[name]
        marks = [pair.factor for pair in evaluation.slo.plan.pairs]
        above = [pair for pair in evaluation.slo.plan.pairs if _side(evaluation, pair, lengths[name])]
        # The most severe threshold that it is above; the table below names all.
        first = max(above, key=lambda pair: (pair.severity is Severity.PAGE, pair.factor), default=None)
        role = "-unknown" if rate is None else "" if first is None else SEVERITY_ROLE[first.severity]
        row: Row = [
            (f"   {fit(name, names)}", "-dim"),
            (fit(burn_text(rate, *marks), 8, "right") + "   ", role),
            (fit(texts[name], room) + "  ", "-dim"),
        ]
        if rate is None:
            row.append((_("not enough data") if counts.total > 0 else _("no data"), "-unknown"))
        elif first is not None:
            said_above = _("above {factor} ({severity})")
            word = severity_word(first.severity)
            row.append((said_above.format(factor=factor_text(first.factor), severity=word), role))
        yield row


def _side(evaluation: SloEvaluation, pair: Pair, length: int) -> bool | None:
    """Whether the window of ``length`` minutes is above the pair's threshold; None when it is not one of the pair's
    or too little is known."""
    name = length_text(length)
    if length not in (pair.long, pair.short) or name not in evaluation.windows or evaluation.burn(name) is None:
        return None
    return pair.exceeded(evaluation.slo.objective, evaluation.windows[name])


def _alerts(evaluation: SloEvaluation, width: int, glyphs: Glyphs) -> Iterator[Row]:
    """The pairs of windows: threshold, both burn rates, and which pairs fire."""
    yield [(" " + _("Alerts") + "  ", "-strong"), (_("fire when both windows are above"), "-dim")]
    plan = evaluation.slo.plan
    if not plan.pairs:
        yield [("   " + _("none: no burn rate alert can fire for this SLO"), "-dim")]
    words = widest([severity_word(pair.severity) for pair in plan.pairs], 5, 8)
    factors = widest([factor_text(pair.factor) for pair in plan.pairs], 4, 8)
    fires = _("fires")
    for pair in plan.pairs:
        now = pair in evaluation.firing
        role = SEVERITY_ROLE[pair.severity] if now else "-dim"
        word = severity_word(pair.severity)
        row: Row = [
            (f"   {glyphs.states[State.DOWN if now else State.UP]} ", role if now else "-good"),
            (fit(word.upper() if now else word, words) + " ", role),
            (fit(fires if now else "", widest([fires], 5, 10)) + "  ", role),
            ("≥ " if pair.inclusive else "> ", "-dim"),
            (fit(factor_text(pair.factor), factors) + "  ", "" if now else "-dim"),
        ]
        for length in dict.fromkeys((pair.long, pair.short)):
            row += [*_side_runs(evaluation, pair, length), ("  ", "")]
        yield row
    for pair, why in plan.refused:
        text = _("alert disabled: {severity} {long}+{short}: {why}").format(
            severity=severity_word(pair.severity),
            long=length_text(pair.long),
            short=length_text(pair.short),
            why=printable(why, 300),
        )
        yield from _text_rows(text, width, "-dim")


def _side_runs(evaluation: SloEvaluation, pair: Pair, length: int) -> list[Run]:
    """``1h 16.2 above``: one of the two windows; ``?`` alone where that is not known."""
    name = length_text(length)
    rate = evaluation.burn(name) if name in evaluation.windows else None
    above = _side(evaluation, pair, length)
    word = "" if above is None else _("above") if above else _("below")
    role = "-unknown" if above is None else SEVERITY_ROLE[pair.severity] if above else "-dim"
    if above and length == pair.long and evaluation.windows[name].bad < evaluation.slo.minimums.burn_bad:
        word, role = _("few bad"), "-dim"
    label = fit(name, max(4, cell_len(name) + 1))
    room = max(cell_len(word), widest([_("above"), _("below")], 5, 10))
    number = fit(burn_text(rate, pair.factor), 7, "right")
    return [(label, ""), (f"{number} ", role if above is None else ""), (fit(word, room), role)]


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
    if evidence.unclaimed:
        text = _("{count} events of unknown time are not counted").format(count=f"{evidence.unclaimed:,}")
        facts.append((_("uncounted"), text))
    if slo_status.read_at is not None:
        facts.append((_("last result"), moment_text(slo_status.read_at, zone, now)))
    facts += [(printable(role, 20), printable(text, 300)) for role, text in evidence.selectors]
    if evidence.query:
        facts.append((_("request"), printable(evidence.query, 600)))
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
