"""The operator's levers: what a runbook may turn, what it answers, and what is refused and why.

Turning a lever twice in a row does what turning it once does. Each answers with the state it left
and, where it helps an undo, the state it found. The caller has brought the world up to now.
"""

from __future__ import annotations

from typing import Any

from artisan_tui.drill import faults
from artisan_tui.drill.fleet import MAX_REPLICAS, RESTART_SECONDS
from artisan_tui.drill.routing import MODELS, MODES
from artisan_tui.drill.world import World

Body = dict[str, Any]


class Refused(Exception):
    """A lever that was not turned: ``status`` is the HTTP status, ``known`` the names that would have done."""

    def __init__(self, status: int, message: str, known: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.known = known


def _one_of(kind: str, name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise Refused(404, f"unknown {kind}", known)
    return name


def breaker(world: World, model: str, *, opened: bool) -> Body:
    """Open or close a model's circuit breaker; open, its traffic goes to the fallback model."""
    _one_of("model", model, MODELS)
    before = model in world.routing.open_breakers
    (world.routing.open_breakers.add if opened else world.routing.open_breakers.discard)(model)
    return {"model": model, "state": _open(opened), "before": _open(before)}


def _open(value: bool) -> str:
    return "open" if value else "closed"


def downshift(world: World, mode: str, body: Body) -> Body:
    """Serve a mode as a lower one."""
    _one_of("mode", mode, MODES)
    to = body.get("to")
    lower = MODES[: MODES.index(mode)]
    if not isinstance(to, str) or to not in lower:
        raise Refused(400, f'"to" must be a mode below {mode}', lower)
    before = world.routing.downshifts.get(mode, mode)
    world.routing.downshifts[mode] = to
    return {"mode": mode, "served_as": to, "before": before}


def restore(world: World, mode: str) -> Body:
    """Serve a mode as itself again."""
    _one_of("mode", mode, MODES)
    before = world.routing.downshifts.pop(mode, mode)
    return {"mode": mode, "served_as": mode, "before": before}


def scale(world: World, component: str, body: Body) -> Body:
    """Set a component's replicas; new ones take a second each to be ready."""
    _one_of("component", component, tuple(world.fleet.wanted))
    replicas = body.get("replicas")
    if isinstance(replicas, bool) or not isinstance(replicas, int) or not 0 <= replicas <= MAX_REPLICAS:
        raise Refused(400, f'"replicas" must be a whole number from 0 to {MAX_REPLICAS}')
    before = world.fleet.wanted[component]
    world.fleet.scale(component, replicas)
    return {"component": component, "replicas": replicas, "ready": world.fleet.ready(component), "before": before}


def restart(world: World, component: str) -> Body:
    """Restart a component: unavailable for a few seconds, and cured of what a restart cures."""
    _one_of("component", component, tuple(RESTART_SECONDS))
    seconds = world.fleet.restart(component, world.now)
    return {"component": component, "state": "restarting", "seconds": round(seconds, 3)}


def cache_bypass(world: World, body: Body) -> Body:
    """Answer without the cache, or with it again."""
    enabled = body.get("enabled")
    if not isinstance(enabled, bool):
        raise Refused(400, '"enabled" must be true or false')
    before = world.cache_bypassed
    world.cache_bypassed = enabled
    return {"bypass": enabled, "before": before}


def cache_warm(world: World) -> Body:
    """Fill the cache on purpose, which also ends `cache_cold`; needs Redis."""
    if not world.component_ok("redis"):
        raise Refused(409, "the cache cannot be warmed while Redis is down")
    world.broken.pop(faults.CACHE_COLD, None)
    world.vitals.warming = True
    return {"warming": True, "hit_ratio": round(world.hit_ratio, 4)}


def rl_stop(world: World) -> Body:
    """Stop RL training."""
    before = world.vitals.training.running
    world.vitals.training.running = False
    return {"training": False, "step": int(world.vitals.training.step), "before": before}


def rl_resume(world: World, body: Body) -> Body:
    """Resume stopped RL training, its learning rate multiplied by ``learning_rate_factor`` (default 1)."""
    factor = body.get("learning_rate_factor", 1.0)
    if isinstance(factor, bool) or not isinstance(factor, (int, float)) or not 0 < factor <= 1:
        raise Refused(400, '"learning_rate_factor" must be a number above 0 and at most 1')
    training = world.vitals.training
    before = training.running
    if not before:
        training.running = True
        training.learning_rate *= factor
    return {
        "training": True,
        "step": int(training.step),
        "learning_rate": training.learning_rate,
        "before": before,
    }


def rl_rollback(world: World) -> Body:
    """Load the last stable checkpoint, which ends `reward_runaway`; refused while training runs."""
    training = world.vitals.training
    if training.running:
        raise Refused(409, "stop the training before rolling back")
    before = int(training.step)
    world.broken.pop(faults.REWARD_RUNAWAY, None)
    return {"training": False, "step": training.load_checkpoint(), "before": before}
