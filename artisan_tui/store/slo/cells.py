"""An hour of minutes as one value of a table: packed, unpacked, merged and read.

Of two rows for a minute the one that measured more stays, of equals the later. So chunks of the same
readings may overlap, come again, in any order and from two sessions at once: the same minutes result.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

from artisan_tui.domain.slo.counts import Row

#: Minutes in a row of the table.
HOUR: Final = 60
_PLAIN: Final = 3 * HOUR * 8
_DOUBTFUL: Final = 4 * HOUR * 8
_NONE: Final = -1
#: An hour of which nothing is known.
BLANK: Final = array("q", [0] * (2 * HOUR) + [_NONE] * HOUR + [0] * HOUR)


def merged(old: array[int], rows: Iterable[Row]) -> array[int]:
    """A minute that was seen is not forgotten because a later reader saw less of it."""
    new = old[:]
    for minute, bad, total, measured, *unsure in rows:
        at = minute % HOUR
        if measured >= new[2 * HOUR + at]:
            new[at], new[HOUR + at], new[2 * HOUR + at] = bad, total, measured
            new[3 * HOUR + at] = unsure[0] if unsure else 0
    return new


def rows_of(hours: Iterable[tuple[int, array[int]]]) -> Iterator[Row]:
    """The minutes that have a row, of (first minute, cells) of each hour."""
    for first, cells in hours:
        columns = (cells[at * HOUR : (at + 1) * HOUR] for at in range(4))
        for row in zip(range(first, first + HOUR), *columns, strict=True):
            if row[3] != _NONE:
                yield row if row[4] else row[:4]


def runs(hours: Iterable[tuple[int, array[int]]]) -> Iterator[tuple[int, list[array[int]]]]:
    """Stretches of minutes that all have a row, as long as they come: the first, and the four columns."""
    start = end = 0
    run: list[array[int]] = []
    for first, cells in hours:
        for low, high in _filled(cells):
            parts = [cells[at + low : at + high] for at in range(0, 4 * HOUR, HOUR)]
            if run and first + low == end:
                for column, part in zip(run, parts, strict=True):
                    column.extend(part)
            else:
                if run:
                    yield start, run
                start, run = first + low, parts
            end = first + high
    if run:
        yield start, run


def _filled(cells: array[int]) -> Iterator[tuple[int, int]]:
    """The minutes of an hour that have a row, as (first, end)."""
    measured = cells[2 * HOUR : 3 * HOUR]
    if _NONE not in measured:
        yield 0, HOUR
        return
    for known, group in groupby(range(HOUR), lambda at: measured[at] != _NONE):
        if known:
            run = list(group)
            yield run[0], run[-1] + 1


def packed(cells: array[int]) -> bytes:
    """An hour: `HOUR` bad, then total, then measured, -1 where there is no row; then the doubts where there are any.

    Little-endian 64-bit integers, compressed: minutes of a thousand events take 160 bytes an hour.
    """
    return zlib.compress(_little(cells if any(cells[3 * HOUR :]) else cells[: 3 * HOUR]).tobytes())


def unpacked(data: bytes) -> array[int]:
    """From `packed`. ValueError, TypeError or zlib.error for anything else."""
    unpacking = zlib.decompressobj()
    plain = unpacking.decompress(data, _DOUBTFUL + 1)  # not more: few bytes can claim to be gigabytes
    if len(plain) not in (_PLAIN, _DOUBTFUL) or not unpacking.eof or unpacking.unused_data:
        raise ValueError("that is not sixty minutes")
    cells = _little(array("q", plain))
    if len(plain) == _PLAIN:
        cells.extend(BLANK[3 * HOUR :])
    if min(cells[2 * HOUR : 3 * HOUR]) < _NONE:
        raise ValueError("less than nothing was measured")
    return cells


def _little(cells: array[int]) -> array[int]:
    if sys.byteorder == "big":
        cells = cells[:]
        cells.byteswap()
    return cells
