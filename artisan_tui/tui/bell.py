"""When the bell rings: once for each cause that newly went down and each alert that newly pages, and for nothing else."""

from __future__ import annotations

from datetime import timedelta

from artisan_tui.domain.state import State
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.checks.slice import CheckSlice, CheckView
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.kit.slices import differs

#: An alert raised this long before the last snapshot was raised between the two: snapshots take a moment.
_JUST_NOW = timedelta(minutes=1)


def pages(before: Snapshot | None, after: Snapshot) -> bool:
    """True when something is down that was not, and it was probed: yesterday's outage does not ring again.

    What another failure explains, what is muted and what flaps does not ring. Nearly everything
    unreached at once is one page, for this machine's own network.
    """
    if before is None:
        return False
    if _new_page(before, after):
        return True
    if after[CheckSlice].suspicion is not None:
        return before[CheckSlice].suspicion is None
    if not differs(before, after, CheckSlice):
        return False
    # What was down because of another, or muted, has not rung yet.
    due = {view.id for view in after[CheckSlice].views if _worth_it(view) and not view.restored}
    return bool(due) and not due <= {view.id for view in before[CheckSlice].views if _worth_it(view)}


def _new_page(before: Snapshot, after: Snapshot) -> bool:
    """An alert that pages and did not. What the journal remembers when the board opens does not ring again."""
    if not differs(before, after, AlertSlice):
        return False
    known = {alert.key: alert.severity for alert in before[AlertSlice].firing}
    had_slos = bool(before[SloSlice].slo_statuses)
    return any(
        alert.firing
        and alert.severity == "page"
        and known.get(alert.key) != "page"
        and (had_slos or alert.key in known or alert.since >= before.at - _JUST_NOW)
        for alert in after[AlertSlice].firing
    )


def _worth_it(view: CheckView) -> bool:
    """Whether this check is worth a page by itself."""
    if view.health.state is not State.DOWN:
        return False
    explained = view.root_cause or view.past_cause
    return not explained and not view.flapping and view.muted is None
