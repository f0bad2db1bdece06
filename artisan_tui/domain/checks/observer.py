"""Detection of a network failure of the observer: nearly all endpoints become unreachable at once.

Endpoints are counted, not checks, because twenty checks of one dead port are one failure. The endpoints must
have failed at the same time. Endpoints that failed one after the other failed on their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

#: With fewer endpoints, an outage and a network failure look the same.
FEWEST = 3
#: The share of endpoints that must be unreachable, as numerator and denominator: 80 %.
_SHARE = (4, 5)
#: The longest time between two probes of a check, in probe intervals: the jitter is 10 % either way.
_ROUND = 1.2


@dataclass(frozen=True, slots=True)
class EndpointReach:
    """The last probe of one check. All times are monotonic seconds.

    - ``endpoint`` is the probed "host:port".
    - ``reached`` is as in `outcome.Outcome`: a target that accepts a connection and hangs is reached.
    - ``probed_at`` is the time of the last probe.
    - ``since`` is the first of the last failed probes in a row, None when only the last one failed.
    """

    endpoint: str
    reached: bool | None
    probed_at: float
    every: float
    timeout: float = 0.0
    since: float | None = None

    @property
    def began(self) -> tuple[float, float]:
        """The earliest and the latest time at which the endpoint became unreachable."""
        latest = self.probed_at if self.since is None else self.since
        return latest - _ROUND * self.every - self.timeout, latest

    def is_recent(self, now: float) -> bool:
        """True while the next probe is not overdue. An older result is ignored."""
        return now - self.probed_at <= _ROUND * self.every + self.timeout


@dataclass(frozen=True, slots=True)
class Suspicion:
    """``unreached`` of ``of`` probed endpoints failed together, at ``since`` (monotonic seconds)."""

    unreached: int
    of: int
    since: float


def suspect(probes: Iterable[EndpointReach], now: float) -> Suspicion | None:
    """The suspected network failure of the observer, None without one.

    Endpoints that were unreachable before the common failure are not counted, because they say nothing
    about the network.
    """
    reached: set[str] = set()
    failed: dict[str, list[tuple[float, float]]] = {}
    for probe in probes:
        if probe.reached is None or not probe.is_recent(now):
            continue
        if probe.reached:
            reached.add(probe.endpoint)
        else:
            failed.setdefault(probe.endpoint, []).append(probe.began)
    spans = [_lost(began) for endpoint, began in failed.items() if endpoint not in reached]
    if len(spans) < FEWEST:
        return None
    at = _busiest(spans)
    together = [latest for earliest, latest in spans if earliest <= at <= latest]
    unreached, of = len(together), len(reached) + sum(1 for _, latest in spans if latest >= at)
    part, whole = _SHARE
    if of < FEWEST or unreached * whole < of * part:
        return None
    return Suspicion(unreached, of, min(together))


def _lost(spans: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """When the endpoint became unreachable for the last of its checks. Checks that failed earlier are ignored."""
    earliest = max(span[0] for span in spans)
    return earliest, min(span[1] for span in spans if span[1] >= earliest)


def _busiest(spans: Sequence[tuple[float, float]]) -> float:
    """The latest moment that is inside the largest number of these closed intervals."""
    steps = sorted([(earliest, -1) for earliest, _ in spans] + [(latest, 1) for _, latest in spans])
    depths = list(accumulate(-step for _, step in steps))
    best = max(reversed(range(len(steps))), key=depths.__getitem__)
    # The overlap is largest from the last start of an interval until the next end of one.
    return steps[best + 1][0]
