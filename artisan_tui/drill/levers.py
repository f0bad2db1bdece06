"""The operations (levers) of the admin API: requests are checked, and carried out by the operations of the model.

Calling an operation twice has the same effect as calling it once. The result has the new state and, if it helps an
undo, the previous one. The caller has advanced the stack.
"""

from __future__ import annotations

from artisan_tui.drill.bodies import Body
from artisan_tui.drill.model.fleet import MAX_REPLICAS, RESTART_SECONDS
from artisan_tui.drill.model.outcome import Outcome
from artisan_tui.drill.model.routing import MODELS, MODES
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


def _done(outcome: Outcome) -> Body:
    """The values of an operation. One that the stack refuses in its present state is a 409."""
    if not outcome.ok:
        raise LeverRefused(409, outcome.output.removeprefix("error: "))
    return dict(outcome.values)


def breaker(stack: SimulatedStack, model: str, *, opened: bool) -> Body:
    """Open or close a model's circuit breaker. While it is open, the traffic goes to the fallback model."""
    _one_of("model", model, MODELS)
    return {"model": model, **_done(stack.world.operate.breaker(model, "open" if opened else "close"))}


def downshift(stack: SimulatedStack, mode: str, body: Body) -> Body:
    """Serve a mode as a lower one."""
    _one_of("mode", mode, MODES)
    to = body.get("to")
    lower = MODES[: MODES.index(mode)]
    if not isinstance(to, str) or to not in lower:
        raise LeverRefused(400, f'"to" must be a mode below {mode}', lower)
    return {"mode": mode, **_done(stack.world.operate.downshift(mode, to))}


def restore(stack: SimulatedStack, mode: str) -> Body:
    """Serve a mode as itself again."""
    _one_of("mode", mode, MODES)
    return {"mode": mode, **_done(stack.world.operate.restore_mode(mode))}


def scale(stack: SimulatedStack, component: str, body: Body) -> Body:
    """Set the number of replicas of a component. New ones become ready one after the other."""
    _one_of("component", component, tuple(stack.fleet.wanted))
    replicas = body.get("replicas")
    if isinstance(replicas, bool) or not isinstance(replicas, int) or not 0 <= replicas <= MAX_REPLICAS:
        raise LeverRefused(400, f'"replicas" must be a whole number from 0 to {MAX_REPLICAS}')
    return _done(stack.world.operate.scale(component, replicas))


def restart(stack: SimulatedStack, component: str) -> Body:
    """Restart a component: it is unavailable for some seconds, and faults that a restart cures end."""
    _one_of("component", component, tuple(RESTART_SECONDS))
    return {"state": "restarting", **_done(stack.world.operate.restart(component))}


def cache_bypass(stack: SimulatedStack, body: Body) -> Body:
    """Bypass the cache, or use it again."""
    enabled = body.get("enabled")
    if not isinstance(enabled, bool):
        raise LeverRefused(400, '"enabled" must be true or false')
    return _done(stack.world.operate.bypass_cache(enabled))


def cache_warm(stack: SimulatedStack) -> Body:
    """Warm the cache, which also ends the fault `cache_cold`. Refused without Redis."""
    return {"warming": True, "hit_ratio": _done(stack.world.operate.warm_cache())["hit_ratio"]}


def rl_stop(stack: SimulatedStack) -> Body:
    """Stop RL training."""
    return _done(stack.world.operate.trainer_stop())


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
    trainer = stack.trainer
    wanted = None if trainer.running else trainer.learning_rate * factor
    return _done(stack.world.operate.trainer_start(wanted if rate is None else float(rate)))


def rl_rollback(stack: SimulatedStack, body: Body) -> Body:
    """Load the last stable checkpoint, which also ends the fault `reward_runaway`. Refused while training runs.

    ``checkpoint`` is the one that the caller found: another one is refused.
    """
    stable = stack.trainer.stable_checkpoint
    wanted = body.get("checkpoint", stable)
    if wanted != stable:
        raise LeverRefused(409, f"checkpoint {wanted} is not stable: {stable} is")
    return {"training": False, **_done(stack.world.operate.trainer_load(stable))}
