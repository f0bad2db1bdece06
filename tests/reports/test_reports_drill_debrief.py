"""The debrief: ticks and no clock, what was on screen, what follows, in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from artisan_tui.domain.drills import record as kinds
from artisan_tui.domain.drills.record import HarmDone
from artisan_tui.domain.drills.scenario import PlannedAct
from artisan_tui.domain.drills.score import score
from artisan_tui.i18n import use_language
from artisan_tui.reports.drills.debrief import debrief
from artisan_tui.reports.drills.scores import score_lines
from support.drill_scenarios import ACT, INJECT, LOST, MET, played, qwen_scenario

RUNBOOK = "qwen_failure_downshift"
MODES = {"mode": "creative", "to": "balanced"}
SCREEN = {"alerts": ["QwenModelUnhealthy"], "measures": {"api.p95": 7.591, "creative.failing": 1.0}}
SCENARIO = qwen_scenario(
    title_ko="creative가 조용해졌다",
    truth_ko="qwen이 답하지 않는다.",
    reference=(PlannedAct(60, "acknowledge"), PlannedAct(120, "downshift", MODES, RUNBOOK)),
    runbooks=(RUNBOOK,),
)
RECORD = played(
    SCENARIO,
    (0, kinds.FAULT, "qwen_hang"),
    (0, kinds.HERRING, "slow-query"),
    (11, kinds.ALERT, "QwenModelUnhealthy"),
    (90, INJECT, "support"),
    (150, ACT, "restart", {"arguments": {"component": "database"}, "ok": True, "output": "", "screen": SCREEN}),
    (200, ACT, "restart", {"arguments": {"component": "x"}, "ok": False, "output": "error: no x", "screen": SCREEN}),
    (300, ACT, "downshift", {"arguments": MODES, "ok": True, "output": "", "screen": SCREEN}),
    (320, MET, "creative", {"since": 305}),
    (340, MET, "api", {"since": 325}),
    (500, LOST, "api", {"since": 485}),
    (1800, kinds.ENDED, SCENARIO.id),
    bad=719,
    harms=(HarmDone(5, 150, 24, "slow-query"),),
)


def text() -> str:
    return debrief(SCENARIO, RECORD, score(SCENARIO, RECORD))


def test_a_debrief_says_what_happened_in_ticks_and_never_in_clock_time() -> None:
    said = text()
    assert said.startswith("# DRILL: Creative goes quiet\n")
    assert "This was a drill." in said
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b|\d\d:\d\d:\d\d|Z\b", said)
    assert r"| \#3 | 0:11 | alert QwenModelUnhealthy fires |" in said
    assert r"| \#4 | 1:30 | Support: Customers wait. |" in said
    assert r"restart component=x, refused: no x" in said
    assert r"| \#10 | 8:20 | lost since 8:05: The API is well |" in said


def test_each_decision_has_what_was_on_screen() -> None:
    row = next(each for each in text().splitlines() if "QwenModelUnhealthy | api.p95" in each)
    assert row == (
        r"| \#5 | 2:30 | restart component=database | QwenModelUnhealthy | api.p95 7.591, creative.failing 1 |"
    )


def test_objectives_name_their_evidence_and_harm_names_the_requests() -> None:
    said = text()
    assert (
        r"| M | Creative briefs are answered | 5:00 | 10:00 | 5:05 | \#8 \#5 | own acts made 24 requests fail |" in said
    )
    assert r"| U | The API is well | 5:00 | 10:00 | — | \#10 | reached, and lost again |" in said
    assert "`restart component=database` at 2:30 made 24 requests fail" in said
    assert "It followed a red herring: slow-query." in said
    assert "The query runs every night." in said


def test_what_follows_has_owners_and_a_proposed_change() -> None:
    said = text()
    assert "| nobody answered support | [owner?] | [due?] |" in said
    block = said[said.index("```diff") :]
    assert f"+++ {RUNBOOK}\n+ downshift mode=creative to=balanced by 2:00; in this drill it came at 5:00\n" in block
    assert "+ not restart component=database: it made 24 requests fail" in block


def test_questions_are_how_and_what_and_never_why() -> None:
    part = text().split("## Questions\n")[1].split("## ")[0]
    assert part.count("?") >= 3
    assert "why" not in part.lower()


def test_a_debrief_of_a_play_without_any_act_and_of_a_changed_scenario() -> None:
    nothing = played(SCENARIO, (11, kinds.ALERT, "X"), bad=5171)
    said = debrief(SCENARIO, nothing, score(SCENARIO, nothing))
    assert "nobody did anything" in said
    assert "users saved: 0 %" in said
    changed = replace(SCENARIO, ends=900)
    assert "The scenario was changed since this play." in debrief(changed, nothing, score(changed, nothing))


@pytest.fixture
def korean() -> Iterator[None]:
    use_language("ko")
    yield
    use_language("en")


@pytest.mark.usefixtures("korean")
def test_a_debrief_in_korean_has_the_korean_texts_of_the_scenario() -> None:
    said = text()
    assert said.startswith("# DRILL: creative가 조용해졌다\n")
    assert "qwen이 답하지 않는다." in said


def test_lines_of_a_score_say_level_moment_reason_and_evidence() -> None:
    lines = score_lines(SCENARIO, RECORD, score(SCENARIO, RECORD))
    assert lines[0] == "DRILL creative-goes-quiet: Creative goes quiet (30:00, seed 1)"
    assert "  U  Somebody owns the page: not reached, never reached" in lines
    wanted = "Creative briefs are answered: performed with harm or help, 5:05, own acts made 24 requests fail, #8 #5"
    assert f"  M  {wanted}" in lines
    assert "  restart at 2:30 made 24 requests fail (#5)" in lines
    assert lines[-1] == "  support was not answered"
