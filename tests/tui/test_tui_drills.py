"""Screen 7, the banner of a drill, the debrief and the replay; the truth is on the facilitator's screen only."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.drills.coverage import DrillDue, PlayedDrill, practised
from artisan_tui.domain.drills.record import PlayLine, PlayRecord
from artisan_tui.engine.access import Session
from artisan_tui.engine.drills.moments import MomentOfTick
from artisan_tui.engine.drills.queries import (
    CoverageRow,
    DrillsKnown,
    KnownDrills,
    OneDrill,
    PlayedInFull,
    PlayRow,
    ScenarioRow,
)
from artisan_tui.engine.drills.slice import (
    DrillAim,
    DrillMessage,
    DrillTruth,
    ExpectedAct,
    LiveDrillSlice,
    NextInject,
)
from artisan_tui.engine.past.snapshots import PastSnapshot
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.drills.banner import drill_texts
from artisan_tui.tui.drills.rows import facilitator_lines, player_lines
from artisan_tui.tui.kit.form import Form
from support.drill_folders import TRUTH, scenario
from support.screens import settled, show, visible
from support.snapshots import NOW, FakeClock, FakeHost, check, make_app, snapshot

PLAYER = Session("j.park", drill=True)
FACILITATOR = Session("j.park", drill=True, facilitates=True)
SIZES = [(80, 24), (120, 40)]
DRILL = LiveDrillSlice(
    "creative-slow",
    "Briefs take long",
    "You are on call.",
    250,
    900,
    1.0,
    "runs",
    messages=(
        DrillMessage("customer", 40, "customer", "on call", "Where are my briefs?", 100, 60),
        DrillMessage("support", 200, "support", "on call", "What do we say?", 260),
    ),
    rumours=((10, "There was a deployment"),),
    objectives=(DrillAim("works", "Creative works again", 300),),
    conducts=True,
)
SEEN = DRILL._replace(
    truth=DrillTruth(
        TRUTH,
        ((20, "qwen_hang"),),
        (NextInject("late", "boss", "How is it going?", 600, "", False),),
        (ExpectedAct(60, "acknowledge", "", 70), ExpectedAct(90, "downshift mode=creative", "", None)),
        (DrillAim("works", "Creative works again", 300, False),),
        ((70, "acknowledge"),),
        ("jieun",),
    )
)
TODAY = date(2026, 11, 30)
KNOWN = KnownDrills(
    TODAY,
    (
        ScenarioRow("a", "Briefs take long", "", "You are on call.", "", "Sev2", 900, ("qwen",), DrillDue(None, None)),
        ScenarioRow(
            "b", "A full disk", "", "Night.", "", "Sev3", 600, (), DrillDue(TODAY, date(2026, 12, 30)), "P S", 0.9
        ),
    ),
    (PlayRow(Path("/drills/b"), "b", "A full disk", "", "2026-11-30", "P S", 0.9),),
    (CoverageRow("qwen", ("a",), DrillDue(date(2026, 10, 1), date(2026, 10, 31))),),
)
PLAY = PlayRecord(
    "creative-slow",
    "0" * 64,
    7,
    900,
    (
        PlayLine(1, 20, "fault", "qwen_hang"),
        PlayLine(2, 60, "act", "acknowledge", {"arguments": {}, "ok": True, "output": "", "screen": {"alerts": ["A"]}}),
        PlayLine(3, 900, "ended", "creative-slow"),
    ),
    100,
    50,
    60,
    10,
)


@dataclass
class DrillHost(FakeHost):
    """Knows two scenarios and a play."""

    known: KnownDrills = KNOWN

    def ask(self, query: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if isinstance(query, DrillsKnown):
            future.set_result(self.known)
        elif isinstance(query, OneDrill):
            trace = ((55, {"alerts": ["QwenModelUnhealthy"], "measures": {"api.p95": 0.4}}),)
            future.set_result(PlayedInFull(Path("/drills/b"), scenario(), PLAY, trace))
        else:
            return super().ask(query)
        return future


def in_drill(drill: LiveDrillSlice) -> Snapshot:
    picture = snapshot([check("api.health")])
    return replace(picture, slices={**picture.slices, LiveDrillSlice: drill})


def text(lines: Any) -> str:
    return "\n".join("".join(run[0] for run in line.runs) for line in lines)


@pytest.mark.parametrize("size", SIZES)
async def test_screen_7_lists_scenarios_coverage_and_past_drills(size: tuple[int, int]) -> None:
    app = make_app(host=DrillHost())
    async with app.run_test(size=size) as pilot:
        await show(pilot, snapshot([check("api.health")]))
        await pilot.press("7")
        await settled(pilot)
        screen = "\n".join(visible(app))
        assert "Briefs take long" in screen
        assert "never drilled: due now" in screen
        assert "drilled 2026-11-30, due" in screen
        assert "drilled 2026-10-01: due since" in screen
        assert "users saved 90%" in screen
        assert "You are on call." in screen  # of the selected one


async def test_enter_asks_and_then_leaves_the_board_for_the_drill() -> None:
    app = make_app(host=DrillHost())
    async with app.run_test() as pilot:
        await show(pilot, snapshot([check("api.health")]))
        await pilot.press("7")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "Begin a drill?" in "\n".join(visible(app))
        await pilot.press("escape", "enter", "enter")
        await settled(pilot)
    assert app.leaves_for == "a"


async def test_enter_pressed_twice_on_begin_does_not_pause_the_drill() -> None:
    clock, host = FakeClock(), DrillHost(PLAYER)
    app = make_app(PLAYER, host=host, clock=clock)
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, in_drill(DRILL._replace(state="begins", conducts=True)))
        await pilot.press("7")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await show(pilot, in_drill(DRILL._replace(state="runs", conducts=True)))
        await pilot.press("enter")
        await settled(pilot)
        assert [command for command, _known in host.submitted] == ["drill.go"]
        clock.tick(1.0)
        await pilot.press("enter")
        await settled(pilot)
    assert [command for command, _known in host.submitted] == ["drill.go", "drill.pause"]


async def test_a_drill_that_is_not_over_stands_first_and_is_joined_with_enter() -> None:
    going = PlayRow(Path("/drills/a-1"), "a", "Briefs take long", "", "2026-11-30")
    app = make_app(
        host=DrillHost(known=KNOWN.__class__(KNOWN.today, KNOWN.scenarios, (going, *KNOWN.plays), KNOWN.coverage))
    )
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([check("api.health")]))
        await pilot.press("7")
        await settled(pilot)
        screen = visible(app)
        assert "Briefs take long" in screen[2]
        assert "not over: Enter joins it" in screen[2]
        await pilot.press("enter")
        await settled(pilot)
    assert app.leaves_for == Path("/drills/a-1")


@pytest.mark.parametrize("size", SIZES)
async def test_every_screen_of_a_drill_says_so_and_who_waits(size: tuple[int, int]) -> None:
    app = make_app(PLAYER, host=DrillHost(PLAYER))
    async with app.run_test(size=size) as pilot:
        await show(pilot, in_drill(DRILL))
        for key in ("1", "2", "3", "4", "5", "7", "J"):
            await pilot.press(key)
            await settled(pilot)
            screen = visible(app)
            assert " DRILL" in screen[0], key
            assert "DRILL Briefs take long +04:10 of +15:00: nothing here is real" in screen[1], key
            assert "support asks: What do we say?" in "\n".join(screen), key
            assert "by +04:20" in " ".join(" ".join(screen).split()), key


async def test_a_message_is_answered_with_enter_in_a_frame_that_says_drill() -> None:
    host = DrillHost(PLAYER)
    app = make_app(PLAYER, host=host)
    async with app.run_test() as pilot:
        await show(pilot, in_drill(DRILL))
        await pilot.press("7")
        await settled(pilot)
        await pilot.press("down", "down", "down", "down", "enter")
        await settled(pilot)
        assert isinstance(app.screen, Form)
        assert "DRILL Answer" in "\n".join(visible(app))
        await pilot.press(*"soon", "enter")
        await settled(pilot)
    assert host.done == [("drill.answer", {"message": "support", "text": "soon"})]


def test_drill_case_21_a_player_reads_nothing_of_the_truth() -> None:
    said = text(player_lines(SEEN, 100)) + "\n".join(drill_texts(in_drill(SEEN)))
    for hidden in (TRUTH, "qwen_hang", "How is it going?", "downshift"):
        assert hidden not in said


def test_the_facilitator_sees_truth_next_messages_and_live_ticks() -> None:
    said = text(facilitator_lines(SEEN, 100))
    for shown in (TRUTH, "FACILITATOR", "+10:00", "boss: How is it going?", "done +01:10", "not yet", "jieun"):
        assert shown in said


async def test_the_facilitator_sends_holds_and_takes_out() -> None:
    host = DrillHost(FACILITATOR)
    app = make_app(FACILITATOR, host=host)
    async with app.run_test(size=(120, 50)) as pilot:
        await show(pilot, in_drill(SEEN))
        await pilot.press("7")
        await settled(pilot)
        await pilot.press("down", "down", "down", "down", "h", "enter", "down", "enter")
        await settled(pilot)
    assert host.done == [
        ("drill.hold", {"inject": "late"}),
        ("drill.send", {"inject": "late"}),
        ("drill.remove", {"player": "jieun"}),
    ]


def test_a_drill_that_stands_still_says_why_and_a_real_incident_comes_first() -> None:
    paused = DRILL._replace(state="paused", why="real-incident", real="INC-1 (Sev1 the shop is down)")
    texts = drill_texts(in_drill(paused))
    assert texts[0] == "REAL INCIDENT INC-1 (Sev1 the shop is down): leave the drill"
    assert "PAUSED: a real incident is open" in texts[1]
    assert drill_texts(snapshot()) == []


@pytest.mark.parametrize("size", SIZES)
async def test_the_debrief_is_read_and_the_drill_seen_again_tick_by_tick(size: tuple[int, int]) -> None:
    app = make_app(PLAYER, host=DrillHost(PLAYER))
    async with app.run_test(size=size) as pilot:
        await show(pilot, in_drill(DRILL._replace(state="ended", scored=True)))
        await pilot.press("7")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "This was a drill." in "\n".join(visible(app))
        await pilot.press("r", "greater_than_sign", "greater_than_sign")
        await settled(pilot)
        screen = "\n".join(visible(app))
        assert "+01:00  of +15:00" in screen
        assert "QwenModelUnhealthy" in screen
        assert "#2 acknowledge" in screen
        await pilot.press("right", "right", "left")
        await settled(pilot)
        assert "+01:01  of +15:00" in "\n".join(visible(app))
        await pilot.press("less_than_sign", "less_than_sign")
        await settled(pilot)
        assert "+00:20  of +15:00" in "\n".join(visible(app))


async def test_a_key_goes_from_a_tick_of_the_replay_to_the_board_of_then() -> None:
    asked: list[Any] = []

    class Then(DrillHost):
        def ask(self, query: Any) -> Future[Any]:
            asked.append(query)
            future: Future[Any] = Future()
            if isinstance(query, MomentOfTick):
                future.set_result(NOW - timedelta(minutes=5))
                return future
            return super().ask(query)

    app = make_app(PLAYER, host=Then(PLAYER))
    async with app.run_test(size=(120, 40)) as pilot:
        await show(pilot, in_drill(DRILL._replace(state="ended", scored=True)))
        await pilot.press("7")
        await settled(pilot)
        await pilot.press("enter")
        await settled(pilot)
        await pilot.press("o")
        await settled(pilot)
        assert not [each for each in asked if isinstance(each, MomentOfTick)]  # the replay is not open
        await pilot.press("r", "greater_than_sign", "o")
        await settled(pilot)
        assert app.place == "board"
    assert [each.tick for each in asked if isinstance(each, MomentOfTick)] == [20]
    assert NOW - timedelta(minutes=5) in [each.moment for each in asked if isinstance(each, PastSnapshot)]


def test_drill_case_19_only_a_live_play_of_the_present_definition_counts_as_drilled() -> None:
    day = date(2026, 11, 1)
    plays = [PlayedDrill("a", "new", day), PlayedDrill("a", "old", TODAY), PlayedDrill("a", "new", TODAY, live=False)]
    due = practised(plays, {"a": "new"}, 30)
    assert (due.last, due.due, due.overdue(TODAY)) == (day, date(2026, 12, 1), False)
    assert practised(plays, {"a": "changed"}).overdue(TODAY)
    assert practised([], {}).due is None
