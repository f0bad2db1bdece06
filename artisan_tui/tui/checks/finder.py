"""The services and checks that a person may look for."""

from __future__ import annotations

from collections.abc import Iterator

from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import N_
from artisan_tui.tui.checks.grouping import grouped
from artisan_tui.tui.kit.destination import Destination

_SERVICE, _CHECK = N_("service"), N_("check")


def destinations(snapshot: Snapshot) -> Iterator[Destination]:
    """Services first, each worst first: of two that match alike, the one that fails is the one looked for."""
    groups = grouped(snapshot[CheckSlice].views)
    for group in groups:
        yield Destination("service", group.id, group.name, _SERVICE, "service", {"service_id": group.id})
    for group in groups:
        for view in group.checks:
            yield Destination("check", view.id, view.name, _CHECK, "check", {"check_id": view.id})
