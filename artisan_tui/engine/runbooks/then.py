"""Runs and suggestions as they were shown at a past moment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from artisan_tui.domain.runbooks.suggestions import Suggestions
from artisan_tui.engine.past.kinds import PieceKind, Then
from artisan_tui.engine.runbooks.lost_run import LostRuns
from artisan_tui.engine.runbooks.slice import ActiveRun, RunSlice, SuggestedRun, waits_of

#: What a run's events do not say, by run: whose it is, whether its owner had ended, why nothing went on.
_BESIDE = PieceKind(
    "runs",
    RunSlice,
    lambda found: (
        (
            "",
            (
                found.problem,
                found.definitions,
                found.verified,
                {each.id: (each.mine, each.orphaned, each.waits, each.drifted, each.trouble) for each in found.active},
            ),
        ),
    ),
)
KEPT: Final = (_BESIDE,)
STATES: Final = (Suggestions, LostRuns)


def past(then: Then) -> Sequence[object]:
    from artisan_tui.store.runbooks.then import active_then  # heavy, and there by now

    nothing: tuple[str, Mapping[str, str], int, Mapping[str, tuple[bool, bool, str, bool, str]]] = ("", {}, 0, {})
    problem, definitions, verified, beside = then.piece(_BESIDE) or nothing
    with then.store.reading() as connection:
        runs = active_then(connection, then.store.journal, then.seq, then.at)
    active = tuple(
        ActiveRun(run, *beside[run.id]) if run.id in beside else ActiveRun(run, waits=waits_of(run, False))
        for run in runs
    )
    suggested = tuple(
        SuggestedRun(each.runbook, each.cause, each.evidence, each.since) for each in then.states.get(Suggestions).open
    )
    lost = then.states.get(LostRuns).open
    return (RunSlice(active, suggested, problem, definitions, verified, lost),)
