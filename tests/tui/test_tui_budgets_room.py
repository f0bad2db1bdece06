"""The board's error budgets at every size, with names from outside, and while nothing is known."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace

import pytest

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.tui.kit.bars import KeyBar
from artisan_tui.tui.slo.budget_panel import BudgetList, panel_lines
from support.budgets import board, example_slos, later, on_board, rows, slo_slice, slo_status
from support.fitting import fits
from support.screens import drawn, resized, settled, show, visible
from support.snapshots import happenings, make_app, scene, snapshot

SIZES = [(60, 15), (80, 24), (100, 30), (120, 40), (159, 40), (160, 40), (200, 50), (300, 100)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("count", [1, 5, 40])
async def test_there_is_room_for_services_and_keys_at_every_size(size: tuple[int, int], count: int) -> None:
    base = example_slos()
    many = [replace(each, evaluation=replace(each.evaluation, slo=replace(each.evaluation.slo, id=f"{n}"))) for n in range(count) for each in [base[n % 5]]]  # fmt: skip
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await on_board(pilot, board(budgets=slo_slice(many)))
        await fits(pilot)
        text = visible(app)
        panel, services, journal = (
            app.query_one(name).region for name in ("BudgetsPane", ".services-pane", ".journal-pane")
        )
        assert text[2].startswith("✖ llm ")
        assert text[-1].rstrip().endswith("? help")
        assert "2 slos" in text[-1] or size[0] < 80
        assert services.height >= max(4, panel.height)
        assert journal.height >= 5
        lines, two = panel_lines(count, *size[:1], size[1] - 2, beside=size[0] >= 160)
        assert panel.height == lines + 1
        assert two == (size[0] >= 100 and size[1] >= 30 and lines == 2 * count)
        if lines < (2 * count if two else count):
            assert f"worst {lines} of {count}" in "\n".join(text)
        if size[0] >= 160:
            assert panel.x >= services.right
            assert journal.y == panel.bottom
        else:
            assert services.y < panel.y < journal.y
        # The worst of them are what is there.
        assert app.query_one(BudgetList).scroll_offset.y == 0


async def test_sizes_that_come_and_go_end_in_the_picture_of_a_fresh_start() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_board(pilot)
        whole = visible(app)
        for size in [(200, 50), (80, 24), (60, 15), (1, 1), (160, 30), (99, 31)]:
            await resized(pilot, *size)
            await fits(pilot)
        await resized(pilot, 120, 40)
        await pilot.pause()
        assert visible(app) == whole


HOSTILE = [
    "[bold red]x[/] \\[b] {0} %s",
    "\x1b[31mred\x1b]0;title\x07\x1b[2J",
    "결제 서비스 응답 시간 목표 아주 긴 이름입니다 정말로",
    "🚀🔥 👩🏽‍🚒 🇰🇷 e\u0301",
    "a" * 200,
]


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 50)])
async def test_names_and_problems_from_outside_are_text(size: tuple[int, int]) -> None:
    told_ = [
        slo_status(f"s{n}", "99.123456%", "7d", rows(7, 1, 0.1 * n), name=printable(text, 80), problem=text, partial=n % 2 == 0,
                  notes=(text,), remarks=(text,), selectors=((text, text),), query=text, estimated=True, estimated_why=text)
        for n, text in enumerate(HOSTILE)
    ]  # fmt: skip
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await on_board(pilot, board(budgets=slo_slice(told_)))
        await fits(pilot)
        await pilot.press("2")
        await settled(pilot)
        for _slo in HOSTILE:
            await fits(pilot)
            text = "".join(visible(app))
            assert not any(ord(letter) < 32 or 0x7F <= ord(letter) < 0xA0 for letter in text)
            await pilot.press("down")


async def test_without_an_slo_the_board_is_as_if_there_were_none() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        bare = visible(app)
        assert "2 slos" not in bare[-1]
        before = await show(pilot, later(before, budgets=slo_slice()))
        await pilot.pause()
        assert "Error budgets" in "\n".join(visible(app))
        assert "2 slos" in drawn(app.query_one(KeyBar))[0]
        await show(pilot, later(before, budgets=SloSlice()))
        await pilot.pause()
        assert visible(app) == bare


async def test_while_the_ledgers_are_read_nothing_is_wrong_and_nothing_is_green() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_board(pilot, board(budgets=SloSlice(reading=True)))
        text = "\n".join(visible(app))
    assert "loading SLO data" in text
    assert "DEPLOYS" not in text
    assert "page 0" not in text


def test_nothing_of_the_slos_is_loaded_before_the_first_frame() -> None:
    program = (
        "import sys, artisan_tui.main, artisan_tui.tui.run\n"
        "from artisan_tui.engine.access import Session\n"
        "artisan_tui.tui.run.ArtisanApp(Session('x')).get_default_screen()\n"
        "print([name for name in sys.modules if name.startswith(('artisan_tui.domain.slo', 'artisan_tui.domain.alerts.book'))"
        # A wing's declarations are loaded, and nothing else of it.
        " or 'slo' in name.split('.') and name.split('.')[-1] not in ('slo', 'place', 'commands', 'slice')])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "[]"
