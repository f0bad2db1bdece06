"""A table in a given width: columns stay columns, and what is too long for its column goes on below."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from artisan_tui.tui.cells import fit, wrapped

#: Cells between two columns, and the fewest of a column that has to give way.
_BETWEEN, _LEAST = 2, 6


def table_lines(rows: Sequence[Sequence[str]], width: int) -> list[list[str]]:
    """Of each row the lines that it takes, none wider than ``width`` cells where the columns can be made that narrow.

    A row may be shorter than others. The widest columns give way first.
    """
    columns = max((len(row) for row in rows), default=0)
    filled = [[*row, *[""] * (columns - len(row))] for row in rows]
    sizes = [max(cell_len(row[at]) for row in filled) for at in range(columns)]
    room = width - _BETWEEN * (columns - 1)
    while sum(sizes) > room and max(sizes) > _LEAST:
        sizes[sizes.index(max(sizes))] -= 1
    found = []
    for row in filled:
        cells = [wrapped(text, size) or [""] for text, size in zip(row, sizes, strict=True)]
        high = max(map(len, cells), default=0)
        found.append(
            [
                (" " * _BETWEEN)
                .join(fit(cell[at] if at < len(cell) else "", size) for cell, size in zip(cells, sizes, strict=True))
                .rstrip()
                for at in range(high)
            ]
        )
    return found
