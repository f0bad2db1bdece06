"""The simulated stack as its servers see it: the world of `model`, on a clock of seconds with fractions.

There is no background task. `SimulatedStack.advance` runs the ticks since its last call, so an idle stack costs
nothing. An act between two ticks takes effect with the next one.
"""

from __future__ import annotations

import math
from typing import Final

from artisan_tui.drill.model import measures
from artisan_tui.drill.model.afflictions import UnknownFault
from artisan_tui.drill.model.circumstances import component_ok, conditions, hit_ratio, model_problems
from artisan_tui.drill.model.conditions import LATENCIES, Conditions
from artisan_tui.drill.model.database import MAX_CONNECTIONS
from artisan_tui.drill.model.fleet import Fleet
from artisan_tui.drill.model.releases import VERSION
from artisan_tui.drill.model.routing import HOME, MODELS, MODES, Routing
from artisan_tui.drill.model.settings import WorldSettings
from artisan_tui.drill.model.trainer import Trainer
from artisan_tui.drill.model.world import World
from artisan_tui.drill.shapes import APP, Shape
from artisan_tui.drill.traffic import Traffic

DEFAULT_SEED: Final = 20251014
MAX_CATCH_UP: Final = 3600.0  # seconds; older traffic is not simulated
_LONGEST_DELAY: Final = 2.0
_NOTICED: Final = 0.05
_WARMING: Final = 5.0  # seconds
_MODE_OF: Final = {model: mode for mode, model in HOME.items()}


class SimulatedStack:
    """The whole simulated stack. ``now`` arguments are seconds. An earlier time changes nothing."""

    def __init__(
        self,
        seed: int = DEFAULT_SEED,
        now: float = 0.0,
        shape: Shape = APP,
        settings: WorldSettings | None = None,
    ) -> None:
        self.seed = seed
        self.shape = shape
        self.started = now
        self.now = now
        self.world = World(seed, shape, settings)
        self.traffic = Traffic(self.world, shape.brief_bounds)

    @property
    def fleet(self) -> Fleet:
        """The components."""
        return self.world.fleet

    @property
    def routing(self) -> Routing:
        """The breakers and the downshifts."""
        return self.world.routing

    @property
    def trainer(self) -> Trainer:
        """RL training."""
        return self.world.trainer

    # -- faults

    @property
    def broken(self) -> dict[str, float]:
        """The active faults, and since when."""
        return {name: self.started + each.since for name, each in self.world.afflictions.active.items()}

    def break_fault(self, fault_id: str, now: float) -> None:
        """Activate a fault. Activating an active fault changes nothing. Raises UnknownFault."""
        self.advance(now)
        self.world.break_fault(fault_id)

    def mend_fault(self, fault_id: str, now: float) -> None:
        """Deactivate a fault. Its effects fade at their own pace. Raises UnknownFault."""
        self.advance(now)
        self.world.mend_fault(fault_id)

    def mend_all(self, now: float) -> None:
        """Deactivate all faults. The operators' settings (breakers, modes, replicas) stay."""
        self.advance(now)
        for fault_id in tuple(self.world.afflictions.active):
            self.world.mend_fault(fault_id)

    def is_broken(self, fault_id: str) -> bool:
        """Whether the fault is active."""
        return fault_id in self.world.afflictions

    # -- state

    def component_ok(self, component: str) -> bool:
        """Whether a component works: it runs, and no fault stops it."""
        return component_ok(self.world, component)

    def model_problem(self, model: str) -> str | None:
        """Why a model cannot answer: a fault's id, ``restart``, ``down``, or None. An open breaker says nothing of it.

        The guide looks at the model's health before it closes the breaker.
        """
        return model_problems(self.world)[model]

    def serves(self, model: str) -> bool:
        """Whether it answers, and is asked: no breaker is in between."""
        return self.model_problem(model) is None and model not in self.world.routing.open_breakers

    def warming(self, model: str) -> bool:
        """Whether a model that was restarted has just come back: its first answers are slow."""
        return model in self.fleet.up_since and self.up_seconds(model) < _WARMING

    def up_seconds(self, component: str) -> float:
        """Seconds since the last start of a component."""
        return self.now - self.started - self.fleet.since(component)

    def inference_ms(self, model: str) -> float:
        """What the last inference of a healthy model took."""
        noise = self.world.draws[f"inference/{model}"].uniform(self.world.tick)
        return 1000 * LATENCIES[_MODE_OF[model]].median * (0.9 + 0.2 * noise)

    @property
    def cache_bypassed(self) -> bool:
        """Whether nobody asks the cache."""
        return self.world.cache_bypassed

    @property
    def hit_ratio(self) -> float:
        """The current share of cache lookups that hit."""
        return hit_ratio(self.world)

    @property
    def queue_length(self) -> int:
        """The jobs that wait for a worker."""
        return self.world.jobs.length

    @property
    def database_connections(self) -> int:
        """Connections in use. Lookups that miss the cache, and replicas, need connections."""
        return measures.database_connections(self.world) if self.component_ok("database") else 0

    @property
    def error_ratio(self) -> float:
        """The share of the last minute's requests that ended in a 5xx."""
        counters = self.world.counters
        answered = counters.recently("answered")
        return counters.recently("failed") / answered if answered else 0.0

    def slower_share(self, seconds: float) -> float:
        """The share of requests for which the API itself takes longer than ``seconds`` now."""
        return measures.slower_share(self.world, seconds)

    @property
    def real_delay(self) -> float:
        """Seconds by which real responses are delayed: what a request waits more than usual."""
        delay = measures.felt_delay(self.world)
        return min(_LONGEST_DELAY, delay) if delay > _NOTICED else 0.0

    def conditions(self) -> Conditions:
        """The current conditions for traffic."""
        return conditions(self.world)

    # -- time

    def advance(self, now: float) -> None:
        """Simulate the time until ``now``."""
        if not math.isfinite(now) or now <= self.now:
            return
        self.now = now
        tick = math.floor(now - self.started + 1e-6)
        self.world.skip_to(tick - int(MAX_CATCH_UP))
        self.world.advance_to(tick)


__all__ = ["DEFAULT_SEED", "MAX_CONNECTIONS", "MODELS", "MODES", "VERSION", "SimulatedStack", "UnknownFault"]
