"""What a change costs on the wire, and that what is sent adds up to what should be seen."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from textual.message import Message
from textual.widget import Widget

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.snapshot import JournalSlice, SessionStatus
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.checks.detail import Detail
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.messages import SnapshotArrived
from support.snapshots import (
    DEMO,
    FAULTS,
    NOW,
    FakeClock,
    FakeHost,
    Wire,
    check,
    check_samples,
    drawn,
    event,
    happenings,
    make_app,
    newer,
    scene,
    session_status,
    settled,
    show,
    snapshot,
    strips,
    ticks,
    until,
    visible,
    with_check,
)

HOSTILE = "[bold red]x[/] \\[b] {0} %s e\u0301a\u0308 가나다 ★🚀 ｗｉｄｅ \u0301start"


def rows_painted(written: str) -> set[int]:
    """The lines (from 0) in which anything was painted; a move of the cursor alone paints nothing."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", written)
    return {int(y) - 1 for y, text in re.findall(r"\x1b\[(\d+);\d+H([^\x1b]*)", plain) if text}


async def test_a_newer_picture_of_the_same_sends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    app = make_app(clock=clock)
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings(), faults=FAULTS))
        wire = await Wire(pilot).attach()
        refreshed: list[Widget] = []
        original = Widget.refresh

        def counted(self: Widget, *regions: Any, **options: Any) -> Widget:
            refreshed.append(self)
            return original(self, *regions, **options)

        monkeypatch.setattr(Widget, "refresh", counted)
        for _ in range(5):
            clock.tick(2)
            before = await show(pilot, newer(before, at=clock.now(), answered_at=clock.now()))
        assert refreshed == []
        assert wire.read() == ""


async def test_the_same_in_equal_but_new_objects_sends_nothing() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        first = await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        await show(pilot, newer(first, checks=scene(), journal=happenings(), session_status=session_status()))
        assert wire.read() == ""


async def test_an_open_check_that_stands_still_sends_nothing() -> None:
    clock = FakeClock()
    app = make_app(clock=clock, host=FakeHost(samples=check_samples("api.health")))
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        app.open("check", check_id="api.health")
        await settled(pilot)
        wire = await Wire(pilot).attach()
        for _ in range(3):
            clock.tick(1)
            before = await show(pilot, newer(before))
        assert wire.read() == ""


async def test_one_row_that_changed_is_all_that_is_sent() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        old = next(view for view in before[CheckSlice].views if view.id == "postgres.up")
        line = next(y for y, text in enumerate(visible(app)) if "postgres" in text)
        await show(pilot, with_check(before, old._replace(shown_latency=0.91, strip=(*old.strip[1:], ticks(0.9)[0]))))
        written = wire.read()
        assert rows_painted(written) == {line}
        assert "postgres" not in written  # the name did not change
        assert len(written) < 300
        assert wire.shown() == wire.believed()


async def test_a_typical_changed_poll_stays_below_two_kilobytes() -> None:
    """Sixteen checks, every latency and every strip moved on."""
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        moved = tuple(
            view._replace(
                shown_latency=view.shown_latency and view.shown_latency * 1.3,
                strip=(*view.strip[1:], view.strip[-1]),
            )
            for view in before[CheckSlice].views
        )
        await show(pilot, newer(before, checks=moved))
        written = wire.read()
        assert 0 < len(written.encode()) <= 2000
        assert wire.shown() == wire.believed()


async def test_a_new_journal_line_leaves_the_services_alone() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        top = next(y for y, text in enumerate(visible(app)) if text.startswith(" Journal"))
        noted = event("note", text="새 메모", minutes=0.1, actor="j.park", seq=9)
        await show(pilot, newer(before, journal=(noted, *before[JournalSlice].events)))
        assert min(rows_painted(wire.read())) > top
        assert wire.shown() == wire.believed()


async def test_a_key_that_moves_the_selection_sends_two_rows() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        wire = await Wire(pilot).attach()
        await pilot.press("down")
        await pilot.pause()
        assert rows_painted(wire.read()) == {2, 3}
        assert wire.shown() == wire.believed()


async def test_a_burst_collapses_into_its_last(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Message] = []
    drawings = 0
    app = make_app()
    async with app.run_test(size=(120, 40), message_hook=seen.append) as pilot:
        before = await show(pilot, snapshot(scene()))
        seen.clear()
        original = Board.show_snapshot

        def counted(self: Board, *arguments: Any, **options: Any) -> None:
            nonlocal drawings
            drawings += 1
            original(self, *arguments, **options)

        monkeypatch.setattr(Board, "show_snapshot", counted)
        for _ in range(500):
            before = newer(before)
            app.receive(before)
        await pilot.pause()
        handled = [m for m in seen if isinstance(m, SnapshotArrived)]
        assert handled[-1].snapshot is before
        assert app.snapshot is before
        assert len(handled) <= 3
        assert drawings <= 3


async def test_a_picture_that_comes_while_a_screen_is_being_made_waits_for_it() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        for _ in range(5):
            app.open("check", check_id="api.health")
            before = newer(
                before,
                session_status=session_status(language="ko" if app.snapshot[SessionStatus].language == "en" else "en"),
            )
            app._snapshot_arrived(SnapshotArrived(before))  # in the same turn of the loop
            await settled(pilot)
            assert "api.health" in visible(app)[1]
            await pilot.press("escape")
            await pilot.pause()
        assert app.snapshot is before


async def test_a_burst_does_not_swallow_an_outage() -> None:
    app = make_app()
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot([check("a.b"), check("c.d")]))
        wire = await Wire(pilot).attach()
        down = with_check(before, check("a.b", State.DOWN))
        for picture in (down, with_check(down, check("c.d", latency=0.9)), newer(newer(newer(down)))):
            app.receive(picture)
        await pilot.pause()
        assert wire.read().count("\a") == 1


@pytest.mark.parametrize(("size", "language"), [((80, 24), "ko"), ((120, 40), "en"), ((170, 30), "ko")])
async def test_what_is_sent_adds_up_to_what_should_be_seen(size: tuple[int, int], language: str) -> None:
    """Random pictures, keys and dialogs; after each the terminal shows what a full repaint would."""
    dice = random.Random(f"{size}{language}")
    clock = FakeClock()
    app = make_app(DEMO, clock=clock, host=FakeHost(DEMO, samples=check_samples("api.health")))
    words = [
        "ok",
        "가나다라마바사아자차카",
        "x가나다라마바사아자차",
        "e\u0301e\u0301e\u0301",
        "🚀 up",
        "日本語",
        "no answer in 5s",
        HOSTILE,
    ]
    async with app.run_test(size=size) as pilot:
        before = await show(
            pilot,
            snapshot(scene(), happenings(), faults=FAULTS, session_status=session_status(language=language, demo=True)),
        )
        wire = await Wire(pilot).attach()
        for step in range(20):
            index = dice.randrange(len(before[CheckSlice].views))
            old = before[CheckSlice].views[index]
            fresh = check(
                old.id,
                dice.choice(list(State)),
                detail=dice.choice(words),
                reason=dice.choice([Reason.TIMEOUT, Reason.STATUS]),
                stale=dice.random() < 0.2,
                minutes=dice.choice([1, 50, 5000]),
                latency=dice.choice([None, 0.001, 0.142, 12.0]),
                strip=ticks(*[dice.choice([0.001, 0.1, 5.0, State.DOWN, State.UNKNOWN]) for _ in range(24)]),
                target=dice.choice(words),
            )
            journal = before[JournalSlice].events
            if dice.random() < 0.3:
                journal = (event("note", text=dice.choice(words), minutes=0, seq=10 + step), *journal)
            before = await show(pilot, newer(with_check(before, fresh), journal=journal, late=dice.random() < 0.2))
            if dice.random() < 0.4:
                await pilot.press(
                    dice.choice(["down", "end", "home", "pagedown", "tab", "t", "enter", "escape", "b", "escape"])
                )
                await settled(pilot)
            if dice.random() < 0.2:
                clock.tick(60)
            shown, believed = wire.shown(), wire.believed()
            assert shown == believed, f"step {step}, {app.screen}"


async def test_a_change_that_moves_everything_by_one_cell_is_seen() -> None:
    """Wide letters shifted by one cell: half of a letter must not stay behind."""
    app = make_app()
    async with app.run_test(size=(120, 24)) as pilot:
        long = "가" * 20
        before = await show(pilot, snapshot([check("a.b", State.DOWN, detail=long)]))
        wire = await Wire(pilot).attach()
        for detail in ("x" + long, long, "x" + "가" * 10 + "yy" + "가" * 9, "e\u0301" + long, long):
            before = await show(pilot, with_check(before, check("a.b", State.DOWN, detail=detail)))
            assert wire.shown() == wire.believed(), detail


async def test_scrolling_sends_what_is_seen() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        before = await show(pilot, snapshot([check(f"svc{n}.가나") for n in range(200)]))
        wire = await Wire(pilot).attach()
        for key in ("pagedown", "end", "up", "home", "pagedown"):
            await pilot.press(key)
            await pilot.pause()
            before = await show(pilot, with_check(before, check(f"svc{len(key) * 7}.가나", latency=len(key) / 3)))
            assert wire.shown() == wire.believed(), key


async def test_the_scrollbar_takes_its_column_from_every_line() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        few = tuple(check(f"svc{n}.x", State.DOWN) for n in range(5))
        many = tuple(check(f"svc{n}.x", State.DOWN) for n in range(50))
        services = app.query_one(Services)
        before = await show(pilot, snapshot(few))
        for checks, width in ((many, 79), (few, 80), (many, 79)):
            before = await show(pilot, newer(before, checks=checks))
            await until(pilot, lambda wanted=width: services.virtual_size.width == wanted)
            assert services.scrollable_content_region.width == width
            assert {strip.cell_length for strip in strips(services)} == {width}


async def test_a_plot_follows_the_probes_but_not_each_of_them() -> None:
    clock, host = FakeClock(), FakeHost(samples=check_samples("api.health"))
    app = make_app(clock=clock, host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene()))
        app.open("check", check_id="api.health")
        await settled(pilot)
        host.asked.clear()
        for _ in range(10):
            clock.tick(2)
            before = await show(pilot, newer(before))
        assert host.asked == []
        clock.tick(60)
        await show(pilot, newer(before))
        await settled(pilot)
        assert host.asked == [("api.health", 3600.0)]


async def test_the_age_of_the_newest_answer_costs_bytes_once_a_minute() -> None:
    clock = FakeClock()
    app = make_app(clock=clock)
    async with app.run_test(size=(120, 40)) as pilot:
        answered = NOW - timedelta(seconds=130)
        before = await show(pilot, snapshot(scene(), late=True, answered_at=answered))
        wire = await Wire(pilot).attach()
        for _ in range(4):
            clock.tick(5)
            before = await show(pilot, newer(before))
        assert wire.read() == ""
        clock.tick(35)
        await show(pilot, newer(before))
        assert 0 in rows_painted(wire.read())
        assert "3m ago" in visible(app)[0]


async def test_detail_redraws_only_what_changed() -> None:
    app = make_app(host=FakeHost(samples=check_samples("llm.qwen")))
    async with app.run_test(size=(120, 40)) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        await pilot.press("down", "enter")
        await settled(pilot)
        wire = await Wire(pilot).attach()
        old = before[CheckSlice].views[6]
        line = next(y for y, text in enumerate(visible(app)) if "last result" in text)
        seen = replace(old.health, seen_at=NOW + timedelta(seconds=3))
        await show(pilot, with_check(before, old._replace(health=seen)))
        assert rows_painted(wire.read()) == {line}
        assert "18:42:13" in "\n".join(drawn(app.screen.query_one(Detail)))
