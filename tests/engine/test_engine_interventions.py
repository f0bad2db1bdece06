"""When people last changed what a check watches, as any session reads it from the journal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from artisan_tui.domain.drills.events import AllFaultsCleared, FaultInjected
from artisan_tui.domain.maintenance.events import MaintenanceBegan, MaintenanceDeclared, MaintenanceEnded
from artisan_tui.engine.checks.interventions import Interventions
from artisan_tui.engine.journal_states import JournalStates

AT = datetime(2026, 11, 21, 3, tzinfo=UTC)


def later(minutes: int) -> datetime:
    return AT + timedelta(minutes=minutes)


def test_d10_faults_concern_everything_and_maintenance_what_it_covers() -> None:
    states = JournalStates([Interventions])
    declared = MaintenanceDeclared(covers=("db", "web.page"), until=later(60))
    assert states.apply([declared.entry(AT, "s.lee", "w1")])
    found = states.get(Interventions)
    assert [found.latest(name) for name in ("db.ping", "web.page", "web.other")] == [AT, AT, None]
    assert states.apply([MaintenanceEnded().entry(later(5), "s.lee", "w1")])
    assert [found.latest(name) for name in ("db.ping", "web.page", "web.other")] == [later(5), later(5), None]
    assert states.apply([FaultInjected().entry(later(3), "s.lee", "db-down")])
    assert [found.latest(name) for name in ("db.ping", "web.other")] == [later(5), later(3)]
    assert states.apply([AllFaultsCleared().entry(later(9), "s.lee")])
    assert found.latest("db.ping") == later(9)


def test_d10_what_comes_again_is_nothing_new_and_a_timetable_is_nobody_s_hand() -> None:
    states = JournalStates([Interventions])
    fault = FaultInjected().entry(AT, "s.lee", "db-down")
    assert states.apply([fault])
    assert not states.apply([fault])
    assert not states.apply([MaintenanceBegan().entry(later(1), "artisan", "weekly")])
    states.forget()
    assert states.get(Interventions).latest("db.ping") is None
