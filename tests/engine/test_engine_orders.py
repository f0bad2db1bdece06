"""Orders live in the journal: the same entries lead every session to the same, and they end by themselves."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.event import Entry, stamp
from artisan_tui.domain.maintenance.windows import Recurrence, Window
from artisan_tui.engine.commands import CommandRefused
from artisan_tui.engine.journal_reading import read_kinds
from artisan_tui.engine.maintenance.ordering import LONGEST_MUTE, ORDERS, Present
from artisan_tui.engine.maintenance.orders import Orders
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

DECLARED, ENDED = "maintenance.declared", "maintenance.ended"
MUTED, UNMUTED = "check.muted", "check.unmuted"
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
CHECKS = ("db.ping", "db.disk", "api.health")


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def give(orders: Orders, command: str, at: datetime = NOW, **arguments: str) -> Entry:
    entry = ORDERS[command](Present(at, "j.park", CHECKS, orders), arguments).entry
    orders.obey([entry])
    return entry


def test_a_mute_ends_by_itself_or_by_word() -> None:
    orders = Orders()
    give(orders, "check.mute", check="db.ping", **{"for": "2h", "reason": "known"})
    mute = orders.mute("db.ping", later(7199))
    assert mute is not None
    assert (mute.reason, mute.actor) == ("known", "j.park")
    assert orders.mute("db.ping", later(7200)) is None
    assert orders.mute("db.disk", NOW) is None
    give(orders, "check.unmute", later(60), check="db.ping")
    assert orders.mute("db.ping", later(61)) is None


def test_a_declared_window_covers_what_it_names_half_open() -> None:
    orders = Orders()
    entry = give(orders, "maintenance.declare", covers="db, api.health", **{"for": "1h", "reason": "disks"})
    (window,) = orders.windows(later(3599))
    assert window.covers_check("db.disk")
    assert window.covers_check("api.health")
    assert not window.covers_check("api.other")
    assert orders.windows(later(3600)) == ()
    give(orders, "maintenance.end", later(60), window=entry.subject)
    assert orders.windows(later(61)) == ()


def test_the_same_entry_twice_is_one_order() -> None:
    """It is obeyed when it is given, and comes back when it is committed."""
    orders = Orders()
    entry = give(orders, "check.mute", check="db.ping", **{"for": "2h", "reason": "x"})
    give(orders, "check.unmute", later(1), check="db.ping")
    assert not orders.obey([entry]), "the unmute is the later word"
    assert orders.mute("db.ping", later(2)) is None


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("check.mute", {"check": "no.such", "for": "1h", "reason": "x"}, "no check no.such"),
        ("check.mute", {"check": "db.ping", "for": "soon", "reason": "x"}, "not a duration"),
        ("check.mute", {"check": "db.ping", "for": f"{LONGEST_MUTE + 1:.0f}s", "reason": "x"}, "at most 7d"),
        ("check.mute", {"check": "db.ping", "for": "0s", "reason": "x"}, "more than 0s"),
        ("check.unmute", {"check": "db.ping"}, "not muted"),
        ("maintenance.declare", {"covers": "db,nope", "for": "1h", "reason": "x"}, "no service or check nope"),
        ("maintenance.end", {"window": "weekly"}, "declared from the screen"),
    ],
)
def test_what_cannot_be_is_refused_with_the_mend(command: str, arguments: dict[str, str], said: str) -> None:
    with pytest.raises(CommandRefused, match=said):
        give(Orders(), command, **arguments)


def test_what_another_hand_wrote_is_not_obeyed_and_does_no_harm() -> None:
    orders = Orders()
    bodies: list[dict[str, object]] = [{}, {"until": 7}, {"until": "soon"}, {"until": stamp(later(60)), "covers": 3}]
    orders.obey(Entry(later(n), "x", kind, "s", body) for n, body in enumerate(bodies) for kind in (DECLARED, MUTED))
    orders.obey([Entry(NOW, "x", ENDED, "?"), Entry(NOW, "x", UNMUTED, "?")])
    assert all(window.covers == () for window in orders.windows(later(10)))


def test_recurring_windows_of_the_configuration_are_listed_with_the_next() -> None:
    orders = Orders()
    weekly = Recurrence("weekly", ("db",), "weekly", frozenset({6}), time(2), time(4), ZoneInfo("UTC"))
    orders.configure([Window("once", (), "move", later(3600), later(7200))], [weekly])
    listed = orders.listed(NOW)
    assert [(w.id, w.active, w.declared) for w in listed] == [("once", False, False), ("weekly", False, False)]
    sunday = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    now, following = (w for w in orders.listed(sunday) if w.id == "weekly")
    assert (now.active, following.active) == (True, False)
    assert following.start - now.start == timedelta(days=7)


def test_a_restart_reads_its_orders_from_the_journal(tmp_path: Path) -> None:
    first = Orders()
    entries = [
        give(first, "check.mute", check="db.ping", **{"for": "2h", "reason": "known"}),
        give(first, "maintenance.declare", later(1), covers="api", **{"for": "1h", "reason": "move"}),
        give(first, "check.mute", later(2), check="db.disk", **{"for": "2h", "reason": "also"}),
        give(first, "check.unmute", later(3), check="db.disk"),
    ]
    with Store.open(StorePlace(tmp_path / "state")) as store:
        for entry in entries:
            store.append([entry], at=entry.occurred_at)
        found = read_kinds(store, Orders.KINDS)
    second = Orders()
    assert second.obey(found)
    assert second.mute("db.ping", later(4)) == first.mute("db.ping", later(4))
    assert second.mute("db.disk", later(4)) is None
    assert second.windows(later(4)) == first.windows(later(4))


def test_what_is_over_is_remembered_for_the_budgets() -> None:
    orders = Orders()
    first = give(orders, "maintenance.declare", covers="db", **{"for": "1h", "reason": "disks"})
    give(orders, "maintenance.end", later(600), window=first.subject)
    give(orders, "maintenance.declare", later(7200), covers="*", **{"for": "1h", "reason": "network"})
    found = orders.history(NOW, later(20_000))
    assert [(w.start, w.end, w.covers) for w in found] == [
        (NOW, later(600), ("db",)),
        (later(7200), later(10_800), ()),
    ]
    assert orders.history(later(600), later(7200)) == ()


def test_an_override_has_a_reason_an_end_and_a_way_back() -> None:
    orders = Orders()
    assert orders.override(NOW) is None
    give(orders, "slo.override", **{"for": "2h", "reason": "rollback"})
    found = orders.override(later(7199))
    assert found is not None
    assert (found.actor, found.reason, found.until) == ("j.park", "rollback", later(7200))
    assert orders.override(later(7200)) is None
    give(orders, "slo.override-end", later(60))
    assert orders.override(later(61)) is None
    with pytest.raises(CommandRefused, match="nobody"):
        give(orders, "slo.override-end", later(62))
    with pytest.raises(CommandRefused, match="at most"):
        give(orders, "slo.override", **{"for": "4d", "reason": "too long"})
