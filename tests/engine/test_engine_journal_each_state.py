"""Each state that the journal leads to: the same events lead to the same state, whatever their bodies hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.alerts.events import AlertRaised, AlertReopened, AlertResolved, AlertSeverityChanged
from artisan_tui.domain.event import Entry
from artisan_tui.domain.maintenance.events import MaintenanceDeclared, MaintenanceEnded
from artisan_tui.domain.slo.events import BudgetStatusChanged
from artisan_tui.engine.journal_states import JournalState, JournalStates
from artisan_tui.engine.slo.burn_alerts import BurnAlerts
from support.journal_follow import KINDS, entry, in_force


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
