"""Rules of the model that hold whatever breaks and whatever is done, and the operations one by one."""

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
from artisan_tui.drill.model.releases import Release
from artisan_tui.drill.model.routing import Breaker, BreakerRules
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


def test_a_canary_fails_for_its_share_only_and_a_rollback_ends_it() -> None:
    world = World(1)
    world.releases.known["0.3.0"] = Release(errors=0.2, slow=3.0)
    world.operate.deploy("app", "0.3.0", 0.2)
    world.advance_to(600)
    measures = world.measures()
    assert measures["canary.requests"] == pytest.approx(0.2 * 12_000, rel=0.1)
    assert measures["canary.error_ratio"] == pytest.approx(0.2, abs=0.03)
    assert measures["api.error_ratio"] == pytest.approx(0.04, abs=0.02)
    assert measures["judgment.p95"] > 2 * World(1).measures()["judgment.p95"]
    world.operate.rollback("app")
    world.advance_to(700)
    assert world.measures()["api.error_ratio"] < 0.01


def test_a_promoted_canary_serves_everybody_and_a_rollback_leads_back() -> None:
    world = World(1)
    world.operate.deploy("app", "0.3.0", 0.1)
    assert world.operate.promote("app").values["version"] == "0.3.0"
    assert world.state()["release"] == {"version": "0.3.0", "canary": None, "share": 0.0}
    assert world.operate.rollback("app").values["version"] == "0.2.0"
    assert world.operate.rollback("app", 1).values["version"] == "0.1.0"


def test_the_errors_of_a_version_go_with_it() -> None:
    world = World(1)
    world.break_fault(faults.ERRORS_5XX)
    world.operate.rollback("app")
    assert faults.ERRORS_5XX not in world.afflictions


def test_a_version_that_needs_a_newer_schema_fails_until_it_is_migrated() -> None:
    world = World(1)
    world.releases.known["0.3.0"] = Release(needs=3)
    world.operate.deploy("app", "0.3.0")
    world.advance_to(120)
    assert world.measures()["api.error_ratio"] == pytest.approx(0.3, abs=0.05)
    assert world.operate.migrate("head").values["revision"] == "7d8e9fa0b1c2"
    world.advance_to(240)
    assert world.measures()["api.error_ratio"] < 0.01


def test_a_lost_region_is_left_and_the_clocks_run() -> None:
    world = World(1)
    world.advance_to(100)
    assert world.measures()["dr.rpo"] == 1000, "the last backup was a quarter of an hour before the start"
    world.break_fault(afflictions.REGION_LOST)
    world.advance_to(160)
    assert world.measures()["api.error_ratio"] == 1.0
    world.operate.declare_disaster()
    world.advance_to(200)
    world.operate.switch_region("standby")
    world.advance_to(400)
    measures = world.measures()
    assert measures["api.error_ratio"] < 0.01
    assert measures["dr.rto"] == 70  # 40 s after the declaration, and 30 s until it serves


def test_a_restored_backup_loses_what_came_since() -> None:
    world = World(1)
    world.advance_to(50)
    made = world.operate.backup()
    world.operate.migrate("head")
    world.advance_to(90)
    restored = world.operate.restore(str(made.values["backup"]))
    assert restored.values["lost"] == 40
    assert world.database.revision == "4c5b6a798081"


def test_a_checkpoint_that_is_not_stable_brings_the_runaway_along() -> None:
    world = World(1)
    world.advance_to(1700)
    world.break_fault(faults.REWARD_RUNAWAY)
    world.advance_to(1900)  # step 5500 was written meanwhile
    bad = world.trainer.checkpoints[-1]
    assert (bad.step, bad.stable) == (5500, False)
    world.operate.trainer_stop()
    world.operate.trainer_load(5500)
    assert faults.REWARD_RUNAWAY in world.afflictions
    assert world.operate.trainer_load(world.trainer.stable_checkpoint).values["step"] == 4500
    world.operate.trainer_start(1e-5)
    world.advance_to(2000)
    assert world.measures()["rl.reward"] == pytest.approx(15, abs=3)
    assert world.measures()["rl.learning_rate"] == 1e-5


def test_a_breaker_opens_on_its_share_and_closes_after_good_probes() -> None:
    breaker = Breaker(BreakerRules(window=10, minimum=20, share=0.5, pause=30, probes=3))
    breaker.record(1, 19, 19)
    assert breaker.state == "closed", "too few calls"
    breaker.record(12, 30, 14)
    assert breaker.state == "closed", "the others are forgotten, and these are well"
    breaker.record(13, 10, 9)
    assert breaker.state == "open"
    breaker.tick(42)
    assert breaker.state == "open"
    breaker.tick(43)
    assert breaker.state == "half-open"
    breaker.record(43, 1, 1)
    assert breaker.state == "open", "a failed probe"
    breaker.tick(73)
    for tick in (73, 74, 75):
        breaker.record(tick, 1, 0)
    assert breaker.state == "closed"
    breaker.force(opened=True)
    breaker.tick(10_000)
    assert breaker.state == "open", "what was forced stays"


def test_a_breaker_that_opened_by_itself_fails_over_and_comes_back() -> None:
    world = World(1, settings=WorldSettings(breaker=BreakerRules(window=60)))
    world.break_fault(faults.QWEN_DOWN)
    world.advance_to(90)
    assert "qwen" in world.routing.open_breakers
    assert world.counters.llm["mistral", "success"] > 0
    world.mend_fault(faults.QWEN_DOWN)
    world.advance_to(200)
    assert world.routing.breakers["qwen"].state == "closed"


def test_a_fault_grows_to_its_level() -> None:
    world = World(1)
    world.break_fault(afflictions.TRAFFIC_SURGE, ramp=100, level=3.0)
    world.advance_to(50)
    assert conditions(world).rate == pytest.approx(40.0)
    world.advance_to(500)
    assert conditions(world).rate == pytest.approx(60.0)
    with pytest.raises(afflictions.UnknownFault):
        world.break_fault("gremlins")
