"""Plays without a clock: the same acts give the same lines, and an act moves nothing but what it changes."""

from __future__ import annotations

import json
from dataclasses import replace
from statistics import mean

import pytest

from artisan_tui.domain.drills import record
from artisan_tui.domain.drills.record import PlayRecord
from artisan_tui.domain.drills.scenario import (
    DrillObjective,
    Hint,
    Inject,
    PlannedAct,
    RedHerring,
    Scenario,
    ScenarioFault,
)
from artisan_tui.domain.drills.scenario import read_criterion as bound
from artisan_tui.domain.drills.score import score, users_saved
from artisan_tui.domain.json_value import as_json, from_json
from artisan_tui.drill.play import Play, bad_requests
from artisan_tui.drill.playing import play_through
from support.drill_scenarios import qwen_scenario

DOWNSHIFT = {"mode": "creative", "to": "balanced"}
SCENARIO = qwen_scenario(ends=420)


def text(scenario: Scenario, acts: tuple[PlannedAct, ...], seed: int = 3) -> str:
    return json.dumps(as_json(play_through(scenario, acts, seed)))


def seen(play: PlayRecord, *kinds: str) -> list[tuple[int, str]]:
    return [(each.tick, each.name) for each in play.of(*kinds)]


def test_drill_case_12_a_play_does_not_depend_on_how_often_it_is_read_or_how_fast_it_goes() -> None:
    at_once = Play(SCENARIO, 3)
    at_once.play(SCENARIO.reference)
    in_pieces = Play(SCENARIO, 3)
    acts = list(SCENARIO.reference)
    while not in_pieces.over:
        tick = in_pieces.tick
        while acts and acts[0].at == tick:
            in_pieces.act(acts.pop(0))
        for _screen in range(5):
            in_pieces.world.measures()
            in_pieces.world.state()
        in_pieces.advance_to(tick + 1)
    assert in_pieces.lines == at_once.lines
    assert in_pieces.world.state() == at_once.world.state()
    assert text(SCENARIO, SCENARIO.reference) == text(SCENARIO, SCENARIO.reference)
    assert text(SCENARIO, SCENARIO.reference, 3) != text(SCENARIO, SCENARIO.reference, 4)


def test_drill_case_13_one_extra_act_moves_no_arrival_no_fault_and_no_timed_inject() -> None:
    later = ScenarioFault(200, "latency_high", ramp=20)
    scenario = replace(SCENARIO, faults=(*SCENARIO.faults, later))
    without = play_through(scenario, scenario.reference, 3)
    extra = PlannedAct(150, "limit_traffic", {"share": 0.8})
    with_it = play_through(scenario, (*scenario.reference, extra), 3)
    assert seen(with_it, record.FAULT, record.INJECT, record.HERRING) == seen(
        without, record.FAULT, record.INJECT, record.HERRING
    )
    assert with_it.requests == without.requests
    assert (with_it.nothing, with_it.reference) == (without.nothing, without.reference)
    assert with_it.bad != without.bad


def test_drill_case_14_the_three_qwen_plays_save_what_was_computed_and_no_seed_flips_their_order() -> None:
    scenario = qwen_scenario()
    late = (PlannedAct(300, "downshift", DOWNSHIFT),)
    saved: dict[str, list[float]] = {"late": [], "replicas": []}
    for seed in range(6):
        nothing = bad_requests(scenario, (), seed)
        reference = bad_requests(scenario, scenario.reference, seed)
        for name, acts in (("late", late), ("replicas", scenario.wrong)):
            share = users_saved(nothing, bad_requests(scenario, acts, seed), reference)
            assert share is not None
            saved[name].append(share)
        assert 1.0 > saved["late"][-1] > saved["replicas"][-1] > 0.0
    assert mean(saved["late"]) == pytest.approx(0.893, abs=0.02)
    assert mean(saved["replicas"]) == pytest.approx(0.799, abs=0.02)


def test_drill_case_14_the_replicas_leave_creative_unreached() -> None:
    scenario = qwen_scenario()
    found = {
        each.objective: each.level for each in score(scenario, play_through(scenario, scenario.wrong, 1)).objectives
    }
    assert found["creative"] == "U"
    assert set(found.values()) != {"U"}


def test_drill_case_16_resolved_is_not_reached_while_creative_fails_in_the_world() -> None:
    over = DrillObjective("over", "It is over", 200, 400, act="resolve")
    scenario = replace(SCENARIO, objectives=(*SCENARIO.objectives, over))
    early = (*scenario.wrong, PlannedAct(180, "resolve"))
    assert score(scenario, play_through(scenario, early, 3)).objectives[-1].why == "premature"
    good = (*scenario.reference, PlannedAct(190, "resolve"))
    assert score(scenario, play_through(scenario, good, 3)).objectives[-1].level == "P"


def test_drill_case_17_a_red_herring_that_changes_the_stack_costs_requests_and_they_are_named() -> None:
    followed = (*SCENARIO.reference, PlannedAct(118, "restart", {"component": "database"}))
    play = play_through(SCENARIO, followed, 3)
    (harm,) = play.harms
    (line,) = [each for each in play.of(record.ACT) if each.name == "restart"]
    assert (harm.seq, harm.tick, harm.herring) == (line.seq, 118, "slow-query")
    assert harm.bad == play.bad - play.reference > 0
    levels = {each.objective: each for each in score(SCENARIO, play).objectives}
    assert (levels["creative"].level, levels["creative"].why, levels["creative"].bad) == ("M", "harm", harm.bad)
    assert line.seq in levels["creative"].evidence
    assert levels["ack"].level == "P"


def test_harm_without_any_red_herring_is_found_and_a_useful_act_is_none() -> None:
    scenario = replace(SCENARIO, red_herrings=())
    page = PlannedAct(110, "maintenance_page", {"on": True})
    off = PlannedAct(140, "maintenance_page", {"on": False})
    play = play_through(scenario, (*scenario.reference, page, off), 3)
    assert [(each.tick, each.herring) for each in play.harms] == [(110, "")]
    assert play_through(scenario, scenario.reference, 3).harms == ()


def test_injects_come_by_time_by_an_act_and_by_a_state_of_the_world() -> None:
    scenario = replace(
        SCENARIO,
        injects=(
            Inject("timed", "A", "B", "…", "ack", at=45),
            Inject("acted", "A", "B", "…", "ack", on="downshift", after=20),
            Inject("queued", "A", "B", "…", "api", when=(bound("api.waiting > 100"),), after=5),
            Inject("never", "A", "B", "…", "api", when=(bound("api.waiting > 5000"),)),
        ),
    )
    nothing = {name: tick for tick, name in seen(play_through(scenario, (), 3), record.INJECT)}
    assert set(nothing) == {"timed", "queued"}
    assert nothing["timed"] == 45
    assert 30 <= nothing["queued"] <= 60
    acted = {name: tick for tick, name in seen(play_through(scenario, scenario.reference, 3), record.INJECT)}
    assert acted["acted"] == 140
    assert acted["queued"] == nothing["queued"]


def test_each_decision_says_what_was_on_screen_and_what_came_of_it() -> None:
    wrong_name = PlannedAct(130, "restart", {"component": "qween"})
    early_answer = PlannedAct(20, "answer", {"inject": "support", "text": "We know."})
    play = play_through(SCENARIO, (early_answer, *SCENARIO.reference, wrong_name), 3)
    lines = {each.name: each for each in play.of(record.ACT)}
    assert lines["downshift"].data["screen"]["alerts"] == ["QwenModelUnhealthy", "HighErrorRate", "HighResponseTime"]
    assert lines["downshift"].data["screen"]["measures"]["creative.failing"] == 1.0
    assert lines["restart"].data["ok"] is False
    assert "qween" in lines["restart"].data["output"]
    assert lines["answer"].data["ok"] is False
    assert [each.arguments for each in play.acts()] == [
        each.arguments for each in (early_answer, *SCENARIO.reference, wrong_name)
    ]


def test_hints_come_one_after_the_other_and_end() -> None:
    scenario = replace(SCENARIO, hints=(Hint("creative", "One."), Hint("api", "Two."), Hint("creative", "Three.")))
    ask = [PlannedAct(tick, "hint", {"objective": "creative"}) for tick in (10, 20, 30)]
    play = play_through(scenario, ask, 3)
    assert [(each.data["ok"], each.data["output"].removeprefix("error: ")) for each in play.of(record.ACT)] == [
        (True, "One."),
        (True, "Three."),
        (False, "there are no further hints"),
    ]


def test_a_record_is_the_same_after_it_was_written_and_read() -> None:
    play = play_through(SCENARIO, SCENARIO.reference, 3)
    again = from_json(PlayRecord, json.loads(json.dumps(as_json(play))))
    assert score(SCENARIO, again) == score(SCENARIO, play)
    assert as_json(again) == as_json(play)
    replayed = play_through(SCENARIO, again.acts(), 3)
    assert as_json(replayed) == as_json(play)


def test_a_fault_that_ends_by_itself_and_what_a_red_herring_breaks_are_of_the_world() -> None:
    scenario = replace(
        SCENARIO,
        faults=(ScenarioFault(10, "errors_5xx", level=0.5, ends=60), ScenarioFault(100, do="flush_cache")),
        red_herrings=(RedHerring("disk", "The disk fills.", "It is a copy.", at=20, fault="disk_filling"),),
    )
    play = Play(scenario, 3)
    play.advance_to(60)
    assert "errors_5xx" not in play.world.afflictions
    assert "disk_filling" in play.world.afflictions
    play.advance_to(101)
    assert play.world.measures()["cache.hit_ratio"] < 0.2
    assert bad_requests(scenario, (), 3) == play_through(scenario, (), 3).bad
