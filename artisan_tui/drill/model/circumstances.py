"""What follows from the world's present state: what works, what fails, and how much there is of it. Only reads."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol

from artisan_tui.drill import faults
from artisan_tui.drill.model import afflictions as troubles
from artisan_tui.drill.model.conditions import PLAIN, Conditions, lanes
from artisan_tui.drill.model.fleet import DEFAULT_REPLICAS
from artisan_tui.drill.model.latency import LatencyModel
from artisan_tui.drill.model.machine import USUAL_CPU, throttled
from artisan_tui.drill.model.recovery import HOME_REGION
from artisan_tui.drill.model.routing import CONNECTOR, MODELS

if TYPE_CHECKING:
    from artisan_tui.drill.model.afflictions import Afflictions
    from artisan_tui.drill.model.autoscaler import Autoscaler
    from artisan_tui.drill.model.cache import Cache
    from artisan_tui.drill.model.counters import Counters
    from artisan_tui.drill.model.database import Database
    from artisan_tui.drill.model.fleet import Fleet
    from artisan_tui.drill.model.line import Line, Retries
    from artisan_tui.drill.model.machine import Machine
    from artisan_tui.drill.model.recovery import Recovery
    from artisan_tui.drill.model.releases import Releases
    from artisan_tui.drill.model.routing import Routing
    from artisan_tui.drill.model.settings import WorldSettings
    from artisan_tui.drill.model.trainer import Trainer
    from artisan_tui.drill.model.workers import JobQueue

_STOPPED_BY: Final = {
    "redis": faults.REDIS_DOWN,
    "database": faults.DATABASE_REFUSING,
    "worker-llm": faults.WORKERS_STUCK,
}
_USUAL_ERRORS: Final = 0.0002
_USUAL_TIMEOUTS: Final = 0.002
#: A lookup that waits for Redis in vain makes a request three times as long.
_WITHOUT_REDIS: Final = 3.0


class Present(Protocol):
    """The parts of the world that others read and set."""

    seed: int
    tick: int
    settings: WorldSettings
    afflictions: Afflictions
    fleet: Fleet
    routing: Routing
    line: Line
    retries: Retries
    cache: Cache
    cache_bypassed: bool
    database: Database
    recovery: Recovery
    releases: Releases
    jobs: JobQueue
    trainer: Trainer
    machine: Machine
    autoscalers: dict[str, Autoscaler]
    traffic_limit: float
    maintenance: bool
    refused_queries: float
    counters: Counters

    def mend_fault(self, fault: str) -> None:
        """Deactivate a fault."""


def component_ok(world: Present, component: str) -> bool:
    """Whether a component works: it runs, and no fault stops it."""
    return world.fleet.running(component) and _STOPPED_BY.get(component, "") not in world.afflictions


def region_works(world: Present) -> bool:
    """Whether the region that serves is there."""
    if world.recovery.switching is not None:
        return False
    return troubles.REGION_LOST not in world.afflictions or world.recovery.region != HOME_REGION


def slots(world: Present) -> int:
    """Requests that are worked on at once."""
    return world.settings.slots * world.fleet.ready("app") if reached(world) else 0


def reached(world: Present) -> bool:
    """Whether requests get as far as the API."""
    return region_works(world) and world.fleet.running("proxy")


def model_problems(world: Present) -> dict[str, str | None]:
    """Why a model cannot serve: a fault's id, ``restart`` or ``down``; None if it can. Breakers are not considered."""
    out: dict[str, str | None] = {}
    for model in MODELS:
        problem = None
        if model in world.fleet.restarting:
            problem = "restart"
        elif model in world.fleet.stopped or _without_gpu(world, model):
            problem = "down"
        elif model == "qwen":
            problem = next((each for each in (faults.QWEN_DOWN, faults.QWEN_HANG) if each in world.afflictions), None)
        out[model] = problem
    return out


def _without_gpu(world: Present, model: str) -> bool:
    """Whether a model went down with all others and was not restarted since."""
    found = world.afflictions.active.get(troubles.MODELS_DOWN)
    return found is not None and world.fleet.up_since.get(model, -1) <= found.since


def hit_ratio(world: Present) -> float:
    """The share of lookups that hit now."""
    return world.cache.hit_ratio if component_ok(world, "redis") else 0.0


def connector_timeouts(world: Present) -> float:
    """The share of the connectors' calls that time out. An open breaker sends them another way."""
    hit = troubles.CONNECTOR_DOWN in world.afflictions and world.routing.breakers[CONNECTOR].state == "closed"
    return 0.4 if hit else _USUAL_TIMEOUTS


def cpu_demand(world: Present, now: Conditions) -> float:
    """The CPU asked of a replica, in multiples of its quota."""
    ready = world.fleet.ready("app")
    if ready == 0:
        return 0.0
    load = now.rate * (1.0 - now.shed) / world.settings.rate * DEFAULT_REPLICAS["app"] / ready
    return USUAL_CPU * load * world.afflictions.level(faults.LATENCY_HIGH, world.tick)


def conditions(world: Present) -> Conditions:
    """The conditions of a second that began now."""
    without_redis = not component_ok(world, "redis") and not world.cache_bypassed
    slow = world.releases.slow * (_WITHOUT_REDIS if without_redis else 1.0)
    rate = world.settings.rate * world.afflictions.level(troubles.TRAFFIC_SURGE, world.tick)
    shed = 1.0 if world.maintenance else 1.0 - world.traffic_limit
    now = Conditions(
        rate=rate,
        failures=_failures(world, without_redis),
        lanes=lanes(world.routing, model_problems(world)),
        plain=PLAIN if slow == 1.0 else LatencyModel(PLAIN.median * slow, PLAIN.sigma),
        stalled=0.0,
        hit_ratio=hit_ratio(world),
        cache_bypassed=world.cache_bypassed,
        shed=shed,
        shed_status=503 if world.maintenance else 429,
    )
    stalled = throttled(cpu_demand(world, now))
    if stalled <= 0.0:
        return now
    return replace(now, stalled=stalled)


def _failures(world: Present, without_redis: bool) -> tuple[tuple[int, float], ...]:
    if not world.fleet.running("app") or not reached(world):
        return ((503, 1.0),)
    shares = [(500, _USUAL_ERRORS)]
    broken = world.afflictions.level(faults.ERRORS_5XX, world.tick)
    errors = math.fsum(
        share * world.releases.errors(version, world.database.applied, broken)
        for version, share in world.releases.parts
    )
    if errors > 0.0:
        shares.append((500, errors))
    if without_redis:
        shares.append((500, 0.02))
    if not component_ok(world, "database"):
        # The cache still serves its hits.
        served = 0.0 if world.cache_bypassed else hit_ratio(world)
        shares.append((503, 0.9 * (1 - 0.4 * served)))
    else:
        corrupted = world.afflictions.level(troubles.DATA_CORRUPTED, world.tick)
        if corrupted > 0.0:
            shares.append((500, corrupted))
        if world.refused_queries > 0.0:
            shares.append((503, world.refused_queries * (1.0 if world.cache_bypassed else 1.0 - hit_ratio(world))))
    if world.routing.breakers[CONNECTOR].state == "closed":
        connector = world.afflictions.level(troubles.CONNECTOR_DOWN, world.tick)
        if connector > 0.0:
            shares.append((504, connector))
    return tuple(shares)
