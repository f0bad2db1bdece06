"""Tables on a screen: columns stay columns at any width, in letters of two cells too."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from artisan_tui.tui.kit.table import table_lines

WORDS = st.lists(st.sampled_from(["a", "restart", "결제 창구", "api.p95", "QwenModelUnhealthy", "다시"]), max_size=6)
ROWS = st.lists(st.lists(WORDS.map(" ".join), min_size=3, max_size=3), min_size=1, max_size=6)


def test_what_is_too_long_goes_on_below_in_its_own_column() -> None:
    rows = [["", "At", "What"], ["#5", "2:30", "restart of the database by hand"], ["#10", "30:00", "over"]]
    assert table_lines(rows, 30) == [
        ["     At     What"],
        ["#5   2:30   restart of the", "            database by hand"],
        ["#10  30:00  over"],
    ]


def test_a_row_that_lacks_cells_and_a_table_without_rows() -> None:
    assert table_lines([["one", "two"], ["three"]], 40) == [["one    two"], ["three"]]
    assert table_lines([], 40) == []


@given(ROWS, st.integers(24, 120))
def test_no_line_is_wider_and_each_column_begins_in_one_place(rows: list[list[str]], width: int) -> None:
    drawn = table_lines(rows, width)
    assert all(cell_len(line) <= width for lines in drawn for line in lines)
    said = "".join(" ".join(line for lines in drawn for line in lines).split())
    wanted = "".join("".join(row) for row in rows).replace(" ", "")
    assert sorted(said) == sorted(wanted)  # nothing is lost
    # The second column of a row begins where that of another does, wherever both can be told from the first.
    begins = {
        cell_len(lines[0]) - cell_len(lines[0].lstrip())
        for row, lines in zip(rows, drawn, strict=True)
        if not row[0] and row[1]
    }
    assert len(begins) <= 1
