"""The SLOs that a person may look for."""

from __future__ import annotations

from collections.abc import Iterator

from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import N_
from artisan_tui.reports.slo.words import name_of
from artisan_tui.tui.kit.destination import Destination

_SLO = N_("error budget")


def destinations(snapshot: Snapshot) -> Iterator[Destination]:
    for status in snapshot[SloSlice].slo_statuses:
        yield Destination("slo", status.id, name_of(status), _SLO, "slos", {"slo_id": status.id})
