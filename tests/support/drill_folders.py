"""Folders of live drills, and a small scenario with everything in it."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from artisan_tui.domain.drills.scenario import (
    Criterion,
    DrillObjective,
    Hint,
    Inject,
    PlannedAct,
    RedHerring,
    Scenario,
    ScenarioFault,
)
from artisan_tui.domain.json_value import as_json

TRUTH = "The GPU of qwen hangs in an ECC error"
TOKEN = "f4c1-token"
SEED = 7


def scenario(**changes: Any) -> Scenario:
    """Creative fails from tick 20 on; a customer asks at 40, and support after somebody acknowledged."""
    values: dict[str, Any] = {
        "id": "creative-slow",
        "title": "Briefs take long",
        "title_ko": "브리프 지연",
        "briefing": "You are on call. It is Tuesday.",
        "briefing_ko": "당직입니다. 화요일입니다.",
        "truth": TRUTH,
        "ends": 900,
        "faults": (ScenarioFault(20, "qwen_hang"),),
        "objectives": (
            DrillObjective(
                "works", "Creative works again", 300, 600, reach=(Criterion("creative.failing", "<", 0.05),), hold=10
            ),
            DrillObjective("seen", "Somebody acknowledged", 120, 300, act="acknowledge"),
            DrillObjective("told", "The customer was told", 60, 120, act="answer", inject="customer"),
        ),
        "reference": (
            PlannedAct(60, "acknowledge"),
            PlannedAct(90, "downshift", {"mode": "creative", "to": "balanced"}, "qwen_failure_downshift"),
        ),
        "wrong": (PlannedAct(90, "scale", {"component": "app", "replicas": 4}),),
        "wrong_title": "Scale the app up",
        "injects": (
            Inject(
                "customer", "customer", "on call", "Where are my briefs?", "told", "브리프는요?", at=40, answer_by=60
            ),
            Inject("support", "support", "on call", "What do we say?", "told", on="acknowledge", after=5),
            Inject("late", "boss", "on call", "How is it going?", "works", at=600),
        ),
        "red_herrings": (
            RedHerring("deploy", "There was a deployment this morning", "It has nothing to do with it", 10),
        ),
        "hints": (Hint("works", "Look at which model answers", "어느 모델이 답하는지 보세요"),),
        "runbooks": ("qwen_failure_downshift",),
    }
    return Scenario(**{**values, **changes})


def drill_folder(path: Path, what: Scenario | None = None, speed: float = 1.0) -> Path:
    """A folder as `drill run` makes it, for the stack's process."""
    what = what or scenario()
    path.mkdir(parents=True)
    (path / "drill.json").write_text(json.dumps({"scenario": what.id, "seed": SEED, "speed": speed}))
    (path / "scenario.json").write_text(json.dumps(as_json(what)))
    os.close(os.open(path / "token", os.O_CREAT, 0o600))
    (path / "token").write_text(TOKEN)
    return path
