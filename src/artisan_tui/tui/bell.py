"""When the bell rings: once for each cause that newly went down, and for nothing else."""

from __future__ import annotations

from artisan_tui.domain.state import State
from artisan_tui.engine.snapshot import CheckView, Snapshot


def pages(before: Snapshot | None, after: Snapshot) -> bool:
    """True when something is down that was not, and somebody looked: yesterday's outage does not ring again.

    What another failure explains, what is muted and what flaps does not ring. Nearly everything
    unreached at once is one page, for this machine's own network.
    """
    if before is None:
        return False
    if after.site.suspicion is not None:
        return before.site.suspicion is None
    if before.versions.checks == after.versions.checks:
        return False
    # What was down because of another, or muted, has not been paged for yet.
    known = {view.id for view in before.checks if _worth_it(view)}
    return any(_worth_it(view) and not view.restored and view.id not in known for view in after.checks)


def _worth_it(view: CheckView) -> bool:
    """Whether this check is worth a page by itself."""
    return view.health.state is State.DOWN and not view.blamed and not view.flapping and view.muted is None
