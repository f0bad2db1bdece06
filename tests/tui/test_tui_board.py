"""The board: worst first, counted honestly, filtered, and loud exactly once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from textual.message import Message
from textual.widgets import Input

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.bell import pages
from artisan_tui.tui.board.journal import JournalPane
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.checks.counts import counts_text, worst_first
from artisan_tui.tui.checks.grouping import arrange, grouped
from artisan_tui.tui.checks.rows import Columns, row_runs
from artisan_tui.tui.checks.screen import CheckScreen
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.kit.bars import Notices, Title
from artisan_tui.tui.kit.header import Header, header_runs
from artisan_tui.tui.messages import SnapshotArrived
from artisan_tui.tui.themes import DARK, LIGHT
from support.snapshots import (
    NOW,
    FakeClock,
    FakeHost,
    Wire,
    check,
    drawn,
    event,
    happenings,
    make_app,
    newer,
    scene,
    session_status,
    show,
    snapshot,
    strips,
    until,
    visible,
    with_check,
    with_parts,
)


def names(app: ArtisanApp) -> list[str]:
    """The first word of each line behind its sign."""
    return [line.split()[1] for line in drawn(app.query_one(Services))]


def said(runs: list[tuple[str, str]]) -> str:
    return "".join(text for text, _role in runs)


# -- order and counts ---------------------------------------------------------


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


# -- bell -----------------------------------------------------------------------


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


# -- filter -----------------------------------------------------------------------


async def test_slash_filters_while_typing_and_esc_clears() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        services = app.query_one(Services)
        await pilot.press("slash", *"llm")
        await pilot.pause()
        assert names(app) == ["llm", "llm.qwen", "llm.creative"]
        assert "2 of 16 match llm" in drawn(app.query_one("#services-title", Title))[0]
        # The counts go on counting everything: a filter must not hide an outage.
        assert "11 up" in drawn(app.query_one("#services-title", Title))[0]
        await pilot.press("escape")
        await pilot.pause()
        assert len(drawn(services)) > 10
        assert not app.query_one("#prompt", Input).display
        assert "match" not in drawn(app.query_one("#services-title", Title))[0]


async def test_enter_keeps_the_filter_and_gives_the_list_back() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene()))
        await pilot.press("slash", *"llm !qwen", "enter")
        await pilot.pause()
        services = app.query_one(Services)
        assert names(app) == ["llm"]
        assert services.has_focus
        await show(pilot, newer(before))  # a poll does not lose it
        assert names(app) == ["llm"]
        await pilot.press("escape")
        await pilot.pause()
        assert len(drawn(services)) > 10


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("down", ["llm"]),
        ("!up !down !unknown !maintenance", ["cache"]),
        ("stale", ["scheduler"]),
        ("TIMEOUT", ["llm"]),
        ("결제", ["결제"]),
        ("metric value", ["cache"]),
        ("api", ["Artisan", "API", "api.ready", "api.live"]),
        ("nothing-like-it", []),
    ],
)
async def test_filter_words(words: str, expected: list[str]) -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        services = app.query_one(Services)
        app.query_one("#prompt", Input).value = words
        await pilot.pause()
        ids = names(app) if expected else []
        assert ids == expected
        if not expected:
            assert drawn(services) == [" nothing matches the filter"]
            await pilot.press("enter")  # nothing selected, nothing opens
            assert isinstance(app.screen, Board)


async def test_letters_that_are_keys_can_be_typed_into_the_filter() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("slash", *"qtbnc:?/hdw1CR")
        assert app.query_one("#prompt", Input).value == "qtbnc:?/hdw1CR"
        assert isinstance(app.screen, Board)
        assert app.theme == DARK.name


async def test_a_filter_shorter_than_the_scroll_shows_its_rows() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([check(f"svc{n}.x", State.DOWN) for n in range(100)]))
        services = app.query_one(Services)
        await pilot.press("end")
        assert services.scroll_offset.y > 0
        await pilot.press("slash", *"svc7")
        await pilot.pause()
        assert services.scroll_offset.y == 0
        assert sum("svc7" in line for line in visible(app)[2:15]) == 11


# -- moving about -------------------------------------------------------------------


async def test_enter_opens_the_selected_check_and_esc_comes_back() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.press("down", "j", "j", "j", "k", "enter")
        await pilot.pause()
        assert isinstance(app.screen, CheckScreen)
        assert app.screen.check_id == "worker.alive"
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Board)
        assert app.query_one(Services).selected.id == "worker.alive"
        await pilot.press("enter", "1")
        await pilot.pause()
        assert isinstance(app.screen, Board)


async def test_esc_on_the_board_does_not_leave() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("escape", "escape")
        assert app.is_running
        assert isinstance(app.screen, Board)


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_q_and_ctrl_c_leave(key: str) -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert app._exit


async def test_the_selection_stays_on_its_check_when_the_order_changes() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot([check("a.a"), check("b.b"), check("c.c")]))
        await pilot.press("down")
        services = app.query_one(Services)
        assert services.selected.id == "b.b"
        await show(pilot, with_check(before, check("c.c", State.DOWN)))
        assert services.selected.id == "b.b"
        assert services.cursor_line() == 2


async def test_a_second_click_opens() -> None:
    seen: list[Message] = []
    app = make_app()
    async with app.run_test(size=(120, 40), message_hook=seen.append) as pilot:
        await show(pilot, snapshot(scene()))
        await pilot.click(Services, offset=(5, 3))
        assert app.query_one(Services).selected.id == "worker.alive"
        assert not [m for m in seen if isinstance(m, Services.Opened)]
        await pilot.click(Services, offset=(5, 3))
        await pilot.pause()
        assert len({id(m) for m in seen if isinstance(m, Services.Opened)}) == 1
        assert isinstance(app.screen, CheckScreen)
        assert app.screen.check_id == "worker.alive"


async def test_the_engine_starts_after_the_first_frame() -> None:
    host = FakeHost()
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: host.started > 0)
        await pilot.pause()
        assert host.started == 1


# -- journal and notices ----------------------------------------------------------------


async def test_the_journal_says_who_did_what_when_newest_first() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        lines = drawn(app.query_one(JournalPane))
    assert lines[0].split()[:2] == ["18:41:40", "j.park"]
    assert "모델 서버를 재시작합니다" in lines[0]
    assert lines[1].split()[:4] == ["18:39:58", "artisan", "llm.qwen", "DOWN:"]
    assert lines[-1].startswith(" 20 Nov 12:42")  # another day shows its date


async def test_what_is_not_written_down_says_so() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot([], [replace(event("note", text="hello", actor="j.park"), seq=0)]))
        assert "not saved  hello" in drawn(app.query_one(JournalPane))[0]


async def test_notices_for_a_broken_configuration_and_a_store_that_cannot_write() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene()))
        notices = app.query_one(Notices)
        assert not notices.display
        top = app.query_one("#services-title").region.y
        broken = session_status(
            config_problems=("artisan.toml:12: [bold red]no such key", "another"), store_problem="disk is full"
        )
        bad = await show(pilot, newer(before, session_status=broken))
        assert notices.display
        await until(pilot, lambda: app.query_one("#services-title").region.y == top + 2)
        await until(pilot, lambda: len(drawn(notices)) == 2)
        lines = drawn(notices)
        assert (
            lines[0] == " ! artisan.toml:12: [bold red]no such key and 1 more; the configuration of 15:42 stays in use"
        )
        assert lines[1] == " ! NOT SAVED: disk is full"
        assert visible(app)[1].startswith(" ! artisan.toml:12")
        await show(pilot, newer(bad, session_status=session_status()))
        assert not notices.display
        await until(pilot, lambda: app.query_one("#services-title").region.y == top)


# -- time, theme, place ---------------------------------------------------------------------


async def test_the_minute_passes_by_itself_and_moves_header_and_ages() -> None:
    clock = FakeClock(NOW.replace(second=59, microsecond=999_000))
    app = make_app(clock=clock)
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot([check("a.b", minutes=1)]))
        clock.tick(120)  # still a millisecond before the next minute, so the timer is a short one
        await until(pilot, lambda: "18:44 KST" in drawn(app.query_one(Header))[0])
        assert "18:44 KST 09:44 UTC" in drawn(app.query_one(Header))[0]
        # Two and a half minutes at the minute the clock shows: ages move with it, not between.
        assert " 2m " in drawn(app.query_one(Services))[0]


async def test_the_same_time_in_another_zone_when_the_configuration_says_so() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        # Only the session's status moved: the journal's own version did not.
        await show(pilot, with_parts(before, session_status=session_status(zone="UTC")))
        assert "09:42 UTC" in drawn(app.query_one(Header))[0]
        assert "KST" not in drawn(app.query_one(Header))[0]
        assert drawn(app.query_one(JournalPane))[0].startswith(" 09:41:40")


def test_the_header_never_shows_half_a_time() -> None:
    late = snapshot(scene(), late=True, answered_at=NOW - timedelta(hours=27, minutes=59))
    from zoneinfo import ZoneInfo

    for picture in (late, snapshot(scene()), snapshot(scene(), session_status=session_status(read_only=True)), None):
        for width in range(30, 200):
            text = said(header_runs(picture, NOW, ZoneInfo("Asia/Seoul"), width))[:width]
            assert text.count("18:42 KST") == text.count("18:4")
            assert text.count("09:42 UTC") == text.count("09:4")
        assert "09:42 UTC" in text


@pytest.mark.parametrize("environment", ["production", "staging", "drill"])
async def test_production_looks_different(environment: str) -> None:
    app = make_app()
    async with app.run_test(size=(120, 24)) as pilot:
        await show(pilot, snapshot(scene(), session_status=session_status(environment=environment)))
        header = app.query_one(Header)
        place = next(s for s in strips(header)[0] if environment in s.text)
        around = strips(header)[0].crop(118, 119)
        standing_out = place.style.bgcolor != next(iter(around)).style.bgcolor
        assert standing_out == (environment == "production")


async def test_t_changes_the_theme_of_what_is_already_drawn() -> None:
    app = make_app()
    async with app.run_test(size=(120, 24)) as pilot:
        wire = await Wire(pilot).attach()
        await show(pilot, snapshot(scene(), happenings()))
        dark = wire.shown()
        await pilot.press("t")
        await pilot.pause()
        assert app.theme == LIGHT.name
        light = wire.shown()
        assert [[c[0] for c in row] for row in light] == [[c[0] for c in row] for row in dark]
        assert {c[2] for row in light for c in row}.isdisjoint(c[2] for row in dark for c in row)
        assert light == wire.believed()
        await pilot.press("t")
        await pilot.pause()
        assert wire.shown() == dark


async def test_messages_tell_the_story() -> None:
    seen: list[Message] = []
    app = make_app()
    async with app.run_test(size=(80, 24), message_hook=seen.append) as pilot:
        picture = await show(pilot, snapshot(scene()))
        assert [m.snapshot for m in seen if isinstance(m, SnapshotArrived)][-1] is picture
        assert app.snapshot is picture
