"""The SLO screen at every size, and what it sends while nothing changes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.status import Progress
from artisan_tui.tui.terminal import Terminal
from support.budgets import board, example_slos, later, slo_slice
from support.fitting import fits
from support.screens import resized, show, visible
from support.slo_screen import opened
from support.snapshots import FakeClock, make_app
from support.wire import Wire

SIZES = [(60, 15), (80, 24), (109, 30), (110, 30), (120, 40), (200, 50), (300, 100)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
async def test_it_is_designed_for_every_size(size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        screen = await opened(pilot)
        await fits(pilot)
        text = visible(app)
        assert text[2].startswith("✖ LLM creative")
        assert "EXHAUSTED PAGE" in text[2]
        assert text[-1].rstrip().endswith("? help")
        assert "esc back" in text[-1]
        assert "x explain" in text[-1]
        list_, one, minutes = (screen.query_one(f".{name}-pane").region for name in ("list", "detail", "minutes"))
        assert (one.x >= list_.right) == (size[0] >= 110)
        assert one.height >= 8
        assert bool(minutes.height) == (size[1] >= 20)
        assert any("100% │" in line for line in text)
        for _slo in example_slos():
            await pilot.press("down")
            await fits(pilot)


async def test_sizes_that_come_and_go_end_in_the_picture_of_a_fresh_start() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        whole = visible(app)
        for size in [(200, 50), (80, 24), (60, 15), (1, 1), (110, 30), (109, 31)]:
            await resized(pilot, *size)
            await fits(pilot)
        await resized(pilot, 120, 40)
        await fits(pilot)
        assert visible(app) == whole


async def test_in_ascii_even_spending_is_not_taken_for_the_plot() -> None:
    app = make_app(terminal=Terminal(ascii=True, colours=0))
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot)
        text = visible(app)
    top = next(line for line in text if "100% |" in line)
    assert top.partition("|")[2].startswith("ooooo")
    assert "o = even burn" in "\n".join(text)
    assert all(letter.isascii() or letter.isalpha() for line in text for letter in line)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_while_nothing_changes_nothing_is_sent(size: tuple[int, int]) -> None:
    clock = FakeClock()
    app = make_app(clock=clock)
    async with app.run_test(size=size) as pilot:
        await opened(pilot)
        await fits(pilot)  # a scrollbar takes a turn to be drawn
        before = app.snapshot
        assert before is not None
        wire = await Wire(pilot).attach()
        for _ in range(5):
            clock.tick(2)
            same = tuple(replace(each, evaluation=replace(each.evaluation)) for each in example_slos())
            before = await show(pilot, later(before, at=clock.now(), budgets=slo_slice(same)))
        assert wire.read() == ""


async def test_a_backfill_that_goes_on_moves_its_bar_and_no_more() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, None, "down", "down")
        await fits(pilot)
        wire = await Wire(pilot).attach()
        told = example_slos()
        on = replace(told[4], progress=Progress(5_234, 10_080))
        await show(pilot, later(app.snapshot or board(), budgets=slo_slice([*told[:4], on])))
        written = wire.read()
        assert 0 < len(written) < 400
        assert wire.shown() == wire.believed()


def test_the_scene_has_one_of_each_status() -> None:
    assert [each.evaluation.status for each in example_slos()] == [
        BudgetStatus.HEALTHY, BudgetStatus.WARNING, BudgetStatus.EXHAUSTED, BudgetStatus.HEALTHY, BudgetStatus.UNKNOWN,
    ]  # fmt: skip
