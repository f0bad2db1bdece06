"""The budget left over its window as a plot in characters, beside an even burn."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from fractions import Fraction
from typing import TYPE_CHECKING

from rich.cells import cell_len

from artisan_tui.reports.moments import date_text, date_time_text, time_text
from artisan_tui.tui.cells import Run, fit
from artisan_tui.tui.glyphs import Glyphs

if TYPE_CHECKING:
    from artisan_tui.domain.slo.evaluation import SloEvaluation

#: Cells of the scale at the left.
SCALE = 7
#: The deepest overdraft that is drawn, as a share of the budget.
_DEEPEST = 1.0
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class PlotGrid:
    """``above`` rows from all of the budget down to nothing, ``below`` rows of overdraft on the same scale."""

    above: int
    below: int

    @property
    def step(self) -> float:
        """The share of the budget that a row shows."""
        return 1 / self.above


def sampled(evaluation: SloEvaluation, columns: int) -> list[Fraction | None]:
    """What was left at the end of each of ``columns`` equal parts of the window; without the parts to come."""
    own, points = evaluation.slo_window, evaluation.points
    minutes = [minute for minute, _left in points]
    out: list[Fraction | None] = []
    for index in range(columns):
        end = own.span.start + -(-own.whole * (index + 1) // columns)
        if own.span.start + own.whole * index // columns >= own.span.end or not points:
            break
        out.append(points[max(0, bisect_right(minutes, end) - 1)][1])
    return out


def lowest_of(values: Sequence[Fraction | None]) -> float:
    return float(min((value for value in values if value is not None), default=Fraction(0)))


def grid_for(lowest: float, height: int) -> PlotGrid:
    if lowest >= 0:
        return PlotGrid(height, 0)
    depth = min(-lowest, _DEEPEST)
    below = min(height - 2, max(1, round(height * depth / (1 + depth))))
    return PlotGrid(height - below, below)


def draw(values: Sequence[Fraction | None], columns: int, grid: PlotGrid, glyphs: Glyphs, even: str) -> list[list[Run]]:
    """Rows from the top; the sign ``even`` where an even burn would be, also where the area covers it."""
    rows = [[(" ", "")] * columns for _row in range(grid.above + grid.below)]
    for x, value in enumerate(values):
        if value is None:
            rows[grid.above - 1][x] = (glyphs.blind, "-unknown")
            continue
        left = float(value)
        role = "-bad" if value <= 0 else "-warn" if value <= Fraction(1, 5) else "-good"
        # However little is left or overspent, it fills at least a part of a cell.
        eighths = max(1, math.floor(left * grid.above * 8)) if value > 0 else 0
        for row in range(grid.above):
            part = min(8, eighths - row * 8)
            if part > 0:
                rows[grid.above - 1 - row][x] = (glyphs.levels[part * len(glyphs.levels) // 8 - 1], role)
        owed = max(1, round(-left / grid.step)) if value < 0 else 0
        for row in range(min(owed, grid.below)):
            rows[grid.above + row][x] = (glyphs.levels[-1], role)
        if owed > grid.below:
            rows[-1][x] = ("▼", role)
    for x in range(columns):
        row = min(grid.above - 1, int((x + 0.5) / columns * grid.above))
        rows[row][x] = (even, "-strong" if rows[row][x][0] != " " else "-dim")
    return [_joined(row) for row in rows]


def _joined(cells: Sequence[Run]) -> list[Run]:
    runs: list[Run] = []
    for text, role in cells:
        if runs and runs[-1][1] == role:
            runs[-1] = (runs[-1][0] + text, role)
        else:
            runs.append((text, role))
    return runs


def plot_rows(
    evaluation: SloEvaluation, width: int, height: int, zone: tzinfo, glyphs: Glyphs, even: str = "·"
) -> list[list[Run]]:
    """The whole plot with its scale and its dates."""
    columns = max(10, width - SCALE - 1)
    values = sampled(evaluation, columns)
    lowest = lowest_of(values)
    grid = grid_for(lowest, height)
    rows: list[list[Run]] = []
    for index, row in enumerate(draw(values, columns, grid, glyphs, even)):
        rows.append([(fit(_scale(index, grid, lowest), SCALE - 2, "right") + " │", "-dim"), *row])
    return [*rows, [(" " * SCALE + dates(evaluation, columns, zone), "-dim")]]


def _scale(row: int, grid: PlotGrid, lowest: float) -> str:
    """The share at the top edge of the first row, at the bottom edge of the others; last, the deepest there was."""
    if row == 0:
        return "100%"
    if row == grid.above - 1:
        return "0%"
    if row == grid.above // 2 - 1 and grid.above % 2 == 0 and grid.above >= 6:
        return "50%"
    if row == grid.above + grid.below - 1:
        return f"{max(round(lowest * 100), -999)}%" if round(lowest * 100) else "<0%"
    return ""


def dates(evaluation: SloEvaluation, columns: int, zone: tzinfo) -> str:
    """The dates below the plot: both ends, and the quarters where they fit between."""
    own = evaluation.slo_window

    def moment(minute: int) -> datetime:
        return _EPOCH + timedelta(minutes=minute)

    form, long_form = (date_text, date_time_text) if own.whole >= 2 * 1440 else (time_text, time_text)
    last = long_form(moment(own.span.start + own.whole), zone)
    line = form(moment(own.span.start), zone)
    if cell_len(line) + 1 + cell_len(last) > columns:  # half a date would be another date
        last = ""
    for quarter in (1, 2, 3):
        text = form(moment(own.span.start + own.whole * quarter // 4), zone)
        at = columns * quarter // 4
        if at > cell_len(line) and at + cell_len(text) + 2 <= columns - cell_len(last):
            line += " " * (at - cell_len(line)) + text
    return line + fit(last, max(0, columns - cell_len(line)), "right")
