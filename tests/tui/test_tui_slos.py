"""The SLO screen: one budget in full, drawn and explained, down to the minutes that cost it most."""

from __future__ import annotations

import random
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from typing import Any, cast
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from artisan_tui.domain.event import Event
from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.burn import Pair, Plan, Severity
from artisan_tui.domain.slo.status import Progress, SloStatus
from artisan_tui.domain.slo.windows import Span
from artisan_tui.engine.session.history import EventsBetween
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.checks.screen import CheckScreen
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.kit.bars import KeyBar, Title
from artisan_tui.tui.kit.form import Form
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.slo.burndown import PlotGrid, dates, draw, grid_for, plot_rows, sampled
from artisan_tui.tui.slo.detail import detail_rows
from artisan_tui.tui.slo.explanation import Explanation
from artisan_tui.tui.slo.minute import MinuteEvents
from artisan_tui.tui.slo.screen import SloScreen
from artisan_tui.tui.slo.widgets import CostliestMinutes, SloDetail, SloList
from artisan_tui.tui.terminal import Terminal
from support.budgets import END, Burst, board, example_slos, later, on_board, rows, slo_slice, slo_status
from support.snapshots import (
    NOW,
    FakeClock,
    FakeHost,
    Wire,
    drawn,
    event,
    make_app,
    resized,
    session_status,
    settled,
    show,
    snapshot,
    strips,
    visible,
    with_parts,
)

SEOUL = ZoneInfo("Asia/Seoul")


def text_of(each: SloStatus, width: int = 76, height: int = 40) -> list[str]:
    rows_ = detail_rows(each, width, height, SEOUL, NOW, UNICODE)
    lines = ["".join(text for text, _role in row).rstrip() for row in rows_]
    assert all(cell_len(line) <= width for line in lines), max(lines, key=cell_len)
    return lines


def about(each: SloStatus, word: str, **how: int) -> str:
    return next(line for line in text_of(each, **how) if word in line)


async def opened(pilot: Pilot[Any], picture: Any = None, *keys: str) -> SloScreen:
    await on_board(pilot, picture)
    await pilot.press("2")
    await settled(pilot)
    screen = pilot.app.screen
    assert isinstance(screen, SloScreen)
    await pilot.press(*keys)
    await settled(pilot)
    return screen


# -- ways in and out ---------------------------------------------------------------------


async def test_two_opens_it_and_escape_or_one_leads_back() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        assert isinstance(app.focused, SloList)
        await pilot.press("2")
        await pilot.pause()
        assert app.screen is screen
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        await pilot.press("down", "enter")
        await settled(pilot)
        assert isinstance(app.screen, CheckScreen)
        assert "2 slos" in drawn(app.screen.query_one(KeyBar))[0]
        await pilot.press("2")
        await settled(pilot)
        assert isinstance(app.screen, SloScreen)
        await pilot.press("escape")  # not to the check
        await pilot.pause()
        assert isinstance(app.screen, Board)
        await pilot.press("2")
        await settled(pilot)
        await pilot.press("1")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        assert len(app.screen_stack) == 1


async def test_keys_of_other_screens_mean_nothing_here_and_those_of_this_nothing_there() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await on_board(pilot)
        await pilot.press("x")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        screen = await opened(pilot)
        await pilot.press("slash", "h", "d", "w", "c")
        await pilot.pause()
        assert app.screen is screen
        bar = drawn(screen.query_one(KeyBar))[0]
        for hint in ("x explain", "enter journal", "tab next list", "esc back", "? help"):
            assert hint in bar
        for other in ("filter", "check now", "slos", "open"):
            assert other not in bar


async def test_its_keys_can_be_others() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        keys = (("view.slos", "f2"), ("slos.explain", "f3"), ("slos.minute", "f4"), ("slos.next-list", "f5"))
        await show(pilot, board(session_status=session_status(keys=keys)))
        await pilot.pause()
        await pilot.press("2")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        await pilot.press("f2")
        await settled(pilot)
        assert isinstance(app.screen, SloScreen)
        assert app.key_problems == ()
        await pilot.press("f3")
        await pilot.pause()
        assert isinstance(app.screen, Explanation)
        await pilot.press("f3")
        await pilot.pause()
        assert isinstance(app.screen, SloScreen)
        await pilot.press("f5", "f5", "f4")
        await settled(pilot)
        assert isinstance(app.screen, MinuteEvents)


async def test_help_and_palette_know_it() -> None:
    app = make_app()
    async with app.run_test(size=(120, 60)) as pilot:
        await opened(pilot)
        await pilot.press("question_mark")
        await pilot.pause()
        text = "\n".join(visible(app))
        for said in ("x      Explain", "enter  Journal entries", "tab    Next list", "1      Board"):
            assert said in text
        assert "2      SLOs" not in text
        await pilot.press("escape", "escape")
        await pilot.press("question_mark")
        await pilot.pause()
        assert "2      SLOs" in "\n".join(visible(app))


async def test_without_an_slo_it_says_how_to_get_one() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot, snapshot([], budgets=SloSlice()))
        assert "no SLO is configured: add an [[slo]] to artisan.toml" in "\n".join(visible(app))
        await pilot.press("enter", "x", "down", "y", "tab")
        await settled(pilot)
        assert app.screen is screen
        await show(pilot, later(snapshot([]), budgets=SloSlice(reading=True)))
        assert "loading SLO data" in "\n".join(visible(app))


# -- choosing -------------------------------------------------------------------------------


def title(app: ArtisanApp) -> str:
    return drawn(app.screen.query_one("#slo-title", Title))[0]


async def test_arrows_choose_and_the_choice_stays_with_the_slo() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        assert "LLM creative latency" in title(app)
        await pilot.press("down", "down")
        await pilot.pause()
        assert "RL reward stability" in title(app)
        assert title(app).endswith("99% 7d")
        told = example_slos()
        # Of the five only this one and another are left, and it is no longer the third.
        before = await show(pilot, later(app.snapshot or board(), budgets=slo_slice([told[0], told[4]])))
        assert "RL reward stability" in title(app)
        assert screen.query_one(SloList).cursor_line() == 0
        await show(pilot, later(before, budgets=slo_slice([told[0]])))
        assert "API availability" in title(app)


async def test_another_slo_is_read_from_its_top_and_the_same_stays_where_it_was() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        screen = await opened(pilot)
        detail = screen.query_one(SloDetail)
        await pilot.press("tab", "pagedown")
        await pilot.pause()
        assert detail.scroll_offset.y > 0
        at = detail.scroll_offset.y
        await show(pilot, later(app.snapshot or board()))
        assert detail.scroll_offset.y == at
        await pilot.press("tab", "tab", "down")
        await pilot.pause()
        assert isinstance(app.focused, SloList)
        assert detail.scroll_offset.y == 0


# -- what is said about one --------------------------------------------------------------------


def test_the_policy_of_each_state_is_the_guide_s() -> None:
    api, fast, creative, _balanced, rl = example_slos()
    for each, word in [(api, "more than 20% left"), (fast, "20% or less left"), (creative, "exhausted: fixes only"), (rl, "unknown: do not deploy")]:  # fmt: skip
        lines = text_of(each)
        assert sum(any(text in line for line in lines) for text in ("more than 20%", "20% or less", "exhausted: fixes", "unknown: do not deploy")) == 1  # fmt: skip
        assert any(word in line for line in lines)


def test_counts_are_said_with_what_was_allowed() -> None:
    api = example_slos()[0]
    assert f"{api.evaluation.burned.bad:,} bad of 3,672,000, 3,672 allowed; 99.98% good, target 99.9%" in "\n".join(text_of(api, 100))  # fmt: skip
    assert "not exhausted at this rate" in "\n".join(text_of(api))


def test_the_burn_table_has_every_window_and_what_it_is_above() -> None:
    creative = example_slos()[2]
    lines = text_of(creative)
    start = next(index for index, line in enumerate(lines) if line.startswith(" Burn rate"))
    table = {line.split()[0]: line for line in lines[start + 1 : start + 8]}
    assert list(table) == ["5m", "30m", "1h", "2h", "6h", "1d", "3d"]
    for name, counts in creative.evaluation.windows.items():
        assert f"{counts.bad:,} bad of {counts.total:,}" in table[name]
    assert table["5m"].endswith("above 16 (page)")
    assert table["1h"].endswith("2,160")  # 11.5 is below 13.44
    assert table["3d"].endswith("above 1 (ticket)")


def test_each_pair_says_which_of_its_sides_is_above() -> None:
    lines = text_of(example_slos()[2])
    start = next(index for index, line in enumerate(lines) if line.startswith(" Alerts"))
    pairs = [" ".join(line.split()) for line in lines[start + 1 : start + 6]]
    assert pairs[0] == "✖ PAGE fires ≥ 16 5m 17.0 above"
    assert pairs[1] == "✔ page > 13.44 1h 11.5 below 5m 17.0 above"
    assert pairs[4] == "✖ TICKET fires > 1 3d 1.7 above 6h 2.4 above"


def test_a_window_with_too_few_bad_or_too_little_data_says_so() -> None:
    lonely = slo_status("x", "99.9%", "30d", [*list(rows(30, 0, 0))[:-60], *((END - n, int(n == 3), 1, 1) for n in range(60, 0, -1))])  # fmt: skip
    text = "\n".join(text_of(lonely))
    assert "few bad" in text
    assert "fires" not in text.replace("fire when", "")
    quiet = slo_status("x", "99.9%", "30d", rows(30, 10, 0.0001, until=120))
    assert any(line.split()[:2] == ["1h", "?"] and "no data" in line for line in text_of(quiet))
    assert about(quiet, "> 14.4").split()[-4:] == ["1h", "?", "5m", "?"]


def test_pairs_of_windows_that_are_not_in_the_table_and_those_refused_are_named() -> None:
    creative = example_slos()[2]
    own = Pair(Severity.PAGE, 45, 3, Fraction(9))
    plan = Plan((own,), ((Pair(Severity.TICKET, 1440, 120, Fraction(3)), "it would fire only when all is gone"),))
    evaluation = replace(creative.evaluation, slo=replace(creative.evaluation.slo, plan=plan), firing=(own,))
    lines = "\n".join(text_of(replace(creative, evaluation=evaluation)))
    assert "✖ PAGE fires > 9 45m ? 3m ?" in " ".join(lines.split())
    assert "alert disabled: ticket 1d+2h: it would fire only when all is gone" in " ".join(lines.split())


def test_what_it_rests_on() -> None:
    api = example_slos()[0]
    assert "100.00% of the window has data, 90% needed" in about(api, "coverage")
    assert "30d needed, the server keeps 15d, 30d stored here" in about(api, "retention")
    assert about(api, "bad   ").endswith('api_requests_total{status=~"5.."}')
    assert "api_requests_total[3m]" in about(api, "request ")
    balanced = example_slos()[3]
    assert any("~ every minute weighs the same" in line for line in text_of(balanced))
    assert any("~60.0% of the budget left" in line for line in text_of(balanced))
    night = Span(END - 600, END - 480)
    kept = slo_status("x", "99%", "7d", rows(7, 10, 0.001, [Burst(600, 120, 0.5)]), excluded=[night], unclaimed=1234)
    assert "2h not counted, with 600 bad of 1,200" in about(kept, "maintenance")
    assert "1,234 events were not counted because their time is unknown" in about(kept, "counted because")
    assert all(not night.start <= row[0] < night.end for row in kept.evaluation.costliest)


def test_an_unknown_budget_says_why_how_far_and_what_was_seen() -> None:
    rl = example_slos()[4]
    text = "\n".join(text_of(rl))
    assert text.startswith(" ? UNKNOWN\n")
    assert "backfill: 42% [" in text
    assert "4,334 of 10,080 minutes" in text
    assert "only 42.85% of the window has data" in text
    assert "left, based on the available data only" in text
    broken = replace(rl, progress=None, problem="Prometheus refused: wrong token", notes=("partial answer",))
    lines = "\n".join(text_of(broken))
    assert "Prometheus refused: wrong token" in lines
    assert "partial answer" in lines


def test_an_empty_ledger_ends_nothing() -> None:
    empty = slo_status("x", "99%", "7d", [], query="")
    text = "\n".join(text_of(empty))
    assert "no data in the window" in text
    assert "no SLO data stored yet" in text
    assert "%" not in text.split("Budget left")[0].replace("99%", "")


# -- the plot ---------------------------------------------------------------------------------


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


# -- further in ---------------------------------------------------------------------------------


@dataclass
class Recalling(FakeHost):
    """A host that can be asked for events of any time."""

    past: tuple[Event, ...] = ()
    asked_for: list[tuple[datetime, datetime]] = field(default_factory=list)
    broken: bool = False

    def ask(self, query: Any) -> Future[Any]:
        assert isinstance(query, EventsBetween)
        self.asked_for.append((query.since, query.until))
        future: Future[Any] = Future()
        if self.broken:
            future.set_exception(LookupError("the store is gone"))
        else:
            future.set_result(self.past)
        return future


async def test_enter_asks_what_happened_around_the_costliest_minute() -> None:
    past = (
        event("note", minutes=3, actor="s.lee", text="배포를 시작합니다"),
        event("note", minutes=1, actor="j.park", text="rolled back"),
    )
    host = Recalling(past=past)
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot, None, "enter")
        minutes = screen.query_one(CostliestMinutes)
        assert minutes.has_focus  # the first Enter goes there
        await pilot.press("down", "enter")
        await settled(pilot)
        assert isinstance(app.screen, MinuteEvents)
        chosen = example_slos()[2].evaluation.costliest[1]
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(minutes=chosen[0])
        assert host.asked_for == [(at - timedelta(minutes=5), at + timedelta(minutes=6))]
        text = "\n".join(visible(app))
        assert f"{at.astimezone(SEOUL):%d %b %H:%M} ±5m" in text
        assert f"{chosen[1]} bad of {chosen[2]}" in text
        assert text.index("rolled back") < text.index("배포를 시작합니다")
        assert "may be more" not in text
        await pilot.press("escape")
        await pilot.pause()
        assert app.screen is screen
        assert minutes.has_focus


@pytest.mark.parametrize("host", [FakeHost(), Recalling(broken=True)], ids=["unasked", "broken"])
async def test_without_the_store_the_screen_s_journal_answers_and_says_how_far_it_goes(host: FakeHost) -> None:
    noted = event("note", minutes=3, text="here")
    for journal, more in [((noted,), True), ((noted, event("note", minutes=900, text="old")), False)]:
        app = make_app(host=host)
        async with app.run_test(size=(120, 40)) as pilot:
            await opened(pilot, with_parts(board(), journal=journal), "enter", "enter")
            await settled(pilot)
            text = "\n".join(visible(app))
            assert "here" in text
            assert "old" not in text.replace("older", "")
            assert ("there may be more" in " ".join(text.split())) == more


async def test_a_minute_about_which_nothing_was_written_says_so() -> None:
    app = make_app(host=Recalling())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, None, "enter", "enter")
        assert "no journal entries around this minute" in "\n".join(visible(app))


async def test_x_shows_where_the_numbers_come_from() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        screen = await opened(pilot)
        await pilot.press("x")
        await pilot.pause()
        assert isinstance(app.screen, Explanation)
        text = "\n".join(visible(app))
        creative = example_slos()[2].evaluation
        assert f"{creative.burned.bad:,}/{creative.burned.total:,}" in text
        await pilot.press("end")
        await pilot.pause()
        assert "\n".join(visible(app)) != text
        await pilot.press("x")
        await pilot.pause()
        assert app.screen is screen


async def test_what_is_shown_can_be_copied() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot)
        await pilot.press("y")
        await settled(pilot)
    assert app._clipboard.startswith("LLM creative latency 95% 7d\n ✖ EXHAUSTED")
    assert "Based on" in app._clipboard


async def test_the_exception_for_deployments_says_what_it_is_about() -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await on_board(pilot)
        await app.action_artisan("slo.override")
        await pilot.pause()
        assert isinstance(app.screen, Form)
        assert "exhausted: llm-creative; unknown: rl-reward" in "\n".join(visible(app))


# -- every terminal -------------------------------------------------------------------------------


SIZES = [(60, 15), (80, 24), (109, 30), (110, 30), (120, 40), (200, 50), (300, 100)]


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


# -- bytes --------------------------------------------------------------------------------------------


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


async def test_c8_y_in_explain_copies_a_query_that_the_page_of_prometheus_accepts() -> None:
    app = make_app()
    copied: list[str] = []
    async with app.run_test(size=(120, 40)) as pilot:
        await on_board(pilot)
        app.copy_to_clipboard = copied.append  # type: ignore[method-assign]  # a terminal's end
        await pilot.press("2")
        await pilot.press("x", "y")
        await pilot.pause()
    from artisan_tui.reports.slo.queries import page_query

    assert copied == [page_query(example_slos()[2])]
    assert "\n" not in copied[0]
