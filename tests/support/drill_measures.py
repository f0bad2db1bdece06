"""Measures of a simulated stack, read from its state: what `[metrics]` would say once its windows are full."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from artisan_tui.config.measure import measure_table
from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.measure import Measure
from artisan_tui.drill.stack import SimulatedStack
from artisan_tui.steps.runbooks.lent import MeasureValue, NoValue


def _p95(median: float, sigma: float) -> float:
    return median * math.exp(1.645 * sigma)


def _lane(mode: str) -> Callable[[SimulatedStack], float]:
    def read(stack: SimulatedStack) -> float:
        latency = next(each.latency for each in stack.conditions().lanes if each.mode == mode)
        return _p95(latency.median, latency.sigma)

    return read


def _errors(stack: SimulatedStack) -> float:
    return sum(share for status, share in stack.conditions().failures if status >= 500)


def _api(stack: SimulatedStack) -> float:
    latency = stack.conditions().api
    return _p95(latency.median, latency.sigma)


#: A part of the measure's text, and its value; the first that fits.
READS: tuple[tuple[str, Callable[[SimulatedStack], float]], ...] = (
    ('mode=\\"creative\\"', _lane("creative")),
    ('mode=\\"balanced\\"', _lane("balanced")),
    ("api_requests_total", _errors),
    ("api_response_seconds", _api),
    ("rl_reward", lambda stack: stack.vitals.training.reward),
    ("rl_kl_divergence", lambda stack: stack.vitals.training.kl),
    ("celery_queue_length", lambda stack: stack.vitals.queue),
    ("cache_hits_total", lambda stack: stack.hit_ratio),
    ("pg_stat_database_numbackends", lambda stack: float(stack.database_connections)),
    ("pg_up", lambda stack: float(stack.component_ok("database"))),
    ("redis_up", lambda stack: float(stack.component_ok("redis"))),
    ("cpu_used_ratio", lambda stack: stack.vitals.cpu),
    ("llm_parse_failures_total", lambda stack: 0.001),
    ("workflow_failures_total", lambda stack: 0.001),
    ("mcp_timeouts_total", lambda stack: 0.001),
    ("judgment_seconds", lambda stack: 0.4),
    ("false_alarms_total", lambda stack: 0.5),
    ("evaluation_failures_total", lambda stack: 0.0),
)


class StackMeasures:
    def __init__(self, stack: Callable[[], SimulatedStack]) -> None:
        self._stack = stack

    def read(self, metrics: Mapping[str, Any], measure: Measure, seconds: float) -> MeasureValue:
        text = json.dumps(as_json(measure_table(measure)))
        for part, value in READS:
            if part in text:
                return MeasureValue(Decimal(str(round(value(self._stack()), 6))), text)
        raise NoValue(f"the stack does not measure {text}")
