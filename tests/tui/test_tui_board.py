"""The board: worst first, counted honestly, and loud exactly once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.tui.bell import pages
from artisan_tui.tui.checks.counts import counts_text, worst_first
from artisan_tui.tui.checks.grouping import arrange, grouped
from artisan_tui.tui.checks.rows import Columns, row_runs
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.kit.bars import Title
from artisan_tui.tui.kit.header import Header
from support.board_rows import names, said
from support.screens import drawn, show, visible
from support.snapshots import NOW, check, happenings, make_app, newer, scene, snapshot, with_check
from support.wire import Wire


async def test_worst_comes_first_and_the_shaky_before_the_steady() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        ids = names(app)
    # A service that fails, below it what fails in it; then the others that have something, then as the file has them.
    assert ids[:3] == ["llm", "llm.qwen", "llm.creative"]
    assert ids[3:6] == ["worker", "cache", "scheduler"]
    assert ids[6:8] == ["backup", "Artisan"]
    assert len(ids) == 2 + len({view.id.partition(".")[0] for view in scene()})


def test_order_does_not_depend_on_the_order_that_came() -> None:
    ranked = worst_first(tuple(reversed(scene())))
    assert [view.id for view in ranked[:5]] == [
        "llm.qwen", "worker.alive", "cache.hit-rate", "scheduler.beat", "llm.creative",
    ]  # fmt: skip
    assert ranked[5].health.state is State.MAINTENANCE
    assert {view.health.state for view in ranked[6:]} == {State.UP}


async def test_counts_stand_in_header_and_title_and_add_up() -> None:
    app = make_app()
    async with app.run_test(size=(140, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        header = drawn(app.query_one(Header))[0]
        title = drawn(app.query_one("#services-title", Title))[0]
    assert "1 down  1 unknown  1 degraded  1 stale  1 maintenance" in header
    assert title.endswith("1 down  1 unknown  1 degraded  1 stale  1 maintenance  11 up")
    assert len(scene()) == 1 + 1 + 1 + 1 + 11 + 1


def test_a_stale_check_is_never_counted_or_shown_as_up() -> None:
    stale = check("a.b", stale=True, reason=Reason.STALE, detail="no result for two probe intervals")
    assert said(counts_text([stale])) == "1 stale"
    app = make_app()
    line = arrange(grouped([stale]), (), (), 10, lambda groups, lines: [len(groups)])
    row = said(row_runs(line[0], Columns(line, 120, app.glyphs), NOW, {}))
    assert row.startswith("? a ")
    assert "✔" not in row
    assert " up " not in row
    assert "stale" in row


async def test_the_header_says_all_up_only_when_all_are_up() -> None:
    app = make_app()
    async with app.run_test(size=(120, 24)) as pilot:
        before = await show(pilot, snapshot([check("a.b"), check("c.d")]))
        assert "all up" in drawn(app.query_one(Header))[0]
        await show(pilot, with_check(before, check("c.d", stale=True, reason=Reason.STALE)))
        assert "all up" not in drawn(app.query_one(Header))[0]
        assert "1 stale" in drawn(app.query_one(Header))[0]


async def test_before_anything_is_known_nothing_is_green() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        text = "\n".join(visible(app))
        assert "starting" in text
        assert "waiting for the first results" in text
        await show(pilot, snapshot([], answered_at=None))
        text = "\n".join(visible(app))
    assert "starting" in text
    assert "all up" not in text
    assert "live" not in text


async def test_late_answers_show_their_age_in_place_of_live() -> None:
    app = make_app()
    async with app.run_test(size=(120, 24)) as pilot:
        await show(pilot, snapshot(scene(), late=True, answered_at=NOW - timedelta(minutes=12)))
        header = drawn(app.query_one(Header))[0]
    assert "late, newest result 12m ago" in header
    assert "live" not in header


async def test_a_restored_row_says_that_nobody_has_probed_yet() -> None:
    app = make_app()
    async with app.run_test(size=(120, 24)) as pilot:
        before = await show(pilot, snapshot([check("a.b", State.DOWN, restored=True)], answered_at=None))
        assert "last known state, not probed yet" in drawn(app.query_one(Services))[0]
        await show(pilot, with_check(before, check("a.b", State.DOWN)))
        assert "last known" not in drawn(app.query_one(Services))[0]


@pytest.mark.parametrize("value", ["NaN", "Infinity", "-Infinity", "1e400", "", "한국어값값값", "0.1" * 20])
async def test_no_measured_value_can_end_the_board(value: str) -> None:
    app = make_app()
    async with app.run_test(size=(120, 24)) as pilot:
        await show(pilot, snapshot([check("a.b", State.UNKNOWN, reason=Reason.NAN, value=value)]))
        assert drawn(app.query_one(Services))[0].startswith("? a ")
        assert app.is_running


async def test_the_bell_rings_once_for_a_check_that_went_down() -> None:
    up, down = check("a.b"), check("a.b", State.DOWN)
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        wire = await Wire(pilot).attach()
        first = await show(pilot, snapshot([up, check("c.d")]))
        assert wire.read().count("\a") == 0
        second = await show(pilot, with_check(first, down))
        assert wire.read().count("\a") == 1
        third = await show(pilot, with_check(second, down._replace(latency=5.0)))
        assert wire.read().count("\a") == 0  # still down is no news
        fourth = await show(pilot, with_check(third, check("c.d", State.DOWN)))
        assert wire.read().count("\a") == 1  # another one is
        fifth = await show(pilot, with_check(fourth, up))
        assert wire.read().count("\a") == 0
        await show(pilot, with_check(fifth, down))
        assert wire.read().count("\a") == 1  # and so is the second time


def test_neither_the_first_picture_nor_yesterdays_outage_rings() -> None:
    down = check("a.b", State.DOWN)
    assert not pages(None, snapshot([down]))
    nothing = snapshot([])
    assert not pages(nothing, newer(nothing, checks=(down._replace(restored=True),)))
    assert pages(nothing, newer(nothing, checks=(down,)))
    # Yesterday's outage that is confirmed was already known to the person.
    restored = snapshot([down._replace(restored=True)])
    assert not pages(restored, newer(restored, checks=(down,)))


def test_other_slices_moving_do_not_ring() -> None:
    before = snapshot([check("a.b")])
    checks = before[CheckSlice]
    moved = newer(before, journal=happenings())
    moved = replace(moved, slices={**moved.slices, CheckSlice: checks})
    assert not pages(before, moved)
