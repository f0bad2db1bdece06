"""Latency or a value over time in characters: as many columns as there are cells, no finer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from artisan_tui.domain.checks.sample import CheckSample, RollUp
from artisan_tui.domain.state import State


class Quantity(Enum):
    """What is plotted, and which of many in one column: the worst."""

    LATENCY = "latency"
    GREATEST = "greatest"
    LEAST = "least"

    def of_sample(self, sample: CheckSample) -> float | None:
        return sample.latency if self is Quantity.LATENCY else sample.number

    def of_roll_up(self, roll: RollUp) -> float | None:
        if self is Quantity.LATENCY:
            return roll.latency_max
        return roll.value_min if self is Quantity.LEAST else roll.value_max

    def worse(self, a: float | None, b: float | None) -> float | None:
        if a is None or b is None:
            return b if a is None else a
        return min(a, b) if self is Quantity.LEAST else max(a, b)


@dataclass(frozen=True, slots=True)
class Column:
    """One cell's worth of time. ``peak`` in seconds or in the value's unit, None when nothing was measured."""

    probes: int = 0
    failed: int = 0
    blind: int = 0
    peak: float | None = None


def bucket(
    samples: Sequence[CheckSample],
    roll_ups: Sequence[RollUp],
    span: float,
    now: datetime,
    columns: int,
    quantity: Quantity = Quantity.LATENCY,
) -> list[Column]:
    """``span`` seconds up to ``now`` in ``columns`` buckets; the worst probe of each is its height.

    Buckets begin at whole steps of the clock, so that time alone moves no probe into another one.
    Raw samples where they reach, roll-ups before the first of them. The roll-up in which the raw ones
    begin counts too: leaving it out would hide minutes, and a probe counted twice changes neither the
    height nor the sign.
    """
    step = span / max(1, columns)
    start = (math.floor(now.timestamp() / step) + 1) * step - span
    probes, failed, blind = [0] * columns, [0] * columns, [0] * columns
    peaks: list[float | None] = [None] * columns

    def place(at: datetime) -> int | None:
        index = math.floor((at.timestamp() - start) / step)
        return index if 0 <= index < columns else None

    first = samples[0].at if samples else now
    for roll in roll_ups:
        if roll.start >= first:
            continue
        index = place(roll.start)
        if index is None:
            continue
        probes[index] += roll.total
        failed[index] += roll.down
        blind[index] += roll.unknown
        peaks[index] = quantity.worse(peaks[index], quantity.of_roll_up(roll))
    for sample in samples:
        index = place(sample.at)
        if index is None:
            continue
        probes[index] += 1
        failed[index] += sample.verdict is State.DOWN
        blind[index] += sample.verdict is State.UNKNOWN
        peaks[index] = quantity.worse(peaks[index], quantity.of_sample(sample))
    return [Column(*values) for values in zip(probes, failed, blind, peaks, strict=True)]


def draw(columns: Sequence[Column], height: int, levels: str) -> tuple[list[str], float]:
    """(rows from top to bottom, the latency in seconds of the full height)."""
    top = max((column.peak for column in columns if column.peak is not None), default=0.0)
    if top <= 0:
        return [" " * len(columns)] * height, 0.0
    steps = len(levels)
    rows = [[" "] * len(columns) for _ in range(height)]
    for x, column in enumerate(columns):
        if column.peak is None:
            continue
        eighths = max(1, round(column.peak / top * height * steps))
        for row in range(height):
            part = min(steps, eighths - row * steps)
            if part > 0:
                rows[height - 1 - row][x] = levels[part - 1]
    return ["".join(row) for row in rows], top


def draw_between(columns: Sequence[Column], height: int, levels: str, low: float, high: float) -> list[str]:
    """Rows from top to bottom, from ``low`` to ``high``; a column that was measured has at least one level."""
    rows = [[" "] * len(columns) for _ in range(height)]
    for x, column in enumerate(columns):
        if column.peak is None:
            continue
        # Divided before it is multiplied: the difference of two great numbers may be none that a float holds.
        share = column.peak / (high - low) - low / (high - low)
        steps = max(1, round(min(1.0, max(0.0, share)) * height * len(levels)))
        for row in range(height):
            part = min(len(levels), steps - row * len(levels))
            if part > 0:
                rows[height - 1 - row][x] = levels[part - 1]
    return ["".join(row) for row in rows]


def line_at(number: float, low: float, high: float, height: int) -> int | None:
    """The row, from the top, in which ``number`` lies; None outside of the plot."""
    share = number / (high - low) - low / (high - low)
    if not 0.0 <= share <= 1.0:
        return None
    return height - 1 - min(height - 1, int(share * height))


def outage_row(columns: Sequence[Column], failed: str, blind: str, well: str = "·") -> str:
    """One sign a column: a probe failed, none had a result, or all were well; a gap is a blank."""
    signs = []
    for column in columns:
        if column.failed:
            signs.append(failed)
        elif column.blind:
            signs.append(blind)
        else:
            signs.append(well if column.probes else " ")
    return "".join(signs)
