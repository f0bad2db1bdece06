"""Muting, and declaring and ending maintenance from the screen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import pytest
from textual.widgets import Input, Static

from artisan_tui.domain.state import State
from artisan_tui.engine.command import Command, Parameter
from artisan_tui.engine.maintenance.slice import WindowView
from artisan_tui.engine.reply import Reply
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.kit.ask import Ask
from artisan_tui.tui.kit.form import Form
from artisan_tui.tui.maintenance.windows import Windows
from support.maintained_checks import down
from support.screens import settled, show, visible
from support.snapshots import NOW, OPERATOR, READ_ONLY, FakeHost, check, make_app, newer, session_status, snapshot


async def test_muting_asks_and_keeps_what_was_typed_until_it_is_accepted() -> None:
    host = FakeHost(OPERATOR)
    host.replies["check.mute"] = Reply(False, "9x is not a duration")
    app = make_app(OPERATOR, host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([down("db.ping")]))
        await pilot.press("m")
        await pilot.pause()
        assert isinstance(app.screen, Form)
        # In one piece, as a slow link delivers it; the first line offers an hour and typing replaces it.
        await pilot.press("9", "x", "enter", "w", "h", "y", "enter")
        await pilot.pause()
        await app.workers.wait_for_complete()
        assert isinstance(app.screen, Form)
        assert [line.value for line in app.screen.query(Input)] == ["9x", "why"]
        assert str(app.screen.query_one(".refusal", Static).content) == "9x is not a duration"
        host.replies["check.mute"] = Reply(True, "done")
        await pilot.press("enter", "enter")  # from the line that was refused, on which the cursor is
        await pilot.pause()
        assert isinstance(app.screen, Board)
    assert host.done[-1] == ("check.mute", {"check": "db.ping", "for": "9x", "reason": "why"})


async def test_an_empty_line_is_asked_for_before_anything_is_sent() -> None:
    host = FakeHost(OPERATOR)
    app = make_app(OPERATOR, host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([down("db.ping")]))
        await pilot.press("m", "enter", "enter", "enter")
        await pilot.pause()
        assert isinstance(app.screen, Form)
        assert "Reason: must not be empty" in "\n".join(visible(app))
        await pilot.press("space", "enter")
        await pilot.pause()
        assert "Reason: must not be empty" in "\n".join(visible(app))
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, Board)
    assert host.done == []


async def test_d11_a_note_without_words_says_so() -> None:
    host = FakeHost(OPERATOR)
    app = make_app(OPERATOR, host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([down("db.ping")]))
        await pilot.press("n", "space", "enter")
        await pilot.pause()
        assert isinstance(app.screen, Ask)
        assert "must not be empty" in "\n".join(visible(app))
        await pilot.press("h", "i", "enter")
        await pilot.pause()
        assert isinstance(app.screen, Board)
    assert host.done == [("journal.note", {"text": "hi"})]


async def test_a_line_that_may_stay_empty_holds_nothing_up() -> None:
    command = Command(
        "check.mute",
        "Mute",
        "Page nobody",
        (Parameter("for", "For how long"), Parameter("reason", "Why", required=False)),
    )
    sent: list[dict[str, str]] = []

    async def submit(arguments: Mapping[str, str]) -> Reply:
        sent.append(dict(arguments))
        return Reply(True)

    app = make_app(OPERATOR)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([down("db.ping")]))
        for typed in (("enter", "enter"), ("enter", "w", "h", "y", "enter")):
            await app.push_screen(Form(command, {}, {"for": "1h"}, "", submit))
            assert "Why (may stay empty)" in "\n".join(visible(app))
            await pilot.press(*typed)
            await pilot.pause()
            assert isinstance(app.screen, Board)
        await app.push_screen(Form(command, {}, {}, "", submit))
        await pilot.press("enter", "enter", "enter")
        assert isinstance(app.screen, Form)  # the other line is still asked for
    assert sent == [{"for": "1h"}, {"for": "1h", "reason": "why"}]


async def test_maintenance_offers_the_selected_service() -> None:
    host = FakeHost(OPERATOR)
    app = make_app(OPERATOR, host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([down("db.ping")]))
        await pilot.press("p", "enter", "enter", *"disks", "enter")
        await pilot.pause()
        assert isinstance(app.screen, Board)
    assert host.done == [("maintenance.declare", {"covers": "db", "for": "2h", "reason": "disks"})]


async def test_windows_are_listed_and_a_declared_one_ended() -> None:
    host = FakeHost(OPERATOR)
    app = make_app(OPERATOR, host=host)
    declared = WindowView("w1", ("db",), "new disks", NOW, NOW + timedelta(hours=2), active=True, declared=True)
    weekly = WindowView("weekly", (), "weekly", NOW + timedelta(days=1), NOW + timedelta(days=1, hours=2), active=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([check("db.ping", State.MAINTENANCE)], windows=(declared, weekly)))
        await pilot.press("P")
        await pilot.pause()
        assert isinstance(app.screen, Windows)
        text = "\n".join(visible(app))
        assert "now until" in text
        assert "db: new disks" in text
        assert "everything: weekly" in text
        await pilot.press("enter")
        await pilot.pause()
        # In production it is asked about, with what it covers; Esc leaves it.
        assert isinstance(app.screen, Form)
        text = "\n".join(visible(app))
        assert "db: new disks" in text
        assert "End maintenance" in text
        await pilot.press("escape")
        await pilot.pause()
        assert host.submitted == []
        await pilot.press("P", "enter")
        await pilot.pause()
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, Board)
    assert host.done == [("maintenance.end", {"window": "w1", "confirm": "yes"})]


async def test_d11_outside_of_production_a_window_is_ended_at_once() -> None:
    host = FakeHost(OPERATOR, environment="staging")
    app = make_app(OPERATOR, host=host)
    declared = WindowView("w1", ("db",), "new disks", NOW, NOW + timedelta(hours=2), active=True, declared=True)
    async with app.run_test(size=(80, 24)) as pilot:
        there = session_status(environment="staging")
        await show(pilot, snapshot([check("db.ping")], windows=(declared,), session_status=there))
        await pilot.press("P", "enter")
        await pilot.pause()
        assert isinstance(app.screen, Board)
    assert host.done == [("maintenance.end", {"window": "w1"})]


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 50)])
async def test_d11_a_check_in_maintenance_shows_how_long_and_what_is_so_underneath(size: tuple[int, int]) -> None:
    app = make_app(OPERATOR)
    below = check("db.ping", State.DOWN, detail="no answer in 5s").health
    until = NOW + timedelta(minutes=42, seconds=50)
    view = check("db.ping", State.MAINTENANCE, detail="new disks")._replace(underneath=below, until=until)
    fine = check("web.page", State.MAINTENANCE)._replace(underneath=check("web.page").health, until=until)
    async with app.run_test(size=size) as pilot:
        before = await show(pilot, snapshot([view, fine]))
        text = visible(app)
        first = next(line for line in text if "db" in line)
        assert "43m left, would be DOWN" in first
        if size[0] >= 80:
            assert "would be DOWN: timeout" in first
        assert "43m left, would be up" in next(line for line in text if "web" in line)
        app.clock.tick(60)  # type: ignore[attr-defined]  # the standing clock of the tests
        await show(pilot, newer(before, checks=(view._replace(value="1"), fine)))
        assert "42m left" in next(line for line in visible(app) if "db" in line)
        await pilot.press("enter")
        await settled(pilot)
        text = visible(app)
        assert any("maintenance until 21 Nov 19:25: " in line for line in text)
        assert any("would be DOWN: timeout: no answer in 5s" in line for line in text)


async def test_a_reader_cannot_mute() -> None:
    host = FakeHost(READ_ONLY)
    app = make_app(READ_ONLY, host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([down("db.ping")]))
        await pilot.press("m")
        await pilot.pause()
        assert isinstance(app.screen, Board)


async def test_d11_a_service_in_maintenance_shows_the_worst_underneath() -> None:
    app = make_app(OPERATOR)
    until = NOW + timedelta(minutes=42)
    views = [
        check(f"db.{name}", State.MAINTENANCE)._replace(underneath=check("db.x", state).health, until=until)
        for name, state in (("a", State.UP), ("b", State.DOWN), ("c", State.DEGRADED))
    ]
    async with app.run_test(size=(120, 24)) as pilot:
        await show(pilot, snapshot([*views, *(check(f"s{n}.x") for n in range(3))]))
        assert "db.b: 42m left, would be DOWN" in next(line for line in visible(app) if "db" in line)
