"""The wheel of misfortune."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest

from artisan_tui.domain.drills.wheel import DrillPlayed, PastIncident, draw, drilled_at, weights
from support.drill_scenarios import qwen_scenario

NOW = datetime(2026, 11, 30, 9, 0, tzinfo=UTC)
AGES = {"qwen": 10, "rl": 45, "latency": 60, "database": 20, "cache": 90}
SCENARIOS = [qwen_scenario(id=name, about=(name,)) for name in AGES]
PLAYED = [DrillPlayed(each.id, each.digest, NOW - timedelta(days=AGES[each.id]), True) for each in SCENARIOS]
INCIDENTS = [
    PastIncident("Sev2", NOW - timedelta(days=5), frozenset({"qwen", "llm"})),
    PastIncident("Sev3", NOW - timedelta(days=20), frozenset({"latency"})),
    PastIncident("Sev1", NOW - timedelta(days=60), frozenset({"database"})),
]


def test_drill_case_19_the_weights_follow_age_and_incidents() -> None:
    found = {each.scenario: each for each in weights(SCENARIOS, PLAYED, INCIDENTS, NOW)}
    wanted = {"qwen": 0.121, "rl": 0.120, "latency": 0.360, "database": 0.159, "cache": 0.239}
    assert {name: round(each.share, 4) for name, each in found.items()} == pytest.approx(wanted, abs=0.001)
    assert sum(each.share for each in found.values()) == pytest.approx(1.0)
    assert found["cache"].age == 90.0


def test_drill_case_19_the_same_seed_draws_the_same_scenario_whatever_the_order() -> None:
    found = weights(SCENARIOS, PLAYED, INCIDENTS, NOW)
    assert [draw(found, seed) for seed in range(50)] == [draw(found[::-1], seed) for seed in range(50)]
    drawn = Counter(draw(found, seed) for seed in range(4000))
    for each in found:
        assert drawn[each.scenario] / 4000 == pytest.approx(each.share, abs=0.03)


def test_drill_case_19_only_a_live_play_of_the_present_definition_counts() -> None:
    scenario = SCENARIOS[0]
    dry = DrillPlayed(scenario.id, scenario.digest, NOW, live=False)
    assert drilled_at(scenario, [PLAYED[0], dry]) == PLAYED[0].at
    changed = qwen_scenario(id="qwen", about=("qwen",), ends=1700)
    assert changed.digest != scenario.digest
    assert drilled_at(changed, PLAYED) is None
    (weight,) = weights([changed], PLAYED, [], NOW)
    assert (weight.age, weight.weight, weight.share) == (None, 3.0, 1.0)


def test_where_everything_was_drilled_just_now_each_scenario_is_as_likely() -> None:
    just_now = [DrillPlayed(each.id, each.digest, NOW, True) for each in SCENARIOS]
    assert {each.share for each in weights(SCENARIOS, just_now, [], NOW)} == {0.2}


def test_an_incident_of_another_kind_or_of_the_future_adds_nothing() -> None:
    later = PastIncident("Sev1", NOW + timedelta(days=1), frozenset({"qwen"}))
    other = PastIncident("Sev1", NOW, frozenset({"disk"}))
    assert all(each.incidents == 0.0 for each in weights(SCENARIOS, PLAYED, [later, other], NOW))
