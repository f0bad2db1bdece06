"""The named measures of the world, of which objectives are made. Seconds, shares from 0 to 1, and counts."""

from __future__ import annotations

from collections.abc import Collection

from artisan_tui.drill import faults
from artisan_tui.drill.model import afflictions as troubles
from artisan_tui.drill.model.circumstances import (
    Present,
    conditions,
    connector_timeouts,
    hit_ratio,
    model_problems,
    region_works,
)
from artisan_tui.drill.model.conditions import Conditions, quantile, slower_than
from artisan_tui.drill.model.demand import CACHED_SHARE
from artisan_tui.drill.model.latency import LatencyModel
from artisan_tui.drill.model.routing import MODELS


def database_misses(world: Present, now: Conditions) -> float:
    """Lookups a second that the database answers."""
    served = min(now.rate * (1.0 - now.shed), world.line.station.per_second or now.rate)
    return served * CACHED_SHARE * now.missing


def database_connections(world: Present, now: Conditions | None = None) -> int:
    """Connections in use, if the database accepts any."""
    now = now or conditions(world)
    slow = world.afflictions.level(troubles.DATABASE_SLOW, world.tick)
    return world.database.connections(database_misses(world, now), slow, world.fleet.ready("app"))


def waits(world: Present, now: Conditions) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """(share, seconds) that are added to every request, and (probability, mean) of the wait for a slot."""
    front = world.line.station
    missing = CACHED_SHARE * now.missing
    pool = world.database.pool.seconds
    parts = [(1.0, front.backlog_seconds)]
    if missing > 0.0 and pool > 1e-3:
        parts = [(1.0 - missing, front.backlog_seconds), (missing, front.backlog_seconds + pool)]
    # A wait that almost nobody has is none.
    return parts, (front.chance, front.scale) if front.chance > 1e-3 and front.scale > 0.0 else (0.0, 0.0)


def slower_share(world: Present, seconds: float) -> float:
    """The share of requests for which the API itself takes longer than ``seconds``."""
    now = conditions(world)
    parts, wait = waits(world, now)
    return slower_than(seconds, parts, now.plain, now.stalled, wait)


def felt_delay(world: Present) -> float:
    """The mean seconds that a request waits more than usual."""
    now = conditions(world)
    return world.line.station.seconds + now.stalled * 5.85


def _ratio(part: float, whole: float, nothing: float = 0.0) -> float:
    return part / whole if whole else nothing


def measures_of(world: Present, wanted: Collection[str] = ()) -> dict[str, float]:
    """All measures, in a fixed order. Given ``wanted`` ones, other percentiles are left out: they cost most."""
    now, counters = conditions(world), world.counters
    parts, wait = waits(world, now)

    def p95(own: LatencyModel, stalled: float) -> float:
        return quantile(0.95, parts, own, stalled, wait)

    lanes = {each.mode: each for each in now.lanes}
    answered = counters.recently("answered")
    station = world.line.station
    out = {} if wanted and "api.p95" not in wanted else {"api.p95": p95(now.plain, now.stalled)}
    out |= {
        "api.wait": station.seconds,
        "api.waiting": float(station.waiting),
        "api.utilisation": min(station.utilisation, 99.0),
        "api.attempts_per_second": _ratio(counters.recently("attempts"), len(counters.recent)),
        "api.error_ratio": _ratio(counters.recently("failed"), answered),
        "api.useful_per_second": _ratio(counters.recently("useful"), len(counters.recent)),
        "api.replicas": float(world.fleet.ready("app")),
        "api.cpu": world.machine.cpu,
    }
    for mode, each in lanes.items():
        if not wanted or f"{mode}.p95" in wanted:
            out[f"{mode}.p95"] = p95(each.latency, 0.0)
        out[f"{mode}.failing"] = each.failing
    out |= {
        "creative.good_share": _ratio(counters.recently("creative_good"), counters.recently("creative"), 1.0),
        "requests.total": float(counters.fresh),
        "good_requests.total": float(counters.good),
        "bad_requests.total": float(counters.bad),
        **{f"bad_requests.{mode}": float(counters.bad_by_mode.get(mode, 0)) for mode in ("plain", *lanes)},
        "rejected.total": float(counters.rejected),
        "queue.length": float(world.jobs.length),
        "workers.ready": float(world.fleet.ready("worker-llm")),
        "cache.hit_ratio": hit_ratio(world),
        "database.connections": float(database_connections(world, now)),
        "database.waiting": float(world.database.pool.waiting),
        "database.wait": world.database.pool.seconds,
        "database.revision": float(world.database.applied),
        "rl.reward": world.trainer.reward,
        "rl.kl": world.trainer.kl,
        "rl.step": float(int(world.trainer.step)),
        "rl.running": float(world.trainer.running),
        "rl.learning_rate": world.trainer.learning_rate,
        "host.disk": world.machine.disk,
        "host.memory": world.machine.memory,
        "models.healthy": float(list(model_problems(world).values()).count(None)),
        **{f"{name}.breaker_open": float(name in world.routing.open_breakers) for name in MODELS},
        "dr.rpo": float(world.recovery.rpo(world.tick)),
        "dr.rto": float(world.recovery.rto(world.tick)),
        "dr.region_works": float(region_works(world)),
        "dr.lost_seconds": float(world.recovery.lost_seconds),
        "data.corrupted": world.afflictions.level(troubles.DATA_CORRUPTED, world.tick),
        "metrics.gone": float(faults.METRICS_GONE in world.afflictions),
        **_release_measures(world, now, wanted),
    }
    return out


def _release_measures(world: Present, now: Conditions, wanted: Collection[str]) -> dict[str, float]:
    """Those that decide about a canary, and the same of what serves everybody without one."""
    releases, counters = world.releases, world.counters
    version = releases.canary or releases.stable
    release = releases.of(version)
    broken = world.afflictions.level(faults.ERRORS_5XX, world.tick)
    parts, wait = waits(world, now)
    own = LatencyModel(now.plain.median * release.slow / releases.slow, now.plain.sigma)
    judgment = {}
    if not wanted or "judgment.p95" in wanted:
        judgment = {"judgment.p95": quantile(0.95, parts, own, now.stalled, wait)}
    return {
        "canary.share": releases.share,
        "canary.requests": float(counters.canary_answered),
        "canary.error_ratio": _ratio(counters.canary_failed, counters.canary_answered),
        "canary.errors_expected": releases.errors(version, world.database.applied, broken),
        **judgment,
        "parse_failures.share": release.parse_failures,
        "workflow_failures.share": release.workflow_failures,
        "mcp_timeouts.share": connector_timeouts(world),
    }
