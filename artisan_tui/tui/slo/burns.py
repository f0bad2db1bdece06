"""The burn rates of an SLO, and its alerts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.cells import cell_len

from artisan_tui.domain.slo.burn import Severity
from artisan_tui.domain.slo.windows import BURN_WINDOWS
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.slo.numbers import factor_text, length_text
from artisan_tui.reports.slo.words import severity_word
from artisan_tui.tui.cells import Run, fit, widest
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.slo.text import SEVERITY_ROLE, burn_text, counts_text, text_rows

if TYPE_CHECKING:
    from artisan_tui.domain.slo.burn import Pair
    from artisan_tui.domain.slo.evaluation import SloEvaluation

Row = list[Run]


def burn_rows(evaluation: SloEvaluation) -> Iterator[Row]:
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


def alert_rows(evaluation: SloEvaluation, width: int, glyphs: Glyphs) -> Iterator[Row]:
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
            _pair_sign(evaluation, pair, glyphs),
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
        yield from text_rows(text, width, "-dim")


def _pair_sign(evaluation: SloEvaluation, pair: Pair, glyphs: Glyphs) -> Run:
    """A tick only when a window is known to be below the threshold. Two unknown windows are not below it."""
    if pair in evaluation.firing:
        return f"   {glyphs.states[State.DOWN]} ", SEVERITY_ROLE[pair.severity]
    sides = [_side(evaluation, pair, length) for length in dict.fromkeys((pair.long, pair.short))]
    if None in sides and False not in sides:
        return f"   {glyphs.states[State.UNKNOWN]} ", "-unknown"
    return f"   {glyphs.states[State.UP]} ", "-good"


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
