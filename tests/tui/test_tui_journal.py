"""The journal screen: paged from the store, and still where it is read."""

from __future__ import annotations

import re

import pytest

from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.board.screen import Board
from artisan_tui.tui.session import loaded as loaded_module
from artisan_tui.tui.session.list import JournalList
from support.journal_host import JournalHost, history
from support.journal_screen import entries, open_journal
from support.screens import settled, show, visible
from support.snapshots import event, make_app, newer, snapshot


def noted(app: ArtisanApp, word: str = "note") -> set[str]:
    """The numbers of the notes in view."""
    return set(re.findall(rf"{word} (\d+)", "\n".join(entries(app))))


async def test_the_journal_opens_from_anywhere_and_scrolls_to_its_beginning() -> None:
    host = JournalHost(held=history(2000))
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_journal(pilot, host)
        assert "note 2000" in entries(app)[0]
        assert "note 1999" in entries(app)[1]
        assert not any("opened the board" in line for line in visible(app))
        seen = set()
        for _ in range(80):
            seen |= noted(app)
            await pilot.press("pagedown")
            await settled(pilot)
        assert {str(n) for n in range(1, 2001) if n % 3} <= seen
        assert "note 1" in "\n".join(entries(app))
        assert all(len(page.where.words) == 0 and page.limit <= 300 for page in host.pages)
        # Two thirds of two thousand in pages of three hundred.
        assert len(host.pages) <= 6
        await pilot.press("escape")
        await settled(pilot)
        assert isinstance(app.screen, Board)


async def test_g_leads_to_the_oldest_and_back_to_the_newest_without_reading_what_is_between() -> None:
    host = JournalHost(held=history(5000))
    app = make_app(host=host)
    async with app.run_test(size=(100, 30)) as pilot:
        await open_journal(pilot, host)
        await pilot.press("G")
        await settled(pilot)
        assert "note 1 " in entries(app)[-1] + " "
        assert len(host.pages) <= 3
        await pilot.press("pageup", "pageup")
        await settled(pilot)
        assert "note 1 " not in "\n".join(entries(app)) + " "
        await pilot.press("g")
        await settled(pilot)
        assert "note 5000" in entries(app)[0]


async def test_what_the_store_lost_is_not_shown_any_more_however_long_its_journal_is_by_now() -> None:
    host = JournalHost(held=history(400))
    app = make_app(host=host)
    async with app.run_test(size=(100, 30)) as pilot:
        await open_journal(pilot, host)
        others = [event("note", actor="kim", seq=n, text=f"after it {n}") for n in range(398, 401)]
        host.held[397:] = others
        await show(pilot, newer(snapshot((), host.held[:-201:-1]), losses=1))
        assert noted(app, "after it") == {"398", "399", "400"}
        assert not noted(app) & {"398", "400"}


async def test_what_is_far_away_is_let_go_and_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loaded_module, "KEPT", 900)
    host = JournalHost(held=history(3000))
    app = make_app(host=host)
    async with app.run_test(size=(100, 30)) as pilot:
        await open_journal(pilot, host)
        down: set[str] = set()
        up: set[str] = set()
        for _ in range(60):
            down |= noted(app)
            await pilot.press("pagedown")
            await settled(pilot)
            assert len(app.screen.query_one(JournalList)) <= 900
        for _ in range(70):
            up |= noted(app)
            await pilot.press("pageup")
            await settled(pilot)
        assert "note 3000" in entries(app)[0] or "note 2999" in entries(app)[0]
        assert {str(n) for n in range(1200, 3000) if n % 3} <= down & up


async def test_new_entries_come_at_the_top_and_what_is_read_stays() -> None:
    host = JournalHost(held=history(400))
    app = make_app(host=host)
    async with app.run_test(size=(100, 30)) as pilot:
        before = await open_journal(pilot, host)
        for n, text in ((401, "first news"), (402, "second news")):
            host.held.append(event("note", seq=n, minutes=0, text=text))
        await show(pilot, newer(before, journal=host.held[::-1][:200]))
        # Nothing was selected: the newest is shown.
        assert "second news" in entries(app)[0]
        await pilot.press(*["down"] * 40)
        await settled(pilot)
        lines = entries(app)
        selected = app.screen.query_one(JournalList).selected
        for n in range(403, 410):
            host.held.append(event("note", seq=n, minutes=0, text=f"news {n}"))
        await show(pilot, newer(before, journal=host.held[::-1][:200]))
        await pilot.pause()
        assert [line.split(" ▲ ")[0].rstrip() for line in entries(app)[:-1]] == [
            line.split(" ▲ ")[0].rstrip() for line in lines[:-1]
        ]
        assert app.screen.query_one(JournalList).selected == selected
        await pilot.press("g")
        await settled(pilot)
        assert "news 409" in entries(app)[0]


async def test_more_news_than_a_snapshot_holds_is_read_from_the_store() -> None:
    host = JournalHost(held=history(300))
    app = make_app(host=host)
    async with app.run_test(size=(100, 30)) as pilot:
        before = await open_journal(pilot, host)
        host.held += [event("note", seq=n, minutes=0, text=f"flood {n}") for n in range(301, 901)]
        await show(pilot, newer(before, journal=host.held[::-1][:200]))
        await settled(pilot)
        found = set()
        for _ in range(30):
            found |= noted(app, "flood")
            await pilot.press("pagedown")
            await settled(pilot)
        assert {str(n) for n in range(301, 901)} <= found
