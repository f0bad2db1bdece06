"""The SLO screen: what happened around the costliest minutes, and where the numbers come from."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from artisan_tui.domain.event import Event
from artisan_tui.engine.session.history import EventsBetween
from artisan_tui.tui.kit.form import Form
from artisan_tui.tui.slo.explanation import Explanation
from artisan_tui.tui.slo.minute import MinuteEvents
from artisan_tui.tui.slo.widgets import CostliestMinutes
from support.budgets import board, example_slos, on_board
from support.screens import settled, visible
from support.slo_screen import SEOUL, opened
from support.snapshots import FakeHost, event, make_app, with_parts


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
