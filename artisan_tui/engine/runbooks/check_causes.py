"""Which checks speak for a runbook now: those that fail by themselves, and not because of something else that is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.reason import UNREACHED
from artisan_tui.domain.runbooks.suggestions import Cause
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.engine.runbooks.causes import causes_of, evidence_of

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.event import Event
    from artisan_tui.domain.runbooks.definition import Runbook

#: Check id -> the ids of the checks that it needs.
Needs = Mapping[str, Sequence[str]]
_ENDS = frozenset({State.UP, State.MAINTENANCE})


def causes_of_checks(
    wanted: Iterable[str], views: Mapping[str, CheckView], needs: Needs, *, suspected: bool
) -> Iterator[Cause]:
    """The causes that the checks ``wanted`` begin or end, as they stand. ``suspected``: this machine's network is.

    A check of which nothing certain is known now gives none: whatever was suggested stays as it is.
    """
    for check_id in wanted:
        view = views.get(check_id)
        if view is None:
            continue
        bad = _speaks(view, views, needs, suspected)
        if bad is not None:
            yield Cause(f"check:{check_id}", bad, _evidence(view) if bad else "")


def causes_now(
    config: Config,
    events: Sequence[Event],
    runbooks: Mapping[str, Runbook],
    known: Iterable[CheckView],
    suspected: bool,
) -> list[Cause]:
    """What ``events`` begin and end, and how the checks that suggest a runbook stand.

    How a check of this configuration stands now tells more than what was written of it.
    """
    label = "runbook" if config.alerts is None else config.alerts.runbook_label
    views = {view.id: view for view in known}
    causes = [each for each in causes_of(events, label) if each.name.removeprefix("check:") not in views]
    wanted = {name for each in runbooks.values() for name in each.suggest_on if name.startswith("check:")}
    if wanted:
        needs = {check_id: spec.needs for check_id, _service, spec in config.checks()}
        names = [name.removeprefix("check:") for name in sorted(wanted)]
        causes += causes_of_checks(names, views, needs, suspected=suspected)
    return causes


def _evidence(view: CheckView) -> str:
    return evidence_of(view.id, view.health.state.value, view.health.detail, view.policy.fall)


def _speaks(view: CheckView, views: Mapping[str, CheckView], needs: Needs, suspected: bool) -> bool | None:
    health = view.health
    if view.restored or health.stale:
        return None  # nobody has looked since
    if health.state in _ENDS:
        return False
    if health.state not in (State.DOWN, State.DEGRADED):
        return None
    if view.root_cause or view.past_cause:
        return False
    if suspected and health.reason in UNREACHED:
        return False
    if view.flapping and health.state is State.DOWN:
        return None
    return None if _undecided(view, views, needs) else True


def _undecided(view: CheckView, views: Mapping[str, CheckView], needs: Needs) -> bool:
    """Whether something that it needs may turn out to be its cause: it fails already, or was not probed since."""
    todo, known = list(needs.get(view.id, ())), {view.id}
    while todo:
        need = views.get(todo.pop())
        if need is None or need.id in known:
            continue
        known.add(need.id)
        todo += needs.get(need.id, ())
        health = need.health
        if health.state not in (State.UP, State.DEGRADED):
            continue  # a cause by now, or nothing is known of it
        if health.downs > 0:
            return True
        if view.failed_at is not None and (health.seen_at is None or health.seen_at < view.failed_at):
            return True
    return False
