"""What is sent adds up to what should be seen, and no more than that follows the probes."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta

import pytest

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.snapshot import JournalSlice
from artisan_tui.tui.checks.detail import Detail
from artisan_tui.tui.checks.services import Services
from support.repaint_rows import rows_painted
from support.screens import drawn, settled, show, strips, until, visible
from support.snapshots import (
    DEMO,
    FAULTS,
    NOW,
    FakeClock,
    FakeHost,
    check,
    check_samples,
    event,
    happenings,
    make_app,
    newer,
    scene,
    session_status,
    snapshot,
    ticks,
    with_check,
)
from support.wire import Wire

HOSTILE = "[bold red]x[/] \\[b] {0} %s e\u0301a\u0308 가나다 ★🚀 ｗｉｄｅ \u0301start"


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
