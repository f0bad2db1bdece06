"""A journal in memory, and sessions that follow it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from artisan_tui.domain.event import Entry, Event, stamp
from artisan_tui.engine.bus import Bus, EventsLost, StatesChanged
from artisan_tui.engine.checks.mutes import Mutes
from artisan_tui.engine.journal_follower import JournalFollower
from artisan_tui.engine.journal_states import JournalState, JournalStates
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.slo.burn_alerts import BurnAlerts
from artisan_tui.engine.slo.override import Overrides

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
KINDS: tuple[type[JournalState], ...] = (Mutes, MaintenanceWindows, Overrides, BurnAlerts)


def at(second: float) -> datetime:
    return NOW + timedelta(seconds=second)


def entry(second: float, kind: str, subject: str = "", actor: str = "j.park", **body: object) -> Entry:
    until = {"until": stamp(at(second + 3600)), "reason": f"at {second}"}
    key = {"key": f"slo:{subject}", "source": "slo", "labels": {"slo": subject}, "severity": "page", "to": f"s{second}"}
    return Entry(at(second), actor, kind, subject, {**until, **key, **body})


class Journal:
    """A store's journal in memory."""

    def __init__(self) -> None:
        self.written: list[Event] = []
        self.named = ""
        self.journal = self  # the part of a store that is read by pages

    def append(self, entries: Iterable[Entry]) -> list[Event]:
        new = []
        for each in entries:
            seq = len(self.written) + 1
            about = (each.occurred_at, each.actor, each.kind, each.subject, each.body)
            before = self.written[-1].hash if self.written else ""
            new.append(Event(*about, seq=seq, prev_hash=before, hash=f"{self.named}{seq}"))
            self.written.append(new[-1])
        return new

    def reading(self) -> AbstractContextManager[Any]:
        return nullcontext(SimpleNamespace(dialect=SimpleNamespace(name="none")))

    def head(self, connection: object) -> tuple[int, str]:
        return len(self.written), self.written[-1].hash

    def some(self, connection: object, seqs: Iterable[int]) -> list[Event]:
        wanted = set(seqs)
        return [event for event in self.written if event.seq in wanted]

    def promote(self, kept: int) -> None:
        """A standby with ``kept`` events goes on instead."""
        self.written, self.named = self.written[:kept], "standby "

    def page(self, limit: int, *, after: int = 0, kind: str = "") -> tuple[Event, ...]:
        found = [event for event in self.written if event.seq > after and kind in ("", event.kind)]
        return tuple(reversed(found))[:limit]


class Writer:
    """A journal writer whose entries wait until the test commits them."""

    def __init__(self, journal: Journal) -> None:
        self.journal, self.waiting = journal, list[Entry]()
        self.store_thread = SimpleNamespace(ask=self.ask, known=(0, ""))
        self.unwritten: tuple[Entry, ...] = ()

    async def ask(self, question: Callable[[Journal], Any]) -> Any:
        return question(self.journal)

    def tell(self, *entries: Entry) -> None:
        self.waiting += entries


class Reader:
    """One session as far as it reads the journal."""

    def __init__(self, journal: Journal) -> None:
        self.states, self.changed = JournalStates(KINDS), list[frozenset[type]]()
        self.writer: Any = Writer(journal)
        bus = Bus()
        publisher: Any = SimpleNamespace(written=(), unwritten_are=lambda events: None)
        publisher.events_came = lambda events: setattr(publisher, "written", (*events, *publisher.written))
        publisher.events_lost = publisher.events_replaced = lambda events: setattr(publisher, "written", events)
        self.publisher, self.lost = publisher, list[EventsLost]()
        bus.on(EventsLost, self.lost.append)
        bus.on(StatesChanged, lambda changed: self.changed.append(changed.kinds))
        self.follower = JournalFollower(self.writer, publisher, bus, self.states)

    async def commit(self) -> None:
        """What waits is written, and the session is told of it."""
        events = self.writer.journal.append(self.writer.waiting)
        self.writer.waiting = []
        if events and self.follower.wrote(events):
            await self.follower.catch_up()

    def muted(self, check_id: str = "db.ping") -> bool:
        return self.states.get(Mutes).mute(check_id, at(100)) is not None


def in_force(states: JournalStates) -> tuple[object, ...]:
    """Everything that the states say."""
    now, windows, alerts = at(100), states.get(MaintenanceWindows), states.get(BurnAlerts)
    return (
        [states.get(Mutes).mute(name, now) for name in "abc"],
        set(windows.windows(now)),
        set(windows.history(NOW, at(7200))),
        states.get(Overrides).override(now),
        alerts.book,
        alerts._statuses,
    )


# -- own words and others' -----------------------------------------------------
