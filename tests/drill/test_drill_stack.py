"""The stack's rules by example and by property. Time is passed in; nothing sleeps."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.drill import bodies, faults, levers
from artisan_tui.drill.model.cache import HIT_RATIO
from artisan_tui.drill.shapes import KRA, SEEDS
from artisan_tui.drill.stack import MAX_CATCH_UP, SimulatedStack, UnknownFault


def share_5xx(stack: SimulatedStack, seconds: float, path: str | None = None) -> float:
    """The share of 5xx among the requests of the next ``seconds``."""

    def counts() -> tuple[int, int]:
        rows = [(s, n) for (_, p, s), n in stack.traffic.requests.items() if path in (None, p)]
        return sum(n for s, n in rows if s[0] == "5"), sum(n for _, n in rows)

    bad, total = counts()
    stack.advance(stack.now + seconds)
    bad_after, total_after = counts()
    return (bad_after - bad) / (total_after - total)


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


def test_an_open_breaker_makes_a_well_qwen_unhealthy_but_loaded() -> None:
    stack = SimulatedStack()
    levers.breaker(stack, "qwen", opened=True)
    body = bodies.model(stack, "qwen", 0.0)
    assert (body["status"], body["loaded"], body["error_message"]) == ("unhealthy", True, "circuit breaker is open")
    stack.advance(60.0)
    assert stack.traffic.llm["qwen", "rejected"] > 0
    assert stack.traffic.llm["qwen", "success"] == 0


def test_with_every_breaker_open_no_brief_is_served() -> None:
    stack = SimulatedStack()
    for model in ("qwen", "mistral", "llama"):
        levers.breaker(stack, model, opened=True)
    assert share_5xx(stack, 60, "/api/v1/briefs") == 1.0
    assert bodies.all_models(stack, 0.0)["status"] == "unhealthy"


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


def test_latency_is_high_for_want_of_cpu_and_replicas_help() -> None:
    stack = SimulatedStack()
    stack.break_fault(faults.LATENCY_HIGH, 1.0)
    before = stack.slower_share(0.2)
    assert stack.world.measures()["api.p95"] > 5.0  # the runbook's trigger: p95 above 5 s
    assert stack.real_delay > 0.6
    stack.advance(61.0)
    assert stack.world.machine.cpu > 0.85  # and the other one
    assert stack.world.line.waiting == 0, "nothing is turned away"
    levers.scale(stack, "app", {"replicas": 8})
    stack.advance(stack.now + 1)
    assert stack.fleet.ready("app") == 5, "a replica takes time to be ready"
    stack.advance(stack.now + 2)
    assert stack.fleet.ready("app") == 8
    stack.advance(stack.now + 20)
    assert stack.slower_share(1.0) < 0.05
    assert stack.real_delay < 0.05
    levers.scale(stack, "app", {"replicas": 1})
    stack.advance(stack.now + 60)
    assert stack.slower_share(0.2) > before
    assert stack.world.line.waiting == 200, "one replica drowns"


def test_a_cold_cache_moves_the_load_to_the_database_and_warms_again() -> None:
    stack = SimulatedStack()
    stack.advance(10.0)
    before = stack.database_connections
    stack.break_fault(faults.CACHE_COLD, 10.0)
    stack.advance(30.0)
    assert stack.hit_ratio < 0.05
    assert stack.database_connections > before + 40
    stack.mend_fault(faults.CACHE_COLD, 30.0)
    stack.advance(32.0)
    assert stack.hit_ratio < 0.5, "a cache does not warm at once"
    stack.advance(1830.0)  # the rare keys take half an hour
    assert stack.hit_ratio > 0.95 * HIT_RATIO


def test_warming_the_cache_on_purpose_is_faster_and_ends_the_fault() -> None:
    stack = SimulatedStack()
    stack.break_fault(faults.CACHE_COLD, 1.0)
    stack.advance(30.0)
    levers.cache_warm(stack)
    stack.advance(40.0)
    assert not stack.broken
    assert stack.hit_ratio > 0.95 * HIT_RATIO


def test_without_redis_the_queue_grows_and_a_bypass_stops_the_errors() -> None:
    stack = SimulatedStack(shape=SEEDS)
    stack.break_fault(faults.REDIS_DOWN, 1.0)
    assert share_5xx(stack, 60) > 0.01
    assert stack.queue_length > 100
    assert bodies.health(stack, 0.0)["services"]["redis"] == "unhealthy"
    assert bodies.overall(stack) == "degraded"
    slow = stack.slower_share(0.5)
    assert slow > 0.05, "every lookup waits for Redis in vain"
    levers.cache_bypass(stack, {"enabled": True})
    lookups = stack.traffic.cache_requests
    assert share_5xx(stack, 600) < 0.002
    assert stack.slower_share(0.5) < slow / 4
    assert stack.traffic.cache_requests == lookups
    with pytest.raises(levers.LeverRefused) as refused:
        levers.cache_warm(stack)
    assert refused.value.status == 409


def test_bypassing_a_warm_cache_loads_the_database() -> None:
    stack = SimulatedStack()
    before = stack.database_connections
    levers.cache_bypass(stack, {"enabled": True})
    assert stack.database_connections > before + 40
    levers.cache_bypass(stack, {"enabled": False})
    assert stack.database_connections == before


def test_redis_comes_back_from_a_restart_with_an_empty_cache() -> None:
    stack = SimulatedStack()
    stack.break_fault(faults.REDIS_DOWN, 1.0)
    levers.restart(stack, "redis")
    stack.advance(3.5)
    assert stack.component_ok("redis")
    assert stack.hit_ratio < 0.3


def test_without_the_database_the_stack_is_unhealthy() -> None:
    stack = SimulatedStack(shape=SEEDS)
    stack.break_fault(faults.DATABASE_REFUSING, 1.0)
    assert share_5xx(stack, 60) > 0.4
    assert bodies.overall(stack) == "unhealthy"
    assert bodies.detailed(stack, 0.0)["components"]["database"]["status"] == "unhealthy"
    stack.mend_all(stack.now)
    assert share_5xx(stack, 60) < 0.01


def test_the_reward_runs_away_and_the_rollback_runbook_ends_it() -> None:
    stack = SimulatedStack()
    stack.break_fault(faults.REWARD_RUNAWAY, 1.0)
    stack.advance(30.0)
    training = stack.trainer
    assert training.reward > 100
    assert training.reward_std > 50
    assert training.kl > 0.1
    with pytest.raises(levers.LeverRefused) as refused:
        levers.rl_rollback(stack, {})
    assert refused.value.status == 409
    levers.rl_stop(stack)
    frozen = training.reward
    stack.advance(60.0)
    assert training.reward == frozen, "stopped training reports its last values"
    assert levers.rl_rollback(stack, {})["step"] == 4500
    assert levers.rl_resume(stack, {"learning_rate_factor": 0.5})["learning_rate"] == pytest.approx(1.5e-4)
    assert levers.rl_resume(stack, {"learning_rate_factor": 0.5})["learning_rate"] == pytest.approx(1.5e-4)
    stack.advance(300.0)
    assert 10 < training.reward < 20
    assert training.kl < 0.03


def test_a_resume_without_a_rollback_runs_away_again() -> None:
    stack = SimulatedStack()
    stack.break_fault(faults.REWARD_RUNAWAY, 1.0)
    levers.rl_stop(stack)
    levers.rl_resume(stack, {})
    stack.advance(40.0)
    assert stack.trainer.reward > 100


def test_a_mended_reward_returns_over_seconds() -> None:
    stack = SimulatedStack()
    stack.break_fault(faults.REWARD_RUNAWAY, 1.0)
    stack.advance(60.0)
    stack.mend_fault(faults.REWARD_RUNAWAY, 60.0)
    stack.advance(62.0)
    assert stack.trainer.reward > 50
    stack.advance(120.0)
    assert stack.trainer.reward < 20


def test_stuck_workers_let_the_queue_grow_and_it_drains_after_a_restart() -> None:
    stack = SimulatedStack(shape=SEEDS)
    stack.break_fault(faults.WORKERS_STUCK, 0.0)
    stack.advance(5.0)
    assert stack.queue_length < 60, "slowly"
    stack.advance(20.0)
    grown = stack.queue_length
    assert grown > 100
    assert bodies.health(stack, 0.0)["services"]["workers"]["llm"] == 0
    levers.restart(stack, "worker-llm")
    stack.advance(23.0)
    assert stack.queue_length > 60, "a queue does not drain at once"
    stack.advance(60.0)
    assert stack.queue_length < 10


def test_no_workers_at_all_is_a_growing_queue_too() -> None:
    stack = SimulatedStack()
    levers.scale(stack, "worker-llm", {"replicas": 0})
    stack.advance(30.0)
    assert stack.queue_length > 100


def test_eight_per_cent_of_requests_fail() -> None:
    stack = SimulatedStack()
    stack.break_fault(faults.ERRORS_5XX, 1.0)
    assert 0.07 < share_5xx(stack, 3600) < 0.09


def test_the_disk_fills_to_93_per_cent_and_is_cleaned() -> None:
    stack = SimulatedStack()
    stack.break_fault(faults.DISK_FILLING, 0.0)
    stack.advance(4.0)
    assert stack.world.machine.disk < 0.85
    stack.advance(60.0)
    assert 0.92 < stack.world.machine.disk <= 0.93
    stack.mend_all(60.0)
    stack.advance(120.0)
    assert stack.world.machine.disk < 0.62


def test_mending_everything_leaves_what_operators_set() -> None:
    stack = SimulatedStack()
    stack.break_fault(faults.QWEN_DOWN, 1.0)
    levers.breaker(stack, "qwen", opened=True)
    levers.scale(stack, "app", {"replicas": 5})
    stack.mend_all(2.0)
    assert not stack.broken
    assert stack.routing.open_breakers == {"qwen"}
    assert stack.fleet.wanted["app"] == 5


def test_without_an_app_every_request_fails() -> None:
    stack = SimulatedStack()
    levers.restart(stack, "app")
    assert share_5xx(stack, 1.4) == 1.0
    stack.advance(2.0)
    assert share_5xx(stack, 60) < 0.01


@pytest.mark.parametrize(
    "turn",
    [
        lambda w: levers.scale(w, "app", {"replicas": -1}),
        lambda w: levers.scale(w, "app", {"replicas": 51}),
        lambda w: levers.scale(w, "app", {"replicas": True}),
        lambda w: levers.scale(w, "app", {"replicas": 2.5}),
        lambda w: levers.scale(w, "app", {}),
        lambda w: levers.downshift(w, "creative", {"to": "creative"}),
        lambda w: levers.downshift(w, "balanced", {"to": "creative"}),
        lambda w: levers.downshift(w, "fast", {"to": "fast"}),
        lambda w: levers.downshift(w, "creative", {"to": ["balanced"]}),
        lambda w: levers.cache_bypass(w, {"enabled": "yes"}),
        lambda w: levers.rl_resume(w, {"learning_rate_factor": 0}),
        lambda w: levers.rl_resume(w, {"learning_rate_factor": math.nan}),
    ],
)
def test_a_senseless_lever_is_refused_and_changes_nothing(turn: Callable[[SimulatedStack], object]) -> None:
    stack = SimulatedStack()
    before = bodies.state(stack)
    with pytest.raises(levers.LeverRefused) as refused:
        turn(stack)
    assert refused.value.status == 400
    assert bodies.state(stack) == before


@pytest.mark.parametrize(
    ("turn", "known"),
    [
        (lambda w: levers.breaker(w, "gpt", opened=True), "qwen"),
        (lambda w: levers.restore(w, "artistic"), "creative"),
        (lambda w: levers.scale(w, "database", {"replicas": 2}), "app"),
        (lambda w: levers.restart(w, "universe"), "redis"),
    ],
)
def test_an_unknown_name_is_refused_with_the_known_ones(turn: Callable[[SimulatedStack], object], known: str) -> None:
    with pytest.raises(levers.LeverRefused) as refused:
        turn(SimulatedStack())
    assert refused.value.status == 404
    assert known in refused.value.known


def every_counter(stack: SimulatedStack) -> dict[object, float]:
    traffic = stack.traffic
    found: dict[object, float] = {}
    found.update(traffic.requests.items())
    found.update(traffic.llm.items())
    for name, histogram in (("api", traffic.api), *traffic.briefs.items()):
        found[name, "sum"] = histogram.sum
        for index, count in enumerate(histogram.counts):
            found[name, index] = count
    return found | {"hits": traffic.cache_hits, "lookups": traffic.cache_requests}


ACTS = st.lists(
    st.tuples(
        st.sampled_from([fault.id for fault in faults.FAULTS] + ["restart", "breaker", "scale", "all"]),
        st.booleans(),
        st.floats(-10, 90) | st.sampled_from([math.nan, math.inf, -math.inf]),
    ),
    max_size=12,
)


@settings(max_examples=25)
@given(seed=st.integers(0, 1000), acts=ACTS)
def test_counters_never_fall_whatever_breaks_and_however_time_moves(
    seed: int, acts: list[tuple[str, bool, float]]
) -> None:
    stack = SimulatedStack(seed)
    before = every_counter(stack)
    for what, on, seconds in acts:
        if what == "restart":
            levers.restart(stack, "qwen" if on else "app")
        elif what == "breaker":
            levers.breaker(stack, "qwen", opened=on)
        elif what == "scale":
            levers.scale(stack, "app", {"replicas": 9 if on else 0})
        elif what == "all":
            stack.mend_all(stack.now)
        else:
            (stack.break_fault if on else stack.mend_fault)(what, stack.now)
        was = stack.now
        stack.advance(stack.now + seconds)
        assert stack.now >= was
        after = every_counter(stack)
        assert all(after[key] >= value for key, value in before.items())
        assert after["hits"] <= after["lookups"]
        assert stack.traffic.api.count == sum(stack.traffic.requests.values())
        assert 0 <= stack.world.machine.disk <= 1
        assert 0 <= stack.world.cache.warmth <= 1
        assert 0 <= stack.world.machine.cpu <= 1
        assert stack.queue_length >= 0
        assert 0 <= stack.database_connections <= 100
        before = after
