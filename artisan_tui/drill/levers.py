"""The operations (levers) that runbooks can call: their effects, results and refusals.

Calling an operation twice has the same effect as calling it once. The result has the new state and, if it helps an
undo, the previous one. The caller has advanced the stack.
"""

from __future__ import annotations

from artisan_tui.drill import faults
from artisan_tui.drill.bodies import Body
from artisan_tui.drill.fleet import MAX_REPLICAS, RESTART_SECONDS
from artisan_tui.drill.routing import MODELS, MODES
from artisan_tui.drill.stack import SimulatedStack


class LeverRefused(Exception):
    """An operation was refused. ``status`` is the HTTP status, ``known`` are the accepted names."""

    def __init__(self, status: int, message: str, known: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.known = known


def _one_of(kind: str, name: str, known: tuple[str, ...]) -> str:
    if name not in known:
        raise LeverRefused(404, f"unknown {kind}", known)
    return name


def breaker(stack: SimulatedStack, model: str, *, opened: bool) -> Body:
    """Open or close a model's circuit breaker. While it is open, the traffic goes to the fallback model."""
    _one_of("model", model, MODELS)
    before = model in stack.routing.open_breakers
    (stack.routing.open_breakers.add if opened else stack.routing.open_breakers.discard)(model)
    return {"model": model, "state": _open(opened), "before": _open(before)}


def _open(value: bool) -> str:
    return "open" if value else "closed"


def downshift(stack: SimulatedStack, mode: str, body: Body) -> Body:
    """Serve a mode as a lower one."""
    _one_of("mode", mode, MODES)
    to = body.get("to")
    lower = MODES[: MODES.index(mode)]
    if not isinstance(to, str) or to not in lower:
        raise LeverRefused(400, f'"to" must be a mode below {mode}', lower)
    before = stack.routing.downshifts.get(mode, mode)
    stack.routing.downshifts[mode] = to
    return {"mode": mode, "served_as": to, "before": before}


def restore(stack: SimulatedStack, mode: str) -> Body:
    """Serve a mode as itself again."""
    _one_of("mode", mode, MODES)
    before = stack.routing.downshifts.pop(mode, mode)
    return {"mode": mode, "served_as": mode, "before": before}


def scale(stack: SimulatedStack, component: str, body: Body) -> Body:
    """Set the number of replicas of a component. New ones become ready at one per second."""
    _one_of("component", component, tuple(stack.fleet.wanted))
    replicas = body.get("replicas")
    if isinstance(replicas, bool) or not isinstance(replicas, int) or not 0 <= replicas <= MAX_REPLICAS:
        raise LeverRefused(400, f'"replicas" must be a whole number from 0 to {MAX_REPLICAS}')
    before = stack.fleet.wanted[component]
    stack.fleet.scale(component, replicas)
    return {"component": component, "replicas": replicas, "ready": stack.fleet.ready(component), "before": before}


def restart(stack: SimulatedStack, component: str) -> Body:
    """Restart a component: it is unavailable for some seconds, and faults that a restart cures end."""
    _one_of("component", component, tuple(RESTART_SECONDS))
    seconds = stack.fleet.restart(component, stack.now)
    return {"component": component, "state": "restarting", "seconds": round(seconds, 3)}


def cache_bypass(stack: SimulatedStack, body: Body) -> Body:
    """Bypass the cache, or use it again."""
    enabled = body.get("enabled")
    if not isinstance(enabled, bool):
        raise LeverRefused(400, '"enabled" must be true or false')
    before = stack.cache_bypassed
    stack.cache_bypassed = enabled
    return {"bypass": enabled, "before": before}


def cache_warm(stack: SimulatedStack) -> Body:
    """Warm the cache, which also ends the fault `cache_cold`. Refused without Redis."""
    if not stack.component_ok("redis"):
        raise LeverRefused(409, "the cache cannot be warmed while Redis is down")
    stack.broken.pop(faults.CACHE_COLD, None)
    stack.vitals.warming = True
    return {"warming": True, "hit_ratio": round(stack.hit_ratio, 4)}


def rl_stop(stack: SimulatedStack) -> Body:
    """Stop RL training."""
    before = stack.vitals.training.running
    stack.vitals.training.running = False
    return {"training": False, "step": int(stack.vitals.training.step), "before": before}


def rl_resume(stack: SimulatedStack, body: Body) -> Body:
    """Resume RL training with ``learning_rate``; without it the rate is multiplied by ``learning_rate_factor`` (1).

    The rate itself can be set twice and is the same then; a factor is not applied while training runs.
    """
    rate = body.get("learning_rate")
    if rate is not None and (isinstance(rate, bool) or not isinstance(rate, (int, float)) or not 0 < rate <= 1):
        raise LeverRefused(400, '"learning_rate" must be a number above 0 and at most 1')
    factor = body.get("learning_rate_factor", 1.0)
    if isinstance(factor, bool) or not isinstance(factor, (int, float)) or not 0 < factor <= 1:
        raise LeverRefused(400, '"learning_rate_factor" must be a number above 0 and at most 1')
    training = stack.vitals.training
    before = training.running
    if not before:
        training.running = True
        training.learning_rate *= factor
    if rate is not None:
        training.learning_rate = float(rate)
    return {
        "training": True,
        "step": int(training.step),
        "learning_rate": training.learning_rate,
        "before": before,
    }


def rl_rollback(stack: SimulatedStack, body: Body) -> Body:
    """Load the last stable checkpoint, which also ends the fault `reward_runaway`. Refused while training runs.

    ``checkpoint`` is the one that the caller found: another one is refused.
    """
    training = stack.vitals.training
    wanted = body.get("checkpoint", training.stable_checkpoint)
    if wanted != training.stable_checkpoint:
        raise LeverRefused(409, f"checkpoint {wanted} is not stable: {training.stable_checkpoint} is")
    if training.running:
        raise LeverRefused(409, "stop the training before rolling back")
    before = int(training.step)
    stack.broken.pop(faults.REWARD_RUNAWAY, None)
    return {"training": False, "step": training.load_checkpoint(), "before": before}
