"""The ledger rows of one SLO in memory, with fast sums over any window.

A minute takes 5 to 8 bytes: the cells of a column are as wide as its largest value needs. Prefix sums are kept
per block of minutes. So the sum over a window is the difference of two prefix sums and at most two partial
blocks. A new minute changes one block, and a corrected minute changes the prefix sums after it.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import accumulate

from artisan_tui.domain.slo.counts import Counts, Row
from artisan_tui.domain.slo.windows import BY_MINUTE, DAY, MinuteGrid, Span, merged

_BLOCK = 64
#: The largest distance in minutes between the first and the last row. A wrong clock must not use up the memory.
LONGEST = 5 * 366 * DAY
#: Minutes that the store keeps: the longest SLO window and a month more.
KEPT = 400 * DAY
_WIDTHS = "bhiq"


@dataclass(frozen=True, slots=True)
class WindowReading:
    """The counts of a window: ``burned`` outside maintenance, ``excluded`` under maintenance."""

    burned: Counts
    excluded: Counts


class _Column:
    """One integer per minute, in whole blocks, and the prefix sum of each block."""

    __slots__ = ("cells", "sums")

    def __init__(self) -> None:
        self.cells = array(_WIDTHS[0])
        self.sums = array("q", [0])

    def put(self, index: int, value: int) -> None:
        while True:
            try:
                self.cells[index] = value
            except OverflowError:
                wider = _WIDTHS.find(self.cells.typecode) + 1
                if wider >= len(_WIDTHS):
                    raise
                self.cells = array(_WIDTHS[wider], self.cells)
            else:
                return

    def put_run(self, index: int, values: array[int]) -> None:
        while True:
            try:
                self.cells[index : index + len(values)] = array(self.cells.typecode, values)
            except OverflowError:
                self.cells = array(_WIDTHS[_WIDTHS.find(self.cells.typecode) + 1], self.cells)
            else:
                return

    def grow(self, before: int, after: int) -> None:
        """Add ``before`` zeros at the start and ``after`` at the end."""
        cells = self.cells
        if before:
            self.cells = array(cells.typecode, bytes(before * cells.itemsize)) + cells
        if after:
            self.cells.frombytes(bytes(after * cells.itemsize))

    def drop(self, count: int) -> None:
        del self.cells[:count]

    def sum_up(self, dirty: int) -> None:
        """Recompute the prefix sums from the block ``dirty`` on."""
        cells, sums = self.cells, self.sums
        del sums[dirty + 1 :]
        blocks = (sum(cells[at : at + _BLOCK]) for at in range(dirty * _BLOCK, len(cells), _BLOCK))
        sums.extend(list(accumulate(blocks, initial=sums[dirty]))[1:])

    def until(self, index: int) -> int:
        """The sum of all cells before ``index``."""
        block, rest = divmod(index, _BLOCK)
        return self.sums[block] + (sum(self.cells[index - rest : index]) if rest else 0)


class MinuteSeries:
    """Ledger rows by minute. A later row for a minute replaces the earlier one. Not thread-safe: reads update the sums."""

    def __init__(self, grid: MinuteGrid = BY_MINUTE) -> None:
        self.grid = grid
        self._base = 0
        self._filled = bytearray()
        self._columns = tuple(_Column() for _ in range(4))
        self._dirty = 0

    def put(self, rows: Iterable[Row]) -> None:
        """Add or replace rows. Rows at the end are cheapest. Raises ValueError for a minute more than `LONGEST` from the others."""
        for minute, bad, total, measured, *unsure in rows:
            index = self._index(minute)
            for column, value in zip(self._columns, (bad, total, measured, *(unsure or (0,))), strict=True):
                column.put(index, value)
            self._filled[index] = 1
            self._dirty = min(self._dirty, index // _BLOCK)

    def put_run(
        self, first: int, bad: array[int], total: array[int], measured: array[int], unsure: array[int] | None = None
    ) -> None:
        """Put consecutive rows from the minute ``first`` on, one array per column. Ten times as fast as `put`."""
        if not bad:
            return
        self._index(first)
        self._index(first + len(bad) - 1)
        low = first - self._base
        for column, values in zip(
            self._columns, (bad, total, measured, unsure or array("q", bytes(8 * len(bad)))), strict=True
        ):
            column.put_run(low, values)
        self._filled[low : low + len(bad)] = b"\1" * len(bad)
        self._dirty = min(self._dirty, low // _BLOCK)

    def _index(self, minute: int) -> int:
        """The cell index of ``minute``. The columns grow when needed."""
        if not self._filled:
            self._base = minute - minute % _BLOCK
        index = minute - self._base
        if 0 <= index < len(self._filled):
            return index
        if max(index, len(self._filled)) - min(index, 0) >= LONGEST:
            years = LONGEST // (366 * DAY)
            raise ValueError(f"minute {minute} is more than {years} years away from the others: check the clocks")
        before = -(index // _BLOCK) * _BLOCK if index < 0 else 0
        after = (index // _BLOCK + 1) * _BLOCK - len(self._filled) if index >= 0 else 0
        if before:
            self._filled[:0] = bytes(before)
            self._base -= before
            self._dirty = 0
        else:
            self._filled.extend(bytes(after))
        for column in self._columns:
            column.grow(before, after)
        return minute - self._base

    def forget(self, before: int) -> None:
        """Drop whole blocks older than the minute ``before``."""
        count = min(max(0, before - self._base) // _BLOCK * _BLOCK, len(self._filled))
        if count:
            del self._filled[:count]
            for column in self._columns:
                column.drop(count)
            self._base += count
            self._dirty = 0

    def read(self, span: Span, excluded: Iterable[Span] = ()) -> WindowReading:
        """The counts of ``span``, with the ``excluded`` spans counted separately. These may overlap."""
        self._sum_up()
        without = Counts()
        for part in merged(each.clipped(span) for each in excluded):
            without += self._counts(part)
        return WindowReading(self._counts(span) - without, without)

    def _counts(self, span: Span) -> Counts:
        low, high = (min(max(0, edge - self._base), len(self._filled)) for edge in (span.start, span.end))
        if low >= high:
            return Counts(expected=self.grid.expected(span))
        bad, total, measured, unsure = (column.until(high) - column.until(low) for column in self._columns)
        return Counts(bad, total, self.grid.expected(span), measured, unsure)

    def _sum_up(self) -> None:
        if self._dirty * _BLOCK < len(self._filled):
            for column in self._columns:
                column.sum_up(self._dirty)
        self._dirty = len(self._filled) // _BLOCK

    def rows(self, span: Span) -> list[Row]:
        """The rows in ``span``, in order."""
        low, high = self._edges(span)
        cells = (column.cells[low:high] for column in self._columns)
        known = zip(range(self._base + low, self._base + high), *cells, self._filled[low:high], strict=True)
        return [
            (minute, bad, total, measured, unsure) if unsure else (minute, bad, total, measured)
            for minute, bad, total, measured, unsure, filled in known
            if filled
        ]

    def costliest(self, span: Span, most: int, excluded: Iterable[Span] = ()) -> list[Row]:
        """The ``most`` rows with the most bad events, worst first. Of two equal ones, the later is first."""
        low, high = self._edges(span)
        parts: Sequence[Span] = merged(excluded)
        self._sum_up()
        cells, sums = self._columns[0].cells, self._columns[0].sums
        found: list[tuple[int, int]] = []
        for start in range(low - low % _BLOCK, high, _BLOCK):
            block = start // _BLOCK
            # Most blocks have no bad events. A sum of 0 from positive and negative counts is only counter skew.
            if sums[block + 1] != sums[block]:
                at = range(max(start, low), min(start + _BLOCK, high))
                found += [(cells[index], self._base + index) for index in at if cells[index] > 0]
        if parts:
            found = [each for each in found if not any(part.start <= each[1] < part.end for part in parts)]
        return [row[:4] for _, minute in nlargest(most, found) for row in self.rows(Span(minute, minute + 1))]

    def holes(self, span: Span) -> list[Span]:
        """The minutes of ``span`` without a row, as spans: what the backfill has to read. An unmeasured row is a row."""
        out, at = [], span.start
        while at < span.end:
            end = self._next(1, at, span.end)
            if at < end:
                out.append(Span(at, end))
            at = self._next(0, end, span.end)
        return out

    def unmeasured(self, span: Span) -> list[Span]:
        """The minutes of ``span`` whose row is unmeasured, as spans."""
        low, high = self._edges(span)
        measured, base = self._columns[2].cells, self._base
        blind = (at for at in range(low, high) if self._filled[at] and not measured[at])
        return list(merged(Span(base + at, base + at + 1) for at in blind))

    @property
    def first(self) -> int | None:
        """The first measured minute, None without one."""
        at = next((index for index, count in enumerate(self._columns[2].cells) if count > 0), None)
        return None if at is None else self._base + at

    @property
    def last(self) -> int | None:
        """The last measured minute, None without one."""
        cells = self._columns[2].cells
        at = next((index for index in range(len(cells) - 1, -1, -1) if cells[index] > 0), None)
        return None if at is None else self._base + at

    def _next(self, mark: int, minute: int, end: int) -> int:
        """The first minute from ``minute`` on with a row (``mark`` 1) or without one (0), at most ``end``."""
        index = minute - self._base
        if not mark and not 0 <= index < len(self._filled):
            return minute
        found = self._filled.find(mark, max(0, index))
        if found < 0:
            return end if mark else min(end, self._base + len(self._filled))
        return min(end, self._base + found)

    def _edges(self, span: Span) -> tuple[int, int]:
        low = min(max(0, span.start - self._base), len(self._filled))
        return low, max(low, min(span.end - self._base, len(self._filled)))

    @property
    def nbytes(self) -> int:
        """The memory used by the rows, in bytes."""
        held = (len(a) * a.itemsize for column in self._columns for a in (column.cells, column.sums))
        return len(self._filled) + sum(held)
