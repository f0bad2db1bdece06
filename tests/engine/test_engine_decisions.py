"""What a person decided lives in the journal: the same entries lead every session to the same, and end by themselves."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.checks.events import CheckMuted, CheckUnmuted
from artisan_tui.domain.event import Entry, stamp
from artisan_tui.domain.maintenance.events import MaintenanceDeclared, MaintenanceEnded
from artisan_tui.domain.maintenance.windows import Recurrence, Window
from artisan_tui.engine.checks.commands import LONGEST_MUTE
from artisan_tui.engine.checks.mutes import Mutes
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import COMMANDS, decide
from artisan_tui.engine.decision import Present
from artisan_tui.engine.journal_states import JournalStates, read_in_force
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.slo.override import Overrides
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
CHECKS = ("db.ping", "db.disk", "api.health")


def later(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


class InForce:
    """The journal's states, asked one by one."""

    def __init__(self) -> None:
        self.states = JournalStates((Mutes, MaintenanceWindows, Overrides))
        self.mute = self.states.get(Mutes).mute
        self.override = self.states.get(Overrides).override
        windows = self.states.get(MaintenanceWindows)
        self.windows, self.history, self.listed = windows.windows, windows.history, windows.listed
        self.configure, self.declared_ids = windows.configure, windows.declared_ids

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Whether any state changed."""
        return bool(self.states.apply(entries))


def give(in_force: InForce, command: str, at: datetime = NOW, **arguments: str) -> Entry:
    """The entry that the command leads to; it is in force at once."""
    ids = {"check": CHECKS, "service": ("db", "api"), "window": in_force.declared_ids(at)}
    decision = decide(COMMANDS[command], Present(at, "j.park", ids, in_force.states.by_type), arguments)
    (entry,) = decision.entries
    in_force.apply([entry])
    return entry


def test_a_mute_ends_by_itself_or_by_word() -> None:
    in_force = InForce()
    give(in_force, "check.mute", check="db.ping", **{"for": "2h", "reason": "known"})
    mute = in_force.mute("db.ping", later(7199))
    assert mute is not None
    assert (mute.reason, mute.actor) == ("known", "j.park")
    assert in_force.mute("db.ping", later(7200)) is None
    assert in_force.mute("db.disk", NOW) is None
    give(in_force, "check.unmute", later(60), check="db.ping")
    assert in_force.mute("db.ping", later(61)) is None


def test_a_declared_window_covers_what_it_names_half_open() -> None:
    in_force = InForce()
    entry = give(in_force, "maintenance.declare", covers="db, api.health", **{"for": "1h", "reason": "disks"})
    (window,) = in_force.windows(later(3599))
    assert window.covers_check("db.disk")
    assert window.covers_check("api.health")
    assert not window.covers_check("api.other")
    assert in_force.windows(later(3600)) == ()
    give(in_force, "maintenance.end", later(60), window=entry.subject)
    assert in_force.windows(later(61)) == ()


@pytest.mark.parametrize(
    ("command", "arguments", "said"),
    [
        ("check.mute", {"check": "no.such", "for": "1h", "reason": "x"}, "no check no.such"),
        ("check.mute", {"check": "db.ping", "for": "soon", "reason": "x"}, "not a duration"),
        ("check.mute", {"check": "db.ping", "for": f"{LONGEST_MUTE + 1:.0f}s", "reason": "x"}, "at most 7d"),
        ("check.mute", {"check": "db.ping", "for": "0s", "reason": "x"}, "more than 0s"),
        ("check.unmute", {"check": "db.ping"}, "not muted"),
        ("maintenance.declare", {"covers": "db,nope", "for": "1h", "reason": "x"}, "no service or check nope"),
        ("maintenance.end", {"window": "weekly"}, "no active declared maintenance window"),
    ],
)
def test_what_cannot_be_is_refused_with_the_mend(command: str, arguments: dict[str, str], said: str) -> None:
    with pytest.raises(CommandRefused, match=said):
        give(InForce(), command, **arguments)


def test_what_another_hand_wrote_is_not_obeyed_and_does_no_harm() -> None:
    in_force = InForce()
    bodies: list[dict[str, object]] = [{}, {"until": 7}, {"until": "soon"}, {"until": stamp(later(60)), "covers": 3}]
    kinds = (MaintenanceDeclared.KIND, CheckMuted.KIND)
    in_force.apply(Entry(later(n), "x", kind, "s", body) for n, body in enumerate(bodies) for kind in kinds)
    in_force.apply([Entry(NOW, "x", kind, "?") for kind in (MaintenanceEnded.KIND, CheckUnmuted.KIND)])
    assert all(window.covers == () for window in in_force.windows(later(10)))


def test_recurring_windows_of_the_configuration_are_listed_with_the_next() -> None:
    in_force = InForce()
    weekly = Recurrence("weekly", ("db",), "weekly", frozenset({6}), time(2), time(4), ZoneInfo("UTC"))
    in_force.configure([Window("once", (), "move", later(3600), later(7200))], [weekly])
    listed = in_force.listed(NOW)
    assert [(w.id, w.active, w.declared) for w in listed] == [("once", False, False), ("weekly", False, False)]
    sunday = datetime(2026, 11, 22, 2, 30, tzinfo=UTC)
    now, following = (w for w in in_force.listed(sunday) if w.id == "weekly")
    assert (now.active, following.active) == (True, False)
    assert following.start - now.start == timedelta(days=7)


def test_a_restart_reads_what_is_in_force_from_the_journal(tmp_path: Path) -> None:
    first = InForce()
    entries = [
        give(first, "check.mute", check="db.ping", **{"for": "2h", "reason": "known"}),
        give(first, "maintenance.declare", later(1), covers="api", **{"for": "1h", "reason": "move"}),
        give(first, "check.mute", later(2), check="db.disk", **{"for": "2h", "reason": "also"}),
        give(first, "check.unmute", later(3), check="db.disk"),
    ]
    second = InForce()
    with Store.open(StorePlace(tmp_path / "state")) as store:
        for entry in entries:
            store.append([entry], at=entry.occurred_at)
        found = read_in_force(store, second.states.kinds)
    assert second.apply(found)
    assert second.mute("db.ping", later(4)) == first.mute("db.ping", later(4))
    assert second.mute("db.disk", later(4)) is None
    assert second.windows(later(4)) == first.windows(later(4))


def test_what_is_over_is_remembered_for_the_budgets() -> None:
    in_force = InForce()
    first = give(in_force, "maintenance.declare", covers="db", **{"for": "1h", "reason": "disks"})
    give(in_force, "maintenance.end", later(600), window=first.subject)
    give(in_force, "maintenance.declare", later(7200), covers="*", **{"for": "1h", "reason": "network"})
    found = in_force.history(NOW, later(20_000))
    assert [(w.start, w.end, w.covers) for w in found] == [
        (NOW, later(600), ("db",)),
        (later(7200), later(10_800), ()),
    ]
    assert in_force.history(later(600), later(7200)) == ()


def test_an_override_has_a_reason_an_end_and_a_way_back() -> None:
    in_force = InForce()
    assert in_force.override(NOW) is None
    give(in_force, "slo.override", **{"for": "2h", "reason": "rollback"})
    found = in_force.override(later(7199))
    assert found is not None
    assert (found.actor, found.reason, found.until) == ("j.park", "rollback", later(7200))
    assert in_force.override(later(7200)) is None
    give(in_force, "slo.override-end", later(60))
    assert in_force.override(later(61)) is None
    with pytest.raises(CommandRefused, match="no deployment override is active"):
        give(in_force, "slo.override-end", later(62))
    with pytest.raises(CommandRefused, match="at most"):
        give(in_force, "slo.override", **{"for": "4d", "reason": "too long"})
