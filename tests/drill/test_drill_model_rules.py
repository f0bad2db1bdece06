"""Rules of the model that hold whatever breaks and whatever is done."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.drill import faults
from artisan_tui.drill.model import afflictions, cache
from artisan_tui.drill.model.circumstances import conditions
from artisan_tui.drill.model.conditions import service
from artisan_tui.drill.model.operations import Outcome
from artisan_tui.drill.model.settings import WorldSettings
from artisan_tui.drill.model.world import World

Act = Callable[[World], Outcome]
ACTS: dict[str, Act] = {
    "scale 0": lambda world: world.operate.scale("app", 0),
    "scale 1": lambda world: world.operate.scale("app", 1),
    "scale 9": lambda world: world.operate.scale("app", 9),
    "no workers": lambda world: world.operate.scale("worker-llm", 0),
    "restart app": lambda world: world.operate.restart("app"),
    "stop database": lambda world: world.operate.stop("database"),
    "start database": lambda world: world.operate.start("database"),
    "breaker": lambda world: world.operate.breaker("qwen", "open"),
    "retries": lambda world: world.operate.set_retries(3),
    "budget": lambda world: world.operate.set_retries(3, 0.1),
    "limit": lambda world: world.operate.limit_traffic(0.5),
    "maintenance": lambda world: world.operate.maintenance_page(True),
    "open again": lambda world: world.operate.maintenance_page(False),
    "flush": lambda world: world.operate.flush_cache(),
    "canary": lambda world: world.operate.deploy("app", "0.3.0", 0.2),
    "region": lambda world: world.operate.switch_region("standby"),
    "autoscale": lambda world: world.operate.autoscale("app", 2, 10),
}


def pending(world: World) -> int:
    """Requests of which nobody knows yet whether they succeed."""
    waiting = sum(lot.n for lot in world.line.hopeful)
    return waiting + sum(lot.n for lot in world.retries.pending)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    level=st.floats(0.2, 4.0),
    timeout=st.sampled_from([1, 2, 30]),
    doings=st.lists(st.tuples(st.sampled_from([*afflictions.KNOWN, *ACTS]), st.integers(0, 25)), max_size=10),
)
def test_nothing_is_lost_and_no_queue_is_below_zero(
    seed: int, level: float, timeout: int, doings: list[tuple[str, int]]
) -> None:
    world = World(seed, settings=WorldSettings(client_timeout=timeout))
    world.break_fault(afflictions.TRAFFIC_SURGE, ramp=5, level=level)
    counters = world.counters
    for what, seconds in doings:
        if what in ACTS:
            ACTS[what](world)
        elif what in world.afflictions:
            world.mend_fault(what)
        else:
            world.break_fault(what, ramp=seconds)
        for _ in range(seconds):
            world.advance_to(world.tick + 1)
            assert counters.attempts == counters.served + counters.rejected + world.line.waiting
            assert counters.fresh == counters.good + counters.bad + pending(world)
            assert 0 <= world.line.waiting <= world.line.limit
            assert min(world.jobs.backlog, world.database.pool.waiting) >= 0
            assert world.line.station.wait >= 0.0
    json.dumps([world.state(), world.measures()], allow_nan=False)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), act=st.sampled_from(sorted(ACTS)), at=st.integers(1, 30))
def test_an_extra_act_moves_no_arrival(seed: int, act: str, at: int) -> None:
    def arrivals(extra: bool) -> list[int]:
        world, found = World(seed), []
        for tick in range(1, 61):
            if extra and tick == at:
                ACTS[act](world)
            world.advance_to(tick)
            found.append(world.counters.fresh)
        return found

    assert arrivals(extra=True) == arrivals(extra=False)


def test_a_request_holds_its_slot_through_the_call_of_the_model() -> None:
    mean, variation = service(conditions(World(1)))
    assert mean == pytest.approx(0.540, abs=0.002)
    assert variation == pytest.approx(1.88, abs=0.01)
    hanging = World(1)
    hanging.break_fault(faults.QWEN_HANG)
    assert 20 * service(conditions(hanging))[0] / 24 == pytest.approx(1.135, abs=0.002)


def test_floats_are_added_the_same_way_by_every_python() -> None:
    """The built-in sum of floats compensates since 3.12. In the model it may add whole numbers only."""
    found = {
        f"{path.stem}: {ast.unparse(node.args[0])[:40]}"
        for path in Path(cache.__file__).parent.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "sum"
    }
    assert {each for each in found if "lot.n" not in each} == {"draws: counts", "latency: self.counts"}


def test_a_play_is_what_it_was() -> None:
    """Also on another machine and with another Python. The numbers change with the model only."""
    world = World(5)
    world.break_fault(faults.QWEN_HANG)
    world.break_fault(afflictions.TRAFFIC_SURGE, ramp=30)
    world.advance_to(300)
    world.operate.set_retries(3, 0.1)
    world.advance_to(400)
    counters = world.counters
    assert (counters.fresh, counters.good, counters.bad, counters.rejected) == (15666, 6818, 8617, 8782)


def without_traffic(world: World) -> dict[str, object]:
    return {name: value for name, value in world.state().items() if name != "traffic"}


@pytest.mark.parametrize(
    ("do", "undo"),
    [
        (lambda o: o.scale("app", 8), lambda o: o.scale("app", 3)),
        (lambda o: o.scale("artisan-api", 8), lambda o: o.scale("api", 3)),
        (lambda o: o.stop("qwen-llm"), lambda o: o.start("qwen")),
        (lambda o: o.deploy("app", "v0.3.0"), lambda o: o.rollback("app")),
        (lambda o: o.deploy("app", "0.3.0", 0.2), lambda o: o.rollback("app")),
        (lambda o: o.deploy("qwen", "0.3.0"), lambda o: o.rollback("qwen-llm")),
        (lambda o: o.stop("nginx"), lambda o: o.start("proxy")),
        (lambda o: o.migrate("head"), lambda o: o.migrate("-1")),
        (lambda o: o.migrate("-1"), lambda o: o.migrate("+1")),
        (lambda o: o.switch_region("standby"), lambda o: o.switch_region("primary")),
        (lambda o: o.breaker("qwen", "open"), lambda o: o.breaker("qwen", "close")),
        (lambda o: o.downshift("creative", "balanced"), lambda o: o.restore_mode("creative")),
        (lambda o: o.bypass_cache(True), lambda o: o.bypass_cache(False)),
        (lambda o: o.set_retries(3), lambda o: o.set_retries(0)),
        (lambda o: o.trainer_stop(), lambda o: o.trainer_start()),
        (lambda o: o.autoscale("app", 4, 10), lambda o: o.autoscale("app", 0, 0)),
        (lambda o: o.limit_traffic(0.3), lambda o: o.limit_traffic(1.0)),
        (lambda o: o.maintenance_page(True), lambda o: o.maintenance_page(False)),
    ],
)
def test_an_operation_changes_the_state_and_its_undo_puts_it_back(do: Callable[..., Outcome], undo: Act) -> None:
    world = World(1)
    before = without_traffic(world)
    assert do(world.operate).ok
    world.advance_to(2)
    assert without_traffic(world) != before
    assert undo(world.operate).ok  # type: ignore[arg-type]
    if "autoscale" in str(do):
        world.operate.scale("app", 3)
    world.advance_to(60)
    assert without_traffic(world) == before


@pytest.mark.parametrize(
    "do",
    [
        lambda o: o.scale("database", 2),
        lambda o: o.scale("app", -1),
        lambda o: o.restart("universe"),
        lambda o: o.stop("universe"),
        lambda o: o.start("universe"),
        lambda o: o.autoscale("app", 5, 2),
        lambda o: o.deploy("redis", "7"),
        lambda o: o.deploy("app", "0.3.0", 0.0),
        lambda o: o.promote("app"),
        lambda o: o.rollback("app", 77),
        lambda o: o.migrate("cafe"),
        lambda o: o.migrate("-9"),
        lambda o: o.restore("backup-7"),
        lambda o: o.switch_region("mars"),
        lambda o: o.breaker("gpt", "open"),
        lambda o: o.breaker("qwen", "kick"),
        lambda o: o.downshift("fast", "creative"),
        lambda o: o.restore_mode("artistic"),
        lambda o: o.warm_cache(0),
        lambda o: o.set_retries(-1),
        lambda o: o.set_retries(1, 2.0),
        lambda o: o.limit_traffic(1.5),
        lambda o: o.trainer_load(4500),
        lambda o: o.trainer_start(float("nan")),
    ],
)
def test_what_cannot_be_done_is_said_and_changes_nothing(do: Callable[..., Outcome]) -> None:
    world = World(1)
    before = world.state()
    outcome = do(world.operate)
    assert not outcome.ok
    assert outcome.output.startswith("error: ")
    assert world.state() == before
