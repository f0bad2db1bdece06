"""What the stack's metrics count: requests, inferences, lookups, and how long everything took.

The latencies are drawn for the metrics only, from streams of their own, so that measuring changes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Final, TypeVar

from artisan_tui.drill.model.conditions import STALL, Conditions, Lane
from artisan_tui.drill.model.demand import CLASSES, MODE_SHARES
from artisan_tui.drill.model.latency import Histogram
from artisan_tui.drill.model.measures import waits
from artisan_tui.drill.model.world import World

Key = TypeVar("Key")
API_BOUNDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)


class Traffic:
    """The counters of one world, and the histograms that are filled while it runs."""

    def __init__(self, world: World, brief_bounds: Sequence[float]) -> None:
        self._world = world
        self.api = Histogram(API_BOUNDS)
        #: The part of ``api`` that asks for a recipe, with the time of the version that served it.
        self.judgments = Histogram(API_BOUNDS)
        self.briefs = {mode: Histogram(brief_bounds) for mode, _ in MODE_SHARES}
        self._streams = {mode: world.draws[f"latency/{mode}"] for mode in ("api", *self.briefs)}
        self._tick = -1
        self._next: dict[str, int] = {}
        #: What is counted: this world, and the one before it.
        self._worlds: tuple[World, ...] = (world,)
        world.observer = self

    def fills(self, other: Traffic) -> None:
        """Count this world's traffic in ``other``, too."""
        self.api, self.judgments, self.briefs = other.api, other.judgments, other.briefs
        other._worlds = (*other._worlds, self._world)

    @property
    def requests(self) -> Mapping[tuple[str, str, str], int]:
        """By (method, path, status)."""
        return _summed([each.counters.requests for each in self._worlds])

    @property
    def llm(self) -> Mapping[tuple[str, str], int]:
        """Inferences by (model, outcome)."""
        return _summed([each.counters.llm for each in self._worlds])

    @property
    def cache_hits(self) -> int:
        """Lookups that hit."""
        return sum(each.cache.hits_total for each in self._worlds)

    @property
    def cache_requests(self) -> int:
        """All lookups."""
        return sum(each.cache.lookups_total for each in self._worlds)

    @property
    def calls(self) -> tuple[int, int]:
        """(calls of connectors, those that timed out)"""
        return self._pair("calls")

    @property
    def workflows(self) -> tuple[int, int]:
        """(workflows that were run, those that failed)"""
        return self._pair("workflows")

    @property
    def parses(self) -> tuple[int, int]:
        """(answers of models that were parsed, those that could not be)"""
        return self._pair("parses")

    def _pair(self, name: str) -> tuple[int, int]:
        pairs = [getattr(each.counters, name) for each in self._worlds]
        return sum(each[0] for each in pairs), sum(each[1] for each in pairs)

    def _uniforms(self, name: str, n: int) -> list[float]:
        if self._tick != self._world.tick:
            self._tick = self._world.tick
            self._next.clear()
        first = self._next.get(name, 1)
        self._next[name] = first + n
        return self._streams[name].uniforms(self._tick, n, first)

    def turned_away(self, n: int, seconds: float) -> None:
        """Requests that were not served are observed all the same."""
        for _ in range(n):
            self.api.observe(seconds)

    def observe(self, now: Conditions, kind: int, n: int, lane: Lane | None) -> None:
        """Draw the latencies of ``n`` requests: of the API itself, or of the briefs of a lane."""
        parts, (chance, mean) = waits(self._world, now)
        if lane is not None:
            added = parts[0][1]
            u = self._uniforms(lane.mode, 2 * n)
            for place in range(n):
                wait = added + (-mean * math.log(u[2 * place + 1] / chance) if u[2 * place + 1] < chance else 0.0)
                self.briefs[CLASSES[kind].mode or lane.mode].observe(wait + lane.latency.at(u[2 * place]))
            return
        u = self._uniforms("api", 5 * n)
        upto, judgment = parts[0][0], CLASSES[kind].name == "recipes"
        releases = self._world.releases
        for place in range(n):
            own, waited, stalled, missed, served = u[5 * place : 5 * place + 5]
            seconds = (parts[0] if missed < upto else parts[-1])[1]
            if waited < chance:
                seconds -= mean * math.log(waited / chance)
            seconds += STALL.at(own) if stalled < now.stalled else now.plain.at(own)
            self.api.observe(seconds)
            if judgment:
                # Of the same draw: the versions differ in their factor only.
                version = releases.canary if releases.canary and served < releases.share else releases.stable
                factor = releases.of(version).slow / releases.slow
                self.judgments.observe(seconds + (factor - 1.0) * now.plain.at(own))


def _summed(parts: Sequence[Mapping[Key, int]]) -> Mapping[Key, int]:
    """The sums by key. The counters themselves where there is only one world."""
    if len(parts) == 1:
        return parts[0]
    total: dict[Key, int] = {}
    for part in parts:
        for key, count in part.items():
            total[key] = total.get(key, 0) + count
    return total
