"""What a snapshot says about incidents."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    # Names of types only: their modules are not needed before the first frame.
    from datetime import datetime

    from artisan_tui.domain.incidents.incident import Incident


class OpenIncident(NamedTuple):
    """An incident that is not closed, with its clocks; None for one that does not run.

    ``acknowledge_due``: then the second rung is paged. ``rung_due``: then the next rung is. ``lapses_at``: then the
    acknowledgement runs out without work.
    """

    incident: Incident
    acknowledge_due: datetime | None = None
    rung_due: datetime | None = None
    update_due: datetime | None = None
    lapses_at: datetime | None = None

    @property
    def id(self) -> str:
        return self.incident.id

    @property
    def clocks(self) -> Mapping[str, datetime | None]:
        """The deadlines by the names that documents give them."""
        return {
            "acknowledge": self.acknowledge_due,
            "next_rung": self.rung_due,
            "update": self.update_due,
            "lapses": self.lapses_at,
            "snooze": self.incident.snoozed_until,
            "postmortem": self.incident.postmortem.due,
        }


class IncidentSlice(NamedTuple):
    """``open`` are the worst first, ``recent`` those that are over, newest change first.

    ``unattended``: no session would fire timers now, because none leads. ``alerts`` are the fingerprints that are
    attached to an open one, with its id. ``unmanned`` are the levels of the ladder with nobody on call now; all of
    them when a page would go to the fallback only.
    """

    open: tuple[OpenIncident, ...] = ()
    recent: tuple[Incident, ...] = ()
    unattended: bool = False
    alerts: Mapping[str, str] = MappingProxyType({})
    unmanned: tuple[str, ...] = ()
    ladder: tuple[str, ...] = ()
