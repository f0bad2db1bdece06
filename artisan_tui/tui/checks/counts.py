"""How bad it is: the order of checks, and how many are in which state."""

from __future__ import annotations

from collections.abc import Sequence

from artisan_tui.domain.state import WORST_FIRST, State
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import counted, state_word
from artisan_tui.tui.cells import Run

ROLE = {
    State.UP: "-good",
    State.DEGRADED: "-warn",
    State.DOWN: "-bad",
    State.UNKNOWN: "-unknown",
    State.MAINTENANCE: "-dim",
}
#: The order of lists. What was up and is not heard of any more is trouble, too; so is what has begun to fail.
_ORDER = {State.DOWN: 0, State.UNKNOWN: 1, State.DEGRADED: 2, State.MAINTENANCE: 5, State.UP: 6}
STALE, SHAKY, QUIET = 3, 4, 5


def badness(view: CheckView) -> int:
    """0 is worst. From `QUIET` on there is nothing that a person has to see."""
    health = view.health
    rank = _ORDER[health.state]
    if rank < QUIET:
        return rank
    if health.stale:
        return STALE
    return SHAKY if view.flapping or health.shaky else rank


def worst_first(checks: Sequence[CheckView]) -> list[CheckView]:
    """Down, unknown, degraded, stale, about to change, maintenance, up; in each in file order.

    What fails because of another is right below that other, so that one outage is in one place.
    """
    ranked = sorted(checks, key=badness)
    there = {view.id for view in checks}
    symptoms: dict[str, list[CheckView]] = {}
    for view in ranked:
        if view.root_cause in there:
            symptoms.setdefault(view.root_cause, []).append(view)
    if not symptoms:
        return ranked
    causes = [view for view in ranked if view.root_cause not in there]
    # A cause is as bad as the worst of what it causes, even while it only begins to fail.
    causes.sort(key=lambda v: min(badness(each) for each in (v, *symptoms.get(v.id, ()))))
    return [row for cause in causes for row in (cause, *symptoms.get(cause.id, ()))]


def counts_text(checks: Sequence[CheckView]) -> list[Run]:
    """``1 down, 3 caused by it  1 degraded  14 up``, worst first, zeros left out.

    A stale check is never counted as up.
    """
    runs: list[Run] = []
    tally: dict[object, int] = {}
    caused = 0
    for view in checks:
        health = view.health
        what = "stale" if health.stale else health.state
        tally[what] = tally.get(what, 0) + 1
        caused += what is State.DOWN and view.root_cause != ""
    stale = tally.get("stale", 0)
    for state in WORST_FIRST:
        number = tally.get(state, 0)
        if state is State.DOWN and 0 < caused < number:
            runs += [(counted(number - caused, state_word(state)) + _caused(number - caused, caused), ROLE[state])]
            runs.append(("  ", ""))
        elif number:
            runs += [(counted(number, state_word(state)), ROLE[state]), ("  ", "")]
        if state is State.DEGRADED and stale:
            # Trouble too: where the line is short, what is well goes first.
            runs += [(counted(stale, _("stale")), "-stale"), ("  ", "")]
    return runs[:-1]


def _caused(causes: int, caused: int) -> str:
    if causes == 1:
        return ", " + _("{n} caused by it").format(n=caused)
    return ", " + _("{n} caused by them").format(n=caused)
