"""The board: its journal, notices, clock and colours."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from textual.message import Message

from artisan_tui.tui.board.journal import JournalPane
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.kit.bars import Notices
from artisan_tui.tui.kit.header import Header, header_runs
from artisan_tui.tui.messages import SnapshotArrived
from artisan_tui.tui.themes import LIGHT
from support.board_rows import said
from support.screens import drawn, show, strips, until, visible
from support.snapshots import (
    NOW,
    FakeClock,
    FakeHost,
    check,
    event,
    happenings,
    make_app,
    newer,
    scene,
    session_status,
    snapshot,
    with_parts,
)
from support.wire import Wire


async def test_the_engine_starts_after_the_first_frame() -> None:
    host = FakeHost()
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: host.started > 0)
        await pilot.pause()
        assert host.started == 1


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
