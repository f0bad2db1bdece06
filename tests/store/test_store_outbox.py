"""The outbox: a projection of the journal that is claimed under the lease, on SQLite and PostgreSQL."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.domain.lease import Holder, Lease
from artisan_tui.domain.notify.events import (
    NotifyDropped,
    NotifyFailed,
    NotifyHeld,
    NotifyQueued,
    NotifyRetried,
    NotifySending,
    NotifySent,
)
from artisan_tui.store.errors import LeaseLost
from artisan_tui.store.notify.part import OutboxStore
from artisan_tui.store.store import Store

AT = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)


#: What holds of a store holds wherever it is.
DIALECTS = ("sqlite", "postgresql")


def after(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def queued(name: str, incident: str = "INC-1", purpose: str = "page", at: float = 0.0, channel: str = "ops") -> Entry:
    body = NotifyQueued(
        id=name, channel=channel, by="slack", purpose=purpose, severity="Sev2", title="모델 장애", text="t" * 50,
        to=("alice", "bob"), page=f"{incident}/p" if purpose == "page" else "",
    )  # fmt: skip
    return body.entry(after(at), "alice", incident)


def states(store: Store) -> dict[str, str]:
    return {each.id: each.state for each in store.part(OutboxStore).listed()}


def leading(store: Store) -> int:
    lease = store.leases.claim(Lease(), Holder("s1"))
    assert lease is not None
    return lease.fence


def test_a_message_s_life_and_every_row_is_what_the_journal_says(store: Store) -> None:
    outbox = store.part(OutboxStore)
    store.append([queued("a"), queued("b", purpose="acknowledged", at=1), queued("c", "INC-2")], at=after(2))
    (first, second, third) = outbox.pending(after(2)).messages
    assert (first.id, first.to, first.title, first.due) == ("a", ("alice", "bob"), "모델 장애", AT)
    assert (second.order, third.order) == (first.order, "ops//INC-2")
    fence = leading(store)
    sending = NotifySending(messages=("a",), channel="ops", key="env:KEY 0123").entry(after(3), "o", "INC-1")
    assert outbox.claim([first], [sending], after(3), fence)
    assert outbox.claim([first], [sending], after(3), fence) is None, "claimed already"
    assert outbox.key_of(first.order) == "env:KEY 0123"
    held = NotifyHeld(messages=("a",), channel="ops", until=after(33), why="429")
    again = NotifyFailed(messages=("c",), channel="mail", why="500", again=after(9), possibly=1)
    outbox.outcome([first], [held.entry(after(4), "o", "INC-1"), again.entry(after(4), "o", "INC-2")], after(4))
    pending = outbox.pending(after(4))
    assert [(each.id, each.state, each.due, each.maybe) for each in pending.messages] == [
        ("a", "waiting", after(33), False),
        ("b", "waiting", after(1), False),
        ("c", "waiting", after(9), True),
    ]
    assert pending.reached == {"ops//INC-2"}
    assert {each.channel: each.held_until for each in pending.channels} == {"ops": after(33), "mail": None}
    assert [each.id for each in pending.pages] == ["a", "c"]
    outbox.claim([first], [NotifySending(messages=("a",), channel="ops", tries=2).entry(after(34), "o", "INC-1")],
                 after(34), fence)  # fmt: skip
    outbox.outcome([first], [NotifySent(messages=("a",), channel="ops").entry(after(35), "o", "INC-1")], after(35))
    dropped = NotifyDropped(messages=("b",), channel="ops", why="over").entry(after(36), "o", "INC-1")
    broken = NotifyFailed(messages=("c",), channel="mail", why="gone", broken=1).entry(after(36), "o", "INC-2")
    store.append([dropped, broken], at=after(36))
    assert states(store) == {"a": "sent", "b": "dropped", "c": "unsure"}
    assert outbox.pending(after(400)).messages == ()
    (mail, ops) = outbox.channels()
    assert (mail.broken_since, ops.sent_at, ops.held_until) == (after(36), after(35), None)
    store.append([NotifyRetried(messages=("c",)).entry(after(40), "bob")], at=after(40))
    found = outbox.message("c")
    assert found is not None
    assert (found.state, found.wanted, found.tries) == ("waiting", True, 0)
    assert outbox.texts([found])["c"].text == "t" * 50
    assert store.verify().sound
    assert store.projections.compare() == []


def test_the_same_notice_asked_for_twice_is_one_message(store: Store) -> None:
    store.append([queued("a"), queued("a", at=1)], at=after(2))
    (only,) = store.part(OutboxStore).pending(after(2)).messages
    assert only.queued_at == AT
    assert store.projections.compare() == []


def test_who_lost_the_lease_claims_nothing_and_still_says_what_came(store: Store) -> None:
    outbox = store.part(OutboxStore)
    store.append([queued("a")], at=AT)
    (message,) = outbox.pending(AT).messages
    mine = leading(store)
    sending = NotifySending(messages=("a",), channel="ops").entry(after(1), "o", "INC-1")
    assert outbox.claim([message], [sending], after(1), mine)
    assert store.leases.claim(store.leases.read(), Holder("s2")) is not None
    with pytest.raises(LeaseLost):
        outbox.claim([message], [sending], after(2), mine)
    outbox.outcome([message], [NotifySent(messages=("a",), channel="ops").entry(after(2), "o", "INC-1")], after(2))
    assert states(store) == {"a": "sent"}
    late = NotifyFailed(messages=("a",), channel="ops", why="the session ended", possibly=1).entry(
        after(3), "o", "INC-1"
    )
    assert outbox.outcome([message], [late], after(3)) == ()
    assert states(store) == {"a": "sent"}


def test_bodies_of_other_hands_change_nothing(store: Store) -> None:
    store.append(
        [queued("a"), Entry(AT, "x", "notify.sent", "INC-1", {"messages": 7}), Entry(AT, "x", "notify.new")], at=AT
    )
    assert states(store) == {"a": "waiting"}
    assert store.verify().sound


def test_an_order_begins_anew_after_its_resolve(store: Store) -> None:
    outbox = store.part(OutboxStore)
    store.append([queued("a"), queued("b", purpose="resolved", at=1)], at=AT)
    for name in ("a", "b"):
        sending = NotifySending(messages=(name,), channel="ops", key="env:OLD 11").entry(AT, "o", "INC-1")
        store.append([sending, NotifySent(messages=(name,), channel="ops").entry(AT, "o", "INC-1")], at=AT)
        assert outbox.key_of("ops//INC-1") == ("env:OLD 11" if name == "a" else "")
