"""The list of incidents: worst first, clocks that stand still, and keys that act on what a person saw."""

from __future__ import annotations

from datetime import timedelta

import pytest

from artisan_tui.domain.incidents import acts, acts_merging
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.tui.incidents.clocks import CELLS, clock_text, left_text, wakes_in
from artisan_tui.tui.incidents.list import IncidentList
from artisan_tui.tui.incidents.screen import IncidentsScreen
from artisan_tui.tui.kit.bars import Title
from support.incident_host import Incidents, worked_on
from support.incident_list import SEV1, SEV2, SEV4, app_with, listed, opened
from support.screens import drawn, settled, show, visible
from support.snapshots import NOW, FakeClock, newer
from support.wire import Wire


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_open_ones_come_first_the_worst_above_and_those_that_are_over_below(size: tuple[int, int]) -> None:
    held = worked_on()
    held.write(acts.cancel(held.incidents[SEV4], held.by("carol"), "false_positive"))
    app, _host = app_with(held)
    async with app.run_test(size=size) as pilot:
        await opened(pilot, held)
        lines = listed(app)
        title = drawn(app.screen.query_one("#incidents-title", Title))[0]
    # A resolved one is open until it is closed, below what is still worked on.
    assert [line.split("Sev")[1][0] for line in lines if "Sev" in line] == ["1", "2", "3", "4"]
    assert "resolved" in lines[2]
    assert lines[4] == " Over"
    assert "cancelled" in lines[5]
    first, second = lines[:2]
    assert all(word in first for word in ("declared", "nobody", "ack 12m", "upd 12m", "2m", "API answers"))
    assert all(word in second for word in ("mitigating", "alice", "upd 10m", "1h14m", "Qwen LLM failure"))
    assert "ack" not in second
    assert title.endswith("1 not acknowledged  3 open")


async def test_without_an_incident_the_screen_says_how_one_is_declared() -> None:
    app, _host = app_with(Incidents())
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, Incidents())
        text = "\n".join(visible(app))
        await pilot.press("a")
        await pilot.pause()
        said = [str(each.message) for each in app._notifications]
    assert "no open incident" in text
    assert "D declares one" in text
    assert said == ["there is no incident; D: Declare an incident"]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(3600, "1h"), (61, "1m"), (60, "60s"), (59.4, "60s"), (1, "1s"), (0, "-0m"), (-59, "-0m"), (-130, "-2m")],
)
def test_a_clock_counts_minutes_and_in_its_last_minute_seconds(seconds: float, said: str) -> None:
    assert left_text(NOW + timedelta(seconds=seconds), NOW) == said


@pytest.mark.parametrize(
    ("words", "left", "said"),
    [
        ("ack {left}", "-5d19h", "ack -5d19h"),
        ("ack {left}", "-23h59m", "ack -23h"),
        ("확인 {left}", "-5d19h", "확인 -5d"),
        ("확인 {left}", "14m", "확인 14m"),
    ],
)
def test_a_clock_that_does_not_fit_keeps_its_larger_unit(words: str, left: str, said: str) -> None:
    assert clock_text(words, left, CELLS).rstrip() == said


def test_a_clock_has_a_timer_only_in_and_right_before_its_last_minute() -> None:
    assert wakes_in([None, NOW + timedelta(minutes=3)], NOW) is None
    assert wakes_in([NOW - timedelta(minutes=3)], NOW) is None
    assert wakes_in([NOW + timedelta(seconds=75)], NOW) == 15
    assert wakes_in([NOW + timedelta(seconds=42.5), NOW + timedelta(seconds=75)], NOW) == 0.5


async def test_clocks_never_move_the_layout_and_cost_nothing_between_two_minutes() -> None:
    held, clock = worked_on(), FakeClock()
    app, _host = app_with(held, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held)
        places = {line.index("API answers") for line in listed(app) if "API" in line}
        wire = await Wire(pilot).attach()
        await settled(pilot)
        wire.read()  # the rest of the first frame
        screen = app.screen
        assert isinstance(screen, IncidentsScreen)
        clock.tick(20)
        screen.show_clocks()
        await pilot.pause()
        assert wire.read() == ""
        for seconds in (40, 600, 100, 20, 1, 1, 60, 6000):
            clock.tick(seconds)
            screen.show_snapshot(app.snapshot, everything=True)
            await pilot.pause()
            places |= {line.index("API answers") for line in listed(app) if "API" in line}
    assert len(places) == 1
    assert len("ack -4d23h") <= CELLS


async def test_the_last_minute_is_drawn_in_seconds_without_a_snapshot() -> None:
    held, clock = worked_on(), FakeClock()
    app, _host = app_with(held, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held)
        screen = app.screen
        assert isinstance(screen, IncidentsScreen)
        assert screen._hand is None
        clock.tick(11 * 60 + 20)  # 40 seconds before the page to the next rung
        screen.show_snapshot(app.snapshot, everything=True)
        assert "ack 40s" in listed(app)[0]
        assert screen._hand is not None
        clock.tick(1)
        screen._passed()
        assert "ack 39s" in listed(app)[0]


async def test_where_another_thing_is_selected_the_key_of_the_list_is_named_also_one_that_was_chosen() -> None:
    held = worked_on()
    app, host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held)
        said = []
        for keys in ((), (("view.incidents", "f3"),)):
            app._keyboard.choose(keys)
            app.notify = lambda text, **_how: said.append(text)  # type: ignore[method-assign]
            app.say_unselected("incident")
            await pilot.press("escape")
            await settled(pilot)
    assert host.done == []
    assert said[-1] == "no incident is selected; f3: Incidents"
    assert said[0] == "no incident is selected"  # it is said in the list itself


async def test_inc_case_15_a_key_acts_on_the_incident_that_was_under_the_cursor_before_the_list_was_sorted_anew() -> (
    None
):
    held = worked_on()
    app, host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held)
        assert "API answers" in listed(app)[0]
        version = held.incidents[SEV1].version
        held.at(1).declare(1, "INC-20261121-092000", title="Older and as bad", declared_at=NOW - timedelta(minutes=22))
        await show(pilot, newer(app.snapshot, incidents=held.slice()))  # type: ignore[arg-type]
        assert "Older and as bad" in listed(app)[0]
        await pilot.press("a")
        await settled(pilot)
    assert host.done == [("incident.acknowledge", {"incident": SEV1, "seen": str(version)})]


async def test_inc_case_15_where_it_is_gone_nothing_happens_and_that_is_said() -> None:
    held = worked_on()
    app, host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held)
        rest = held.slice()
        gone = IncidentSlice(tuple(each for each in rest.open if each.id != SEV1), rest.recent)
        await show(pilot, newer(app.snapshot, incidents=gone))  # type: ignore[arg-type]
        assert app.screen.query_one(IncidentList).cursor_line() is None
        await pilot.press("a")
        await settled(pilot)
        said = [str(each.message) for each in app._notifications]
        assert host.submitted == []
        await pilot.press("down", "a")  # the cursor is back where it was, on what a person now sees there
        await settled(pilot)
    assert said == [f"{SEV1} is no longer listed: nothing was acknowledged"]
    assert [arguments["incident"] for _id, arguments in host.done] == [SEV2]


async def test_inc_case_15_the_cursor_comes_back_when_a_person_has_seen_that_its_incident_went() -> None:
    held = worked_on()
    app, host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held)
        rest = held.slice()
        gone = IncidentSlice(tuple(each for each in rest.open if each.id != SEV1), rest.recent)
        await show(pilot, newer(app.snapshot, incidents=gone))  # type: ignore[arg-type]
        app.screen.query_one(IncidentList).regain()
        await pilot.press("a")
        await settled(pilot)
        assert [arguments["incident"] for _id, arguments in host.done] == [SEV2]
        # Where there was none, the first that comes is marked.
        await show(pilot, newer(app.snapshot, incidents=IncidentSlice()))  # type: ignore[arg-type]
        await show(pilot, newer(app.snapshot, incidents=rest))  # type: ignore[arg-type]
        await pilot.press("a")
        await settled(pilot)
    assert host.done[-1][1]["incident"] == SEV1


async def test_inc_case_15_what_is_over_meanwhile_is_not_acknowledged() -> None:
    held = worked_on()
    app, host = app_with(held)
    async with app.run_test(size=(80, 24)) as pilot:
        await opened(pilot, held)
        held.at(1).write(acts_merging.merge(held.incidents[SEV1], held.incidents[SEV2], held.by("bob")))
        await show(pilot, newer(app.snapshot, incidents=held.slice()))  # type: ignore[arg-type]
        await pilot.press("a")
        await settled(pilot)
        said = [str(each.message) for each in app._notifications]
    assert host.submitted == []
    assert said == [f"{SEV1} is merged meanwhile: nothing was acknowledged"]
