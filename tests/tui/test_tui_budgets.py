"""The board's error budgets: worst first, honest about what is not known, silent while nothing changes."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from fractions import Fraction
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.gate import Override
from artisan_tui.domain.slo.minimums import Minimums
from artisan_tui.domain.slo.status import Progress, SloStatus
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.bell import pages
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import header_runs
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.slo.budget_panel import BudgetList, panel_lines
from artisan_tui.tui.slo.rows import SloColumns, panel_rows
from artisan_tui.tui.slo.screen import SloScreen
from artisan_tui.tui.slo.text import forecast_text, remaining_text, rough, shortened, summary_of, trouble, worst_first
from artisan_tui.tui.terminal import Terminal
from support.budgets import Burst, alert, board, example_slos, gate_of, later, on_board, rows, slo_slice, slo_status
from support.snapshots import (
    NOW,
    FakeClock,
    Wire,
    details_read,
    drawn,
    happenings,
    make_app,
    newer,
    resized,
    scene,
    session_status,
    settled,
    show,
    snapshot,
    strips,
    visible,
)

SEOUL = ZoneInfo("Asia/Seoul")
SIZES = [(60, 15), (80, 24), (100, 30), (120, 40), (159, 40), (160, 40), (200, 50), (300, 100)]


def said(runs: list[tuple[str, str]]) -> str:
    return "".join(text for text, _role in runs)


def said_of(each: SloStatus, width: int = 119, *, two: bool = True) -> list[str]:
    return [said(row).rstrip() for row in panel_rows(each, SloColumns([each], width, two=two), UNICODE)]


# -- order and words ------------------------------------------------------------------


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


# -- room ---------------------------------------------------------------------------


async def fits(pilot: Pilot[Any]) -> None:
    app = cast("ArtisanApp", pilot.app)
    for _turn in range(5):
        await pilot.pause()
    for widget in app.screen.query(Lines):
        width = widget.scrollable_content_region.width
        if not width or not widget.display:
            continue
        for strip in strips(widget):
            assert sum(cell_len(segment.text) for segment in strip) == width, (widget, strip.text)


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


# -- without SLOs, and before anything is known ------------------------------------------


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


# -- the gate in the header ----------------------------------------------------------------


def header(picture: Snapshot, width: int) -> str:
    return said(header_runs(picture, NOW, SEOUL, width))


def test_the_header_says_whether_anything_may_be_deployed() -> None:
    well = example_slos()[0]
    assert "DEPLOYS BLOCKED" in header(board(), 120)
    assert "DEPLOYS UNKNOWN" in header(board(budgets=slo_slice([well, example_slos()[4]])), 120)
    assert "DEPLOYS ALLOWED" in header(board(budgets=slo_slice([well])), 120)
    assert "DEPLOYS" not in header(snapshot(scene()), 120)
    roles = {
        each: role
        for picture in (board(), board(budgets=slo_slice([well])))
        for each, role in header_runs(picture, NOW, SEOUL, 120)
        if "DEPLOYS" in each
    }
    assert roles == {"DEPLOYS BLOCKED": "-bad", "DEPLOYS ALLOWED": "-good"}


def test_an_override_is_never_hidden_behind_the_verdict() -> None:
    today = board(budgets=slo_slice(override=Override("j.park", "hotfix", NOW + timedelta(minutes=18))))
    tomorrow = board(budgets=slo_slice(override=Override("j.park", "hotfix", NOW + timedelta(hours=20))))
    assert "DEPLOYS BLOCKED, override until 19:00" in header(today, 160)
    assert "override until 22 Nov 14:42" in header(tomorrow, 160)
    for width in range(60, 200):
        text = header(today, width)
        assert cell_len(text) == width
        assert "override until 19:00" in text.lower()
        assert "18:42 KST" in text or width < 64  # said shorter rather than without the time


def test_the_header_fits_and_never_shows_half_a_time_or_half_a_verdict() -> None:
    for picture in (
        board(),
        board(late=True, answered_at=NOW - timedelta(hours=27)),
        board(session_status=session_status(read_only=True)),
    ):
        for width in range(50, 200):
            text = header(picture, width)[:width]
            assert text.count("18:42 KST") == text.count("18:4")
            assert text.count("09:42 UTC") == text.count("09:4")
            assert text.count("DEPLOYS BLOCKED ") == text.count("DE") == (1 if width >= 70 else text.count("DE"))
    assert "DEPLOYS BLOCKED" in header(board(), 60)
    # The verdict before the second time of day, and that before the date.
    assert "18:42 KST  DEPLOYS BLOCKED " in header(board(), 60)
    assert "18:42 KST  DEPLOYS BLOCKED " in header(board(), 80)


# -- the bell, and alerts elsewhere -----------------------------------------------------------


def test_a_new_page_rings_once() -> None:
    before = board()
    raised = later(before, alerts=(alert("llm-creative"),))
    assert pages(before, raised)
    assert not pages(raised, later(raised))
    assert not pages(raised, later(raised, alerts=(alert("llm-creative", resolved=True),)))
    again = later(raised, alerts=(alert("llm-creative"), alert("api-availability")))
    assert pages(raised, again)


def test_what_does_not_page_does_not_ring() -> None:
    before = board()
    assert not pages(before, later(before, alerts=(alert("x", "ticket"),)))
    assert not pages(before, later(before, alerts=(alert("x", resolved=True),)))
    assert not pages(None, later(before, alerts=(alert("x"),)))
    ticket = later(before, alerts=(alert("x", "ticket", minutes=60),))
    assert pages(ticket, later(ticket, alerts=(alert("x", "page", minutes=60),)))


def test_a_page_that_the_journal_remembers_does_not_ring_when_the_board_opens() -> None:
    opening = snapshot(scene())
    assert not pages(opening, later(opening, alerts=(alert("x", minutes=180),), budgets=slo_slice()))
    assert pages(opening, later(opening, alerts=(alert("x", minutes=0),), budgets=slo_slice()))


async def test_the_bell_is_heard(monkeypatch: pytest.MonkeyPatch) -> None:
    app = make_app()
    rung: list[bool] = []
    monkeypatch.setattr(ArtisanApp, "bell", lambda self: rung.append(True))
    async with app.run_test(size=(120, 40)) as pilot:
        before = await on_board(pilot)
        await show(pilot, later(before, alerts=(alert("llm-creative"),)))
    assert rung == [True]


async def test_a_page_that_no_budget_speaks_of_stands_in_the_notices() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await on_board(pilot, board(alerts=(alert("llm-creative"),)))
        assert not app.query_one(Notices).display
        await show(pilot, later(before, alerts=(alert("elsewhere", minutes=5),)))
        await pilot.pause()
        assert "PAGE since 18:37: elsewhere burns" in drawn(app.query_one(Notices))[0]


# -- bytes ----------------------------------------------------------------------------------


def anew(slo_statuses: tuple[SloStatus, ...]) -> tuple[SloStatus, ...]:
    return tuple(replace(each, evaluation=replace(each.evaluation)) for each in slo_statuses)


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (200, 50)])
async def test_the_same_in_new_objects_sends_nothing(size: tuple[int, int]) -> None:
    clock = FakeClock()
    app = make_app(clock=clock)
    async with app.run_test(size=size) as pilot:
        before = await on_board(pilot)
        await details_read(pilot)
        wire = await Wire(pilot).attach()
        for _ in range(5):
            clock.tick(2)
            same = slo_slice(anew(example_slos()))
            before = await show(pilot, later(before, at=clock.now(), budgets=same))
        assert wire.read() == ""


async def test_one_budget_that_moved_is_all_that_is_sent() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await on_board(pilot)
        wire = await Wire(pilot).attach()
        moved = slo_status("llm-fast", "95%", "7d", rows(7, 40, 0.0431), name="LLM fast latency", kind="latency")
        others = example_slos()
        await show(pilot, later(before, budgets=slo_slice([others[0], moved, *others[2:]])))
        written = wire.read()
        assert 0 < len(written) < 250
        assert "latency" not in written  # the name did not change
        assert wire.shown() == wire.believed()


async def test_a_poll_of_the_checks_leaves_the_budgets_alone() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await on_board(pilot)
        panel = app.query_one(BudgetList)
        shown: list[object] = []
        panel.show_budgets = lambda *a, **b: shown.append(a)  # type: ignore[method-assign]
        await show(pilot, newer(before))
        assert shown == []


# -- keys -------------------------------------------------------------------------------------


async def test_the_panel_can_be_walked_through_and_opens_what_is_chosen() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_board(pilot)
        await pilot.press("tab")
        panel = app.query_one(BudgetList)
        assert panel.has_focus
        assert panel.selected == "llm-creative"
        await pilot.press("end")
        assert panel.selected == "api-availability"
        await pilot.pause()
        assert "API availability" in "\n".join(visible(app))
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, SloScreen)
        assert "API availability" in drawn(app.screen.query_one("#slo-title", Title))[0]
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        # Left again, it shows the worst.
        await pilot.press("tab")
        await pilot.pause()
        assert panel.selected is None
        assert panel.scroll_offset.y == 0
        assert any("LLM creative" in line for line in visible(app))
        await pilot.press("tab", "tab")
        assert panel.selected == "llm-creative"


async def test_what_is_copied_is_what_is_chosen() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await on_board(pilot)
        await pilot.press("tab", "down", "y")
        await settled(pilot)
        assert app._clipboard.startswith("! LLM fast latency")
        assert "17,337 bad of 403,200" in app._clipboard
        await pilot.press("tab", "tab", "y")
        await settled(pilot)
        assert app._clipboard.startswith("llm.qwen DOWN")


async def test_two_lines_each_are_walked_through_two_by_two() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_board(pilot)
        await pilot.press("tab", "down", "down")
        panel = app.query_one(BudgetList)
        assert panel.cursor_line() == 4
        assert panel.selected == "rl-reward"
        await pilot.press("home")
        assert panel.selected == "llm-creative"


async def test_without_colours_the_status_is_told_by_sign_and_word() -> None:
    app = make_app(terminal=Terminal(colours=0, ascii=True))
    async with app.run_test(size=(80, 24)) as pilot:
        await on_board(pilot)
        text = visible(app)
    panel = [line for line in text if "LLM" in line or "RL" in line]
    assert panel[0].startswith("x LLM creative")
    assert "EXHAUSTED PAGE" in panel[0]
    assert "[#........]" in panel[1]
    assert panel[2].startswith("? RL")
    assert all(letter.isascii() or letter.isalpha() for line in text for letter in line)


def test_the_gate_of_these_is_blocked_by_one_and_unknown_for_another() -> None:
    found = gate_of(example_slos())
    assert (found.blocking, found.unknown) == (("llm-creative",), ("rl-reward",))
