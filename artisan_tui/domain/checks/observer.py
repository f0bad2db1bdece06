"""When nearly everything fails at once, whoever looks is the likelier culprit.

Endpoints are counted, not checks: twenty checks against one port that died are one endpoint
that died. And they must have failed in one tick: what went down one after the other, over an
afternoon, did not lose its network with us.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate

#: With fewer endpoints nobody can tell an outage from a lost network.
FEWEST = 3
#: The share of endpoints that must be unreached, as a fraction of integers: 80 %.
_SHARE = (4, 5)
#: Two looks at one check are up to this many `every` apart: its jitter is 10 % either way.
_ROUND = 1.2


@dataclass(frozen=True, slots=True)
class EndpointReach:
    """The last look of one check, all times in (monotonic) seconds.

    ``endpoint`` is what had to be reached, as "host:port". ``reached`` is False for the
    reasons in `probe_result.UNREACHED`, None when nobody looked yet or was blind for another reason.
    ``since`` is when the looks in a row that did not reach it began; by default with this one.
    """

    endpoint: str
    reached: bool | None
    probed_at: float
    every: float
    timeout: float = 0.0
    since: float | None = None

    @property
    def began(self) -> tuple[float, float]:
        """Between which two moments it stopped being reached, at the earliest and at the latest."""
        latest = self.probed_at if self.since is None else self.since
        return latest - _ROUND * self.every - self.timeout, latest

    def is_recent(self, now: float) -> bool:
        """True when no newer look is overdue: what is older says nothing about now."""
        return now - self.probed_at <= _ROUND * self.every + self.timeout


@dataclass(frozen=True, slots=True)
class Suspicion:
    """``unreached`` endpoints ``of`` those looked at failed in one tick, which began at ``since`` (monotonic)."""

    unreached: int
    of: int
    since: float


def suspect(looks: Iterable[EndpointReach], now: float) -> Suspicion | None:
    """Whether the observer itself is suspect.

    Endpoints that were unreached already before the tick count neither way: they would have
    failed with a network or without.
    """
    reached: set[str] = set()
    failed: dict[str, list[tuple[float, float]]] = {}
    for look in looks:
        if look.reached is None or not look.is_recent(now):
            continue
        if look.reached:
            reached.add(look.endpoint)
        else:
            failed.setdefault(look.endpoint, []).append(look.began)
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
    """When an endpoint stopped being reached by its last check; one that had failed before says nothing about it."""
    earliest = max(span[0] for span in spans)
    return earliest, min(span[1] for span in spans if span[1] >= earliest)


def _busiest(spans: Sequence[tuple[float, float]]) -> float:
    """The moment that lies in the most of these closed spans, the latest such."""
    steps = sorted([(earliest, -1) for earliest, _ in spans] + [(latest, 1) for _, latest in spans])
    depths = list(accumulate(-step for _, step in steps))
    best = max(reversed(range(len(steps))), key=depths.__getitem__)
    # It was deepest when the last of them opened, and stays so until the first of them closes.
    return steps[best + 1][0]
