"""What comes of the requests that are served in a second: statuses, inferences, and who fails."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from artisan_tui.drill.model.conditions import Conditions, Lane
from artisan_tui.drill.model.counters import Counters, Second
from artisan_tui.drill.model.demand import CLASSES
from artisan_tui.drill.model.draws import DrawStreams, binomial
from artisan_tui.drill.model.line import Lot

#: A small share of requests is invalid.
INVALID: Final = 0.004
CREATIVE_SECONDS: Final = 4.5
_PER_LOT: Final = 16
_STREAMS: Final = tuple(f"outcome/{each.name}" for each in CLASSES)


class Observer(Protocol):
    """Is told what is served and turned away, and changes nothing."""

    def observe(self, now: Conditions, kind: int, n: int, lane: Lane | None) -> None:
        """``n`` requests of a class: the API's part of them or, with a ``lane``, the model's."""

    def turned_away(self, n: int, seconds: float) -> None:
        """``n`` requests that were not served, after ``seconds``."""


@dataclass(slots=True)
class Served:
    """What is left to do after a second: failed lots with the seconds they took, and the calls of the models."""

    failed: list[tuple[Lot, int]] = field(default_factory=list)
    calls: dict[str, list[int]] = field(default_factory=dict)  # model -> [calls, failed]

    def call(self, model: str, n: int, failed: int) -> None:
        """Count calls of a model."""
        found = self.calls.setdefault(model, [0, 0])
        found[0] += n
        found[1] += failed


class Serving:
    """DrawStreams the outcomes of one tick and counts them."""

    def __init__(self, draws: DrawStreams, counters: Counters) -> None:
        self._streams = [draws[name] for name in _STREAMS]
        self._counters = counters
        self._tick = 0
        self._next = [0] * len(CLASSES)

    def tick(
        self,
        tick: int,
        lots: Sequence[Lot],
        now: Conditions,
        probes: dict[str, Lane],
        wait: float,
        second: Second,
        observe: Observer | None,
    ) -> Served:
        """Serve ``lots``, which waited ``wait`` seconds. ``probes`` are the lanes that one brief of a mode tries."""
        self._tick = tick
        self._next = [0] * len(CLASSES)
        out = Served()
        lanes = {each.mode: each for each in now.lanes}
        left_of_probes = dict(probes)
        for lot in lots:
            mode = CLASSES[lot.kind].mode
            lane = lanes[mode] if mode else None
            if mode in left_of_probes and lot.n:
                self._lot(Lot(lot.kind, lot.attempt, 1), left_of_probes.pop(mode), now, wait, second, out, observe)
                lot = Lot(lot.kind, lot.attempt, lot.n - 1)
            if lot.n:
                self._lot(lot, lane, now, wait, second, out, observe)
        return out

    def _lot(
        self,
        lot: Lot,
        lane: Lane | None,
        now: Conditions,
        wait: float,
        second: Second,
        out: Served,
        observe: Observer | None,
    ) -> None:
        each, stream, k = CLASSES[lot.kind], self._streams[lot.kind], self._next[lot.kind]
        self._next[lot.kind] += _PER_LOT
        requests = self._counters.requests
        left = lot.n
        second.answered += left
        for status, share in now.failures:
            failed = binomial(stream.uniform(self._tick, k), left, share)
            k += 1
            if failed:
                requests[each.method, each.path, str(status)] += failed
                left -= failed
        took = 1
        if observe is not None:
            observe.observe(now, lot.kind, lot.n, None)
        if lane is not None and left:
            if observe is not None and lane.model is not None:
                observe.observe(now, lot.kind, left, lane)
            left = self._infer(lot, left, lane, k, out)
            took = max(1, round(min(lane.latency.cap, lane.latency.median)))
            k += 4
        failed = lot.n - left
        second.failed += failed
        if failed:
            out.failed.append((Lot(lot.kind, lot.attempt, failed), took))
        refused = binomial(stream.uniform(self._tick, k), left, INVALID)
        if refused:
            requests[each.method, each.path, "404" if each.method == "GET" else "422"] += refused
        requests[each.method, each.path, "200"] += left - refused
        self._counters.good += left
        second.useful += left
        if each.mode == "creative" and lane is not None:
            second.creative += lot.n
            second.creative_good += left * lane.latency.below(CREATIVE_SECONDS - wait)

    def _infer(self, lot: Lot, n: int, lane: Lane, k: int, out: Served) -> int:
        """Count ``n`` briefs of the lane. Returns the successful ones."""
        each, stream = CLASSES[lot.kind], self._streams[lot.kind]
        requests, llm = self._counters.requests, self._counters.llm
        for model in lane.rejected:
            llm[model, "rejected"] += n
        if lane.model is None:
            requests[each.method, each.path, "503"] += n
            return 0
        left = n
        for status, outcome, share in lane.failures:
            failed = binomial(stream.uniform(self._tick, k), left, share)
            k += 1
            if failed:
                requests[each.method, each.path, str(status)] += failed
                llm[lane.model, outcome] += failed
                left -= failed
        llm[lane.model, "success"] += left
        out.call(lane.model, n, n - left)
        return left
