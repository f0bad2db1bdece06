"""A row of a measurement, and the table of all rows."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """The options for all rows. ``quick`` is for testing the rows; its results are not valid."""

    quick: bool
    place: Path  # : for states, databases and configurations

    def times(self, full: int, quick: int) -> int:
        """The number of repetitions."""
        return quick if self.quick else full


@dataclass(frozen=True, slots=True)
class Row:
    """One row. ``bound`` is the largest allowed value (the smallest with ``at_least``); None for no bound."""

    what: str
    value: float | None
    unit: str = ""
    bound: float | None = None
    at_least: bool = False
    strict: bool = False
    note: str = ""
    samples: Sequence[float] = field(default=())

    @property
    def ok(self) -> bool:
        """False also if there is no value."""
        if self.value is None:
            return False
        if self.bound is None:
            return True
        if self.at_least:
            return self.value >= self.bound
        return self.value < self.bound if self.strict else self.value <= self.bound

    @property
    def verdict(self) -> str:
        """``ok``, ``OVER`` or ``UNDER``, ``FAILED`` if not measured, empty without a bound."""
        if self.value is None:
            return "FAILED"
        if self.bound is None:
            return ""
        return "ok" if self.ok else "UNDER" if self.at_least else "OVER"


Measure = Callable[[Options], Iterable[Row]]


def number(value: float | None, unit: str) -> str:
    """A number with its unit, rounded for display."""
    if value is None:
        return "-"
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:,.{digits}f} {unit}".rstrip()


def table(rows: Sequence[Row]) -> str:
    """All rows as an aligned text table."""
    cells = [("what", "measured", "bound", "", "")]
    for row in rows:
        sign = ">=" if row.at_least else "<" if row.strict else "<="
        bound = "" if row.bound is None else f"{sign} {number(row.bound, row.unit)}"
        cells.append((row.what, number(row.value, row.unit), bound, row.verdict, row.note))
    widths = [max(len(line[column]) for line in cells) for column in range(4)]
    return "\n".join(
        f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d:<{widths[3]}}  {e}".rstrip()
        for a, b, c, d, e in cells
    )


def document(rows: Sequence[Row]) -> str:
    """All rows as a JSON document."""
    return json.dumps(
        {"ok": all(row.ok for row in rows), "rows": [asdict(row) | {"ok": row.ok} for row in rows]}, indent=2
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that ``share`` (0 to 1) of the values do not exceed (nearest-rank method)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 1000) // 1000) - 1)]


def spread(values: Sequence[float], scale: float = 1.0) -> str:
    """Median, minimum and maximum, for a note."""
    low, mid, high = min(values) * scale, statistics.median(values) * scale, max(values) * scale
    return f"median {mid:.3g} of {len(values)}, {low:.3g} to {high:.3g}"
