"""Plays without a clock, as a process: ``python -m artisan_tui.drill.dry``.

It reads one JSON document from stdin and writes one to stdout. The document has ``do`` (``lint`` or ``play``),
``seed``, and ``scenarios`` as their values. To ``play``, it has ``acts``: ``reference``, ``wrong``, ``nothing``, or the
acts themselves.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from artisan_tui.domain.drills.record import PlayRecord
from artisan_tui.domain.drills.scenario import PlannedAct, Scenario
from artisan_tui.domain.json_value import as_json, from_json
from artisan_tui.drill import validity
from artisan_tui.drill.playing import play_through


def answer(asked: dict[str, Any]) -> dict[str, Any]:
    """What the document asks for: ``findings`` or ``records``, in the order of the scenarios."""
    scenarios = [from_json(Scenario, each) for each in asked["scenarios"]]
    if asked["do"] == "lint":
        return {"findings": [as_json(found) for each in scenarios for found in validity.findings(each, asked["seed"])]}
    return {"records": [as_json(_played(each, asked["acts"], asked["seed"])) for each in scenarios]}


def _played(scenario: Scenario, wanted: Any, seed: int) -> PlayRecord:
    return play_through(scenario, _acts(scenario, wanted), seed)


def _acts(scenario: Scenario, wanted: Any) -> tuple[PlannedAct, ...]:
    if isinstance(wanted, str):
        return {"reference": scenario.reference, "wrong": scenario.wrong, "nothing": ()}[wanted]
    return tuple(from_json(PlannedAct, each) for each in wanted)


if __name__ == "__main__":
    json.dump(answer(json.load(sys.stdin)), sys.stdout, ensure_ascii=False)
