"""Error budgets in the board's header, and the pages that ring."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from artisan_tui.domain.slo.gate import Override
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.bell import pages
from artisan_tui.tui.kit.bars import Notices
from artisan_tui.tui.kit.header import header_runs
from support.budget_lines import said
from support.budgets import alert, board, example_slos, later, on_board, slo_slice
from support.screens import drawn, show
from support.snapshots import NOW, make_app, scene, session_status, snapshot

SEOUL = ZoneInfo("Asia/Seoul")


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
