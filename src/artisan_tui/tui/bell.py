"""When the bell rings: once for each check that newly went down, and for nothing else."""

from __future__ import annotations

from artisan_tui.domain.state import State
from artisan_tui.engine.snapshot import Snapshot


def pages(before: Snapshot | None, after: Snapshot) -> bool:
    """True when a check is down that was not, and somebody looked: yesterday's outage does not ring again."""
    if before is None or before.versions.checks == after.versions.checks:
        return False
    down_before = {view.id for view in before.checks if view.health.state is State.DOWN}
    return any(
        view.health.state is State.DOWN and not view.restored and view.id not in down_before for view in after.checks
    )
