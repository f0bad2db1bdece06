"""The stack's rules by example: cache, database, reward, workers, disk; and levers by property."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.drill import bodies, faults, levers
from artisan_tui.drill.model.cache import HIT_RATIO
from artisan_tui.drill.shapes import SEEDS
from artisan_tui.drill.stack import SimulatedStack
from support.stack_rules import share_5xx


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
