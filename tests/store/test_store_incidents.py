"""Incidents in the store: rows that follow from the journal, and acts that nobody can come between."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import get_type_hints

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.domain.event import Entry
from artisan_tui.domain.incidents import acts, acts_merging
from artisan_tui.domain.incidents.acting import ActRefused, By, check_seen
from artisan_tui.domain.incidents.fold import fold
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.policy import IncidentPolicy
from artisan_tui.domain.incidents.timers import Surroundings, after, fire
from artisan_tui.domain.journal_kinds import kinds
from artisan_tui.domain.lease import Holder
from artisan_tui.store.errors import LeaseLost
from artisan_tui.store.incidents.part import IncidentStore, IncidentView
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

#: What holds of a store holds wherever it is.
DIALECTS = ("sqlite", "postgresql")

POLICY = IncidentPolicy()
Raw = Callable[..., list[tuple[object, ...]]]


def declare(store: Store, at: datetime, severity: int = 2, title: str = "Qwen LLM Failure") -> str:
    def decide(view: IncidentView) -> Sequence[Entry]:
        return acts.declare(view.free_id(at), By("alice", at), title=title, severity=severity, policy=POLICY)

    return store.part(IncidentStore).act(decide, at=at)[0].subject


def act(store: Store, wanted: str, decide: object, at: datetime, seen: int | None = None) -> Incident:
    def within(view: IncidentView) -> Sequence[Entry]:
        incident = view.get(wanted)
        assert incident is not None
        check_seen(incident, seen, "acknowledge")
        return decide(incident)  # type: ignore[operator,no-any-return]

    store.part(IncidentStore).act(within, at=at)
    found = store.part(IncidentStore).get(wanted)
    assert found is not None
    return found


def test_rb_case_22_ids_of_one_second_are_unique_and_found_by_their_beginning(store: Store, at: datetime) -> None:
    made = [declare(store, at) for _ in range(3)]
    assert made == ["INC-20261121-094200", "INC-20261121-094200-2", "INC-20261121-094200-3"]
    assert store.part(IncidentStore).ids("INC-20261121") == tuple(reversed(made))
    assert store.part(IncidentStore).ids("INC-2027") == ()


def test_a_row_is_what_its_events_say_and_the_audit_finds_one_that_is_not(
    store: Store, at: datetime, place: StorePlace
) -> None:
    first, second = declare(store, at), declare(store, at, 1, "둘째")
    act(store, first, lambda i: acts.attach(i, By("bob", at), "f1", "Down"), at)
    act(store, first, lambda i: acts.note(i, By("bob", at), "looking"), at + timedelta(minutes=1))
    incidents = store.part(IncidentStore)
    one, other = incidents.get(first), incidents.get(second)
    assert one is not None
    assert other is not None
    store.part(IncidentStore).act(lambda view: acts_merging.merge(one, other, By("bob", at)), at=at)
    for wanted in (first, second):
        assert fold(reversed(store.journal.page(subject=wanted))) == incidents.get(wanted)
    assert store.verify().sound
    with store.writing() as transaction:
        transaction.connection.exec_driver_sql("UPDATE incident SET severity = 3 WHERE id = '" + second + "'")
    assert store.verify().projections == ("incident",)
    store.projections.rebuild()
    assert store.verify().sound


def test_inc_case_16_a_stale_act_writes_nothing(store: Store, at: datetime) -> None:
    wanted = declare(store, at)
    seen = act(store, wanted, lambda i: acts.acknowledge(i, By("bob", at)), at).version
    act(store, wanted, lambda i: acts.resolve(i, By("carol", at), "done"), at)
    events = store.journal.count()
    with pytest.raises(ActRefused, match="carol resolved it"):
        act(store, wanted, lambda i: acts.acknowledge(i, By("dave", at)), at, seen)
    assert store.journal.count() == events


def test_lists_find_open_ones_recent_ones_and_those_of_an_alert(store: Store, at: datetime) -> None:
    ids = [declare(store, at + timedelta(seconds=n)) for n in range(3)]
    act(store, ids[0], lambda i: acts.attach(i, By("bob", at), "f1", "Down"), at)
    act(store, ids[1], lambda i: acts.attach(i, By("bob", at), "f1", "Down"), at)
    act(store, ids[1], lambda i: acts.cancel(i, By("bob", at), "false_positive"), at)
    incidents = store.part(IncidentStore)
    assert [each.id for each in incidents.open()] == [ids[0], ids[2]]
    assert [each.id for each in incidents.recent()] == [ids[1]]
    assert incidents.attached() == {"f1": ids[0]}
    assert (incidents.had_alert(("f1",)), incidents.had_alert(("f2",))) == (True, False)
    assert {each.id for each in incidents.since(at + timedelta(seconds=1))} == set(ids[1:])
    assert incidents.get("INC-x") is None


def test_timers_are_rows_that_move_with_the_incident(store: Store, at: datetime) -> None:
    wanted = declare(store, at, 1)
    incidents = store.part(IncidentStore)
    assert [(each.subject, each.kind) for each in incidents.timers(at)] == [(wanted, "rung")]
    act(store, wanted, lambda i: acts.acknowledge(i, By("bob", at)), at)
    assert incidents.timers(at) == ()
    later = incidents.timers(at + timedelta(hours=1))
    assert [each.kind for each in later] == ["remind", "update", "unacknowledge"]
    act(store, wanted, lambda i: acts.resolve(i, By("bob", at), "done"), at)
    assert incidents.timers(at + timedelta(days=1)) == ()


def test_a_leader_whose_lease_is_gone_fires_nothing(store: Store, at: datetime) -> None:
    wanted = declare(store, at, 1)
    lease = store.leases.claim(store.leases.read(), Holder(session="a"))
    assert lease is not None
    taken = store.leases.claim(lease, Holder(session="b"))
    assert taken is not None
    note = By("artisan", at)
    with pytest.raises(LeaseLost):
        store.part(IncidentStore).act(
            lambda view: acts.note(view.get(wanted), note, "late"),  # type: ignore[arg-type]
            at=at,
            fence=lease.fence,
        )
    assert [each.kind for each in store.journal.page(subject=wanted)] == ["incident.declared"]


def test_inc_case_22_a_page_of_a_timeline_has_the_merged_ones_in_order(store: Store, at: datetime) -> None:
    first, second = declare(store, at), declare(store, at)
    incidents = store.part(IncidentStore)
    for number in range(6):
        wanted = (first, second)[number % 2]
        act(store, wanted, lambda i, n=number: acts.note(i, By("bob", at), f"note {n}"), at)
    one, other = incidents.get(first), incidents.get(second)
    incidents.act(lambda view: acts_merging.merge(other, one, By("bob", at)), at=at)  # type: ignore[arg-type]
    merged = incidents.get(first)
    assert merged is not None
    page = incidents.timeline(merged, 5)
    assert [each.seq for each in page] == sorted((each.seq for each in page), reverse=True)
    assert {each.subject for each in page} == {first, second}
    more = incidents.timeline(merged, 50, before=page[-1].seq)
    assert len(page) + len(more) == store.journal.count()
    assert incidents.events(merged, [page[0].seq]) == (page[0],)


TEXTS = st.one_of(st.text(max_size=8), st.sampled_from(["\0", "\ud800", "f1", "Sev1", "INC-1", "x" * 9000]))
MOMENTS = st.sampled_from(["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "2026-11-21T09:42:00+09:00", "no"])
OF_TYPE: dict[object, st.SearchStrategy[object]] = {
    str: st.one_of(
        TEXTS, st.sampled_from(["person", "time", "resolved", "investigating", "mitigated", "draft", "update"])
    ),
    int: st.one_of(st.integers(-9, 9), st.integers(-(2**70), 2**70)),
    datetime: MOMENTS,
    datetime | None: MOMENTS,
    str | None: TEXTS,
    tuple[str, ...]: st.lists(TEXTS, max_size=4),
    Mapping[str, str]: st.dictionaries(
        st.one_of(TEXTS, st.just("acknowledge.Sev2")), st.one_of(TEXTS, st.just("9" * 8))
    ),
}
INCIDENT_KINDS = [kind for name, kind in sorted(kinds().items()) if name.startswith("incident.")]


@st.composite
def entries_of_incidents(draw: st.DrawFn) -> tuple[str, dict[str, object]]:
    kind = draw(st.sampled_from(INCIDENT_KINDS))
    hints = {name: hint for name, hint in get_type_hints(kind).items() if hint in OF_TYPE}
    body = draw(st.fixed_dictionaries({name: OF_TYPE[hint] for name, hint in hints.items()}))
    return kind.KIND, body | draw(st.dictionaries(st.sampled_from(["v", *hints, "other"]), TEXTS, max_size=1))


def test_whatever_another_hand_writes_the_rows_follow(store: Store, at: datetime) -> None:
    """An entry of a newer program, or of nobody's: it is written, changes what can be read of it, and rebuilds alike."""
    around = Surroundings(on_call=lambda level, at: ("bob",))

    @settings(max_examples=80, deadline=None)
    @given(st.lists(entries_of_incidents(), max_size=14))
    def check(written: list[tuple[str, dict[str, object]]]) -> None:
        wanted = declare(store, at)
        store.append([Entry(at, "x", kind, wanted, body, supersedes=1) for kind, body in written], at=at)
        incident = store.part(IncidentStore).get(wanted)
        assert incident is not None
        after(incident, fire(incident, By("artisan", at + timedelta(days=9)), around), at)

    check()
    assert store.verify().sound
    assert len(store.part(IncidentStore).ids()) >= 80


@pytest.mark.sqlite_only  # the statements are; PostgreSQL's are in test_store_postgresql
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE event SET body = '{}' WHERE seq = 2",
        "DELETE FROM event WHERE seq = 2",
        "REPLACE INTO event SELECT * FROM event WHERE seq = 2",
        "INSERT INTO event SELECT * FROM event WHERE seq = 2 ON CONFLICT (seq) DO UPDATE SET body = '{}'",
    ],
)
def test_rb_case_27_a_timeline_is_not_edited_and_an_edit_behind_the_guards_is_found(
    store: Store, at: datetime, raw: Raw, statement: str
) -> None:
    wanted = declare(store, at)
    act(store, wanted, lambda i: acts.note(i, By("bob", at), "seen"), at)
    with pytest.raises(sqlite3.IntegrityError, match="append-only"):
        raw(statement)
    assert store.verify().sound
    raw("DROP TRIGGER event_no_update", 'UPDATE event SET body = \'{"v":1,"text":"never"}\' WHERE seq = 3')
    found = store.verify()
    assert found.broken is not None
    assert (found.sound, found.broken.seq) == (False, 3)


def test_a_row_that_somebody_made_unreadable_costs_nothing_but_a_rebuild(store: Store, at: datetime, raw: Raw) -> None:
    wanted = declare(store, at)
    before = store.part(IncidentStore).get(wanted)
    for text in ("{", "[]", '{"id": 7}', '{"severity": "x"}'):
        raw("UPDATE incident SET state = ?", values=[text])
        assert store.part(IncidentStore).get(wanted) == before
        assert store.part(IncidentStore).open() == (before,)
    after_note = act(store, wanted, lambda i: acts.note(i, By("bob", at), "seen"), at)
    assert after_note.acknowledged_by == "bob"
    assert store.verify().projections == ("incident",)
    store.projections.rebuild()
    assert store.part(IncidentStore).get(wanted) == after_note
    assert store.verify().sound
