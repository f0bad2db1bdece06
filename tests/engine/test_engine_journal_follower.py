"""What the journal says is in force: the same in every session, however its own entries and those of others mix."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.alerts.events import AlertRaised, AlertReopened, AlertResolved, AlertSeverityChanged
from artisan_tui.domain.checks.events import CheckMuted, CheckUnmuted
from artisan_tui.domain.event import Entry, Event, stamp
from artisan_tui.domain.maintenance.events import MaintenanceDeclared, MaintenanceEnded
from artisan_tui.domain.slo.events import BudgetStatusChanged, DeploymentsOverridden, OverrideEnded
from artisan_tui.engine.bus import Bus, StatesChanged
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
        self.journal = self  # the part of a store that is read by pages

    def append(self, entries: Iterable[Entry]) -> list[Event]:
        new = []
        for each in entries:
            seq = len(self.written) + 1
            new.append(Event(each.occurred_at, each.actor, each.kind, each.subject, each.body, seq=seq, hash=str(seq)))
            self.written.append(new[-1])
        return new

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
        publisher: Any = SimpleNamespace(
            events_came=lambda events: None, events_replaced=lambda events: None, unwritten_are=lambda events: None
        )
        bus = Bus()
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


async def test_what_a_session_decides_is_in_force_before_it_is_written() -> None:
    reader = Reader(Journal())
    reader.follower.tell(entry(1, CheckMuted.KIND, "db.ping"))
    assert reader.muted()
    assert reader.changed == [frozenset({Mutes})]
    await reader.commit()
    assert reader.changed == [frozenset({Mutes})], "it comes back, and changes nothing"


async def test_an_own_entry_that_comes_back_does_not_undo_the_later_one() -> None:
    journal = Journal()
    reader = Reader(journal)
    journal.append([entry(0, "note")])
    reader.follower.tell(entry(1, CheckMuted.KIND, "db.ping"))
    journal.append(reader.writer.waiting)
    reader.follower.tell(entry(2, CheckUnmuted.KIND, "db.ping"))
    await reader.follower.catch_up()
    assert not reader.muted(), "the unmute is the later word"


async def test_what_another_session_wrote_before_is_not_the_last_word() -> None:
    """Another's unmute was written first; this session heard of it only after its own mute."""
    journal = Journal()
    reader = Reader(journal)
    journal.append([entry(1, CheckUnmuted.KIND, "db.ping", "s.lee")])
    reader.follower.tell(entry(2, CheckMuted.KIND, "db.ping"))
    await reader.commit()
    assert reader.muted()


async def test_what_another_session_wrote_afterwards_is() -> None:
    journal = Journal()
    reader = Reader(journal)
    reader.follower.tell(entry(2, CheckMuted.KIND, "db.ping"))
    await reader.commit()
    # By a clock that is behind: the order of the journal decides.
    journal.append([entry(1, CheckUnmuted.KIND, "db.ping", "s.lee")])
    await reader.follower.hear(2)
    assert not reader.muted()


DECIDED = st.sampled_from(
    (
        CheckMuted.KIND,
        CheckUnmuted.KIND,
        MaintenanceDeclared.KIND,
        MaintenanceEnded.KIND,
        DeploymentsOverridden.KIND,
        OverrideEnded.KIND,
    )
)


@st.composite
def schedules(draw: st.DrawFn) -> list[tuple[str, Entry]]:
    """Who does what, one after the other: tell, commit and catch up here, or write as another session."""
    steps, declared = [], list[str]()
    for second in range(draw(st.integers(0, 14))):
        step = draw(st.sampled_from(("tell", "tell", "commit", "catch up", "other", "other")))
        kind = draw(DECIDED)
        subject = draw(st.sampled_from("abc"))
        if kind == MaintenanceDeclared.KIND:
            declared.append(f"w{second}")  # an id is used once
            subject = declared[-1]
        elif kind == MaintenanceEnded.KIND:
            subject = draw(st.sampled_from(declared or ["?"]))
        actor = "j.park" if step == "tell" else "s.lee"
        steps.append((step, entry(second, kind, "" if kind.startswith("slo") else subject, actor)))
    return steps


@given(schedules())
async def test_every_interleaving_ends_as_the_journal_says(steps: list[tuple[str, Entry]]) -> None:
    journal = Journal()
    reader = Reader(journal)
    for step, each in steps:
        if step == "tell":
            reader.follower.tell(each)
        elif step == "other":
            # Another session can end only a window that it has read of.
            if each.kind != MaintenanceEnded.KIND or each.subject in {event.subject for event in journal.written}:
                journal.append([each])
        elif step == "commit":
            await reader.commit()
        else:
            await reader.follower.catch_up()
    await reader.commit()
    await reader.follower.catch_up()
    fresh = Reader(journal)
    await fresh.follower.begin()
    assert in_force(reader.states) == in_force(fresh.states)


# -- each state ------------------------------------------------------------------


def entries_of(kinds: Sequence[str]) -> st.SearchStrategy[list[Entry]]:
    bodies = st.sampled_from(
        ({}, {"until": "soon"}, {"until": 7}, {"until": "2026-11-22"}, {"labels": 3}, {"covers": 3})
    )
    one = st.builds(
        lambda kind, subject, body: (kind, subject, body), st.sampled_from(kinds), st.sampled_from("ab"), bodies
    )
    return st.lists(one, max_size=10).map(
        lambda each: [
            entry(second, kind, _window_of(kind, second) or subject, **body)
            for second, (kind, subject, body) in enumerate(each)
        ]
    )


def _window_of(kind: str, second: int) -> str:
    """An id of a window is used once, and only then one of that id can be ended."""
    return {MaintenanceDeclared.KIND: f"w{second}", MaintenanceEnded.KIND: f"w{second - 1}"}.get(kind, "")


@pytest.mark.parametrize("kind", KINDS)
def test_the_newest_events_again_lead_to_the_same_state(kind: type[JournalState]) -> None:
    @given(entries_of(kind.KINDS), st.integers(0, 10))
    def check(entries: list[Entry], first: int) -> None:
        once, twice = JournalStates(KINDS), JournalStates(KINDS)
        for states in (once, twice):
            states.apply(entries)
        assert not twice.apply(entries), "nothing changed"
        twice.apply(entries[first:])
        assert in_force(twice) == in_force(once)
        twice.forget()
        assert in_force(twice) == in_force(JournalStates(KINDS))

    check()


@pytest.mark.parametrize("kind", KINDS)
def test_a_state_takes_any_body_and_says_whether_it_changed(kind: type[JournalState]) -> None:
    @given(entries_of(kind.KINDS))
    def check(entries: list[Entry]) -> None:
        states = JournalStates(KINDS)
        for each in entries:
            before = in_force(states)
            changed = states.apply([each])
            if each.kind != BudgetStatusChanged.KIND and each.kind != MaintenanceEnded.KIND:
                assert bool(changed) is (in_force(states) != before)

    check()


def test_an_alert_reopened_by_this_session_is_counted_once() -> None:
    alerts = BurnAlerts()
    kinds = (AlertRaised, AlertSeverityChanged, AlertResolved, AlertReopened)
    for second, kind in enumerate(kinds):
        alerts.apply([entry(second, kind.KIND, "api")])
    again = [entry(second, kind.KIND, "api") for second, kind in enumerate(kinds)]
    assert not alerts.apply([replace(each) for each in again])
    (alert,) = alerts.book.firing
    assert alert.reopened == 1
