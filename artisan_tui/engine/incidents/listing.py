"""Incidents for the command line: read from the store without a running session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.metrics import IncidentTimes, metrics
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.incidents.slice import OpenIncident
from artisan_tui.engine.incidents.transaction import incident_store
from artisan_tui.engine.incidents.views import open_views, view
from artisan_tui.engine.offline import with_journal
from artisan_tui.engine.process import gone
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class IncidentList:
    """Open ones worst first, and those that are over. ``unattended``: no session runs that would fire their timers."""

    at: datetime
    open: tuple[OpenIncident, ...]
    recent: tuple[OpenIncident, ...]
    unattended: bool


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """One incident, with its clocks, and its timeline oldest first. ``more``: older entries are not in it."""

    at: datetime
    view: OpenIncident
    timeline: tuple[Event, ...]
    more: bool

    @property
    def incident(self) -> Incident:
        return self.view.incident


def incident_list(options: GlobalOptions, recent: int) -> IncidentList:
    """Raises ConfigError and StoreError."""

    def read(present: Present, store: Store) -> IncidentList:
        incidents = incident_store(store)
        around = present.state(IncidentRules).around
        holder = store.leases.read().holder
        unattended = holder is None or gone(holder)
        over = tuple(view(each, around) for each in incidents.recent(recent))
        return IncidentList(present.now, open_views(incidents.open(), around), over, unattended)

    return _read(options, read)


def incident_record(options: GlobalOptions, wanted: str, limit: int) -> IncidentRecord:
    """A merged incident opens as what it is; its timeline is its own. Raises CommandRefused, ConfigError and StoreError."""

    def read(present: Present, store: Store) -> IncidentRecord:
        incidents = incident_store(store)
        incident = incidents.get(wanted)
        if incident is None:
            raise CommandRefused(_("there is no incident {id}").format(id=wanted[:60]))
        newest = incidents.timeline(incident, limit + 1)
        seen = view(incident, present.state(IncidentRules).around)
        return IncidentRecord(present.now, seen, tuple(reversed(newest[:limit])), len(newest) > limit)

    return _read(options, read)


def incident_times(options: GlobalOptions, days: float) -> Mapping[int, IncidentTimes]:
    """By severity, of what was declared within ``days``. Raises ConfigError and StoreError."""

    def read(present: Present, store: Store) -> Mapping[int, IncidentTimes]:
        return metrics(incident_store(store).since(present.now - timedelta(days=days)))

    return _read(options, read)


def incident_ids(options: GlobalOptions, beginning: str) -> tuple[str, ...]:
    """For the completion of a shell. Raises ConfigError and StoreError."""
    return _read(options, lambda present, store: incident_store(store).ids(beginning))


def _read(options: GlobalOptions, read: Callable[[Present, Store], T]) -> T:
    def work(present: Present, config: Config, store: Store) -> T:
        return read(present, store)

    return with_journal(options, work, read_only=options.read_only)
