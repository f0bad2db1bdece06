"""SLOs as text: their order, numbers, and why something is unknown.

Loaded with the first SLO, not before the first frame.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from artisan_tui.domain.slo.budget import BudgetStatus, UnknownReason
from artisan_tui.domain.slo.burn import Severity
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.slo import words as slo_words
from artisan_tui.reports.slo.burning import burns_fast
from artisan_tui.reports.slo.numbers import Worse, count, decimal, percent
from artisan_tui.reports.slo.words import unknown_text
from artisan_tui.tui.cells import Run, fit, widest, wrapped
from artisan_tui.tui.glyphs import Glyphs

if TYPE_CHECKING:
    from artisan_tui.domain.slo.evaluation import SloEvaluation
    from artisan_tui.domain.slo.status import SloStatus

ROLE = {
    BudgetStatus.HEALTHY: "-good",
    BudgetStatus.WARNING: "-warn",
    BudgetStatus.EXHAUSTED: "-bad",
    BudgetStatus.UNKNOWN: "-unknown",
}
SEVERITY_ROLE = {Severity.PAGE: "-bad", Severity.TICKET: "-warn"}
_SIGN = {
    BudgetStatus.HEALTHY: State.UP,
    BudgetStatus.WARNING: State.DEGRADED,
    BudgetStatus.EXHAUSTED: State.DOWN,
    BudgetStatus.UNKNOWN: State.UNKNOWN,
}
_CALENDAR = {"week": N_("week"), "month": N_("month"), "quarter": N_("quarter")}
#: Where a status changes: nothing, a fifth and all of a budget left. No number is rounded across one of them.
_LEFT_MARKS = (Fraction(0), Fraction(1, 5), Fraction(1))
_BURN_MARKS = (Fraction(0), Fraction(1))


class Summary(NamedTuple):
    """What the lines of one SLO are made from; computed once for an `SloStatus`, as that costs more than drawing it."""

    status: BudgetStatus
    severity: Severity | None
    left: Fraction | None
    objective: str


_summaries: dict[str, tuple[SloStatus, Summary]] = {}


def summary_of(slo_status: SloStatus) -> Summary:
    """Its summary. An `SloStatus` is replaced whenever anything about its SLO changes, so it is the cache's key."""
    known = _summaries.get(slo_status.id)
    if known is None or known[0] is not slo_status:
        evaluation = slo_status.evaluation
        budget = evaluation.budget
        found = Summary(budget.status, evaluation.severity, budget.remaining, str(evaluation.slo.objective))
        known = _summaries[slo_status.id] = (slo_status, found)
    return known[1]


def worst_first(slo_statuses: Sequence[SloStatus]) -> list[SloStatus]:
    """What pages, then exhausted, what tickets, warning, unknown, healthy; in each the least left, then file order.

    A page comes first, because somebody has to act now. An exhausted budget can wait until the morning.
    """
    return sorted(slo_statuses, key=_badness)


def _badness(slo_status: SloStatus) -> tuple[int, Fraction | float]:
    status, severity, left, _objective = summary_of(slo_status)
    return _rank(status, severity), math.inf if left is None else left


def _rank(status: BudgetStatus, severity: Severity | None) -> int:
    if severity is Severity.PAGE:
        return 0
    if status is BudgetStatus.EXHAUSTED:
        return 1
    if severity is not None:
        return 2
    return (BudgetStatus.WARNING, BudgetStatus.UNKNOWN, BudgetStatus.HEALTHY).index(status) + 3


def sign(slo_status: SloStatus, glyphs: Glyphs) -> Run:
    """Its sign and role. A healthy budget that burns fast gets no tick."""
    status, severity, _left, _objective = summary_of(slo_status)
    if severity is not None and status is not BudgetStatus.EXHAUSTED:
        return glyphs.states[State.DEGRADED], SEVERITY_ROLE[severity]
    return glyphs.states[_SIGN[status]], ROLE[status]


def status_word(status: BudgetStatus) -> str:
    """In capitals unless it is healthy."""
    word = slo_words.status_word(status)
    return word if status is BudgetStatus.HEALTHY else word.upper()


def condition_word(slo_status: SloStatus) -> str:
    """`status_word`; a healthy budget that burns so fast that an alert fires gets a word of its own."""
    return burning_word() if burns_fast(slo_status) else status_word(summary_of(slo_status).status)


def burning_word() -> str:
    return _("BURNING")


def condition_role(slo_status: SloStatus) -> str:
    """The role of `condition_word`."""
    status, severity, _left, _objective = summary_of(slo_status)
    return SEVERITY_ROLE[severity] if severity is not None and burns_fast(slo_status) else ROLE[status]


def status_cells() -> int:
    """The width of a column of `condition_word`."""
    return widest([*(status_word(each) for each in BudgetStatus), burning_word()], 7, 11)


def objective_text(slo_status: SloStatus) -> str:
    """``99.9% 30d``."""
    slo = slo_status.evaluation.slo
    window = _(_CALENDAR[slo.window]) if slo.window in _CALENDAR else slo.window
    return f"{summary_of(slo_status).objective} {window}"


def left_text(left: Fraction) -> str:
    """``79.9%``, ``-30.0%``; without decimals below -100%."""
    return percent(left, Worse.LESS, _LEFT_MARKS, 1 if left > -1 else 0)


def remaining_text(slo_status: SloStatus) -> str:
    """What is left of the budget, ``~`` before it where the counts are not exact, ``?`` where it is unknown."""
    status, _severity, left, _objective = summary_of(slo_status)
    if left is None or status is BudgetStatus.UNKNOWN:
        return "?"
    evidence = slo_status.evidence
    return ("~" if evidence.estimated or evidence.unclaimed_bad or evidence.unmatched else "") + left_text(left)


def burn_text(burn: Fraction | None, *marks: Fraction) -> str:
    """``4.1``, to the nearest; ``?`` without enough to tell. Never rounded across 1 or one of ``marks``."""
    if burn is None:
        return "?"
    known, places = (*_BURN_MARKS, *marks), 0 if burn >= 100 else 1
    nearest = Fraction(round(burn * 10**places), 10**places)
    same = all((nearest > mark) - (nearest < mark) == (burn > mark) - (burn < mark) for mark in known)
    return f"{float(nearest):,.{places}f}" if same else decimal(burn, Worse.MORE, known, places)


def counts_text(bad: int, total: int) -> str:
    return _("{bad} bad of {total}").format(bad=count(max(bad, 0)), total=count(max(total, 0)))


# -- forecast -----------------------------------------------------------------


def rough(minutes: Fraction, *, up: bool = False) -> str:
    """In the largest unit alone: a forecast is not more exact, and the text seldom changes."""
    for size, unit, least in ((1440, "d", 2880), (60, "h", 120), (1, "m", 1)):
        if minutes >= least:
            return f"{math.ceil(minutes / size) if up else math.floor(minutes / size)}{unit}"
    return "1m" if up else "<1m"


def forecast_text(evaluation: SloEvaluation) -> str:
    """When the budget is gone, as a range; "" when that is unknown or it is gone already."""
    found = evaluation.forecast
    if found is None or evaluation.status is BudgetStatus.EXHAUSTED:
        return ""
    if found.earliest is None:
        return _("not exhausted at this rate")
    low = rough(found.earliest)
    if found.latest is None:
        return _("runs out in {soonest} or later").format(soonest=low)
    high = rough(found.latest, up=True)
    if low == high:
        return _("runs out in {soonest}").format(soonest=low)
    return _("runs out in {soonest} to {latest}").format(soonest=low, latest=high)


# -- why it is unknown -------------------------------------------------------


def progress_text(slo_status: SloStatus) -> str:
    """``43%`` of the missing minutes are read; never all of them before they are."""
    progress = slo_status.progress
    if progress is None or progress.of <= 0:
        return ""
    return f"{min(max(progress.done, 0) * 100 // progress.of, 100 if progress.done >= progress.of else 99)}%"


_SHORT_REASONS = {
    UnknownReason.PARTIAL: N_("no fresh data"),
    UnknownReason.NO_DATA: N_("no data"),
    UnknownReason.COVERAGE: N_("low coverage"),
    UnknownReason.FEW: N_("few events"),
    UnknownReason.SKEW: N_("bad counters"),
    UnknownReason.UNMATCHED: N_("nothing matches"),
    UnknownReason.DOUBT: N_("uncounted events"),
}


def trouble(slo_status: SloStatus) -> list[Run]:
    """Why the status is unknown, the longest text first; empty when it is known."""
    texts: list[Run] = []
    evaluation = slo_status.evaluation
    unknown_reason = evaluation.unknown_reason
    read = progress_text(slo_status)
    problem = read_back(printable(slo_status.problem, 300))
    if read:
        if unknown_reason is UnknownReason.COVERAGE:
            texts.append((_("backfill: {percent}").format(percent=read) + f"; {unknown_text(evaluation)}", "-accent"))
        texts.append((_("backfill: {percent}").format(percent=read), "-accent"))
        texts.append((_("filling {percent}").format(percent=read), "-accent"))
    elif problem:
        texts.append((problem, "-warn"))
        texts.append((_("read failed"), "-warn"))
    if unknown_reason is not None and not read:
        if not problem:
            texts.append((unknown_text(evaluation), "-unknown"))
        texts.append((_(_SHORT_REASONS[unknown_reason]), "-unknown"))
    return texts


def fitting(candidates: Sequence[Run], room: int) -> Run:
    """The first that fits whole; where none does, as many whole words of the first as fit."""
    for text, role in candidates:
        if cell_len(text) <= room:
            return text, role
    return (shortened(candidates[0][0], room), candidates[0][1]) if candidates else ("", "")


def shortened(text: str, room: int) -> str:
    """``text`` in at most ``room`` cells, cut between words where that leaves any."""
    if cell_len(text) <= room:
        return text
    head = wrapped(text, room - 2)[0] if room > 3 else ""
    return f"{head} …" if head and text[len(head) : len(head) + 1] == " " else fit(text, room).rstrip()


def text_rows(text: str, width: int, role: str) -> Iterator[list[Run]]:
    """The lines of ``text``, none for ""."""
    for line in wrapped(text, max(10, width - 4)) if text else ():
        yield [("   " + line, role)]
