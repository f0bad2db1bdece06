"""Screen 6: the hand-over review read together from a projected terminal."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from textual.pilot import Pilot

from artisan_tui.domain.oncall.handoff_review import HandoffReview
from artisan_tui.engine.oncall.handoff_query import HandoffQuery, review_once
from artisan_tui.engine.oncall.handoff_slice import HandoffSlice
from artisan_tui.engine.settings import read
from artisan_tui.reports.oncall.handoff import handoff_document
from artisan_tui.tui.cells import Run
from artisan_tui.tui.kit.form import Form
from artisan_tui.tui.oncall.events_dialog import EventsBehind
from artisan_tui.tui.oncall.pending import pending_texts
from artisan_tui.tui.oncall.review_lines import review_lines
from support.handoff_week import PEOPLE, moment, played_week
from support.screens import settled, show, visible
from support.services import config_text, http_check
from support.snapshots import FakeHost, check, make_app, snapshot

SIZES = [(80, 24), (120, 40), (200, 50)]


@pytest.fixture(scope="module")
def review(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HandoffReview]:
    folder = tmp_path_factory.mktemp("handoff")
    (folder / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")) + PEOPLE)
    week = played_week(folder / "state")
    yield review_once(week.store, read(folder / "artisan.toml"), folder / "state", moment(0.05))
    week.store.close()


@dataclass
class HandoffHost(FakeHost):
    """Answers with ``review``; says which were asked for."""

    review: HandoffReview | None = None
    queries: list[HandoffQuery] = field(default_factory=list)

    def ask(self, query: Any) -> Future[Any]:
        if not isinstance(query, HandoffQuery):
            return super().ask(query)
        self.queries.append(query)
        future: Future[Any] = Future()
        if self.review is None:
            future.set_exception(LookupError("the journal cannot be read at the moment"))
        else:
            future.set_result(self.review)
        return future


def text(lines: list[Any]) -> str:
    return "\n".join("".join(run for run, _role in line.runs) for line in lines)


async def open_review(pilot: Pilot[None]) -> None:
    await show(pilot, snapshot([check("api.health")]))
    await pilot.press("6")
    await settled(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_the_screen_begins_with_who_hands_over_and_what_has_to_be_known(
    size: tuple[int, int], review: HandoffReview
) -> None:
    app = make_app(host=HandoffHost(review=review))
    async with app.run_test(size=size) as pilot:
        await open_review(pilot)
        screen = "\n".join(visible(app))
    assert "Hand-over Alice Kim to Bob Lee" in screen
    assert "PENDING: to be accepted by 17:15" in screen
    assert "1 run is unknown." in screen
    assert "S sign" in screen
    assert "Y accept" in screen
    assert "MTTA (median)" in screen


@pytest.mark.parametrize("width", [80, 120, 200])
def test_every_section_fits_its_width_and_loses_none_of_what_matters(width: int, review: HandoffReview) -> None:
    lines = review_lines(handoff_document(review), width)
    said = text(lines)
    for wanted in ("MISSING", "NEVER", "UNKNOWN", "QwenModelUnhealthy", "Sat 28 Nov 13:00", "not classed", "db.pool"):
        assert wanted in said
    assert max(len("".join(run for run, _role in line.runs)) for line in lines) <= width
    assert all(line.seqs or line.incident for line in lines if line.key)


async def test_enter_opens_the_events_behind_a_number_and_then_one_entry(review: HandoffReview) -> None:
    app = make_app(host=HandoffHost(review=review))
    async with app.run_test(size=(120, 40)) as pilot:
        await open_review(pilot)
        await pilot.press("right", "right", "enter")
        await settled(pilot)
        assert isinstance(app.screen, EventsBehind)
        screen = "\n".join(visible(app))
        assert "Still open: INC-20261127-020000" in screen
        assert "Sev2 declared: Qwen LLM failure" in screen
        await pilot.press("enter")
        await settled(pilot)
        assert "Journal entry" in "\n".join(visible(app))


async def test_one_key_classes_a_page_and_goes_on_to_the_next(review: HandoffReview) -> None:
    host = HandoffHost(review=review)
    app = make_app(host=host)
    async with app.run_test(size=(120, 60)) as pilot:
        await open_review(pilot)
        await pilot.press("a")
        await settled(pilot)
        assert host.done == []  # a number is no page
        pages = [line.key for line in app.screen.query_one("#handoff").lines if line.key == "pages 0"]  # type: ignore[attr-defined]
        while app.screen.query_one("#handoff").selected.key != pages[0]:  # type: ignore[attr-defined]
            await pilot.press("down")
        await pilot.press("a", "o", "w")
        await settled(pilot)
    incidents = [page.incident for page in review.this.pages]
    assert host.done == [
        ("handoff.class", {"incident": incidents[0], "as": "acted", "note": ""}),
        ("handoff.class", {"incident": incidents[1], "as": "no_action", "note": ""}),
        ("handoff.class", {"incident": incidents[2], "as": "needs_work", "note": ""}),
    ]


async def test_signing_and_accepting_are_confirmed(review: HandoffReview) -> None:
    host = HandoffHost(review=review)
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_review(pilot)
        for key in ("S", "Y"):
            await pilot.press(key)
            await settled(pilot)
            assert isinstance(app.screen, Form)
            await pilot.press("enter")
            await settled(pilot)
    assert [command for command, _given in host.done] == ["handoff.sign", "handoff.accept"]


async def test_earlier_shifts_are_asked_for_and_a_journal_that_cannot_be_read_is_said(review: HandoffReview) -> None:
    host = HandoffHost(review=review)
    app = make_app(host=host)
    async with app.run_test(size=(120, 40)) as pilot:
        await open_review(pilot)
        await pilot.press("less_than_sign")
        await settled(pilot)
        assert [query.back for query in host.queries] == [0, 1]
        host.review = None
        await pilot.press("greater_than_sign")
        await settled(pilot)
        assert "the journal cannot be read at the moment" in "\n".join(visible(app))


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_says_while_a_hand_over_is_pending(size: tuple[int, int]) -> None:
    app = make_app()
    async with app.run_test(size=size) as pilot:
        shown = snapshot([check("api.health")])
        slices = {**shown.slices, HandoffSlice: HandoffSlice(True, shown.at - timedelta(minutes=20), "alice", True)}
        await show(pilot, type(shown)(shown.at, slices))
        assert "HANDOFF" in visible(app)[0].upper()


def test_nothing_is_said_while_nothing_is_pending() -> None:
    assert pending_texts(HandoffSlice()) == []
    texts: list[list[Run]] = pending_texts(HandoffSlice(True, moment(0), "alice"))[0][0]
    assert "".join(run for run, _role in texts[0]).strip() == "handoff pending, signed by alice"
