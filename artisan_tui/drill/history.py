"""Generate the counters of the days before the start, as scrapes every minute would have read them.

Deterministic: the same arguments give the same samples. The counts of each event type (and of each histogram bucket)
are Poisson distributed around the rates of `flows`. A Poisson number is looked up among the 4,096 quantiles of its
mean. The quantiles are used in one shuffled, stratified order, in which every series starts at its own place. So a
minute varies as it should, while the sum of a week stays close to the expectation.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate
from operator import add
from random import Random
from statistics import NormalDist
from typing import Final
from zlib import crc32

from artisan_tui.drill.flows import DAY, Flows, Piece, request, timeline
from artisan_tui.drill.model.demand import BRIEFS, MODE_SHARES
from artisan_tui.drill.model.machine import approach
from artisan_tui.drill.samples import UP, Labels, SampleRange, labels_of
from artisan_tui.drill.shapes import APP, Shape

#: Minutes before the first day, because counting events needs a sample before the first one.
LEAD: Final = 180
_QUANTILES: Final = 4096
_STRATA: Final = 32
#: (mean, deviation) of the rewards: of the first algorithm, which the episodes affect, and of the second.
_REWARD: Final = 15.0
_OTHER_REWARD: Final = (13.5, 0.7)
_COUNTS: Final = {mode: labels_of("llm_brief_latency_seconds_count", {"mode": mode}) for mode, _ in MODE_SHARES}


def reward_series(shape: Shape) -> list[Labels]:
    """The series of the reward, one per algorithm."""
    return [labels_of("rl_reward", {"algorithm": each}) for each in shape.algorithms] or [labels_of("rl_reward", {})]


class Draws:
    """Poisson and normal numbers that depend only on the seed and the place."""

    def __init__(self, seed: int) -> None:
        order = _stratified_order(Random(f"order {seed}"))
        normal = NormalDist()
        self._order = order * 2
        self._normal = [normal.inv_cdf((each + 0.5) / _QUANTILES) for each in self._order]
        self._tables: dict[int, bytes] = {}

    def normal(self, place: int, n: int) -> list[float]:
        """``n`` standard normal numbers from ``place`` on."""
        at = place % _QUANTILES
        return self._normal[at : at + n]

    def poisson(self, mean: float, place: int, n: int) -> list[int]:
        """``n`` Poisson numbers of that ``mean`` from ``place`` on. From a mean of 30 on they are rounded normal
        numbers.
        """
        if mean >= 30:
            middle, root = mean + 0.5, math.sqrt(mean)
            return [int(middle + root * z) for z in self.normal(place, n)]
        if mean < 1e-4:
            return [0] * n
        grade = round(math.log(mean) * 200)  # the grades are half a per cent apart
        table = self._tables.get(grade)
        if table is None:
            table = self._tables[grade] = _quantiles(math.exp(grade / 200))
        at = place % _QUANTILES
        return [table[each] for each in self._order[at : at + n]]


def _stratified_order(rng: Random) -> list[int]:
    """All quantiles once, in groups of 32 with one quantile of every stratum."""
    step = _QUANTILES // _STRATA
    strata = [rng.sample(range(low, low + step), step) for low in range(0, _QUANTILES, step)]
    return [each for group in zip(*strata, strict=True) for each in rng.sample(group, _STRATA)]


def _quantiles(mean: float) -> bytes:
    out, k, chance = bytearray(), 0, math.exp(-mean)
    upto = chance
    while len(out) < _QUANTILES and k < 255:
        out += bytes((k,)) * (min(_QUANTILES, round(upto * _QUANTILES)) - len(out))
        k += 1
        chance *= mean / k
        upto += chance
    return bytes(out)


@dataclass(frozen=True, slots=True)
class GeneratedDay:
    """The samples of one day and the true events: (first minute, events of each minute by series), scraped or not."""

    samples: SampleRange
    truth: tuple[tuple[int, Mapping[Labels, Sequence[int]]], ...]


def day_count(start_ms: int, days: int) -> int:
    """The number of days that `generate_days` yields."""
    first = start_ms // 60_000 - days * DAY - LEAD
    return -(-(start_ms // 60_000 + 1 - first) // DAY) if days > 0 else 0


def generate_days(seed: int, start_ms: int, days: int, shape: Shape = APP) -> Iterator[GeneratedDay]:
    """Yield the ``days`` before ``start_ms`` (ms since the epoch) and `LEAD`, the oldest day first."""
    if days <= 0:
        return
    start = start_ms // 60_000
    first = start - days * DAY - LEAD
    pieces = timeline(seed, start, first)
    generator = _Generator(seed, Flows(pieces, range(start - 7 * DAY, start + 1), shape), start_ms, shape)
    for low in range(first, start + 1, DAY):
        yield generator.day([piece for piece in pieces if low <= piece.minute < low + DAY])


class _Generator:
    """The state of the counters from piece to piece."""

    def __init__(self, seed: int, flows: Flows, start_ms: int, shape: Shape) -> None:
        self._draws = Draws(seed)
        bounds = (*(str(bound) for bound in shape.brief_bounds), "+Inf")
        self._buckets = {
            mode: tuple(labels_of("llm_brief_latency_seconds_bucket", {"mode": mode, "le": le}) for le in bounds)
            for mode, _ in MODE_SHARES
        }
        self._reward_series = reward_series(shape)
        self._flows = flows
        self._start_ms = start_ms
        rng = Random(f"scrapes {seed}")
        # Scrapes come at a fixed second of the minute, usually some ms late and rarely up to 2.5 s.
        self._second = rng.randrange(8_000, 48_000)
        self._late = [
            rng.randrange(200, 2500) if rng.random() < 0.004 else max(0, round(rng.gauss(5, 3)))
            for _ in range(_QUANTILES)
        ]
        self._places: dict[Labels, int] = {}
        self._counted: dict[Labels, int] = {}
        self._level = _REWARD

    def day(self, pieces: Sequence[Piece]) -> GeneratedDay:
        out, truth = SampleRange(), []
        for piece in pieces:
            if piece.restart:
                self._counted.clear()
            events = self._events(piece)
            truth.append((piece.minute, events))
            self._put(out, piece, events)
        for cells in out.columns.values():
            _pad(cells, len(out.times))
        for mode, labels in _COUNTS.items():
            if self._buckets[mode][-1] in out.columns:
                out.columns[labels] = out.columns[self._buckets[mode][-1]]
        return GeneratedDay(out, tuple(truth))

    def _put(self, out: SampleRange, piece: Piece, events: Mapping[Labels, Sequence[int]]) -> None:
        """Count the events of the piece, and append the rows of its scrapes."""
        episode, before = piece.episode, len(out.times)
        rewards = self._rewards(piece)
        if episode is None or not episode.unseen:
            minutes = range(piece.minute, piece.minute + piece.n)
            times = [each * 60_000 + self._second + self._late[each % _QUANTILES] for each in minutes]
            out.times.extend(at for at in times if at <= self._start_ms)
        rows = len(out.times) - before

        def put(labels: Labels, cells: Sequence[float], kind: str = "i") -> None:
            if labels not in out.columns:
                out.columns[labels] = array(kind)
            column = out.columns[labels]
            _pad(column, before)
            column.extend(cells[:rows])  # type: ignore[arg-type]

        down = episode is not None and episode.down
        put(UP, [0 if down else 1] * piece.n)
        if down:
            return
        for labels, levels in zip(self._reward_series, rewards, strict=False):
            put(labels, levels, "d")
        for labels, counts in events.items():
            running = list(accumulate(counts, initial=self._counted.get(labels, 0)))
            self._counted[labels] = running[-1]
            put(labels, running[1:])
        for labels, value in self._counted.items():
            if labels not in events:
                put(labels, [value] * piece.n)

    def _events(self, piece: Piece) -> dict[Labels, list[int]]:
        """The events of each minute, by series."""
        if piece.episode is not None and piece.episode.down:
            return {}
        now, seconds, n = self._flows.of(piece), 60 * piece.weight, piece.n
        out = {labels: self._draw(labels, rate * seconds, piece) for labels, rate in now.requests.items()}
        succeeded = [0] * n
        for mode, rates in now.bins.items():
            bins = [
                self._draw(key, rate * seconds, piece) for key, rate in zip(self._buckets[mode], rates, strict=True)
            ]
            sums = list(accumulate(bins, lambda one, other: list(map(add, one, other))))
            out.update(zip(self._buckets[mode], sums, strict=True))
            succeeded = list(map(add, succeeded, sums[-1]))
        answers = {labels: self._draw(labels, rate * seconds, piece) for labels, rate in now.answers.items()}
        failed = reduce(lambda one, other: list(map(add, one, other)), answers.values(), [0] * n)
        for labels, counts in answers.items():
            out[labels] = list(map(add, out[labels], counts)) if labels in out else counts
        if now.bins:
            out[request("POST", BRIEFS, "200")] = [max(0, a - b) for a, b in zip(succeeded, failed, strict=True)]
        return out

    def _draw(self, labels: Labels, mean: float, piece: Piece) -> list[int]:
        place = self._places.get(labels)
        if place is None:
            place = self._places[labels] = crc32(repr(labels).encode())
        return self._draws.poisson(mean, place + piece.minute, piece.n)

    def _rewards(self, piece: Piece) -> tuple[list[float], list[float]]:
        """The rewards of the first and of the second algorithm."""
        target = piece.episode.reward if piece.episode is not None else None
        out = []
        for noise in self._draws.normal(crc32(b"rl_reward") + piece.minute, piece.n):
            self._level = approach(self._level, _REWARD if target is None else target, 4.0)
            out.append(round(self._level + noise * 0.9, 4))
        mean, deviation = _OTHER_REWARD
        other = self._draws.normal(crc32(b"rl_reward of the other") + piece.minute, piece.n)
        return out, [round(mean + noise * deviation, 4) for noise in other]


def _pad(cells: array[int] | array[float], rows: int) -> None:
    """Fill up ``cells`` to ``rows`` with the marker of a missing sample."""
    if len(cells) < rows:
        cells.extend(array(cells.typecode, [-1 if cells.typecode == "i" else math.nan]) * (rows - len(cells)))  # type: ignore[arg-type]
