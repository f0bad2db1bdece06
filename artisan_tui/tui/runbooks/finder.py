"""The runbooks and runs that a person may look for."""

from __future__ import annotations

from collections.abc import Iterator

from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import N_
from artisan_tui.tui.kit.destination import Destination

_RUN, _RUNBOOK = N_("run"), N_("runbook")


def destinations(snapshot: Snapshot) -> Iterator[Destination]:
    """Runs under way, then the runbooks."""
    runs = snapshot[RunSlice]
    for view in runs.active:
        yield Destination("run", view.id, view.run.title, _RUN, "run", {"run_id": view.id})
    for name in runs.definitions:
        yield Destination("runbook", name, "", _RUNBOOK, "runbook", {"runbook_id": name})
