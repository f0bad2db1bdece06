"""The acceptance cases of the stack's model, from 8 on, by number. Means are over fifty seeds."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from artisan_tui.drill import faults
from artisan_tui.drill.alert_rules import AlertRules
from artisan_tui.drill.model.world import World
from artisan_tui.drill.stack import SimulatedStack
from support.model_cases import SEEDS, mean, over_time, surge, until


def test_drill_case_08_a_flushed_cache_warms_as_its_keys_are_asked_for() -> None:
    at_60, warmed_60 = [], []
    for seed in SEEDS:
        for keys, into in ((0, at_60), (200, warmed_60)):
            world = World(seed)
            world.operate.flush_cache()
            if keys:
                world.operate.warm_cache(keys)
                assert world.measures()["cache.hit_ratio"] == pytest.approx(0.50, abs=0.005)
            world.advance_to(60)
            into.append(world.cache.hit_ratio)
    assert mean(at_60) == pytest.approx(0.58, abs=0.02)
    assert mean(warmed_60) == pytest.approx(0.62, abs=0.02)
    at_300 = []
    for seed in range(8):
        world = World(seed)
        world.operate.flush_cache()
        hits = over_time(world, 300, lambda world=world: world.cache.hit_ratio)  # type: ignore[misc]
        assert (hits[9], hits[119]) == (pytest.approx(0.31, abs=0.03), pytest.approx(0.69, abs=0.02))
        at_300.append(hits[-1])
    assert mean(at_300) == pytest.approx(0.82, abs=0.02)


def test_drill_case_09_a_flush_at_double_traffic_floods_the_pool_for_forty_seconds() -> None:
    peaks, gone = [], []
    for seed in SEEDS:
        world = surge(seed, 2.0)
        world.operate.flush_cache()
        waiting = over_time(world, 80, lambda world=world: world.database.pool.waiting)  # type: ignore[misc]
        peaks.append(max(waiting))
        gone.append(1 + max(second for second, n in enumerate(waiting) if n))
    assert mean(peaks) == pytest.approx(83, abs=20)
    assert mean(gone) == pytest.approx(40, abs=8)


def test_drill_case_10_stuck_workers_raise_the_alert_of_the_queue_and_it_drains() -> None:
    seconds, drained = [], []
    for seed in SEEDS:
        stack = SimulatedStack(seed)
        rules = AlertRules(stack)
        stack.break_fault(faults.WORKERS_STUCK, 0.0)
        while "WorkerQueueBacklog" not in {each.rule.name for each in rules.active()}:
            stack.advance(stack.now + 1)
        seconds.append(stack.now)
        stack.mend_fault(faults.WORKERS_STUCK, stack.now)
        until(stack.world, lambda stack=stack: stack.world.jobs.backlog == 0)  # type: ignore[misc]
        drained.append(stack.world.tick - stack.now)
    assert mean(seconds) == pytest.approx(16.7, abs=1.0)
    assert mean(drained) == pytest.approx(10, abs=1.0)


def test_drill_case_11_an_autoscaler_takes_back_what_was_set_by_hand() -> None:
    world = surge(3, 8 / 3)  # eight replicas are used by 34 %
    world.operate.scale("app", 4)
    world.operate.autoscale("app", 3, 10)
    world.advance_to(31)
    world.operate.scale("app", 8)
    world.advance_to(61)  # two syncs
    assert world.fleet.wanted["app"] == 4
    world.advance_to(300)
    assert world.fleet.wanted["app"] == 4, "at 68 % of 70 it lets be"
    world.operate.autoscale("app", 8, 10)
    world.advance_to(400)
    assert world.fleet.wanted["app"] == 8


def test_drill_case_11_three_at_ninety_per_cent_of_seventy_become_four() -> None:
    world = surge(3, 90 / 34)
    world.operate.autoscale("app", 3, 10)
    world.advance_to(45)
    assert world.fleet.wanted["app"] == 4


@pytest.mark.parametrize("readers", [0, 5])
@pytest.mark.parametrize("step", [0.05, 1.0, 20.0])
def test_drill_case_12_who_reads_how_often_changes_nothing(readers: int, step: float) -> None:
    """Steps of a twentieth of a second are a drill at 1x whose screens poll fast, those of twenty one at 20x."""

    def played(step: float, readers: int) -> str:
        stack = SimulatedStack(11)
        now, steps = 0.0, 0
        for upto, act in (
            (20.0, lambda: stack.world.break_fault(faults.QWEN_HANG)),
            (80.0, lambda: stack.world.operate.downshift("creative", "balanced")),
            (100.0, lambda: stack.world.operate.restart("qwen")),
            (120.0, lambda: None),
        ):
            while now < upto:
                now = min(upto, now + step)
                stack.advance(now)
                steps += 1
                for _ in range(readers if step >= 1 or steps % 50 == 0 else 0):
                    stack.world.state()
                    stack.world.measures()
                    stack.conditions()
            act()
        counts = [stack.traffic.api.counts, [each.counts for each in stack.traffic.briefs.values()]]
        return json.dumps([stack.world.state(), stack.world.measures(), counts])

    assert played(step, readers) == played(7.0, 0)


@pytest.mark.parametrize(
    "act",
    [
        lambda world: world.operate.scale("app", 5),
        lambda world: world.operate.restart("qwen"),
        lambda world: world.operate.downshift("creative", "fast"),
        lambda world: world.operate.flush_cache(),
        lambda world: world.operate.set_retries(3),
        lambda world: world.operate.deploy("app", "0.3.0", 0.2),
        lambda world: world.operate.trainer_stop(),
    ],
)
def test_drill_case_13_an_extra_act_leaves_arrivals_and_faults_where_they_are(act: Callable[[World], object]) -> None:
    def played(extra: bool) -> list[tuple[int, float, float]]:
        world = World(5)
        found = []
        for tick in range(1, 161):
            if tick == 40:
                world.break_fault(faults.LATENCY_HIGH, ramp=30)
            if extra and tick == 60:
                act(world)
            world.advance_to(tick)
            level = world.afflictions.level(faults.LATENCY_HIGH, tick)
            found.append((world.counters.fresh, world.draws["jobs"].uniform(tick), level))
        return found

    assert played(extra=True) == played(extra=False)
