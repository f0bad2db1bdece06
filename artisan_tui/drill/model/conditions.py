"""The conditions under which requests are served: what fails, how long it takes, and which model serves a brief.

They follow from the present state alone, so they can be asked for without letting time pass.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from artisan_tui.drill import faults
from artisan_tui.drill.model.demand import CLASSES
from artisan_tui.drill.model.latency import LatencyModel
from artisan_tui.drill.model.routing import HOME, MODES, Routing

#: Of a healthy model, in seconds; p95 meets the objectives 2.5, 3.2 and 4.5 s.
LATENCIES: Final = {
    "fast": LatencyModel(1.1, 0.35),
    "balanced": LatencyModel(1.7, 0.28),
    "creative": LatencyModel(2.5, 0.27),
}
#: Of a request without a model.
PLAIN: Final = LatencyModel(0.1, 0.6)
#: What a request waits that the CPU quota stops.
STALL: Final = LatencyModel(5.0, 0.3)
#: A call of a fallback model takes this much longer for each open breaker before it.
_HOP: Final = 0.2
_OF_MODEL: Final = {model: LATENCIES[mode] for mode, model in HOME.items()}
_USUAL_FAILURES: Final = ((502, "error", 0.0002),)
IMPAIRED: Final[dict[str, tuple[LatencyModel, tuple[tuple[int, str, float], ...]]]] = {
    faults.QWEN_DOWN: (LatencyModel(12.0, 0.3), ((503, "error", 0.55), (504, "timeout", 0.35))),
    # The caller gives up after 30 s, and a slot is held as long.
    faults.QWEN_HANG: (LatencyModel(90.0, 0.1), ((504, "timeout", 1.0),)),
    "restart": (LatencyModel(5.0, 0.3), ((503, "error", 0.5),)),
    "down": (LatencyModel(0.2, 0.3), ((503, "error", 1.0),)),
}


@dataclass(frozen=True, slots=True)
class Lane:
    """How briefs of one mode are served: by which model, with which latency and failures.

    ``failures`` are (HTTP status, outcome, share of those that are left). ``rejected`` are the models skipped because of an open breaker.
    """

    mode: str
    model: str | None
    latency: LatencyModel
    failures: tuple[tuple[int, str, float], ...] = ()
    rejected: tuple[str, ...] = ()

    @property
    def failing(self) -> float:
        """The share of briefs that fail."""
        if self.model is None:
            return 1.0
        return 1.0 - math.prod(1.0 - share for _, _, share in self.failures)


@dataclass(frozen=True, slots=True)
class Conditions:
    """The conditions of a second.

    ``rate`` is the requests/s that reach the API; ``shed`` the share that is turned away before it, with which
    status. ``failures`` are (status, share) of the API itself. ``stalled`` is the share that waits for CPU.
    """

    rate: float
    failures: tuple[tuple[int, float], ...]
    lanes: tuple[Lane, ...]
    plain: LatencyModel
    stalled: float
    hit_ratio: float
    cache_bypassed: bool
    shed: float = 0.0
    shed_status: int = 429

    @property
    def missing(self) -> float:
        """The share of lookups that the database answers."""
        return 1.0 if self.cache_bypassed else 1.0 - self.hit_ratio


def lane(routing: Routing, mode: str, problems: dict[str, str | None], probe: str | None = None) -> Lane:
    """How briefs of ``mode`` are served. ``probe`` is the model that they try although its breaker is not closed."""
    route = routing.route(mode)
    model = probe or route.model
    rejected = () if probe else route.rejected
    if model is None:
        return Lane(mode, None, LATENCIES[route.served_as], rejected=rejected)
    problem = problems.get(model)
    if problem is not None:
        latency, failures = IMPAIRED[problem]
        return Lane(mode, model, latency, failures, rejected)
    speed = _OF_MODEL[model]
    if rejected:
        speed = LatencyModel(speed.median + _HOP * len(rejected), speed.sigma)
    return Lane(mode, model, speed, _USUAL_FAILURES, rejected)


def lanes(routing: Routing, problems: dict[str, str | None]) -> tuple[Lane, ...]:
    """The lane of every mode."""
    return tuple(lane(routing, mode, problems) for mode in MODES)


def service(now: Conditions) -> tuple[float, float]:
    """The mean seconds that a request holds a slot, and their squared coefficient of variation."""
    mean = square = 0.0
    by_mode = {each.mode: each for each in now.lanes}
    plain = now.plain.mean, now.plain.square
    for each in CLASSES:
        one, two = plain
        if each.mode is not None:
            lane_ = by_mode[each.mode]
            if lane_.model is not None:
                one, two = lane_.latency.mean, lane_.latency.square
        mean += each.share * one
        square += each.share * two
    if now.stalled > 0.0:
        square += now.stalled * (STALL.square + 2 * mean * STALL.mean)
        mean += now.stalled * STALL.mean
    return mean, square / mean**2 - 1.0


def slower_than(
    seconds: float, parts: Sequence[tuple[float, float]], own: LatencyModel, stalled: float, wait: tuple[float, float]
) -> float:
    """The share of requests that take longer than ``seconds``.

    ``parts`` are (share, seconds added). ``wait`` is (probability of a random wait, its mean). The random wait is
    taken at eight quantiles of its exponential distribution.
    """
    chance, mean = wait
    waits = [(1.0 - chance, 0.0)]
    if chance > 0.0 and mean > 0.0:
        waits += [(chance / 8, -mean * math.log(1 - (k + 0.5) / 8)) for k in range(8)]
    else:
        waits = [(1.0, 0.0)]
    out = 0.0
    for share, added in parts:
        for part, waited in waits:
            left = seconds - added - waited
            beyond = 1.0 if left <= 0 else (1 - stalled) * (1 - own.below(left)) + stalled * (1 - STALL.below(left))
            out += share * part * beyond
    return out


def quantile(
    share: float, parts: Sequence[tuple[float, float]], own: LatencyModel, stalled: float, wait: tuple[float, float]
) -> float:
    """The seconds that ``share`` of the requests take at most, by bisection."""
    low, high = 0.0, 120.0
    for _ in range(28):
        middle = (low + high) / 2
        if slower_than(middle, parts, own, stalled, wait) > 1 - share:
            low = middle
        else:
            high = middle
    return high
