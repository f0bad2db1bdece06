"""How SLOs are said on the screen: what needs a look first, numbers, and why something cannot be said.

Loaded with the first statements, not before the first frame.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from artisan_tui.domain.plain import printable
from artisan_tui.domain.slo.budget import Doubt, Status
from artisan_tui.domain.slo.burn import Severity
from artisan_tui.domain.state import State
from artisan_tui.i18n import N_, _
from artisan_tui.reports import slo_words
from artisan_tui.reports.slo_figures import Worse, count, decimal, percent
from artisan_tui.reports.slo_words import doubt_text
from artisan_tui.tui.cells import Run, fit, wrapped
from artisan_tui.tui.glyphs import Glyphs

if TYPE_CHECKING:
    from artisan_tui.domain.slo.account import Account
    from artisan_tui.domain.slo.statement import Statement

ROLE = {
    Status.HEALTHY: "-good",
    Status.WARNING: "-warn",
    Status.EXHAUSTED: "-bad",
    Status.UNKNOWN: "-unknown",
}
SEVERITY_ROLE = {Severity.PAGE: "-bad", Severity.TICKET: "-warn"}
_SIGN = {
    Status.HEALTHY: State.UP,
    Status.WARNING: State.DEGRADED,
    Status.EXHAUSTED: State.DOWN,
    Status.UNKNOWN: State.UNKNOWN,
}
#: Where a verdict changes: nothing, a fifth and all of a budget left. No number is printed on another side of one.
_LEFT_MARKS = (Fraction(0), Fraction(1, 5), Fraction(1))
_BURN_MARKS = (Fraction(0), Fraction(1))


class Told(NamedTuple):
    """What the lines of one SLO begin from; worked out once for a statement, which costs more than to draw it."""

    status: Status
    severity: Severity | None
    left: Fraction | None
    objective: str


_told: dict[str, tuple[Statement, Told]] = {}


def told(statement: Statement) -> Told:
    """A statement is replaced whenever anything about its SLO changes; the same one says the same."""
    known = _told.get(statement.id)
    if known is None or known[0] is not statement:
        account = statement.account
        budget = account.budget
        found = Told(budget.status, account.severity, budget.remaining, str(account.promise.objective))
        known = _told[statement.id] = (statement, found)
    return known[1]


def worst_first(statements: Sequence[Statement]) -> list[Statement]:
    """Exhausted, then what pages, what tickets, warning, unknown, healthy; in each the least left, then file order."""
    return sorted(statements, key=_badness)


def _badness(statement: Statement) -> tuple[int, Fraction | float]:
    status, severity, left, _objective = told(statement)
    return _rank(status, severity), math.inf if left is None else left


def _rank(status: Status, severity: Severity | None) -> int:
    if status is Status.EXHAUSTED:
        return 0
    if severity is not None:
        return 1 if severity is Severity.PAGE else 2
    return (Status.WARNING, Status.UNKNOWN, Status.HEALTHY).index(status) + 3


def sign(statement: Statement, glyphs: Glyphs) -> Run:
    """What the eye looks for. A budget that is well and burns fast gets no tick."""
    status, severity, _left, _objective = told(statement)
    if severity is not None and status is not Status.EXHAUSTED:
        return glyphs.states[State.DEGRADED], SEVERITY_ROLE[severity]
    return glyphs.states[_SIGN[status]], ROLE[status]


def status_word(status: Status) -> str:
    """Loud unless all is well."""
    word = slo_words.status_word(status)
    return word if status is Status.HEALTHY else word.upper()


def promise_text(statement: Statement) -> str:
    """``99.9% 30d``."""
    promise = statement.account.promise
    window = _("month") if promise.window == "month" else promise.window
    return f"{told(statement).objective} {window}"


def left_text(left: Fraction) -> str:
    """``79.9%``, ``-30.0%``; past a whole budget's overdraft the decimals are no news."""
    return percent(left, Worse.LESS, _LEFT_MARKS, 1 if left > -1 else 0)


def remaining_text(statement: Statement) -> str:
    """What is left of the budget, ``~`` before it where the counts are guessed, ``?`` where nothing can be said."""
    status, _severity, left, _objective = told(statement)
    if left is None or status is Status.UNKNOWN:
        return "?"
    return ("~" if statement.evidence.estimated else "") + left_text(left)


def burn_text(burn: Fraction | None, *marks: Fraction) -> str:
    """``4.1``, to the nearest; ``?`` without enough to tell. Never printed on another side of 1 or of ``marks``."""
    if burn is None:
        return "?"
    known, places = (*_BURN_MARKS, *marks), 0 if burn >= 100 else 1
    nearest = Fraction(round(burn * 10**places), 10**places)
    same = all((nearest > mark) - (nearest < mark) == (burn > mark) - (burn < mark) for mark in known)
    return f"{float(nearest):,.{places}f}" if same else decimal(burn, Worse.MORE, known, places)


def counts_text(bad: int, total: int) -> str:
    return _("{bad} bad of {total}").format(bad=count(max(bad, 0)), total=count(max(total, 0)))


# -- what comes -----------------------------------------------------------------


def rough(minutes: Fraction, *, up: bool = False) -> str:
    """The largest unit alone: nobody knows better, and it changes, and is sent, seldom."""
    for size, unit, least in ((1440, "d", 2880), (60, "h", 120), (1, "m", 1)):
        if minutes >= least:
            return f"{math.ceil(minutes / size) if up else math.floor(minutes / size)}{unit}"
    return "1m" if up else "<1m"


def forecast_text(account: Account) -> str:
    """When the budget is gone, as a range; "" when that cannot be said or it is gone already."""
    found = account.forecast
    if found is None or account.status is Status.EXHAUSTED:
        return ""
    if found.earliest is None:
        return _("runs out: not at this rate")
    low = rough(found.earliest)
    if found.latest is None:
        return _("runs out in {soonest} or later").format(soonest=low)
    high = rough(found.latest, up=True)
    if low == high:
        return _("runs out in {soonest}").format(soonest=low)
    return _("runs out in {soonest} to {latest}").format(soonest=low, latest=high)


# -- why it cannot be said -------------------------------------------------------


def progress_text(statement: Statement) -> str:
    """``43%`` of the missing minutes are read; never all of them before they are."""
    progress = statement.progress
    if progress is None or progress.of <= 0:
        return ""
    return f"{min(max(progress.done, 0) * 100 // progress.of, 100 if progress.done >= progress.of else 99)}%"


_SHORT_DOUBTS = {
    Doubt.PARTIAL: N_("no fresh data"),
    Doubt.NO_DATA: N_("no data"),
    Doubt.COVERAGE: N_("seen too little"),
    Doubt.FEW: N_("few events"),
    Doubt.SKEW: N_("counters off"),
}


def trouble(statement: Statement) -> list[Run]:
    """What stands in the way of a verdict, from the most said to the least; empty when nothing does."""
    said: list[Run] = []
    account = statement.account
    doubt = account.doubt
    read = progress_text(statement)
    problem = printable(statement.problem, 300)
    if read:
        if doubt is Doubt.COVERAGE:
            said.append((_("reading the past: {percent}").format(percent=read) + f"; {doubt_text(account)}", "-accent"))
        said.append((_("reading the past: {percent}").format(percent=read), "-accent"))
        said.append((_("reading {percent}").format(percent=read), "-accent"))
    elif problem:
        said.append((problem, "-warn"))
        said.append((_("cannot be read"), "-warn"))
    if doubt is not None and not read:
        if not problem:
            said.append((doubt_text(account), "-unknown"))
        said.append((_(_SHORT_DOUBTS[doubt]), "-unknown"))
    return said


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
