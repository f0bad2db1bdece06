"""The operations of the model one by one: canaries, regions, backups, checkpoints and breakers."""

from __future__ import annotations

import pytest

from artisan_tui.drill import faults
from artisan_tui.drill.model import afflictions
from artisan_tui.drill.model.circumstances import conditions
from artisan_tui.drill.model.releases import Release
from artisan_tui.drill.model.routing import Breaker, BreakerRules
from artisan_tui.drill.model.settings import WorldSettings
from artisan_tui.drill.model.world import World


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
