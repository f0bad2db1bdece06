"""Everything that the journal says of an incident, for documents; read from the store without a running session."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.config.secret import Secret, SecretMissing
from artisan_tui.domain.event import Event
from artisan_tui.domain.heads import Head
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.incidents.slice import OpenIncident
from artisan_tui.engine.incidents.transaction import incident_store
from artisan_tui.engine.incidents.views import view
from artisan_tui.engine.offline import with_journal
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store

T = TypeVar("T")
_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class IncidentHistory:
    """``events`` are those of the incident and of its parts, oldest first. ``head`` is the chain's at the newest of them.

    So a document about it changes only when something more is known of the incident, and `audit verify --head` says
    whether the journal up to there is still the same.
    """

    at: datetime
    zone: tzinfo
    view: OpenIncident
    events: tuple[Event, ...]
    head: str

    @property
    def incident(self) -> Incident:
        return self.view.incident


@dataclass(frozen=True, slots=True)
class EveryIncident:
    at: datetime
    zone: tzinfo
    incidents: tuple[Incident, ...]


def incident_history(options: GlobalOptions, wanted: str, environ: Mapping[str, str] = os.environ) -> IncidentHistory:
    """Raises CommandRefused, ConfigError and StoreError. What the configuration keeps secret is redacted from now on."""

    def read(present: Present, config: Config, store: Store) -> IncidentHistory:
        hide_secrets(config, environ)
        incident = incident_store(store).get(wanted)
        if incident is None:
            raise CommandRefused(_("there is no incident {id}").format(id=wanted[:60]))
        with store.reading() as connection:
            found = [event for part in incident.parts for event in store.journal.about(connection, part)]
        events = tuple(sorted(found, key=lambda event: event.seq))
        head = str(Head(events[-1].seq, events[-1].hash)) if events else ""
        seen = view(incident, present.state(IncidentRules).around)
        return IncidentHistory(present.now, config.zone, seen, events, head)

    return _read(options, read)


def every_incident(options: GlobalOptions) -> EveryIncident:
    """Raises ConfigError and StoreError."""

    def read(present: Present, config: Config, store: Store) -> EveryIncident:
        return EveryIncident(present.now, config.zone, incident_store(store).since(_BEGINNING))

    return _read(options, read)


def hide_secrets(config: Config, environ: Mapping[str, str]) -> None:
    """Have every secret redacted that the configuration names, as far as it can be read here."""
    for secret in _secrets(config):
        try:
            secret.reveal(environ)
        except SecretMissing:
            continue


def _secrets(value: object) -> Iterator[Secret]:
    if isinstance(value, Secret):
        yield value
    elif isinstance(value, Mapping):
        for each in value.values():
            yield from _secrets(each)
    elif isinstance(value, tuple | list):
        for each in value:
            yield from _secrets(each)
    elif hasattr(type(value), "model_fields"):
        for name in type(value).model_fields:  # type: ignore[attr-defined]  # a model of pydantic
            yield from _secrets(getattr(value, name))


def _read(options: GlobalOptions, read: Callable[[Present, Config, Store], T]) -> T:
    return with_journal(options, read, read_only=options.read_only)
