"""What is suggested, as the screen shows it: what is down speaks before what is degraded, in the words of now. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.runbooks.follow_ups import RUN
from artisan_tui.domain.state import State
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import state_word
from artisan_tui.reports.runbooks.words import evidence_text
from artisan_tui.tui.checks.reasons import why_text

if TYPE_CHECKING:
    from artisan_tui.engine.checks.slice import CheckView
    from artisan_tui.engine.runbooks.slice import SuggestedRun
    from artisan_tui.engine.snapshot import Snapshot

#: Severities of an alert for which somebody is woken up.
_PAGES = frozenset({"critical", "page", "emergency", "sev1", "sev2", "p0", "p1"})


def weighed(suggested: Iterable[SuggestedRun], snapshot: Snapshot) -> tuple[SuggestedRun, ...]:
    """What is down, pages, or goes on from a run that succeeded, first; then other alerts and budgets; then what is
    degraded; last what ran already. Equals stay in their order.
    """
    suggested = tuple(suggested)
    ran = {each.cause.removeprefix(RUN) for each in suggested if each.cause.startswith(RUN)}
    checks = {f"check:{view.id}": view.health.state for view in snapshot[CheckSlice].views}
    paging = {
        f"alert:{each.name}"
        for each in snapshot[AlertSlice].listed
        if each.labels.get("severity", "").lower() in _PAGES
    }

    def weight(each: SuggestedRun) -> int:
        if each.runbook in ran:
            return 3
        state = checks.get(each.cause)
        if each.cause.startswith(RUN) or state is State.DOWN or each.cause in paging:
            return 0
        return 1 if state is None else 2

    return tuple(sorted(suggested, key=weight))


def goes_on(suggested: Iterable[SuggestedRun], chosen: Sequence[SuggestedRun]) -> list[SuggestedRun]:
    """``chosen``, where each runbook that ran already is replaced by what is suggested to go on from it."""
    named = {f"{RUN}{each.runbook}" for each in chosen}
    after = [each for each in suggested if each.cause in named]
    ran = {each.cause.removeprefix(RUN) for each in after}
    return [*after, *(each for each in chosen if each.runbook not in ran)]


def weighed_runs(snapshot: Snapshot) -> RunSlice:
    """The runs, with what is suggested in the order of `weighed`."""
    runs = snapshot[RunSlice]
    return runs._replace(suggested=weighed(runs.suggested, snapshot))


def said_now(each: SuggestedRun, views: Mapping[str, CheckView]) -> str:
    """Why it is suggested: of a check as it stands now, with its unit and limit; else the evidence of the beginning."""
    view = views.get(each.cause.removeprefix("check:")) if each.cause.startswith("check:") else None
    if view is None or view.health.state not in (State.DOWN, State.DEGRADED):
        return evidence_text(each.evidence)
    said = _("{check} is {state}").format(check=view.id, state=state_word(view.health.state))
    why = why_text(view)
    return f"{said}: {why}" if why else said
