"""The screen of a run: its steps are read, agreed to, followed and answered."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.widgets import Input

from artisan_tui.domain.runbooks.definition import RunbookClock
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.kit.form import Form
from artisan_tui.tui.runbooks.buttons import RunButton
from support.run_host import RunHost, RunScene, downshift
from support.run_line import sim_book, sim_step
from support.run_screen import detail, entered, head, pressed, refreshed, steps
from support.run_world import RUN
from support.screens import settled, show, visible
from support.snapshots import make_app, scene, snapshot


def told(app: ArtisanApp) -> list[str]:
    return [each.message for each in app._notifications]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_act_and_its_undo_are_read_in_full_before_it_runs(size: tuple[int, int]) -> None:
    held = RunScene().go()
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=size) as pilot:
        await entered(pilot, held)
        assert "will run: do open_breaker" in detail(app)
        assert "undo: undo open_breaker" in detail(app)
        assert "verified within 10s: body.breakers.qwen == open" in detail(app)
        assert "WAITING" in head(app)
        assert "open_breaker waits for your yes" in head(app)
        assert [line.split()[0] for line in steps(app)][:2] == ["✔", "!"]
        shown = visible(app)
        for text in ("[r Run step]", "[s Skip]", "[e Retry]", "[U Roll back]", "[X Abort]"):
            assert text in shown[-2], text
        assert not held.drive.world.processes.get("open_breaker.1.do")


async def test_run_step_agrees_to_exactly_what_is_shown_and_the_next_step_asks_for_the_typed_target() -> None:
    held = RunScene().go()
    host = RunHost(scene=held)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        seen = str(held.run.version)
        await pressed(pilot, "r")
        assert host.done == [("runbook.confirm", {"run": RUN, "seen": seen, "yes": "yes"})]
        held.go()
        await refreshed(pilot, held)
        assert "downshift_creative waits until drill is typed" in head(app)
        await pressed(pilot, "r")
        assert isinstance(app.screen, Form)
        assert "will run at drill: do downshift_creative" in "\n".join(visible(app))
        app.screen.query_one(Input).value = "production"
        await pressed(pilot, "enter")
        assert isinstance(app.screen, Form)
        assert "type drill to confirm" in "\n".join(visible(app))
        app.screen.query_one(Input).value = "drill"
        await pressed(pilot, "enter")
        assert not isinstance(app.screen, Form)
    assert held.go().run.state == "succeeded"


async def test_the_clocks_of_a_run_stand_above_its_steps() -> None:
    clocks = (RunbookClock("rto", "RTO: back", 14400.0), RunbookClock("rpo", "RPO", 1.0))
    held = RunScene(replace(downshift(), clocks=clocks)).go()
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        assert "RTO: back: " in head(app)
        assert " left of 4h" in head(app)
        assert "RPO: " in head(app)


@pytest.mark.parametrize("drifted", [False, True])
async def test_rb_case_14_a_run_whose_file_changed_says_so_on_its_screen(drifted: bool) -> None:
    held = RunScene().go()
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        slice_ = held.slice()
        active = (slice_.active[0]._replace(drifted=drifted),)
        await show(pilot, snapshot(scene(), runs=slice_._replace(active=active)))
        await settled(pilot)
        assert ("the file has another definition now" in head(app)) is drifted


async def test_what_changed_behind_the_screen_is_not_agreed_to() -> None:
    held = RunScene().go()
    host = RunHost(scene=held)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        held.act("runbook.skip", {"reason": "bob was quicker"}, "bob")
        held.go()
        asked = held.run.asked
        await pressed(pilot, "r")
        assert held.run.asked == asked
        assert any("changed meanwhile" in each for each in told(app))


async def test_buttons_are_reached_by_tab_and_pressed_by_enter_and_by_a_click() -> None:
    held = RunScene().go()
    host = RunHost(scene=held)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, "tab", "tab")
        assert isinstance(app.focused, RunButton)
        assert app.focused.button.act == "go"
        await pressed(pilot, "tab", "enter")
        assert isinstance(app.screen, Form)  # skip asks why
        app.screen.query_one(Input).value = "done by hand"
        await pressed(pilot, "enter")
        assert host.done[-1][0] == "runbook.skip"
        await refreshed(pilot, held.go())
        await pilot.click("#press-abort")
        await settled(pilot)
    assert host.done[-1] == ("runbook.abort", {"run": RUN})
    assert held.run.state == "aborting"
    assert held.run.abort_presses == 1


async def test_output_is_followed_while_a_step_runs_and_a_second_abort_kills() -> None:
    held = RunScene(sim_book(sim_step("a"), sim_step("b"))).begun()
    held.output = {"a.1.do": "\n".join(f"line {n} \x1b[31m" for n in range(60))}
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        assert "runs a" in head(app)
        assert "line 59" in "\n".join(visible(app))
        assert "\x1b" not in detail(app)
        held.output["a.1.do"] += "\nline 60"
        app.screen._polled()  # type: ignore[attr-defined]  # instead of half a second
        await settled(pilot)
        assert "line 60" in "\n".join(visible(app))
        await pressed(pilot, "r")
        assert told(app) == ["not now: runs a"]
        await pressed(pilot, "X")
        await refreshed(pilot, held)
        assert "[X Kill]" in visible(app)[-2]
        await pressed(pilot, "X")
    assert held.run.abort_presses == 2


async def test_what_a_run_within_it_asks_is_shown_and_answered_in_its_parent() -> None:
    held = RunScene(sim_book(sim_step("a"))).begun()
    inner = sim_book(sim_step("b", confirm="ask"), sim_step("c", confirm="type"))
    held.child = RunScene(inner, environment="staging").go()
    host = RunHost(scene=held)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        assert "b waits for your yes" in head(app)
        assert f"b of {RUN}.1.1 will run: do b" in " ".join(detail(app).split())
        assert "undo: undo b" in detail(app)
        await pressed(pilot, "r")
        command, given = host.done[-1]
        assert (command, given["run"], given["yes"]) == ("runbook.confirm", f"{RUN}.1.1", "yes")
        held.child.go()
        await refreshed(pilot, held)
        assert "c waits until staging is typed" in head(app)
        await pressed(pilot, "r")
        assert isinstance(app.screen, Form)
        app.screen.query_one(Input).value = "staging"
        await pressed(pilot, "enter")
        assert not isinstance(app.screen, Form)
        held.child.go()
        await refreshed(pilot, held)
        assert "runs a" in head(app)
    assert held.child.run.state == "succeeded"
