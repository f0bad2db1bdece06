"""The schedule for the command line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, TypeVar
from zoneinfo import ZoneInfo

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.shift import OnCallOverride, Swap
from artisan_tui.engine.command import CommandMisused
from artisan_tui.engine.incidents.on_call import OnCallPeople
from artisan_tui.engine.offline import with_journal
from artisan_tui.engine.oncall.views import people_slice
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.oncall.calendar_slots import CalendarSlot
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.engine.oncall.slice import PersonView
    from artisan_tui.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True)
class KnownSchedule:
    """``names`` are what people are called, and ``contacts`` how they are reached by kind, by id. ``people`` gives who is on call with the system's groups expanded."""

    now: datetime
    zone: ZoneInfo
    name: str
    ladder: Sequence[str]
    schedule: Schedule
    overrides: Sequence[OnCallOverride]
    swaps: Sequence[Swap]
    names: dict[str, str]
    contacts: dict[str, dict[str, str]]
    people: OnCallPeople
    #: Everybody of the configuration.
    everybody: Sequence[PersonView] = ()

    def name_of(self, person: str) -> str:
        return self.names.get(person, person)

    def level(self, wanted: str) -> str:
        """The level of the ladder with this name, the first for "". Raises CommandRefused."""
        if not wanted:
            return self.ladder[0]
        for level in self.ladder:
            if level.casefold() == wanted.casefold():
                return level
        said = _("there is no level {level}: write one of {levels}")
        raise CommandMisused(said.format(level=wanted, levels=", ".join(self.ladder)))


def known_schedule(options: GlobalOptions) -> KnownSchedule:
    """Raises ConfigError and StoreError."""
    return with_journal(options, _known, read_only=options.read_only)


def _known(present: Present, config: Config, store: Store) -> KnownSchedule:
    changes = present.state(OnCallChanges)
    return KnownSchedule(
        present.now,
        config.zone,
        config.artisan.name,
        config.escalation.ladder,
        changes.schedule,
        changes.overrides,
        changes.swaps,
        {each.id: each.name or each.id for each in config.people},
        {each.id: {kind: at for kind, at in each.contacts if at} for each in config.people},
        OnCallPeople(config, schedule=lambda: changes.schedule),
        people_slice(config).people,
    )


def published(
    options: GlobalOptions, levels: Callable[[KnownSchedule], Sequence[str]], start: datetime, end: datetime
) -> tuple[KnownSchedule, list[tuple[str, CalendarSlot]]]:
    """Every slot that touches ``[start, end)``, with its level. Raises CommandRefused, ConfigError and StoreError."""
    from artisan_tui.domain.oncall.calendar_slots import calendar_slots
    from artisan_tui.engine.oncall.published import versions

    def read(present: Present, config: Config, store: Store) -> tuple[KnownSchedule, list[tuple[str, CalendarSlot]]]:
        known = _known(present, config, store)
        found = versions(store, config, present.now, present.actor)
        return known, [(level, slot) for level in levels(known) for slot in calendar_slots(found, level, start, end)]

    return with_journal(options, read, read_only=options.read_only)
