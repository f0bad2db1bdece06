"""SLIs without event counters: time slices in which a value meets a condition, and probes of checks."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from artisan_tui.domain.condition import Condition, examine
from artisan_tui.domain.probe_result import MISSING, ProbeResult
from artisan_tui.domain.slo.counter_deltas import CounterSample, measured
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.windows import MINUTE_MS, MinuteGrid, Span
from artisan_tui.domain.state import State

#: Of two probes at the same time, the worse verdict counts.
_RANK = {State.UNKNOWN: 0, State.UP: 1, State.DEGRADED: 1, State.DOWN: 2}


def condition_holds(condition: Condition) -> Callable[[Decimal], bool]:
    """A condition on ``value`` as a predicate on a number."""
    return lambda value: examine(condition, ProbeResult(answers={"value": value}), lambda _path, _document: MISSING).ok


def slice_reach(span: Span, grid: MinuteGrid) -> tuple[int, int]:
    """The range [start, end) in ms of the samples needed for the minutes of ``span``."""
    first = span.start * MINUTE_MS // grid.slice_ms * grid.slice_ms
    return first, span.end * MINUTE_MS


def slice_rows(
    samples: Iterable[CounterSample], good: Callable[[Decimal], bool], span: Span, grid: MinuteGrid
) -> list[Row]:
    """A ledger row for every minute of ``span``. A slice counts in the minute in which it ends.

    The last sample in a slice decides whether it is good. Of two at the same time, the bad one decides.
    A slice without a sample is unmeasured. Unlike in a PromQL subquery, no earlier sample is used
    for it. NaN is not a sample.
    """
    start, end = span.start * MINUTE_MS, span.end * MINUTE_MS
    last: dict[int, tuple[int, bool]] = {}
    for at, value in samples:
        index = at // grid.slice_ms
        if math.isnan(value) or not start < (index + 1) * grid.slice_ms <= end:
            continue
        known = last.get(index)
        if known is not None and known[0] > at:
            continue
        fine = good(Decimal(repr(value)) if isinstance(value, float) else Decimal(value))
        last[index] = (at, fine and (known is None or known[0] < at or known[1]))
    bad: dict[int, int] = {}
    total: dict[int, int] = {}
    for index, (_, fine) in last.items():
        minute = ((index + 1) * grid.slice_ms - 1) // MINUTE_MS
        total[minute] = total.get(minute, 0) + 1
        bad[minute] = bad.get(minute, 0) + (not fine)
    return [(m, bad.get(m, 0), total.get(m, 0), total.get(m, 0)) for m in range(span.start, span.end)]


@dataclass(frozen=True, slots=True)
class CheckVerdict:
    """The verdict of one probe of a check at ``at`` (ms since the epoch), before fall and rise."""

    check: str
    at: int
    verdict: State


def probe_rows(probes: Iterable[CheckVerdict], every: Mapping[str, int], span: Span) -> list[Row]:
    """A ledger row for every minute of ``span``. ``every`` is the probe interval (ms) of each check of the SLI.

    Each probe is an event: up and degraded are good, down is bad. Unknown and maintenance verdicts do not
    count. Probes with another verdict count during maintenance too, and are excluded when the ledger is
    read. Measured minutes are counted per check, so the grid has ``len(every)`` lanes. Probes are needed
    from `counter_deltas.reach` with the longest interval on.
    """
    verdicts: dict[str, dict[int, State]] = {check: {} for check in every}
    for probe in probes:
        known = verdicts.get(probe.check)
        if known is not None and probe.verdict in _RANK:
            known[probe.at] = max(probe.verdict, known.get(probe.at, probe.verdict), key=_RANK.__getitem__)
    bad = dict.fromkeys(range(span.start, span.end), 0)
    total, seen = dict(bad), dict(bad)
    for check, known in verdicts.items():
        times = sorted(at for at, verdict in known.items() if verdict is not State.UNKNOWN)
        for at in times:
            minute = at // MINUTE_MS
            if minute in total:
                total[minute] += 1
                bad[minute] += known[at] is State.DOWN
        for minute in measured([times], span, every[check]):
            seen[minute] += 1
    return [(minute, bad[minute], total[minute], seen[minute]) for minute in bad]
