"""The state of the stack, and how it changes. No HTTP and no clock: times are seconds of any monotonic clock.

There is no background task. `SimulatedStack.advance` simulates the time since its last call, so an idle stack costs
nothing, and one hour is simulated in milliseconds.
"""

from __future__ import annotations

import math
from random import Random
from typing import Final

from artisan_tui.drill import faults
from artisan_tui.drill.fleet import DEFAULT_REPLICAS, Fleet
from artisan_tui.drill.routing import HOME, MODELS, MODES, Routing
from artisan_tui.drill.shapes import APP, Shape
from artisan_tui.drill.traffic import Conditions, Lane, LatencyModel, Traffic
from artisan_tui.drill.vitals import HIT_RATIO, JOBS_PER_SECOND, JOBS_PER_WORKER, Targets, Vitals

VERSION: Final = "0.2.0"
DEFAULT_SEED: Final = 20251014
REQUESTS_PER_SECOND: Final = 20.0
MAX_CATCH_UP: Final = 86_400.0  # seconds; older traffic is not simulated
MAX_CONNECTIONS: Final = 100
_MAX_STEPS: Final = 30
_SLOWDOWN: Final = 20.0  # factor of `latency_high` with the default number of replicas
_REAL_DELAY: Final = 0.7  # seconds by which `latency_high` delays responses
_WARMING: Final = 5.0  # seconds
_LATENCIES: Final = {  # of a healthy model, in seconds; p95 meets the objectives 2.5, 3.2 and 4.5 s
    "fast": LatencyModel(1.1, 0.35),
    "balanced": LatencyModel(1.7, 0.28),
    "creative": LatencyModel(2.5, 0.27),
}
_IMPAIRED_MODELS: Final[dict[str, tuple[LatencyModel, tuple[tuple[int, str, float], ...]]]] = {
    faults.QWEN_DOWN: (LatencyModel(12.0, 0.3), ((503, "error", 0.55), (504, "timeout", 0.35))),
    faults.QWEN_HANG: (LatencyModel(29.0, 0.1), ((504, "timeout", 0.95),)),
    "restart": (LatencyModel(5.0, 0.3), ((503, "error", 0.5),)),
}


class UnknownFault(KeyError):
    """There is no fault with this id."""


class SimulatedStack:
    """The whole simulated stack. ``now`` arguments are seconds. An earlier time changes nothing."""

    def __init__(self, seed: int = DEFAULT_SEED, now: float = 0.0, shape: Shape = APP) -> None:
        self.seed = seed
        self.shape = shape
        self.started = now
        self.now = now
        self.broken: dict[str, float] = {}  # fault id -> time of the break
        self.cache_bypassed = False
        self.routing = Routing()
        self.fleet = Fleet(started=now)
        self.vitals = Vitals()
        self._rng = Random(seed)
        self.traffic = Traffic(Random(seed + 1), shape.brief_bounds)
        self.inference_ms = {HOME[mode]: _LATENCIES[mode].median * 1000 for mode in MODES}

    # -- faults

    def break_fault(self, fault_id: str, now: float) -> None:
        """Activate a fault. Activating an active fault changes nothing."""
        if fault_id not in faults.BY_ID:
            raise UnknownFault(fault_id)
        self.advance(now)
        self.broken.setdefault(fault_id, self.now)

    def mend_fault(self, fault_id: str, now: float) -> None:
        """Deactivate a fault. Its effects fade at their own pace."""
        if fault_id not in faults.BY_ID:
            raise UnknownFault(fault_id)
        self.advance(now)
        self.broken.pop(fault_id, None)

    def mend_all(self, now: float) -> None:
        """Deactivate all faults. The operators' settings (breakers, modes, replicas) stay."""
        self.advance(now)
        self.broken.clear()

    def is_broken(self, fault_id: str) -> bool:
        """Whether the fault is active."""
        return fault_id in self.broken

    # -- state

    def component_ok(self, component: str) -> bool:
        """Whether a component works: it runs, and no fault stops it."""
        stopped_by = {
            "redis": faults.REDIS_DOWN,
            "database": faults.DATABASE_REFUSING,
            "worker-llm": faults.WORKERS_STUCK,
        }
        return self.fleet.running(component) and not self.is_broken(stopped_by.get(component, ""))

    def model_problem(self, model: str) -> str | None:
        """Why a model cannot serve: a fault's id, ``restart``, ``breaker``, or None."""
        if model in self.fleet.restarting:
            return "restart"
        if model == "qwen":
            for fault_id in (faults.QWEN_DOWN, faults.QWEN_HANG):
                if self.is_broken(fault_id):
                    return fault_id
        return "breaker" if model in self.routing.open_breakers else None

    def warming(self, model: str) -> bool:
        """Whether a model that was restarted has just come back: its first answers are slow."""
        back = self.fleet.up_since.get(model)
        return back is not None and self.now - back < _WARMING

    @property
    def hit_ratio(self) -> float:
        """The current share of cache lookups that hit."""
        return self.vitals.hit_ratio if self.component_ok("redis") else 0.0

    @property
    def database_connections(self) -> int:
        """Connections in use. Lookups that miss the cache, and replicas, need connections."""
        if not self.component_ok("database"):
            return 0
        served = 0.0 if self.cache_bypassed else self.hit_ratio
        extra = 3 * (self.fleet.ready("app") - DEFAULT_REPLICAS["app"])
        return max(1, min(MAX_CONNECTIONS, round(18 + 60 * (1 - served / HIT_RATIO) + extra)))

    @property
    def slowdown(self) -> float:
        """The current latency relative to a healthy stack of the default size."""
        ready = self.fleet.ready("app")
        if ready == 0:
            return 1.0
        load = DEFAULT_REPLICAS["app"] / ready
        factor = max(1.0, load)
        if self.is_broken(faults.LATENCY_HIGH):
            factor = min(60.0, 1 + (_SLOWDOWN - 1) * load**3)
        if not self.component_ok("redis") and not self.cache_bypassed:
            factor *= 3.0
        return factor

    @property
    def real_delay(self) -> float:
        """Seconds by which `latency_high` delays real responses."""
        if not self.is_broken(faults.LATENCY_HIGH):
            return 0.0
        load = DEFAULT_REPLICAS["app"] / max(1, self.fleet.ready("app"))
        return min(2.0, _REAL_DELAY * load**3)

    # -- time

    def advance(self, now: float) -> None:
        """Simulate the time until ``now``."""
        if not math.isfinite(now) or now <= self.now:
            return
        self.now = max(self.now, now - MAX_CATCH_UP)
        while self.now < now:
            until = min(now, max(self.now, self.fleet.next_return()))
            self._steps(until - self.now)
            self.now = until
            for component in self.fleet.returned(self.now):
                self._back_from_restart(component)
        for mode in MODES:
            self.inference_ms[HOME[mode]] = 1000 * _LATENCIES[mode].median * self._rng.uniform(0.9, 1.1)

    def _steps(self, seconds: float) -> None:
        if seconds <= 0:
            return
        count = max(1, min(_MAX_STEPS, math.ceil(seconds)))
        for _ in range(count):
            self.fleet.advance(seconds / count)
            self.vitals.advance(seconds / count, self._targets(), self._rng)
            self.traffic.advance(seconds / count, self.conditions())

    def _back_from_restart(self, component: str) -> None:
        for fault in faults.FAULTS:
            if fault.cured_by_restart == component:
                self.broken.pop(fault.id, None)
        if component == "redis":
            self.vitals.warmth = 0.0  # a restart empties the cache

    def _targets(self) -> Targets:
        broken = self.is_broken
        app_up = self.fleet.running("app")
        draining = self.component_ok("worker-llm") and self.component_ok("redis")
        cold = broken(faults.CACHE_COLD) or not self.component_ok("redis")
        slow = broken(faults.LATENCY_HIGH)
        load = DEFAULT_REPLICAS["app"] / max(1, self.fleet.ready("app"))
        return Targets(
            arrivals=JOBS_PER_SECOND if app_up else 0.0,
            drain=JOBS_PER_WORKER * self.fleet.ready("worker-llm") if draining else 0.0,
            disk=0.93 if broken(faults.DISK_FILLING) else 0.61,
            memory=0.46 if broken(faults.QWEN_DOWN) else 0.74 if slow else 0.58,
            cpu=min(0.97, (0.93 if slow else 0.34) * load) if app_up else 0.05,
            warmth=0.01 if cold else 1.0,
            runaway=broken(faults.REWARD_RUNAWAY),
        )

    def conditions(self) -> Conditions:
        """The current conditions for traffic."""
        return Conditions(
            rate=REQUESTS_PER_SECOND,
            api=LatencyModel(0.1 * self.slowdown, 0.6),
            failures=self._failures(),
            lanes=tuple(self._lane(mode) for mode in MODES),
            hit_ratio=self.hit_ratio,
            cache_bypassed=self.cache_bypassed,
        )

    def _failures(self) -> tuple[tuple[int, float], ...]:
        if not self.fleet.running("app"):
            return ((503, 1.0),)
        shares = [(500, 0.0002)]
        if self.is_broken(faults.ERRORS_5XX):
            shares.append((500, 0.08))
        if not self.component_ok("redis") and not self.cache_bypassed:
            shares.append((500, 0.02))
        if not self.component_ok("database"):
            # The cache still serves its hits.
            served = 0.0 if self.cache_bypassed else self.hit_ratio
            shares.append((503, 0.9 * (1 - 0.4 * served)))
        return tuple(shares)

    def _lane(self, mode: str) -> Lane:
        route = self.routing.route(mode)
        healthy = _LATENCIES[route.served_as]
        if route.model is None:
            return Lane(mode, None, healthy, rejected=route.rejected)
        problem = self.model_problem(route.model)
        if problem is not None:
            latency, failures = _IMPAIRED_MODELS[problem]
            return Lane(mode, route.model, latency, failures, route.rejected)
        # A fallback model has the latency of its own mode, plus one hop.
        own_mode = next(m for m in MODES if HOME[m] == route.model)
        speed = _LATENCIES[own_mode]
        hop = 0.2 * len(route.rejected)
        return Lane(
            mode, route.model, LatencyModel(speed.median + hop, speed.sigma), ((502, "error", 0.0002),), route.rejected
        )


__all__ = ["DEFAULT_SEED", "MAX_CONNECTIONS", "MODELS", "MODES", "VERSION", "SimulatedStack", "UnknownFault"]
