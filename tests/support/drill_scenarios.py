"""A small scenario and records of plays of it, for tests of rules."""

from __future__ import annotations

from typing import Any

from artisan_tui.domain.drills import record
from artisan_tui.domain.drills.record import HarmDone, PlayLine, PlayRecord
from artisan_tui.domain.drills.scenario import (
    DrillObjective,
    Inject,
    PlannedAct,
    RedHerring,
    Scenario,
    ScenarioFault,
    read_criterion,
)


def qwen_scenario(**changes: Any) -> Scenario:
    """Qwen hangs from the beginning, for half an hour."""
    fields: dict[str, Any] = {
        "id": "creative-goes-quiet",
        "title": "Creative goes quiet",
        "briefing": "You are on call. It is a quiet afternoon.",
        "truth": "The model qwen accepts every call and answers none of them.",
        "ends": 1800,
        "objectives": (
            DrillObjective("ack", "Somebody owns the page", 120, 300, act="acknowledge"),
            DrillObjective("api", "The API is well", 300, 600, reach=(read_criterion("api.wait < 0.5"),)),
            DrillObjective(
                "creative",
                "Creative briefs are answered",
                300,
                600,
                reach=(read_criterion("creative.failing < 0.05"), read_criterion("creative.p95 < 4.5")),
            ),
        ),
        "faults": (ScenarioFault(0, "qwen_hang"),),
        "reference": (
            PlannedAct(60, "acknowledge"),
            PlannedAct(120, "downshift", {"mode": "creative", "to": "balanced"}),
        ),
        "wrong": (PlannedAct(60, "acknowledge"), PlannedAct(120, "scale", {"component": "app", "replicas": 4})),
        "wrong_title": "More replicas, as if it were load",
        "injects": (Inject("support", "Support", "on call", "Customers wait.", "ack", at=90, answer_by=120),),
        "red_herrings": (
            RedHerring(
                "slow-query",
                "A slow query was logged.",
                "The query runs every night.",
                do="restart",
                arguments={"component": "database"},
            ),
        ),
    }
    return Scenario(**{**fields, **changes})


def played(
    scenario: Scenario,
    *lines: tuple[int, str, str] | tuple[int, str, str, dict[str, Any]],
    bad: int = 158,
    nothing: int = 5171,
    reference: int = 158,
    harms: tuple[HarmDone, ...] = (),
) -> PlayRecord:
    """A record with these lines (tick, kind, name, data); their numbers count from 1."""
    made = tuple(
        PlayLine(seq, each[0], each[1], each[2], each[3] if len(each) > 3 else {}) for seq, each in enumerate(lines, 1)
    )
    return PlayRecord(scenario.id, scenario.digest, 1, scenario.ends, made, 36000, bad, nothing, reference, harms)


ACT, MET, LOST, INJECT = record.ACT, record.MET, record.LOST, record.INJECT
