"""Operations on how requests are served: models, the cache, callers, and what is let in."""

from __future__ import annotations

from typing import Final

from artisan_tui.drill import faults
from artisan_tui.drill.model.cache import KEYS
from artisan_tui.drill.model.circumstances import Present, component_ok
from artisan_tui.drill.model.outcome import Outcome, refused
from artisan_tui.drill.model.routing import MODES

MAX_RETRIES: Final = 10


class ServiceOperations:
    """Breakers and modes, the cache, retries, and the traffic that is let in."""

    def __init__(self, world: Present) -> None:
        self._world = world

    # -- models

    def breaker(self, model: str, do: str) -> Outcome:
        """Force a breaker ``open``, or ``close`` it. While it is open, the fallback model is called."""
        breakers = self._world.routing.breakers
        if model not in breakers or do not in ("open", "close"):
            return refused(f"open or close one of {', '.join(breakers)}")
        before = breakers[model].state
        breakers[model].force(do == "open")
        return Outcome(
            True, f"breaker of {model}: {breakers[model].state}", {"state": breakers[model].state, "before": before}
        )

    def downshift(self, mode: str, to: str) -> Outcome:
        """Serve a mode as a lower one."""
        lower = MODES[: MODES.index(mode)] if mode in MODES else ()
        if to not in lower:
            return refused(f'"{mode}" cannot be served as "{to}"; the modes below it: {", ".join(lower) or "none"}')
        downshifts = self._world.routing.downshifts
        before = downshifts.get(mode, mode)
        downshifts[mode] = to
        return Outcome(True, f"{mode} is served as {to}", {"served_as": to, "before": before})

    def restore_mode(self, mode: str) -> Outcome:
        """Serve a mode as itself again."""
        if mode not in MODES:
            return refused(f'no mode "{mode}"; known: {", ".join(MODES)}')
        before = self._world.routing.downshifts.pop(mode, mode)
        return Outcome(True, f"{mode} is served as {mode}", {"served_as": mode, "before": before})

    # -- cache and callers

    def bypass_cache(self, on: bool) -> Outcome:
        """Ask the database without the cache, or use the cache again."""
        before, self._world.cache_bypassed = self._world.cache_bypassed, on
        return Outcome(True, f"cache {'bypassed' if on else 'in use'}", {"bypass": on, "before": before})

    def warm_cache(self, keys: int = KEYS) -> Outcome:
        """Load the most popular keys."""
        if not component_ok(self._world, "redis"):
            return refused("the cache cannot be warmed while Redis is down")
        if not 1 <= keys <= KEYS:
            return refused(f"the keys must be from 1 to {KEYS}")
        self._world.mend_fault(faults.CACHE_COLD)
        self._world.cache.warm(keys)
        return Outcome(True, f"{keys} keys loaded", {"keys": keys, "hit_ratio": round(self._world.cache.hit_ratio, 4)})

    def flush_cache(self) -> Outcome:
        """Empty the cache."""
        if not component_ok(self._world, "redis"):
            return refused("Redis is down")
        self._world.cache.flush()
        return Outcome(True, "OK", {"hit_ratio": 0.0})

    def set_retries(self, n: int, budget: float | None = None) -> Outcome:
        """Let callers try again ``n`` times; with a ``budget`` at most that share of first attempts."""
        if not 0 <= n <= MAX_RETRIES or (budget is not None and not 0.0 <= budget <= 1.0):
            return refused(f"retries must be from 0 to {MAX_RETRIES}, and the budget from 0 to 1")
        retries = self._world.retries
        before, retries.most, retries.budget = retries.most, n, budget
        return Outcome(True, f"retries: {n}", {"retries": n, "before": before})

    def limit_traffic(self, share: float) -> Outcome:
        """Let ``share`` of the requests in, and answer the others with 429."""
        if not 0.0 <= share <= 1.0:
            return refused("the share must be from 0 to 1")
        before, self._world.traffic_limit = self._world.traffic_limit, share
        return Outcome(True, f"{share:.0%} of the traffic is let in", {"share": share, "before": before})

    def maintenance_page(self, on: bool) -> Outcome:
        """Answer everybody with the maintenance page, or let them in again."""
        before, self._world.maintenance = self._world.maintenance, on
        return Outcome(True, f"maintenance page {'on' if on else 'off'}", {"on": on, "before": before})
