"""The acceptance cases of the stack's model, 1 to 7, by number. Means are over fifty seeds."""

from __future__ import annotations

import pytest

from artisan_tui.drill import faults
from artisan_tui.drill.alert_rules import AlertRules
from artisan_tui.drill.model.routing import BreakerRules
from artisan_tui.drill.model.settings import WorldSettings
from artisan_tui.drill.model.waiting import mean_wait
from artisan_tui.drill.model.world import World
from artisan_tui.drill.stack import SimulatedStack
from support.model_cases import SEEDS, mean, over_time, surge, until

#: No queue is too long: only the growth is of interest.
ENDLESS = WorldSettings(queue_limit=10_000)


#: 70 requests/s at a capacity of 100, callers that wait 2 s, and a queue of 5 s.
STORM = WorldSettings(rate=70.0, slots=18, queue_limit=500, client_timeout=2, retries=3)


def test_drill_case_01_the_wait_is_that_of_the_textbook() -> None:
    assert mean_wait(1, 0.5, 2.0) == pytest.approx(2.0, abs=1e-9)
    assert mean_wait(2, 1.0, 3.0) == pytest.approx(1.0, abs=1e-9)


def test_drill_case_02_traffic_twice_as_high_waits_168_ms_and_3_with_a_fourth_replica() -> None:
    waits, more = [], []
    for seed in SEEDS:
        world = surge(seed, 2.0)
        waits.append(mean(over_time(world, 600, lambda world=world: world.line.station.seconds)))  # type: ignore[misc]
        assert world.counters.rejected == 0
    for seed in SEEDS:
        world = surge(seed, 2.0)
        world.operate.scale("app", 4)
        more.append(mean(over_time(world, 120, lambda world=world: world.line.station.seconds)))  # type: ignore[misc]
    assert mean(waits) == pytest.approx(0.168, rel=0.1)
    assert mean(more) < 0.003


def test_drill_case_03_334_wait_after_a_minute_of_two_and_a_half_times_the_traffic() -> None:
    waiting, seconds = [], []
    for seed in SEEDS:
        world = surge(seed, 2.5, ENDLESS)
        world.advance_to(60)
        waiting.append(world.line.waiting)
        world.operate.scale("app", 5)
        seconds.append(until(world, lambda world=world: world.line.waiting == 0))  # type: ignore[misc]
    assert mean(waiting) == pytest.approx(334, abs=25)
    assert mean(seconds) == pytest.approx(13.9, abs=1.5)


def test_drill_case_04_a_hanging_qwen_drowns_the_api() -> None:
    seconds, shares = [], []
    for seed in SEEDS:
        world = World(seed)
        world.break_fault(faults.QWEN_HANG)
        seconds.append(until(world, lambda world=world: world.line.waiting >= 100))  # type: ignore[misc]
        until(world, lambda world=world: world.line.waiting >= 200)  # type: ignore[misc]
        rejected, attempts = world.counters.rejected, world.counters.attempts
        world.advance_to(world.tick + 120)
        shares.append((world.counters.rejected - rejected) / (world.counters.attempts - attempts))
    assert mean(seconds) == pytest.approx(42, abs=5)
    assert mean(shares) == pytest.approx(0.119, abs=0.01)


def test_drill_case_04_the_alert_of_the_api_fires() -> None:
    stack = SimulatedStack()
    rules = AlertRules(stack)
    stack.break_fault(faults.QWEN_HANG, 0.0)
    firing: dict[str, float] = {}
    for now in range(1, 200):
        stack.advance(float(now))
        for each in rules.active():
            if each.firing:
                firing.setdefault(each.rule.name, now)
    assert firing["QwenModelUnhealthy"] < 20
    assert firing["HighResponseTime"] < 60
    assert firing["HighErrorRate"] < 180
    assert stack.world.measures()["api.p95"] > 10.0


def test_drill_case_05_more_replicas_save_the_api_and_only_the_downshift_saves_creative() -> None:
    def drowned(seed: int) -> World:
        world = World(seed)
        world.break_fault(faults.QWEN_HANG)
        until(world, lambda: world.line.waiting >= 100)
        return world

    cleared = []
    for seed in range(10):
        scaled, downshifted = drowned(seed), drowned(seed)
        scaled.operate.scale("app", 4)
        scaled.advance_to(scaled.tick + 180)
        measures = scaled.measures()
        assert measures["api.p95"] < 1.0
        assert measures["creative.p95"] > 29.0
        assert measures["creative.good_share"] == 0.0
        downshifted.operate.downshift("creative", "balanced")
        cleared.append(until(downshifted, lambda world=downshifted: world.line.waiting == 0))  # type: ignore[misc]
        downshifted.advance_to(downshifted.tick + 120)
        measures = downshifted.measures()
        assert measures["api.p95"] < 0.5
        assert measures["creative.p95"] == pytest.approx(2.69, rel=0.05)
        assert measures["creative.good_share"] > 0.95
    assert mean(cleared) == pytest.approx(3.8, abs=1.5)


def test_drill_case_06_too_few_calls_open_no_breaker_and_a_forced_one_fails_over_at_once() -> None:
    world = World(1)
    world.break_fault(faults.QWEN_HANG)
    for _ in range(3600):
        world.advance_to(world.tick + 1)
        assert world.routing.breakers["qwen"].state == "closed"
    bad = world.counters.bad_by_mode["creative"]
    world.operate.scale("app", 8)
    world.operate.breaker("qwen", "open")
    world.advance_to(world.tick + 30)  # those that wait are served first
    before = world.counters.llm["mistral", "success"], world.counters.bad_by_mode["creative"]
    world.advance_to(world.tick + 300)
    assert world.counters.llm["mistral", "success"] - before[0] > 600
    assert world.counters.bad_by_mode["creative"] - before[1] <= 2
    assert bad > 1500


def test_drill_case_06_in_a_minute_there_are_calls_enough() -> None:
    opened = 0
    for seed in SEEDS:
        world = World(seed, settings=WorldSettings(breaker=BreakerRules(window=60)))
        world.break_fault(faults.QWEN_DOWN)
        opened += "open" in over_time(world, 62, lambda world=world: world.routing.breakers["qwen"].state)  # type: ignore[misc]
    assert opened >= 48


def test_drill_case_07_a_storm_of_retries_outlives_its_cause_by_an_hour() -> None:
    world = World(1, settings=STORM)
    world.advance_to(60)
    assert world.measures()["api.attempts_per_second"] == pytest.approx(70, rel=0.1)
    world.operate.scale("app", 1)
    world.advance_to(120)
    world.operate.scale("app", 3)
    world.advance_to(120 + 3600)
    measures = world.measures()
    assert measures["api.attempts_per_second"] == pytest.approx(280, rel=0.05)
    assert measures["api.useful_per_second"] == 0.0


def test_drill_case_07_without_retries_answers_are_useful_again_after_ten_seconds() -> None:
    useful, empty, budget = [], [], []
    for seed in SEEDS:
        for kept in (None, 0.1):
            world = World(seed, settings=STORM)
            world.operate.scale("app", 1)
            world.advance_to(60)
            world.operate.scale("app", 3)
            until(world, lambda world=world: world.line.waiting >= 500)  # type: ignore[misc]
            if kept is not None:
                world.operate.set_retries(3, kept)
                world.advance_to(world.tick + 90)
                budget.append(world.measures()["api.useful_per_second"])
                continue
            world.operate.set_retries(0)
            start, good = world.tick, world.counters.good
            until(world, lambda world=world, good=good: world.counters.good > good)  # type: ignore[misc]
            # Counted from when it came, it waited less than two seconds.
            useful.append(world.tick - start)
            until(world, lambda world=world: world.line.waiting == 0)  # type: ignore[misc]
            empty.append(world.tick - start)
    assert mean(useful) == pytest.approx(10, abs=2)
    assert mean(empty) == pytest.approx(16.7, abs=2)
    assert mean(budget) > 65
