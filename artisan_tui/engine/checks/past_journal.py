"""Checks at a moment of which nothing was kept but the journal and the probes: before this program kept more."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

from artisan_tui.domain.checks.events import CheckStateChanged
from artisan_tui.domain.checks.health import Health, initial_health
from artisan_tui.domain.event import Event
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.mutes import Mutes
from artisan_tui.engine.checks.slice import CheckSlice, CheckView
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.past.kinds import Then

if TYPE_CHECKING:
    from artisan_tui.store.checks.then import ChecksThen

STATES: Final = (Mutes, MaintenanceWindows)
#: Brings views on to the moment by what was measured: `then.brought_on`.
BringOn = Callable[[Then, "ChecksThen", Mapping[str, tuple[CheckView, datetime | None]]], list[CheckView]]
_STATES = {state.value: state for state in State}
_REASONS = {reason.value: reason for reason in Reason}


def told_views(then: Then) -> Mapping[str, tuple[CheckView, datetime | None]]:
    """The checks of now in the states that the journal tells of."""
    views = then.now[CheckSlice].views
    return {view.id: (_blank(view)._replace(health=_health(then, view.id)), None) for view in views}


def from_journal(
    then: Then, stored: ChecksThen, views: Mapping[str, tuple[CheckView, datetime | None]], bring_on: BringOn
) -> Iterator[CheckView]:
    """Of these `told_views` the checks that were probed by then."""
    windows = then.states.get(MaintenanceWindows).windows(then.at)
    mutes = then.states.get(Mutes)
    for view in bring_on(then, stored, views):
        if not view.strip:
            continue  # not probed yet
        if view.health.reason is Reason.PENDING:
            # The first "up" of a check is no news: the journal does not tell of it.
            state = next((tick.verdict for tick in reversed(view.strip) if tick.verdict is not State.UNKNOWN), None)
            if state is not None:
                view = view._replace(health=replace(view.health, state=state, reason=Reason.OK, detail=""))
        window = next((each for each in windows if each.covers_check(view.id)), None)
        if window is not None:
            health = Health(State.MAINTENANCE, Reason.OK, window.reason, window.start, view.health.seen_at)
            view = view._replace(underneath=view.health, until=window.end, health=health)
        yield view._replace(muted=mutes.mute(view.id, then.at))


def _blank(view: CheckView) -> CheckView:
    """What the configuration says of it, and nothing of how it is now."""
    return view._replace(
        latency=None,
        value=None,
        strip=(),
        findings=(),
        excerpt="",
        query="",
        remarks=(),
        restored=False,
        shown_latency=None,
        flapping=False,
        root_cause="",
        past_cause="",
        failed_at=None,
        well_at=None,
        muted=None,
        underneath=None,
        until=None,
    )


def _health(then: Then, check_id: str) -> Health:
    body, event = _newest(then, CheckStateChanged, check_id)
    if not isinstance(body, CheckStateChanged) or event is None:
        return initial_health(then.at)
    state = _STATES.get(body.to, State.UNKNOWN)
    return Health(
        state, _REASONS.get(body.reason, Reason.NO_DATA), body.detail, event.occurred_at, event.occurred_at, state
    )


def _newest(then: Then, kind: type[CheckStateChanged], subject: str) -> tuple[object, Event | None]:
    for event in then.store.journal.page(1, before=then.seq + 1, kind=kind.KIND, subject=subject):
        try:
            return kind.read(event), event
        except BodyError:
            break
    return None, None
