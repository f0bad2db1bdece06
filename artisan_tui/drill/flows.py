"""Expected event rates before the start, minute by minute.

An episode has the conditions that `SimulatedStack` has under the same faults, so history and live traffic follow the
same rules.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from random import Random
from typing import Final

from artisan_tui.drill.model.conditions import Conditions
from artisan_tui.drill.model.demand import BRIEFS, ENDPOINTS, MODE_SHARES
from artisan_tui.drill.model.latency import LatencyModel
from artisan_tui.drill.samples import Labels, labels_of
from artisan_tui.drill.script import (
    DAYS,
    DEPLOYMENTS,
    EPISODES,
    HOURS,
    NEW_PATH,
    NEW_PATH_SINCE,
    ZONE,
    Goal,
    ScriptEpisode,
)
from artisan_tui.drill.shapes import APP, Shape
from artisan_tui.drill.stack import SimulatedStack

DAY: Final = 1440
#: Minutes for which the traffic is assumed constant.
_EVEN: Final = 15


def request(method: str, path: str, status: str) -> Labels:
    """The labels of the request counter."""
    return labels_of("api_requests_total", {"method": method, "path": path, "status": status})


@dataclass(frozen=True, slots=True)
class Flow:
    """Events per second at usual traffic.

    ``requests`` by labels; ``bins`` are the briefs per latency bucket, by mode; ``answers`` are the briefs that
    failed after inference. All other briefs succeeded.
    """

    requests: Mapping[Labels, float]
    bins: Mapping[str, tuple[float, ...]]
    answers: Mapping[Labels, float]


def flow(conditions: Conditions, bounds: Sequence[float], *, new_path: bool = True) -> Flow:
    """The expected value of what the model draws under ``conditions``. ``bounds`` are those of a brief's buckets."""
    requests: dict[Labels, float] = {}
    bins: dict[str, tuple[float, ...]] = {}
    answers: dict[Labels, float] = {}

    def count(into: dict[Labels, float], method: str, path: str, status: int, rate: float) -> None:
        labels = request(method, path, str(status))
        into[labels] = into.get(labels, 0.0) + rate

    for method, path, share, _ in ENDPOINTS:
        if path == NEW_PATH and not new_path:
            continue
        for lane in conditions.lanes if path == BRIEFS else (None,):
            left = conditions.rate * share * (1.0 if lane is None else dict(MODE_SHARES)[lane.mode])
            for status, part in conditions.failures:
                count(requests, method, path, status, left * part)
                left *= 1 - part
            if lane is None:
                count(requests, method, path, 404 if method == "GET" else 422, left * 0.004)
                count(requests, method, path, 200, left * 0.996)
                continue
            upto = [lane.latency.below(bound) for bound in bounds]
            bins[lane.mode] = tuple(left * (high - low) for low, high in pairwise((0.0, *upto, 1.0)))
            for status, _, part in lane.failures:
                count(answers, method, path, status, left * part)
                left *= 1 - part
            count(answers, method, path, 422, left * 0.004)
    return Flow(requests, bins, answers)


@dataclass(frozen=True, slots=True)
class Piece:
    """``n`` minutes from ``minute`` (since the epoch) on with the same rates. ``weight`` is a multiple of the usual
    traffic.
    """

    minute: int
    n: int
    weight: float
    episode: ScriptEpisode | None
    new_path: bool
    restart: bool


def timeline(seed: int, start: int, first: int) -> list[Piece]:
    """The pieces from minute ``first`` to minute ``start``, both included."""
    episodes = [(each.when.minute(start), each) for each in EPISODES]
    restarts = {when.minute(start) for when in DEPLOYMENTS} | {first}
    for begin, each in episodes:
        restarts |= {begin, begin + each.minutes} if each.restarts else {begin + each.minutes} if each.down else set()
    since = NEW_PATH_SINCE.minute(start)
    edges = {*range(first, start + 1, _EVEN), *range(first, start + 1, DAY), *restarts, since, start + 1}
    edges |= {edge for begin, each in episodes for edge in (begin, begin + each.minutes)}
    out = []
    for low, high in pairwise(sorted(edge for edge in edges if first <= edge <= start + 1)):
        episode = next((each for begin, each in episodes if begin <= low < begin + each.minutes), None)
        weight = 0.0 if episode is not None and episode.down else _weight(seed, low + (high - low) / 2)
        out.append(Piece(low, high - low, weight, episode, low >= since, low in restarts))
    return out


def _weight(seed: int, minute: float) -> float:
    day, of_day = divmod(minute + ZONE, DAY)
    hour, between = divmod(of_day / 60, 1)
    here, after = HOURS[int(hour)], HOURS[(int(hour) + 1) % 24]
    noise = Random(f"{seed} {minute // 60:.0f}").gauss(1.0, 0.03)
    usual = sum(HOURS) / len(HOURS) * sum(DAYS) / len(DAYS)
    return (here + (after - here) * between) * DAYS[int(day + 3) % 7] / usual * noise


class Flows:
    """The flow of every episode, computed once."""

    def __init__(self, pieces: Sequence[Piece], week: range, shape: Shape = APP) -> None:
        self._bounds = shape.brief_bounds
        self._pieces = [piece for piece in pieces if piece.minute in week]
        self._known: dict[tuple[str, bool], Flow] = {}
        self._stack = SimulatedStack()

    def of(self, piece: Piece) -> Flow:
        """The flow of a piece. It depends on the episode only, not on the traffic."""
        episode = piece.episode
        key = (episode.story if episode is not None else "", piece.new_path)
        if key not in self._known:
            slow = episode.slow if episode is not None else {}
            if episode is not None and episode.goal is not None:
                slow = {**slow, episode.goal.mode: self._slowdown(episode, episode.goal)}
            self._known[key] = flow(self._conditions(episode, slow), self._bounds, new_path=piece.new_path)
        return self._known[key]

    def _conditions(self, episode: ScriptEpisode | None, slow: Mapping[str, float]) -> Conditions:
        stack = self._stack
        stack.mend_all(0.0)
        for fault in episode.faults if episode is not None else ():
            stack.break_fault(fault, 0.0)
        usual = stack.conditions()
        lanes = [
            replace(lane, latency=replace(lane.latency, median=lane.latency.median * slow.get(lane.mode, 1.0)))
            for lane in usual.lanes
        ]
        return replace(usual, lanes=tuple(lanes))

    def _slowdown(self, episode: ScriptEpisode, goal: Goal) -> float:
        """The factor on a brief's latency for which the week ends with the budget of ``goal``."""
        latency = next(lane.latency for lane in self._conditions(None, {}).lanes if lane.mode == goal.mode)
        total = bad = within = 0.0
        for piece in self._pieces:
            bins = self.of(replace(piece, episode=None) if piece.episode is episode else piece).bins[goal.mode]
            events = piece.n * piece.weight
            total += events * sum(bins)
            if piece.episode is episode:
                within += events * sum(bins)
            else:
                bad += events * _slower(bins, self._bounds, goal.threshold)
        wanted = ((1 - goal.leaves) * goal.allowed * total - bad) / within if within else 0.5
        return self._factor(latency, goal.threshold, min(0.97, wanted))

    def _factor(self, latency: LatencyModel, threshold: float, beyond: float) -> float:
        """The factor, at least 1, by which a brief is slower if the share ``beyond`` counts as above ``threshold``."""
        low, high = 1.0, 8.0
        for _ in range(40):
            middle = (low + high) / 2
            slower = replace(latency, median=latency.median * middle)
            upto = [slower.below(bound) for bound in self._bounds]
            bins = [after - before for before, after in pairwise((0.0, *upto, 1.0))]
            low, high = (middle, high) if _slower(bins, self._bounds, threshold) < beyond else (low, middle)
        return low


def _slower(bins: Sequence[float], bounds: Sequence[float], threshold: float) -> float:
    """What of ``bins`` counts as slower than ``threshold``, interpolated in the bucket that contains it."""
    out = 0.0
    for events, lower, upper in zip(bins, (0.0, *bounds), (*bounds, math.inf), strict=True):
        if threshold <= lower:
            out += events
        elif threshold < upper:
            out += events * ((upper - threshold) / (upper - lower) if upper < math.inf else 1.0)
    return out
