"""The SLO screen: the course of a budget over its window, drawn to scale."""

from __future__ import annotations

import random
from fractions import Fraction

import pytest
from rich.cells import cell_len

from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.slo.burndown import PlotGrid, dates, draw, grid_for, plot_rows, sampled
from support.budgets import example_slos, rows, slo_status
from support.slo_screen import SEOUL


def test_the_course_begins_full_and_ends_at_what_is_left() -> None:
    creative = example_slos()[2]
    assert sampled(creative.evaluation, 120) == [left for _minute, left in creative.evaluation.points]
    for columns in (20, 60, 69, 120, 240):
        values = [value for value in sampled(creative.evaluation, columns) if value is not None]
        assert len(values) == columns
        assert values[0] > Fraction(9, 10)
        assert values[-1] == creative.evaluation.budget.remaining
        assert values == sorted(values, reverse=True)


def test_a_month_is_drawn_to_its_end_and_its_days_to_come_are_empty() -> None:
    month = slo_status("x", "99.9%", "month", rows(21, 50, 0.0004))
    assert month.evaluation.slo_window.calendar
    columns = 60
    values = sampled(month.evaluation, columns)
    passed = len(month.evaluation.slo_window.span) / month.evaluation.slo_window.whole
    assert len(values) == pytest.approx(columns * passed, abs=1.01)
    grid = grid_for(0.0, 8)
    plain = ["".join(text for text, _role in row) for row in draw(values, columns, grid, UNICODE, "·")]
    assert all(set(row[len(values) + 1 :]) <= {" ", "·"} for row in plain)
    assert sum(row.count("·") for row in plain) == columns  # even spending goes on to the end
    assert dates(month.evaluation, columns, SEOUL).endswith("01 Dec 00:00")
    assert dates(month.evaluation, columns, SEOUL).startswith("01 Nov")


def test_what_is_overspent_is_drawn_below_zero_on_the_same_scale() -> None:
    assert grid_for(0.0, 10) == PlotGrid(10, 0)
    assert grid_for(-0.01, 10) == PlotGrid(9, 1)
    assert grid_for(-1.0, 10) == PlotGrid(5, 5)
    assert grid_for(-40.0, 10) == PlotGrid(5, 5)
    rows_ = draw([Fraction(1), Fraction(0), Fraction(-1, 2), Fraction(-9)], 4, PlotGrid(4, 4), UNICODE, "·")
    plain = ["".join(text for text, _role in row) for row in rows_]
    assert plain[0][1:] == "   "
    assert [row[0] for row in plain] == ["·", "█", "█", "█", " ", " ", " ", " "]
    assert [row[1] for row in plain[4:]] == [" "] * 4
    assert [row[2] for row in plain[4:]] == ["█", "█", " ", " "]
    assert [row[3] for row in plain[4:]] == ["█", "█", "█", "▼"]


def test_what_is_left_or_owed_shows_however_little_it_is() -> None:
    least, owed = Fraction(1, 10_000), Fraction(-1, 10_000)
    rows_ = draw([least, owed], 2, grid_for(-0.0001, 6), UNICODE, " ")
    plain = ["".join(text for text, _role in row) for row in rows_]
    assert plain[-2][0] == "▁"
    assert plain[-1][1] == "█"


def test_before_anything_was_seen_the_plot_says_so_and_claims_nothing() -> None:
    rl = example_slos()[4]
    rows_ = plot_rows(rl.evaluation, 77, 10, SEOUL, UNICODE)
    plain = ["".join(text for text, _role in row) for row in rows_]
    body = [line[7:] for line in plain[:-1]]
    assert body[-1].startswith("?" * 30)
    assert all("█" not in line[:30] for line in body)


def test_scale_and_dates_stand_beside_it() -> None:
    plain = [
        "".join(text for text, _role in row) for row in plot_rows(example_slos()[2].evaluation, 76, 10, SEOUL, UNICODE)
    ]
    assert plain[0].startswith(" 100% │")
    assert plain[-3].startswith("   0% │")
    assert plain[-2].startswith("  -5% │")
    assert plain[-1].strip().startswith("14 Nov  ")
    assert plain[-1].endswith("21 Nov 18:41")
    assert max(map(cell_len, plain)) <= 76


@pytest.mark.parametrize("seed", range(20))
def test_any_course_fits_its_frame(seed: int) -> None:
    dice = random.Random(seed)
    columns, height = dice.randint(10, 200), dice.randint(5, 14)
    values = [dice.choice([None, Fraction(dice.randint(-3000, 1000), 1000)]) for _ in range(dice.randint(0, columns))]
    lowest = float(min((v for v in values if v is not None), default=Fraction(0)))
    rows_ = draw(values, columns, grid_for(min(lowest, 0.0), height), UNICODE, "·")
    assert len(rows_) == height
    assert {sum(cell_len(text) for text, _role in row) for row in rows_} == {columns}
