"""What a measurement is, and the one table they make."""

from __future__ import annotations

import json
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Options:
    """What the rows are told: ``quick`` is for trying the rows, not for judging by them."""

    quick: bool
    place: Path  #: where states, databases and configurations may lie

    def times(self, full: int, quick: int) -> int:
        """A number of repetitions."""
        return quick if self.quick else full


@dataclass(frozen=True, slots=True)
class Row:
    """One line. ``bound`` is the most allowed (the least, with ``at_least``); None only informs."""

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
        """A row that could not be measured is not ok."""
        if self.value is None:
            return False
        if self.bound is None:
            return True
        if self.at_least:
            return self.value >= self.bound
        return self.value < self.bound if self.strict else self.value <= self.bound

    @property
    def verdict(self) -> str:
        """``ok``, ``OVER`` (``UNDER`` for a least), ``FAILED`` for not measured, nothing without a bound."""
        if self.value is None:
            return "FAILED"
        if self.bound is None:
            return ""
        return "ok" if self.ok else "UNDER" if self.at_least else "OVER"


Measure = Callable[[Options], Iterable[Row]]


def number(value: float | None, unit: str) -> str:
    """A number as a person reads it."""
    if value is None:
        return "-"
    digits = 0 if value >= 100 or value == int(value) else 1 if value >= 10 else 2 if value >= 0.1 else 3
    return f"{value:,.{digits}f} {unit}".rstrip()


def table(rows: Sequence[Row]) -> str:
    """All rows, aligned."""
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
    """The same for machines."""
    return json.dumps(
        {"ok": all(row.ok for row in rows), "rows": [asdict(row) | {"ok": row.ok} for row in rows]}, indent=2
    )


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` of them do not exceed (nearest rank: never below what was seen)."""
    ordered = sorted(values)
    return ordered[max(0, -(-len(ordered) * round(share * 1000) // 1000) - 1)]


def spread(values: Sequence[float], scale: float = 1.0) -> str:
    """Median and extremes, for a note."""
    low, mid, high = min(values) * scale, statistics.median(values) * scale, max(values) * scale
    return f"median {mid:.3g} of {len(values)}, {low:.3g} to {high:.3g}"
