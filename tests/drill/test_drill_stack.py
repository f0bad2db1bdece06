"""The stack's rules by example: traffic, models, breakers and their runbooks."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import pytest

from artisan_tui.drill import bodies, faults, levers
from artisan_tui.drill.model.cache import HIT_RATIO
from artisan_tui.drill.shapes import KRA, SEEDS
from artisan_tui.drill.stack import MAX_CATCH_UP, SimulatedStack, UnknownFault
from support.stack_rules import share_5xx


def share_slower(stack: SimulatedStack, mode: str, bound: float, seconds: float) -> float:
    """The share of briefs of ``mode`` that take longer than ``bound`` in the next ``seconds``."""
    histogram = stack.traffic.briefs[mode]
    assert stack.shape is SEEDS, "only there a bucket ends at every threshold"
    upto = histogram.bounds.index(bound) + 1
    before, before_all = sum(histogram.counts[:upto]), histogram.count
    stack.advance(stack.now + seconds)
    return 1 - (sum(histogram.counts[:upto]) - before) / (histogram.count - before_all)


def test_a_healthy_stack_meets_its_objectives() -> None:
    stack = SimulatedStack(shape=SEEDS)
    assert share_5xx(stack, 3600) < 0.0005  # half of what 99.9 % allows
    for mode, bound in (("fast", 2.5), ("balanced", 3.2), ("creative", 4.5)):
        assert 0 < share_slower(stack, mode, bound, 1200) < 0.05
    assert bodies.overall(stack) == "healthy"
    assert stack.queue_length < 10
    assert 10 < stack.trainer.reward < 20


def test_traffic_arrives_at_about_twenty_a_second() -> None:
    stack = SimulatedStack()
    stack.advance(600.0)
    assert 19 < sum(stack.traffic.requests.values()) / 600 < 21
    assert stack.traffic.api.count == sum(stack.traffic.requests.values())
    asking = sum(n for (_, path, _), n in stack.traffic.requests.items() if path != "/api/v1/feedback")
    assert stack.traffic.cache_requests == asking
    assert stack.traffic.cache_hits / asking == pytest.approx(HIT_RATIO, abs=0.02)


def test_the_same_seed_and_times_give_the_same_numbers() -> None:
    def run(seed: int) -> dict[tuple[str, str, str], int]:
        stack = SimulatedStack(seed)
        for now in (1.0, 2.5, 40.0, 41.0):
            stack.advance(now)
        return dict(stack.traffic.requests)

    assert run(1) == run(1)
    assert run(1) != run(2)


def test_an_hour_is_caught_up_quickly() -> None:
    fastest = math.inf
    for _ in range(2):
        stack = SimulatedStack()
        for fault in faults.FAULTS:
            stack.break_fault(fault.id, 0.0)
        began = time.perf_counter()
        stack.advance(3600.0)
        fastest = min(fastest, time.perf_counter() - began)
        assert sum(stack.traffic.requests.values()) > 60_000
    assert fastest < 3.6  # a tick costs at most a millisecond, the drawing of its latencies included


def test_more_than_a_day_is_forgotten_but_time_is_not() -> None:
    stack = SimulatedStack()
    stack.advance(MAX_CATCH_UP * 1000)
    assert stack.now == MAX_CATCH_UP * 1000
    assert 0.9 < sum(stack.traffic.requests.values()) / (20 * MAX_CATCH_UP) < 1.1


@pytest.mark.parametrize("now", [-5.0, 3.0, math.nan, math.inf, -math.inf])
def test_time_that_does_not_move_forward_changes_nothing(now: float) -> None:
    stack = SimulatedStack(now=10.0)
    before = bodies.model(stack, "qwen", 0.0)
    stack.advance(now)
    assert stack.now == 10.0
    assert bodies.model(stack, "qwen", 0.0) == before
    assert not stack.traffic.requests


def test_an_unknown_fault_is_refused() -> None:
    with pytest.raises(UnknownFault):
        SimulatedStack().break_fault("gremlins", 1.0)
    with pytest.raises(UnknownFault):
        SimulatedStack().mend_fault("gremlins", 1.0)


def test_breaking_twice_keeps_the_first_time() -> None:
    stack = SimulatedStack()
    stack.break_fault("qwen_down", 5.0)
    stack.break_fault("qwen_down", 9.0)
    assert stack.broken == {"qwen_down": 5.0}


def test_qwen_down_hurts_creative_and_nothing_else() -> None:
    stack = SimulatedStack(shape=SEEDS)
    stack.break_fault(faults.QWEN_DOWN, 1.0)
    assert share_slower(stack, "creative", 4.5, 300) > 0.9
    assert share_slower(stack, "balanced", 3.2, 300) < 0.05
    # A tenth of the briefs are creative, and most of those fail.
    assert 0.05 < share_5xx(stack, 300, "/api/v1/briefs") < 0.1
    assert share_5xx(stack, 300, "/api/v1/recipes") < 0.01
    body = bodies.model(stack, "qwen", 0.0)
    assert (body["status"], body["loaded"], body["memory_mb"]) == ("unhealthy", False, 0.0)
    app = SimulatedStack()
    app.break_fault(faults.QWEN_DOWN, 1.0)
    assert bodies.model(app, "qwen", 0.0)["memory_mb"] is None
    assert bodies.all_models(app, 0.0)["status"] == "unhealthy"
    assert bodies.all_models(stack, 0.0)["status"] == "degraded"
    assert bodies.health(stack, 0.0)["status"] == "degraded"


@pytest.mark.parametrize(
    "lever",
    [
        lambda w: levers.breaker(w, "qwen", opened=True),
        lambda w: levers.downshift(w, "creative", {"to": "balanced"}),
        lambda w: levers.downshift(w, "creative", {"to": "fast"}),
    ],
)
@pytest.mark.parametrize("fault", [faults.QWEN_DOWN, faults.QWEN_HANG])
def test_the_downshift_runbook_saves_creative(fault: str, lever: Callable[[SimulatedStack], object]) -> None:
    stack = SimulatedStack(shape=SEEDS)
    stack.break_fault(fault, 1.0)
    lever(stack)
    assert share_5xx(stack, 600, "/api/v1/briefs") < 0.01
    assert share_slower(stack, "creative", 3.2, 600) < 0.1


def test_closing_the_breaker_on_a_sick_qwen_brings_the_errors_back() -> None:
    stack = SimulatedStack()
    stack.break_fault(faults.QWEN_DOWN, 1.0)
    assert levers.breaker(stack, "qwen", opened=True)["before"] == "closed"
    assert levers.breaker(stack, "qwen", opened=False)["before"] == "open"
    assert share_5xx(stack, 300, "/api/v1/briefs") > 0.05


def test_a_well_qwen_behind_an_open_breaker_is_healthy_and_is_not_asked() -> None:
    stack = SimulatedStack()
    levers.breaker(stack, "qwen", opened=True)
    body = bodies.model(stack, "qwen", 0.0)
    assert (body["status"], body["loaded"], body["error_message"]) == ("healthy", True, None)
    stack.advance(60.0)
    assert stack.traffic.llm["qwen", "rejected"] > 0
    assert stack.traffic.llm["qwen", "success"] == 0


def test_with_every_breaker_open_no_brief_is_served() -> None:
    stack = SimulatedStack()
    for model in ("qwen", "mistral", "llama"):
        levers.breaker(stack, model, opened=True)
    assert share_5xx(stack, 60, "/api/v1/briefs") == 1.0
    assert bodies.ready(stack)["status"] == "not_ready"


def test_restarting_qwen_cures_it_after_three_seconds() -> None:
    stack = SimulatedStack()
    stack.break_fault(faults.QWEN_DOWN, 10.0)
    levers.restart(stack, "qwen")
    stack.advance(12.9)
    assert stack.model_problem("qwen") == "restart"
    stack.advance(13.1)
    assert stack.model_problem("qwen") is None
    assert bodies.model(stack, "qwen", 0.0)["uptime_seconds"] == pytest.approx(0.1)
    # The first answers of a model that was just loaded are slow: it serves, and is degraded.
    slow = bodies.model(stack, "qwen", 0.0, inference=True)
    assert (slow["status"], slow["inference_ready"], slow["last_inference_ms"] > 5000) == ("degraded", True, True)
    assert bodies.all_models(stack, 0.0)["degraded_count"] == 1
    stack.advance(19.0)
    assert bodies.model(stack, "qwen", 0.0)["status"] == "healthy"


def test_kra_answers_flat_and_says_what_is_broken() -> None:
    stack = SimulatedStack(shape=KRA)
    flat = ["status", "timestamp", "version", "database", "redis", "background_tasks"]
    assert list(bodies.detailed(stack, 5.0)) == flat
    stack.break_fault(faults.DATABASE_REFUSING, 1.0)
    stack.break_fault(faults.WORKERS_STUCK, 1.0)
    said = bodies.detailed(stack, 5.0)
    assert (said["database"], said["redis"], said["background_tasks"]) == ("unhealthy", "healthy", "unhealthy")
    assert bodies.health(stack, 5.0) == {"status": "healthy", "timestamp": 5.0}, "it asks nobody"


def test_a_restart_that_is_under_way_is_not_begun_anew() -> None:
    stack = SimulatedStack()
    levers.restart(stack, "qwen")
    stack.advance(2.0)
    assert levers.restart(stack, "qwen")["seconds"] == 1.0
