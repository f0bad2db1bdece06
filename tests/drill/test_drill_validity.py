"""The validity lint plays a scenario; the shipped ones pass it, and each promise that is broken is found."""

from __future__ import annotations

import inspect
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.config.drills.load import load_scenarios
from artisan_tui.config.runbooks.load import load_library
from artisan_tui.domain.drills.leaks import leaks
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
from artisan_tui.domain.drills.vocabulary import FACTORS, FAULTS, MEASURES, OPERATIONS, SHARES
from artisan_tui.drill import validity
from artisan_tui.drill.model.afflictions import KNOWN, LEVELS
from artisan_tui.drill.model.operations import Operations
from artisan_tui.drill.model.world import World

#: All scenarios are played once for the whole file: in one process.
pytestmark = pytest.mark.xdist_group("drill-validity")

TOP = Path(__file__).parents[2]
SHIPPED = {each.id: each for each in load_scenarios(sorted((TOP / "drills").glob("*.toml")))}
FIRST = SHIPPED["first-page"]
KINDS = {"str": str, "int": int, "float": float, "bool": bool}


def said(scenario: Scenario) -> list[str]:
    return [each.what for each in validity.findings(scenario, 20251014)]


@pytest.fixture(scope="module")
def linted() -> tuple[dict[str, list[str]], float]:
    """What lint says of every shipped scenario, and the seconds of CPU that it took."""
    began = time.process_time()
    found = {name: said(scenario) for name, scenario in SHIPPED.items()}
    return found, time.process_time() - began


@pytest.mark.parametrize("name", SHIPPED)
def test_drill_case_18_every_shipped_scenario_passes_the_validity_lint(
    name: str, linted: tuple[dict[str, list[str]], float]
) -> None:
    assert linted[0][name] == []


def test_the_lint_of_all_shipped_scenarios_takes_less_than_twenty_seconds_of_cpu(
    linted: tuple[dict[str, list[str]], float],
) -> None:
    assert linted[1] < 20.0


def test_drill_case_18_without_its_reference_a_scenario_fails() -> None:
    found = said(replace(FIRST, reference=()))
    assert "the reference play does not reach owned (never)" in found
    assert "the reference play does not reach creative (too-late)" in found
    assert any(each.startswith("the wrong play scores as well as the reference") for each in found)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        (
            {"reference": (*FIRST.reference, PlannedAct(70, "restart", {"component": "qween"}))},
            "is refused: no component",
        ),
        ({"reference": (*FIRST.reference, PlannedAct(70, "hint"))}, "the reference play takes a hint"),
        (
            {"reference": (*FIRST.reference, PlannedAct(61, "maintenance_page", {"on": True}))},
            "requests fail, and nothing",
        ),
        ({"wrong": FIRST.reference}, "the wrong play scores as well as the reference"),
        ({"wrong": ()}, "the wrong play is no better than nothing"),
        ({"faults": (ScenarioFault(10, "latency_high", level=1.01),)}, "no alert fires"),
        ({"ends": 400, "faults": (ScenarioFault(10, "qwen_down"), ScenarioFault(0, "redirect"))}, ""),
        ({"injects": (replace(FIRST.injects[0], when=(bound("queue.length > 900"),), at=None),)}, "arrives in no play"),
        ({"injects": (replace(FIRST.injects[0], at=230),)}, "after the limit of creative"),
        ({"injects": (replace(FIRST.injects[0], answer_by=20),)}, "nobody is scored for the answer"),
        ({"briefing": "The model qwen was unloaded, I think."}, "players can read 'the model qwen was'"),
        ({"giveaways": ("creative brief",)}, "players can read 'creative brief'"),
        ({"objectives": (DrillObjective("up", "Up", 60, 120, reach=(bound("api.replicas >= 3"),)),)}, "doing nothing"),
    ],
)
def test_each_broken_promise_is_found(changes: dict[str, Any], words: str) -> None:
    found = said(replace(FIRST, **changes))
    assert any(words in each for each in found) if words else found == [], found


def test_what_is_found_has_its_place_in_the_file_and_its_mend() -> None:
    (found,) = validity.findings(replace(FIRST, reference=(*FIRST.reference, PlannedAct(70, "hint"))), 1)
    assert (found.scenario, found.place) == ("first-page", ("reference",))
    assert found.mend == "write a play that needs none"


def test_a_leak_is_four_words_on_end_in_any_language_or_a_giveaway() -> None:
    scenario = replace(
        FIRST,
        truth="The lock of the workers is never given back.",
        truth_ko="워커의 락이 아무에게도 반환되지 않는다.",
        hints=(Hint("owned", "Version 0.3.0 is bad."),),
        giveaways=("the lock",),
        red_herrings=(RedHerring("x", "Some text.", "It is only a copy of logs."),),
    )
    assert leaks(scenario, ["Perhaps the LOCK of the workers?"]) == [
        "the lock of the",
        "lock of the workers",
        "the lock",
    ]
    assert leaks(scenario, ["아마 워커의 락이 아직 반환되지 않는 듯하다", "only a copy"]) == []
    assert leaks(scenario, ["워커의 락이 아무에게도 반환되지 않는다."]) != []
    assert leaks(scenario, ["it is only a copy of logs, no?"]) != []
    assert leaks(scenario, ["version 0.3.1 is bad"]) == []


def test_drill_case_21_no_player_text_of_a_shipped_scenario_has_a_string_of_the_truth() -> None:
    for scenario in SHIPPED.values():
        assert leaks(scenario, scenario.player_texts()) == [], scenario.id
        assert scenario.truth_ko
        for fault in scenario.faults:
            assert not fault.fault or fault.fault not in " ".join(scenario.player_texts()), scenario.id


def test_every_shipped_text_is_there_in_both_languages() -> None:
    for scenario in SHIPPED.values():
        pairs = [
            (scenario.title, scenario.title_ko),
            (scenario.briefing, scenario.briefing_ko),
            (scenario.truth, scenario.truth_ko),
            (scenario.wrong_title, scenario.wrong_title_ko),
            *((each.title, each.title_ko) for each in scenario.objectives),
            *((each.text, each.text_ko) for each in (*scenario.injects, *scenario.red_herrings, *scenario.hints)),
            *((each.why, each.why_ko) for each in scenario.red_herrings),
        ]
        for english, korean in pairs:
            assert english, scenario.id
            assert any("가" <= sign <= "힣" for sign in korean), (scenario.id, english)


def test_there_is_a_scenario_for_every_family_of_runbooks_and_each_named_runbook_is_shipped() -> None:
    practised = {name for each in SHIPPED.values() for name in each.runbooks}
    assert practised >= {
        *("qwen_failure_downshift", "rl_reward_runaway_rollback", "api_high_latency_scaleup"),
        *("database_connection_failure", "cache_service_failure", "job_success", "scale_app", "scale_llm_workers"),
        *("deploy_canary", "helm_rollback", "rollback_quick", "dr_failover", "connector_outage", "p0_first_minutes"),
        *("database_slow", "llm_outage", "alert_response"),
    }
    assert len(SHIPPED) >= 12
    acts = {act.runbook for each in SHIPPED.values() for act in (*each.reference, *each.wrong) if act.runbook}
    known = set(load_library([TOP / "runbooks.toml"]).runbooks)
    assert (practised | acts) - known == set()


def test_the_names_of_scenarios_are_those_of_the_stack() -> None:
    methods = {name: each for name, each in inspect.getmembers(Operations, inspect.isfunction) if name[0] != "_"}
    assert set(OPERATIONS) == set(methods)
    for name, parameters in OPERATIONS.items():
        theirs = list(inspect.signature(methods[name], eval_str=True).parameters.values())[1:]
        assert [(each.name, each.required) for each in parameters] == [
            (each.name, each.default is each.empty) for each in theirs
        ], name
        for mine, one in zip(parameters, theirs, strict=True):
            accepted = getattr(one.annotation, "__args__", (one.annotation,))
            assert KINDS[mine.kind] in accepted, (name, mine.name)
    assert tuple(World(1).measures()) == MEASURES
    assert set(FAULTS) == set(KNOWN)
    assert {*FACTORS, *SHARES} == set(LEVELS)
    for name in LEVELS:
        world = World(1)
        assert world.afflictions.level(name, 0) == (1.0 if name in FACTORS else 0.0)


def test_an_inject_that_serves_an_answer_may_arrive_whenever_it_does() -> None:
    told = DrillObjective("told", "Told", 60, 100, act="answer", inject="late")
    late = Inject("late", "A", "B", "Well?", "told", at=200, answer_by=20)
    scenario = replace(
        FIRST,
        injects=(late,),
        objectives=(*FIRST.objectives, told),
        reference=(*FIRST.reference, PlannedAct(210, "answer", {"inject": "late", "text": "Yes."})),
    )
    assert said(scenario) == []
