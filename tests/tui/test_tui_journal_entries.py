"""The journal screen: folded, filtered, and from an entry to what it is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from textual.widgets import Input

from artisan_tui.domain.state import State
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import JournalSlice
from artisan_tui.tui.board.journal import JournalPane
from artisan_tui.tui.checks.screen import CheckScreen
from artisan_tui.tui.checks.service import ServiceScreen
from artisan_tui.tui.kit.bars import Title
from artisan_tui.tui.session.entry import JournalEntry
from artisan_tui.tui.session.list import JournalList
from artisan_tui.tui.slo.screen import SloScreen
from support.budgets import example_slos
from support.journal_host import JournalHost, history
from support.journal_screen import entries, open_journal
from support.screens import drawn, settled, show, until, visible
from support.snapshots import NOW, check, event, make_app, newer, scene, session_status, snapshot
from support.wire import Wire


async def test_session_entries_are_folded_until_a_key_unfolds_them() -> None:
    host = JournalHost(held=history(60))
    app = make_app(host=host)
    async with app.run_test(size=(100, 30)) as pilot:
        await open_journal(pilot, host)
        assert "20 session entries hidden" in drawn(app.screen.query_one("#entries-title", Title))[0]
        await pilot.press("f")
        await settled(pilot)
        assert "opened the board" in "\n".join(entries(app))
        assert "with session entries" in drawn(app.screen.query_one("#entries-title", Title))[0]
        await pilot.press("f")
        await settled(pilot)
        assert "opened the board" not in "\n".join(entries(app))


async def test_the_board_folds_session_entries_and_says_so_where_there_is_nothing_else() -> None:
    app = make_app()
    async with app.run_test(size=(100, 30)) as pilot:
        before = await show(
            pilot, snapshot([check("a.b")], [event("session.start", seq=2), event("config.loaded", seq=1)])
        )
        assert "only session entries so far: J shows them" in drawn(app.query_one(JournalPane))[0]
        await show(pilot, newer(before, journal=(event("note", seq=3, text="hello"), *before[JournalSlice].events)))
        assert len(drawn(app.query_one(JournalPane))) == 1
        assert "hello" in drawn(app.query_one(JournalPane))[0]


async def test_a_filter_is_typed_and_cleared() -> None:
    host = JournalHost(held=history(900))
    app = make_app(host=host)
    async with app.run_test(size=(120, 30)) as pilot:
        await open_journal(pilot, host)
        await pilot.press("slash", *"77 person:kim")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert [line.split("note ")[1].split()[0] for line in entries(app)] == [
            "877",
            "779",
            "775",
            "773",
            "677",
            "577",
            "377",
            "277",
            "77",
        ]
        assert "77 person:kim" in drawn(app.screen.query_one("#entries-title", Title))[0]
        await pilot.press("slash")
        app.screen.query_one("#prompt", Input).value = "nothing-has-this"
        await settled(pilot)
        assert "no journal entry matches the filter" in "\n".join(visible(app))
        app.screen.query_one("#prompt", Input).value = "since:soon"
        await settled(pilot)
        assert "since: soon is not a time" in "\n".join(visible(app))
        await pilot.press("escape")
        await settled(pilot)
        assert "note 899" in "\n".join(entries(app))
        assert app.place == "journal"
        await pilot.press("escape")
        await settled(pilot)
        assert app.place == "board"


async def test_enter_leads_to_the_check_the_service_the_slo_or_the_entry() -> None:
    held = [
        event("note", seq=1, actor="kim", minutes=60 * 30, text="a\x1b[31m" + "long " * 100),
        event("slo.status", example_slos()[0].id, seq=2, **{"from": "", "to": "warning"}),
        event("new.kind", "llm", seq=3),
        event("check.state", "llm.qwen", seq=4, **{"from": "up", "to": "down", "reason": "timeout"}),
    ]
    host = JournalHost(held=held)
    app = make_app(host=host)
    async with app.run_test(size=(100, 40)) as pilot:
        await open_journal(pilot, host, checks=scene(), budgets=SloSlice(example_slos()))
        for screen in (CheckScreen, ServiceScreen, SloScreen):
            await pilot.press("enter")
            await settled(pilot)
            assert isinstance(app.screen, screen)
            await pilot.press("escape")
            await settled(pilot)
            await pilot.press("down")
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, JournalEntry)
        text = "\n".join(visible(app))
        assert held[0].hash[:40] in text
        assert "2026-11-20 12:42:10 KST" in text
        assert text.count("long") >= 100
        await pilot.press("y")
        assert "\x1b" not in app.clipboard
        assert f"hash: {held[0].hash}" in app.clipboard
        await pilot.press("escape")
        await settled(pilot)
        await pilot.press("g", "v")
        await settled(pilot)
        assert isinstance(app.screen, JournalEntry)


async def test_a_correction_names_what_it_corrects_and_is_named_by_it() -> None:
    first = event("note", seq=1, text="wrong")
    second = replace(event("note", seq=2, minutes=0.5, text="right"), supersedes=1)
    host = JournalHost(held=[first, second])
    app = make_app(host=host)
    async with app.run_test(size=(100, 40)) as pilot:
        await open_journal(pilot, host)
        await pilot.press("v")
        await settled(pilot)
        assert any("corrects" in line and line.split("corrects")[1].split()[0] == "1" for line in visible(app))
        await pilot.press("v")
        await settled(pilot)
        await pilot.press("down", "v")
        await settled(pilot)
        assert any("corrected by" in line and line.split("corrected by")[1].split()[0] == "2" for line in visible(app))


async def test_what_is_not_saved_is_shown_as_such_and_copied() -> None:
    waiting = replace(event("note", actor="j.park", minutes=0.1, text="typed into a full disk"), seq=0)
    host = JournalHost(held=history(30))
    app = make_app(host=host)
    async with app.run_test(size=(100, 30)) as pilot:
        await open_journal(pilot, host, journal=[waiting, *host.held[::-1]])
        assert "not saved  typed into a full disk" in entries(app)[0]
        await pilot.press("y")
        assert app.clipboard == "2026-11-21 18:42:04 KST  j.park  typed into a full disk"
        await pilot.press("v")
        await settled(pilot)
        assert "not saved" in "\n".join(visible(app))


async def test_without_a_store_what_is_known_is_shown_and_the_rest_is_said_to_be_missing() -> None:
    host = JournalHost(held=history(500), broken="the journal cannot be read at the moment")
    app = make_app(host=host)
    async with app.run_test(size=(100, 30)) as pilot:
        await open_journal(pilot, host)
        assert "note 500" in entries(app)[0]
        await pilot.press(*["pagedown"] * 12)
        await settled(pilot)
        assert "the journal cannot be read at the moment" in "\n".join(visible(app))
        host.broken = ""
        await pilot.press("pagedown")
        await settled(pilot)
        await pilot.press(*["pagedown"] * 3)
        await settled(pilot)
        assert len(app.screen.query_one(JournalList)) > 200


async def test_another_journal_begins_anew() -> None:
    host = JournalHost(held=history(300))
    app = make_app(host=host)
    async with app.run_test(size=(100, 30)) as pilot:
        before = await open_journal(pilot, host)
        old = host.held[::-1][:150]
        host.held = [event("note", seq=n, minutes=0, text=f"anew {n}") for n in (1, 2)]
        await show(pilot, newer(before, journal=[*host.held[::-1], *old]))
        await settled(pilot)
        assert [line.split("artisan  ")[-1].strip() for line in entries(app)] == ["anew 2", "anew 1"]


async def test_nothing_is_sent_when_nothing_changed() -> None:
    host = JournalHost(held=history(500))
    app = make_app(host=host)
    async with app.run_test(size=(100, 30)) as pilot:
        before = await open_journal(pilot, host, checks=[check("a.b", State.DOWN)])
        wire = await Wire(pilot).attach()
        quiet = 0

        def settled_down() -> bool:
            """The scrollbar is drawn some turns after the lines."""
            nonlocal quiet
            quiet = 0 if wire.read() else quiet + 1
            return quiet >= 10

        await until(pilot, settled_down)
        await show(pilot, newer(before))
        await show(pilot, newer(before, at=NOW + timedelta(seconds=1)))
        assert wire.read() == ""


@pytest.mark.parametrize("place", ["board", "journal"])
async def test_d6_there_is_one_zone_on_the_screen(place: str) -> None:
    until = "2026-11-21T12:00:00Z"
    told = [
        event("maintenance.declared", "w", seq=4, covers=["db"], until=until, reason="disks"),
        event("slo.override", seq=3, until=until, reason="rollback"),
        event("check.muted", "db.ping", seq=2, until=until, reason="known"),
        event("maintenance.ended", "w", seq=1, covers=["db"], reason="disks"),
    ]
    host = JournalHost(held=told[::-1])
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        before = await open_journal(pilot, host)
        if place == "board":
            await pilot.press("escape")
            await settled(pilot)
        text = "\n".join(visible(app)[1:])
        assert text.count("until 2026-11-21 21:00: ") == 3
        assert "UTC" not in text
        assert "ended maintenance of db: disks" in text
        await show(pilot, newer(before, session_status=session_status(zone="Europe/Berlin")))
        assert "\n".join(visible(app)).count("until 2026-11-21 13:00: ") == 3
