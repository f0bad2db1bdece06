"""The board's error budgets: worst first, and honest about what is not known."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from rich.cells import cell_len

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.minimums import Minimums
from artisan_tui.domain.slo.status import Progress, SloStatus
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.kit.bars import Title
from artisan_tui.tui.slo.budget_panel import BudgetList
from artisan_tui.tui.slo.rows import SloColumns, panel_rows
from artisan_tui.tui.slo.text import forecast_text, remaining_text, rough, shortened, summary_of, trouble, worst_first
from support.budget_lines import said
from support.budgets import Burst, example_slos, on_board, rows, slo_status
from support.screens import drawn
from support.snapshots import make_app


def said_of(each: SloStatus, width: int = 119, *, two: bool = True) -> list[str]:
    return [said(row).rstrip() for row in panel_rows(each, SloColumns([each], width, two=two), UNICODE)]


async def test_the_panel_is_worst_first_and_its_title_counts_what_fires() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_board(pilot)
        lines = drawn(app.query_one(BudgetList))
        title = drawn(app.query_one("#budgets-title", Title))[0]
    assert [line.split("  ")[0] for line in lines[::2]] == [
        "✖ LLM creative latency 95% 7d",
        "! LLM fast latency",
        "? RL reward stability",
        "✔ LLM 균형 모드 지연",
        "✔ API availability",
    ]
    assert title.startswith(" Error budgets ")
    assert title.endswith("page 1  ticket 0")


def test_what_burns_comes_before_a_warning_and_an_unknown_before_what_is_well() -> None:
    paging = slo_status("paging", "95%", "7d", rows(7, 40, 0.001, [Burst(6, 6, 1.0)]))
    ticking = slo_status("ticking", "95%", "7d", rows(7, 40, 0.001, [Burst(2000, 2000, 0.08)]))
    assert (summary_of(paging).status, summary_of(ticking).status) == (BudgetStatus.HEALTHY, BudgetStatus.HEALTHY)
    creative, fast, rl = example_slos()[2], example_slos()[1], example_slos()[4]
    ranked = worst_first([example_slos()[0], rl, fast, ticking, paging, creative])
    assert [each.id for each in ranked] == ["llm-creative", "paging", "ticking", "llm-fast", "rl-reward", "api-availability"]  # fmt: skip
    # A budget that is well and burns is not ticked off.
    first, second = said_of(paging)
    assert first.startswith("! paging")
    assert first.endswith("BURNING   PAGE")
    assert "runs out in" in second
    assert said_of(ticking)[0].endswith("BURNING   TICKET")


def test_numbers_are_those_of_the_ledger() -> None:
    api = example_slos()[0]
    assert api.evaluation.burned.total == 85 * 43_200
    first, second = said_of(api)
    assert "99.9% 30d" in first
    assert f"{api.evaluation.burned.bad:,} bad of 3,672,000" in second
    assert first.endswith("80.0% healthy")
    creative = example_slos()[2]
    over = creative.evaluation.budget.remaining
    assert over is not None
    assert over < 0
    assert f"{float(over) * 100:.1f}%"[:4] in said_of(creative)[0]
    assert "EXHAUSTED PAGE" in said_of(creative)[0]


@pytest.mark.parametrize("bad", [0, 1, 79, 80, 81, 99, 100, 101, 250])
def test_a_number_never_stands_on_the_wrong_side_of_its_word(bad: int) -> None:
    """100 of 100,000 at 99.9 % is all of the budget."""
    spread_out = [(row[0], 1 if index < bad else 0, 10, 1) for index, row in enumerate(rows(7, 10, 0))]
    scaled = [(at, count, 10, measured) for at, count, _total, measured in spread_out][:10_000]
    each = slo_status("x", "99.9%", "7d", scaled, minimums=Minimums(coverage=Fraction(1, 2)))
    number = float(remaining_text(each).rstrip("%"))
    word = {
        BudgetStatus.HEALTHY: number > 20,
        BudgetStatus.WARNING: 0 < number <= 20,
        BudgetStatus.EXHAUSTED: number <= 0,
    }
    assert word[summary_of(each).status], (number, summary_of(each))


def test_the_last_of_a_budget_is_not_nothing() -> None:
    tiny = [(row[0], 99 if index == 0 else 0, 10, 1) for index, row in enumerate(rows(7, 10, 0))]
    each = slo_status("x", "99%", "7d", [*tiny[1:], (tiny[0][0], 1007, 10, 1)])
    assert summary_of(each).status is BudgetStatus.WARNING
    assert remaining_text(each).startswith("0.0")
    assert float(remaining_text(each).rstrip("%")) > 0
    bar = next(text for text, role in panel_rows(each, SloColumns([each], 119, two=True), UNICODE)[0] if "█" in text)
    assert bar == "█"


def test_what_is_unknown_has_no_number_and_no_tick() -> None:
    few = slo_status("few", "99%", "7d", rows(7, 1, 0), minimums=Minimums(events=1_000_000))
    partial = slo_status("partial", "99%", "7d", rows(7, 40, 0.001), partial=True, problem="Prometheus does not answer")
    empty = slo_status("empty", "99%", "7d", [])
    short = slo_status("short", "99%", "7d", rows(3, 40, 0.001))
    for each, why in [
        (few, "1,000,000 needed"),
        (partial, "Prometheus does not answer"),
        (empty, "no data in the window"),
        (short, "only 42.85% of the window has data"),
    ]:
        first, second = said_of(each)
        assert first.startswith("? ")
        assert first.endswith("? UNKNOWN")
        assert why in second
        (alone,) = said_of(each, 79, two=False)
        assert "%" not in alone.replace("99% 7d", "")
        assert cell_len(alone) <= 79
    assert said_of(replace(short, progress=Progress(1, 3)), 79, two=False)[0].endswith("UNKNOWN   backfill: 33%")
    assert "backfill: 99%" in said(trouble(replace(short, progress=Progress(9_999, 10_000))))


def test_guessed_counts_are_marked() -> None:
    assert "~60.0% healthy" in said_of(example_slos()[3])[0]


def test_a_backfill_of_a_known_budget_is_said_without_hiding_how_fast_it_burns() -> None:
    each = replace(example_slos()[0], progress=Progress(5, 10))
    second = said_of(each)[1]
    assert second.endswith("backfill: 50%")
    assert "burn 1h 0.2" in second


def test_a_forecast_is_a_range_and_coarse() -> None:
    burning = slo_status("x", "99.9%", "30d", rows(30, 100, 0.0002, [Burst(120, 120, 0.05)]))
    assert forecast_text(burning.evaluation).startswith("runs out in ")
    assert forecast_text(example_slos()[0].evaluation) == "not exhausted at this rate"
    assert forecast_text(example_slos()[2].evaluation) == ""  # it is gone
    texts = [rough(Fraction(m)) for m in (0, Fraction(1, 2), 1, 59, 119, 120, 2879, 2880, 43_200)]
    assert texts == ["<1m", "<1m", "1m", "59m", "119m", "2h", "47h", "2d", "30d"]
    assert [rough(Fraction(m), up=True) for m in (Fraction(1, 2), 59, Fraction(121))] == ["1m", "59m", "3h"]


@pytest.mark.parametrize("room", range(4, 60))
def test_what_is_too_long_ends_between_words(room: int) -> None:
    text = "only half of the window was seen 정말로 그렇습니다"
    short = shortened(text, room)
    assert cell_len(short) <= room
    if short != text and short.endswith(" …"):
        assert text.startswith(short[:-2] + " ")
