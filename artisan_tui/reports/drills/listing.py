"""``drill list``: the scenarios, when each was drilled, and how likely the wheel draws it. No word of their truth."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from artisan_tui.domain.drills.scenario import Scenario
from artisan_tui.domain.drills.wheel import WheelWeight
from artisan_tui.domain.span import span_text
from artisan_tui.i18n import _
from artisan_tui.reports.drills.words import percent, scenario_title


def list_lines(scenarios: Iterable[Scenario], weights: Mapping[str, WheelWeight]) -> list[str]:
    """One line a scenario."""
    listed = list(scenarios)
    width = max((len(each.id) for each in listed), default=0)
    return [f"{each.id:<{width}}  {_facts(each, weights[each.id])}" for each in listed]


def _facts(scenario: Scenario, weight: WheelWeight) -> str:
    if weight.age is None:
        drilled = _("never drilled")
    else:
        drilled = _("drilled {age} ago").format(age=span_text(weight.age * 86400))
    every = _("every {span}").format(span=span_text(scenario.due))
    facts = [scenario.severity, span_text(scenario.ends), every, drilled, percent(weight.share)]
    return f"{scenario_title(scenario)} ({', '.join(facts)})"


def list_json(scenarios: Iterable[Scenario], weights: Mapping[str, WheelWeight]) -> list[dict[str, Any]]:
    """The same as JSON. ``share`` is the probability that the wheel draws it, ``age_days`` is null if never drilled."""
    return [
        {
            "id": each.id,
            "title": each.title,
            "title_ko": each.title_ko,
            "severity": each.severity,
            "seconds": each.ends,
            "runbooks": list(each.runbooks),
            "objectives": [{"id": one.id, "title": one.title} for one in each.objectives],
            "definition": each.digest,
            "due_days": each.due / 86400,
            "age_days": weights[each.id].age,
            "weight": round(weights[each.id].weight, 4),
            "share": round(weights[each.id].share, 4),
        }
        for each in scenarios
    ]
