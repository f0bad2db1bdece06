"""The world of a drill: the stack with everything in it, in ticks of one second."""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from artisan_tui.drill import faults
from artisan_tui.drill.model import afflictions as troubles
from artisan_tui.drill.model.afflictions import Afflictions
from artisan_tui.drill.model.autoscaler import EVERY, Autoscaler
from artisan_tui.drill.model.cache import Cache
from artisan_tui.drill.model.circumstances import (
    component_ok,
    conditions,
    connector_timeouts,
    cpu_demand,
    hit_ratio,
    model_problems,
    slots,
)
from artisan_tui.drill.model.conditions import Conditions, lane, service
from artisan_tui.drill.model.counters import Counters, Second
from artisan_tui.drill.model.database import POOL, POOL_LIMIT, QUERY_SECONDS, Database
from artisan_tui.drill.model.demand import CACHED_SHARE, CLASSES, JOBS_PER_SECOND
from artisan_tui.drill.model.draws import DrawStreams, binomial, poisson
from artisan_tui.drill.model.fleet import Fleet
from artisan_tui.drill.model.line import Line, Lot, Passed, Retries
from artisan_tui.drill.model.machine import Machine
from artisan_tui.drill.model.measures import measures_of
from artisan_tui.drill.model.operations import Operations
from artisan_tui.drill.model.recovery import Recovery
from artisan_tui.drill.model.releases import Releases
from artisan_tui.drill.model.routing import Routing
from artisan_tui.drill.model.serving import Observer, Served, Serving
from artisan_tui.drill.model.settings import WorldSettings
from artisan_tui.drill.model.state import state_of
from artisan_tui.drill.model.trainer import Trainer
from artisan_tui.drill.model.workers import JobQueue
from artisan_tui.drill.shapes import APP, Shape

_ARRIVALS: Final = tuple(f"arrivals/{each.name}" for each in CLASSES)
_SHED: Final = tuple(f"shed/{each.name}" for each in CLASSES)
#: Seconds after which a request is told that it is not served.
TURNED_AWAY: Final = 0.01
_CREATIVE: Final = next(kind for kind, each in enumerate(CLASSES) if each.mode == "creative")


class World:
    """The state of the stack. Only `advance_to` lets time pass; operations take effect from the next tick on."""

    def __init__(self, seed: int, shape: Shape = APP, settings: WorldSettings | None = None) -> None:
        self.seed, self.shape = seed, shape
        self.settings = settings or WorldSettings()
        self.tick = 0
        self.afflictions = Afflictions()
        self.fleet = Fleet()
        self.routing = Routing(self.settings.breaker)
        self.line = Line(self.settings.queue_limit, self.settings.client_timeout)
        self.retries = Retries(self.settings.retries, self.settings.retry_budget)
        self.cache = Cache()
        self.cache_bypassed = False
        self.database = Database()
        self.recovery = Recovery()
        self.releases = Releases()
        self.jobs = JobQueue()
        self.trainer = Trainer()
        self.machine = Machine()
        self.autoscalers: dict[str, Autoscaler] = {}
        self.traffic_limit = 1.0
        self.maintenance = False
        self.refused_queries = 0.0
        self.counters = Counters()
        self.draws = DrawStreams(seed)
        self.observer: Observer | None = None
        self.operate = Operations(self)
        self._key: object = None
        self._known = (now := conditions(self), service(now))
        self._serving = Serving(self.draws, self.counters)
        self._arrivals = [self.draws[name] for name in _ARRIVALS]
        self._shed = [self.draws[name] for name in _SHED]

    # -- faults

    def break_fault(self, fault: str, ramp: int = 0, level: float | None = None) -> None:
        """Activate a fault, growing to its level in ``ramp`` seconds where it has one. Raises UnknownFault."""
        self.afflictions.begin(fault, self.tick, ramp, level)
        if fault == faults.ERRORS_5XX and self.releases.broken is None:
            self.releases.broken = self.releases.canary or self.releases.stable

    def mend_fault(self, fault: str) -> None:
        """Deactivate a fault. Its effects fade at their own pace. Raises UnknownFault."""
        self.afflictions.end(fault)
        if fault == faults.ERRORS_5XX:
            self.releases.broken = None

    # -- what is read

    def state(self) -> dict[str, object]:
        """The whole state as JSON values in a fixed order. What traffic alone changes is under ``traffic``."""
        return state_of(self)

    def measures(self, wanted: Collection[str] = ()) -> dict[str, float]:
        """The named measures of this moment, or at least the ``wanted`` ones. Shares are of the last minute."""
        return measures_of(self, wanted)

    # -- time

    def advance_to(self, tick: int) -> None:
        """Run all ticks up to ``tick``. An earlier one changes nothing."""
        while self.tick < tick:
            self._second()

    def skip_to(self, tick: int) -> None:
        """Let time pass in which nothing is simulated."""
        self.tick = max(self.tick, tick)

    def _second(self) -> None:
        self.tick += 1
        self._platform()
        now, (mean, variation) = self._present()
        second = Second()
        came = self._arrive(now, second)
        rate = now.rate * (1.0 - now.shed) + sum(lot.n for lot in came if lot.attempt)
        passed = self.line.tick(
            self.tick, came, rate, slots(self), (mean, variation), self.draws["turned away"].uniform(self.tick)
        )
        served = self._answer(passed, now, second)
        self._fail(passed, served, second)
        self._lookups(passed, now)
        self._background(now)
        self._around(passed)
        self.counters.recent.append(second)

    def _present(self) -> tuple[Conditions, tuple[float, float]]:
        """The conditions of this second and the service they make. They are made anew only when something changed."""
        key = (
            tuple(self.afflictions.active.items()),
            self.tick if any(each.ramp for each in self.afflictions.active.values()) else 0,
            tuple(self.fleet.restarting),
            tuple(self.fleet.stopped),
            self.fleet.ready("app"),
            tuple([each.state for each in self.routing.breakers.values()]),
            tuple(self.routing.downshifts.items()),
            (self.cache.lookups, self.cache.warmed, self.cache_bypassed, self.refused_queries),
            (self.releases.parts, self.releases.broken, tuple(self.releases.known.items())),
            self.database.applied,
            (self.recovery.region, self.recovery.switching is None, self.traffic_limit, self.maintenance),
        )
        if key != self._key:
            now = conditions(self)
            self._key, self._known = key, (now, service(now))
        return self._known

    def _platform(self) -> None:
        """Replicas, restarts, the autoscalers, and the region."""
        for component in self.fleet.tick(self.tick):
            self._returned(component)
        if self.tick % EVERY == 0:
            for component, scaler in self.autoscalers.items():
                replicas = self.fleet.wanted[component]
                # The workers have the demand of their queue; the API that of its CPU.
                metric = self.machine.demand if component == "app" else self.jobs.length / (50.0 * max(1, replicas))
                self.fleet.scale(component, scaler.wanted(replicas, metric))
        for breaker in self.routing.breakers.values():
            breaker.tick(self.tick)
        self.recovery.corrupted = self._level(troubles.DATA_CORRUPTED)
        self.recovery.tick(self.tick, self.database.applied, troubles.REGION_LOST in self.afflictions)

    def _returned(self, component: str) -> None:
        for fault in faults.FAULTS:
            if fault.cured_by_restart == component:
                self.mend_fault(fault.id)
        if component == "redis":
            self.cache.flush()  # a restart empties the cache

    def _arrive(self, now: Conditions, second: Second) -> list[Lot]:
        """First attempts, and those that come again. What is turned away before the API is counted here."""
        counters, came = self.counters, []
        for kind, each in enumerate(CLASSES):
            n = poisson(self._arrivals[kind].uniform(self.tick), now.rate * each.share)
            if not n:
                continue
            counters.fresh += n
            if now.shed > 0.0:
                away = binomial(self._shed[kind].uniform(self.tick), n, now.shed)
                if away:
                    counters.requests[each.method, each.path, str(now.shed_status)] += away
                    counters.attempts += away
                    if self.observer is not None:
                        self.observer.turned_away(away, TURNED_AWAY)
                    counters.rejected += away
                    self._lost(Lot(kind, self.retries.most, away), second)
                n -= away
            if n:
                came.append(Lot(kind, 0, n))
        self.retries.earn(sum(lot.n for lot in came))
        came.extend(self.retries.due(self.tick))
        second.attempts = sum(lot.n for lot in came)
        counters.attempts += second.attempts
        return came

    def _answer(self, passed: Passed, now: Conditions, second: Second) -> Served:
        wait = self.line.station.seconds
        probes = {
            each.mode: lane(self.routing, each.mode, model_problems(self), probe)
            for each in now.lanes
            if each.rejected and (probe := self.routing.probed(each.mode)) is not None
        }
        served = self._serving.tick(self.tick, passed.served, now, probes, wait, second, self.observer)
        for model, (calls, failed) in served.calls.items():
            self.routing.breakers[model].record(self.tick, calls, failed)
        if self.releases.canary is not None:
            stream = self.draws["canary"]
            version, share = self.releases.parts[1]
            there = binomial(stream.uniform(self.tick, 1), second.answered, share)
            errors = self.releases.errors(version, self.database.applied, self._level(faults.ERRORS_5XX))
            self.counters.canary_answered += there
            self.counters.canary_failed += binomial(stream.uniform(self.tick, 2), there, errors)
        return served

    def _level(self, fault: str) -> float:
        return self.afflictions.level(fault, self.tick)

    def _fail(self, passed: Passed, served: Served, second: Second) -> None:
        """Count those that were turned away or gave up, and let who failed come again."""
        counters = self.counters
        counters.served += sum(lot.n for lot in passed.served) + sum(lot.n for lot in passed.useless)
        for lots, status in ((passed.rejected, "503"), (passed.given_up, "504")):
            for lot in lots:
                each = CLASSES[lot.kind]
                counters.requests[each.method, each.path, status] += lot.n
                second.answered += lot.n
                second.failed += lot.n
                if lot.kind == _CREATIVE:
                    second.creative += lot.n
                served.failed.append((lot, 1))
                if self.observer is not None:
                    self.observer.turned_away(lot.n, TURNED_AWAY if status == "503" else self.line.timeout)
        counters.rejected += sum(lot.n for lot in passed.rejected)
        counters.gave_up += sum(lot.n for lot in passed.given_up)
        for lot, took in served.failed:
            self._bad(lot.kind, self.retries.again(self.tick, lot, took))

    def _lost(self, lot: Lot, second: Second) -> None:
        """Requests that are turned away before the API fail for good."""
        if lot.kind == _CREATIVE:
            second.creative += lot.n
        self._bad(lot.kind, lot.n)

    def _bad(self, kind: int, n: int) -> None:
        if n:
            self.counters.bad += n
            self.counters.bad_by_mode[CLASSES[kind].mode or "plain"] += n

    def _lookups(self, passed: Passed, now: Conditions) -> None:
        """The cache answers its hits, and the database's pool the rest."""
        asking = sum(lot.n for lots in (passed.served, passed.useless) for lot in lots if CLASSES[lot.kind].cached)
        misses = asking
        if not self.cache_bypassed:
            hits = binomial(self.draws["hits"].uniform(self.tick), asking, hit_ratio(self))
            misses = asking - hits
            self.cache.tick(asking, hits)
            if faults.CACHE_COLD in self.afflictions or not component_ok(self, "redis"):
                self.cache.flush()
        self.refused_queries = 0.0
        if component_ok(self, "database"):
            expected = self.line_rate(now) * CACHED_SHARE * now.missing
            seconds = QUERY_SECONDS * self._level(troubles.DATABASE_SLOW)
            self.database.pool.tick(misses, expected, POOL, seconds)
            refused = self.database.pool.drop(POOL_LIMIT)
            self.refused_queries = refused / misses if misses else 0.0
        else:
            self.database.pool.drop(0)

    def line_rate(self, now: Conditions) -> float:
        """The requests/s that the API serves."""
        return min(now.rate * (1.0 - now.shed), self.line.station.per_second)

    def _around(self, passed: Passed) -> None:
        """What the served requests start: calls of connectors, workflows, and answers that are parsed."""
        counters, releases = self.counters, self.releases
        connector = workflow = parsing = 0
        for lot in passed.served:
            each = CLASSES[lot.kind]
            if each.mode is not None:
                parsing += lot.n
            elif each.name == "ingredients":
                connector += lot.n
            elif each.name == "feedback":
                workflow += lot.n
        for name, n, share, into in (
            ("connector", connector, connector_timeouts(self), counters.calls),
            ("workflow", workflow, releases.workflow_failures, counters.workflows),
            ("parsing", parsing, releases.parse_failures, counters.parses),
        ):
            into[0] += n
            into[1] += binomial(self.draws[name].uniform(self.tick), n, share)

    def _background(self, now: Conditions) -> None:
        """Jobs, training, and the machine."""
        broken = self.afflictions
        app = self.fleet.running("app")
        drains = component_ok(self, "worker-llm") and component_ok(self, "redis")
        jobs = JOBS_PER_SECOND * now.rate * (1.0 - now.shed) / self.settings.rate if app else 0.0
        stream = self.draws["jobs"]
        workers = self.fleet.ready("worker-llm") if drains else 0
        self.jobs.tick(poisson(stream.uniform(self.tick), jobs), workers, stream.uniform(self.tick, 1))
        runaway = faults.REWARD_RUNAWAY in broken
        self.trainer.tick(self.tick, runaway and self.fleet.running("worker-rl"), self.draws)
        slow = faults.LATENCY_HIGH in broken
        self.machine.tick(
            0.93 if faults.DISK_FILLING in broken else 0.61,
            0.46 if faults.QWEN_DOWN in broken else 0.74 if slow else 0.58,
            cpu_demand(self, now) if app else 0.05,
        )
