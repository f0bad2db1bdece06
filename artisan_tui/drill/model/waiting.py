"""Waiting in a station of ``servers`` equal slots: Erlang C, the approach to it, and the fluid queue of an overload.

``load`` is a = λS in erlangs, ``service`` the mean seconds S of a request, ``variation`` its squared coefficient of
variation Cs². Times are seconds.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

#: From this utilisation on, the queue is a fluid: it grows by what arrives above the capacity.
FLUID_FROM: Final = 0.98


@lru_cache(maxsize=512)
def erlang_c(servers: int, load: float) -> float:
    """The probability that a request waits: 1 when the load is not below the servers."""
    if load <= 0.0:
        return 0.0
    if load >= servers:
        return 1.0
    blocked = 1.0
    for k in range(1, servers + 1):
        blocked = load * blocked / (k + load * blocked)
    return blocked / (1.0 - load / servers * (1.0 - blocked))


def mean_wait(servers: int, load: float, service: float, variation: float = 1.0) -> float:
    """The mean wait of a station in balance: infinite when the load is not below the servers."""
    if load >= servers:
        return math.inf
    return erlang_c(servers, load) * service / (servers - load) * (1.0 + variation) / 2.0


def relaxation(servers: int, load: float, service: float) -> float:
    """The time constant with which the wait approaches its mean."""
    return service / (servers * (1.0 - math.sqrt(load / servers)) ** 2)


@dataclass(slots=True)
class Station:
    """A station over time. ``waiting`` requests wait in an overload; ``wait`` is the mean wait below it.

    ``chance`` is the probability that a request waits at all, and ``scale`` the mean of the exponential wait of one
    that does: P(wait > t) = chance·e^(-t/scale). ``utilisation`` is a/c.
    """

    waiting: int = 0
    wait: float = 0.0
    chance: float = 0.0
    scale: float = 0.0
    utilisation: float = 0.0
    per_second: float = 0.0  # : capacity, requests a second
    _credit: float = 0.0

    @property
    def backlog_seconds(self) -> float:
        """How long one that comes now waits for those before it."""
        return self.waiting / self.per_second if self.per_second > 0.0 else 0.0

    @property
    def seconds(self) -> float:
        """The mean wait of one that comes now."""
        return self.backlog_seconds + self.wait

    @property
    def fluid(self) -> bool:
        """Whether requests wait for the next tick."""
        return self.waiting > 0 or self.utilisation >= FLUID_FROM

    def tick(self, came: int, rate: float, servers: int, service: float, variation: float = 1.0) -> int:
        """One second: ``came`` requests at an expected ``rate`` a second. Returns how many are served.

        The others are counted in ``waiting``; who limits the queue takes what is above the limit with `drop`.
        """
        load = rate * service
        self.per_second = servers / service
        self.utilisation = load / servers if servers else math.inf
        if self.utilisation >= FLUID_FROM:
            self.wait, self.chance, self.scale = 0.0, 0.0, 0.0
        else:
            goal = mean_wait(servers, load, service, variation)
            nearer = 1.0 - math.exp(-1.0 / relaxation(servers, load, service))
            self.wait += (goal - self.wait) * nearer
            self.chance = erlang_c(servers, load)
            self.scale += (service / (servers - load) - self.scale) * nearer
        if not self.fluid:
            self._credit = 0.0
            return came
        self._credit += self.per_second
        here = self.waiting + came
        served = min(here, int(self._credit))
        # A slot that had nothing to do cannot be used later.
        self._credit = min(self._credit - served, 1.0)
        self.waiting = here - served
        return served

    def drop(self, limit: int) -> int:
        """Take what waits above ``limit`` out of the queue. Returns how many."""
        above = max(0, self.waiting - limit)
        self.waiting -= above
        return above
