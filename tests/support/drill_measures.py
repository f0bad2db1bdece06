"""Measures of a simulated stack, read from its state: what `[metrics]` would say once its windows are full."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from artisan_tui.config.measure import measure_table
from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.measure import Measure
from artisan_tui.drill.stack import SimulatedStack
from artisan_tui.steps.runbooks.lent import MeasureValue, NoValue

#: A part of the measure's text, and the measure of the model; the first that fits.
READS: tuple[tuple[str, str], ...] = (
    ('mode=\\"creative\\"', "creative.p95"),
    ('mode=\\"balanced\\"', "balanced.p95"),
    ("api_requests_total", "api.error_ratio"),
    ("api_response_seconds", "api.p95"),
    ("rl_reward", "rl.reward"),
    ("rl_kl_divergence", "rl.kl"),
    ("celery_queue_length", "queue.length"),
    ("cache_hits_total", "cache.hit_ratio"),
    ("pg_stat_database_numbackends", "database.connections"),
    ("llm_parse_failures_total", "parse_failures.share"),
    ("workflow_failures_total", "workflow_failures.share"),
    ("mcp_timeouts_total", "mcp_timeouts.share"),
    ("judgment_seconds", "judgment.p95"),
)


class StackMeasures:
    def __init__(self, stack: Callable[[], SimulatedStack]) -> None:
        self._stack = stack

    def read(self, metrics: Mapping[str, Any], measure: Measure, seconds: float) -> MeasureValue:
        text = json.dumps(as_json(measure_table(measure)))
        for part, name in READS:
            if part in text:
                return MeasureValue(Decimal(str(round(self._stack().world.measures()[name], 6))), text)
        raise NoValue(f"the stack does not measure {text}")
