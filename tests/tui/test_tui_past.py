"""The time machine on the screen: marked, moved through, played, and read-only; now goes on unseen."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.state import State
from artisan_tui.domain.when import parse_when
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.past.ahead import ReadAhead
from artisan_tui.engine.past.asking import AskedThen
from artisan_tui.engine.past.snapshots import PastSnapshot
from artisan_tui.engine.past.steps import ChangeBeside
from artisan_tui.engine.snapshot import SessionStatus, Snapshot
from artisan_tui.i18n import spoken_in
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.kit.bars import KeyBar
from artisan_tui.tui.kit.header import header_runs
from artisan_tui.tui.past import travelling
from artisan_tui.tui.past.dialog import written_moment
from artisan_tui.tui.past.travel import ShownMoment
from support.screens import drawn, settled, show, until, visible
from support.snapshots import NOW, FakeHost, check, make_app, snapshot, with_check

#: Minutes before now at which the journal has a change.
CHANGES = (30, 20, 10)


@dataclass
class PastHost(FakeHost):
    """An engine with three changes in its journal: ``api.health`` was down between the first and the second."""

    wanted: list[Any] = field(default_factory=list)
    gone: bool = False

    def ask(self, query: Any) -> Future[Any]:
        self.wanted.append(query)
        future: Future[Any] = Future()
        moments = [NOW - timedelta(minutes=ago) for ago in CHANGES]
        if self.gone:
            future.set_exception(LookupError("the journal cannot be read at the moment"))
        elif isinstance(query, ChangeBeside):
            before = [each for each in moments if each < query.moment]
            after = [each for each in moments if each > query.moment]
            future.set_result((after[0] if after else None) if query.forward else (before[-1] if before else None))
        elif isinstance(query, PastSnapshot):
            future.set_result(self.then(query.moment))
        else:
            return super().ask(query)
        return future

    def then(self, moment: datetime) -> Snapshot:
        down = moments_of(30) <= moment < moments_of(20)
        made = snapshot((check("api.health", State.DOWN if down else State.UP),))
        return Snapshot(moment, made.slices)


def moments_of(ago: float) -> datetime:
    return NOW - timedelta(minutes=ago)


def past_app() -> tuple[ArtisanApp, PastHost]:
    host = PastHost()
    app = make_app()
    app.host = host  # type: ignore[assignment]  # stands in for the engine's thread
    return app, host


async def test_keys_step_from_change_to_change_and_back_to_now() -> None:
    app, host = past_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot((check("api.health"),)))
        await pilot.press("left_square_bracket")
        assert app.moment == moments_of(10)
        await pilot.press("left_square_bracket", "left_square_bracket")
        await settled(pilot)
        assert app.moment == moments_of(30)
        assert app.snapshot is not None
        assert app.snapshot[CheckSlice].views[0].health.state is State.DOWN
        first = visible(app)[0]
        assert " THEN " in first
        assert "1 down" in first
        await pilot.press("left_square_bracket")
        assert app.moment == moments_of(30), "there is nothing before the first change"
        await pilot.press("right_square_bracket")
        assert app.moment == moments_of(20)
        await pilot.press("right_square_bracket", "right_square_bracket")
        await settled(pilot)
        assert app.moment is None, "after the last change comes now"
        assert " THEN " not in visible(app)[0]
        assert [type(each) for each in host.wanted].count(PastSnapshot) == 5


async def test_escape_leads_back_to_now_from_another_screen_and_stays_there() -> None:
    app, _host = past_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot((check("api.health"),)))
        await pilot.press("left_square_bracket", "3")
        await settled(pilot)
        assert app.place == "incidents"
        assert " THEN " in visible(app)[0]
        await pilot.press("escape")
        await settled(pilot)
        assert app.moment is None
        assert app.place == "incidents"
        assert " THEN " not in visible(app)[0]


async def test_a_moment_is_typed_and_one_that_is_to_come_is_refused() -> None:
    app, _host = past_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot((check("api.health"),)))
        await pilot.press("at", *"nonsense", "enter")
        await settled(pilot)
        assert any("is no moment" in line for line in visible(app))
        await pilot.press(*["backspace"] * 8, *"2099-01-01", "enter")
        await settled(pilot)
        assert any("still to come" in line for line in visible(app))
        await pilot.press(*["backspace"] * 10, *"25m", "enter")
        await settled(pilot)
        assert app.moment == moments_of(25)
        assert "1 down" in visible(app)[0]


async def test_a_typed_moment_that_occurs_twice_is_refused_with_both() -> None:
    app, _host = past_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot((check("api.health"),)))
        app.zone = ZoneInfo("America/New_York")
        await pilot.press("at", *"2025-11-02 01:30", "enter")
        await settled(pilot)
        shown = " ".join(" ".join(visible(app)).replace("│", " ").split())
        assert "occurs twice in America/New_York" in shown
        assert "2025-11-02T01:30-05:00" in shown
        assert app.moment is None


async def test_the_board_says_that_the_moment_to_open_at_does_not_exist() -> None:
    app, _host = past_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot((check("api.health"),)))
        app.opens_at = "2025-03-09 02:30"
        app.open_at(NOW, ZoneInfo("America/New_York"))
        await settled(pilot)
        assert any("does not occur in America/New_York" in str(each.message) for each in app._notifications)
        assert app.moment is None


async def test_no_command_reaches_the_engine_while_the_past_is_shown() -> None:
    app, host = past_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot((check("api.health"),)))
        await pilot.press("left_square_bracket")
        await settled(pilot)
        for command in COMMANDS:
            app.execute(command, {})
            reply = await app.run_command(command, {})
            assert not reply.ok
            assert "the past" in reply.text
        for key in ("m", "n", "C", "D", "p", "O"):
            await pilot.press(key)
        await settled(pilot)
        assert host.submitted == []
        assert len(app.screen_stack) == 1, "not even the form opens"
        await pilot.press("escape", "C")
        await settled(pilot)
        assert [name for name, _ in host.submitted] == ["check.run-all"]


async def test_now_goes_on_unseen_rings_and_is_said_where_it_is_trouble() -> None:
    app, _host = past_app()
    async with app.run_test(size=(120, 40)) as pilot:
        first = await show(pilot, snapshot((check("api.health"),)))
        await pilot.press("left_square_bracket")
        await settled(pilot)
        await show(pilot, with_check(first, check("api.health", State.DOWN)))
        assert app.moment == moments_of(10)
        assert app.snapshot is not None
        assert app.snapshot[CheckSlice].views[0].health.state is State.UP
        assert any("NOW: 1 down" in line for line in visible(app))
        await pilot.press("N")
        await settled(pilot)
        assert "1 down" in visible(app)[0]
        assert not any("NOW:" in line for line in visible(app))


async def test_it_is_played_faster_and_slower_and_ends_at_now() -> None:
    app, _host = past_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot((check("api.health"),)))
        await pilot.press("left_square_bracket")
        for speed in (1, 5, 20, 60, 60):
            await pilot.press("full_stop")
            assert app.travel.speed == speed
        await settled(pilot)
        assert "60x" in visible(app)[0]
        await app.travel._tick()
        assert app.moment == moments_of(9)
        await pilot.press(*["comma"] * 4)
        assert app.travel.speed == 0
        await app.travel.to(NOW - timedelta(seconds=30))
        await pilot.press(*["full_stop"] * 4)
        await app.travel._tick()
        assert app.moment is None, "what is played to its end is now"
        assert app.travel.speed == 0


async def test_what_cannot_be_read_is_said_and_now_stays() -> None:
    app, host = past_app()
    host.gone = True
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot((check("api.health"),)))
        await pilot.press("left_square_bracket")
        await settled(pilot)
        assert app.moment is None
        assert " THEN " not in visible(app)[0]


async def test_queries_of_screens_are_asked_as_of_then() -> None:
    app, host = past_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, snapshot((check("api.health"),)))
        await pilot.press("left_square_bracket", "3")
        await settled(pilot)
        asked = [each for each in host.wanted if isinstance(each, AskedThen)]
        assert {each.moment for each in asked} == {moments_of(10)}


@pytest.mark.parametrize("width", [80, 120])
def test_the_header_never_loses_that_it_is_past_nor_when(width: int) -> None:
    from zoneinfo import ZoneInfo

    views = tuple(check(f"a.{number}", State.DOWN) for number in range(30))
    at = datetime.fromisoformat("2026-11-21T09:42:07+00:00")
    runs = header_runs(snapshot(views), at, ZoneInfo("Asia/Seoul"), width, ShownMoment(at, 20))
    text = "".join(text for text, _role in runs)
    assert text.startswith(" THEN ")
    assert "18:42:07 KST" in text
    assert "20x" in text
    assert "30 down" in text
    assert len(text) <= width


async def test_the_key_bar_names_the_ways_through_time() -> None:
    app, _host = past_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot((check("api.health"),)))
        await pilot.press("left_square_bracket")
        await settled(pilot)
        (bar,) = drawn(app.screen.query_one(KeyBar))
        for hint in ("[ earlier", "] later", "esc now", "@ moment", ". play"):
            assert hint in bar, bar
        assert "mute" not in bar


@pytest.mark.parametrize(
    ("moment", "written"),
    [
        (datetime(2026, 10, 25, 0, 30, 5, 7, UTC), "2026-10-25 02:30:05+02:00"),
        (datetime(2026, 10, 25, 1, 30, 5, 7, UTC), "2026-10-25 02:30:05+01:00"),
        (datetime(2026, 3, 29, 1, 30, 5, 7, UTC), "2026-03-29 03:30:05"),
    ],
)
def test_the_moment_that_is_offered_leads_back_to_itself_when_clocks_change(moment: datetime, written: str) -> None:
    zone = ZoneInfo("Europe/Berlin")
    assert written_moment(moment, zone) == written
    assert parse_when(written, NOW, zone) == moment.replace(microsecond=0)


def test_the_moment_that_is_offered_can_be_read_back_in_korean() -> None:
    with spoken_in("ko"):
        assert written_moment(NOW, UTC) == f"{NOW:%Y-%m-%d %H:%M:%S}"


async def test_the_past_is_read_ahead_once_for_each_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(travelling, "_AT_REST", 0.001)
    app, host = past_app()
    async with app.run_test(size=(100, 30)) as pilot:
        for loaded in (NOW, NOW, NOW + timedelta(minutes=1)):
            made = snapshot((check("api.health"),))
            status = made[SessionStatus]._replace(loaded_at=loaded)
            await show(pilot, Snapshot(loaded, {**made.slices, SessionStatus: status}))
        await until(pilot, lambda: read_ahead(host) == 2)
        await settled(pilot)
        assert read_ahead(host) == 2


def read_ahead(host: PastHost) -> int:
    return sum(isinstance(each, ReadAhead) for each in host.wanted)
