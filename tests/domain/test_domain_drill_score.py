"""The levels of objectives, their evidence, and the users that were saved."""

from __future__ import annotations

import pytest

from artisan_tui.domain.drills.record import HarmDone
from artisan_tui.domain.drills.scenario import DrillObjective, Inject, PlannedAct
from artisan_tui.domain.drills.score import ObjectiveScore, score, users_saved
from support.drill_scenarios import ACT, INJECT, LOST, MET, played, qwen_scenario

SCENARIO = qwen_scenario()
ALL_MET = ((130, MET, "api"), (140, MET, "creative"))


def of(found: tuple[ObjectiveScore, ...], name: str) -> ObjectiveScore:
    return next(each for each in found if each.objective == name)


def test_drill_case_15_an_acknowledgement_is_late_after_its_time_and_nothing_after_its_limit() -> None:
    def level(*lines: tuple[int, str, str]) -> ObjectiveScore:
        return of(score(SCENARIO, played(SCENARIO, *lines)).objectives, "ack")

    assert level((5, "alert", "X"), (120, ACT, "acknowledge")) == ObjectiveScore("ack", "P", "in-time", 120, (2,))
    assert level((5, "alert", "X"), (121, ACT, "acknowledge")) == ObjectiveScore("ack", "S", "late", 121, (2,))
    assert level((5, "alert", "X"), (301, ACT, "acknowledge")) == ObjectiveScore("ack", "U", "too-late", 301, (2,))
    assert level((5, "alert", "X")) == ObjectiveScore("ack", "U", "never")
    # The first one counts: to acknowledge again makes nothing worse and nothing better.
    assert level((100, ACT, "acknowledge"), (400, ACT, "acknowledge")).level == "P"


def test_drill_case_15_a_hint_caps_what_it_is_about_and_cites_its_line() -> None:
    hint = (100, ACT, "hint", {"arguments": {"objective": "creative"}})
    found = score(SCENARIO, played(SCENARIO, (60, ACT, "acknowledge"), hint, *ALL_MET)).objectives
    assert of(found, "creative") == ObjectiveScore("creative", "M", "hint", 140, (4, 2))
    assert (of(found, "ack").level, of(found, "api").level) == ("P", "P")

    every = score(SCENARIO, played(SCENARIO, (100, ACT, "hint"), *ALL_MET)).objectives
    assert [of(every, name).level for name in ("api", "creative")] == ["M", "M"]

    afterwards = (200, ACT, "hint", {"arguments": {"objective": "creative"}})
    assert of(score(SCENARIO, played(SCENARIO, *ALL_MET, afterwards)).objectives, "creative").level == "P"


def test_drill_case_16_resolved_is_a_claim_and_the_world_decides() -> None:
    scenario = qwen_scenario(
        objectives=(*SCENARIO.objectives, DrillObjective("closed", "It is over", 600, 900, act="resolve"))
    )
    early = score(scenario, played(scenario, (130, MET, "api"), (200, ACT, "resolve"))).objectives
    assert of(early, "closed") == ObjectiveScore("closed", "U", "premature", evidence=(2,))
    assert of(early, "creative").level == "U"

    again = score(
        scenario, played(scenario, (130, MET, "api"), (200, ACT, "resolve"), ALL_MET[1], (300, ACT, "resolve"))
    )
    assert of(again.objectives, "closed") == ObjectiveScore("closed", "P", "in-time", 300, (4,))

    lost = score(scenario, played(scenario, *ALL_MET, (180, LOST, "creative"), (200, ACT, "resolve"))).objectives
    assert of(lost, "closed").why == "premature"
    assert of(lost, "creative") == ObjectiveScore("creative", "U", "lost", evidence=(3,))


def test_drill_case_17_harm_caps_what_the_world_decides_and_the_extra_bad_requests_are_named() -> None:
    harm = HarmDone(2, 110, 61, "slow-query")
    restart = (110, ACT, "restart", {"arguments": {"component": "database"}})
    record = played(SCENARIO, (60, ACT, "acknowledge"), restart, *ALL_MET, bad=219, harms=(harm,))
    found = score(SCENARIO, record)
    assert of(found.objectives, "creative") == ObjectiveScore("creative", "M", "harm", 140, (4, 2), 61)
    assert of(found.objectives, "ack").level == "P"
    assert found.harms == (harm,)
    herring = SCENARIO.red_herrings[0]
    assert herring.tempts(PlannedAct(110, "restart", {"component": "database"}))
    assert not herring.tempts(PlannedAct(110, "restart", {"component": "qwen"}))


def test_what_was_met_lost_and_met_again_counts_from_the_last_time() -> None:
    record = played(SCENARIO, (130, MET, "api"), (200, LOST, "api"), (420, MET, "api", {"since": 400}))
    assert of(score(SCENARIO, record).objectives, "api") == ObjectiveScore("api", "S", "late", 400, (3,))


def test_an_answer_counts_from_the_arrival_of_what_it_answers() -> None:
    call = Inject("call", "CEO", "on call", "What is going on?", "told", on="downshift", answer_by=60)
    told = DrillObjective("told", "The CEO knows", 60, 180, act="answer", inject="call")
    scenario = qwen_scenario(objectives=(*SCENARIO.objectives, told), injects=(call,))

    def answer(tick: int, inject: str = "call") -> tuple[int, str, str, dict[str, object]]:
        return (tick, ACT, "answer", {"arguments": {"inject": inject, "text": "We are on it."}})

    def level(*lines: object) -> ObjectiveScore:
        return of(score(scenario, played(scenario, *lines)).objectives, "told")  # type: ignore[arg-type]

    arrives = (500, INJECT, "call")
    assert level(arrives, answer(560)) == ObjectiveScore("told", "P", "in-time", 560, (2,))
    assert level(arrives, answer(561)).level == "S"
    assert level(arrives, answer(681)).level == "U"
    assert level(arrives, answer(510, "another")).why == "never"
    assert score(scenario, played(scenario, arrives)).unanswered == ("call",)
    assert score(scenario, played(scenario, arrives, answer(700))).unanswered == ()


def test_users_saved_are_a_share_of_what_the_reference_saves() -> None:
    assert users_saved(5171, 158, 158) == 1.0
    assert users_saved(5171, 695, 158) == pytest.approx(0.893, abs=5e-4)
    assert users_saved(5171, 1166, 158) == pytest.approx(0.799, abs=5e-4)
    assert users_saved(5171, 5171, 158) == 0.0
    assert users_saved(100, 200, 50) == -2.0
    assert users_saved(7, 9, 7) is None
