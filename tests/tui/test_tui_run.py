"""One run on the screen: what is next is read in full before it runs, and every button is a key, a focus and a click."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from artisan_tui.domain.runbooks.definition import Action, Undo
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.kit.form import Form
from artisan_tui.tui.runbooks.buttons import RunButton, buttons_of
from artisan_tui.tui.runbooks.detail import StepDetail, StepShown, step_lines
from artisan_tui.tui.runbooks.head import RunHead
from artisan_tui.tui.runbooks.rollback import RollbackPreview
from artisan_tui.tui.runbooks.steps import StepList
from artisan_tui.tui.runbooks.waiting import waiting_words
from support.run_host import RunHost, RunScene, downshift
from support.run_line import BACK, sim_book, sim_step
from support.run_world import RUN
from support.snapshots import drawn, make_app, scene, settled, show, snapshot, visible


async def refreshed(pilot: Pilot[Any], held: RunScene) -> None:
    await show(pilot, snapshot(scene(), runs=held.slice()))
    await settled(pilot)


async def entered(pilot: Pilot[Any], held: RunScene, *keys: str) -> ArtisanApp:
    app = pilot.app
    assert isinstance(app, ArtisanApp)
    await refreshed(pilot, held)
    await app.open("run", run_id=RUN)
    await settled(pilot)
    await pressed(pilot, *keys)
    return app


async def pressed(pilot: Pilot[Any], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await settled(pilot)


def told(app: ArtisanApp) -> list[str]:
    return [each.message for each in app._notifications]


def steps(app: ArtisanApp) -> list[str]:
    return drawn(app.screen.query_one(StepList))


def detail(app: ArtisanApp) -> str:
    return "\n".join(drawn(app.screen.query_one(StepDetail)))


def head(app: ArtisanApp) -> str:
    return "\n".join(drawn(app.screen.query_one(RunHead)))


def ready(held: RunScene, **given: bool) -> list[str]:
    return [each.act for each in buttons_of(held.run, **given) if each.ready]


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


async def test_in_production_a_rollback_begins_only_when_the_name_of_its_place_was_typed() -> None:
    held = RunScene(sim_book(sim_step("a"), sim_step("b", rollback=Undo(BACK))), environment="production")
    held.drive.world.script = {"b.1.do": "failed"}
    held.go()
    host = RunHost(scene=held)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        await pressed(pilot, "U")
        assert isinstance(app.screen, RollbackPreview)
        assert "Type production to confirm" in "\n".join(visible(app))
        line = app.screen.query_one(Input)
        await pressed(pilot, "enter")
        assert app.screen.focused is line
        for typed in ("", "y", "Production", "prod"):
            line.value = typed
            await pressed(pilot, "enter")
            assert isinstance(app.screen, RollbackPreview)
            assert "type production to confirm" in "\n".join(visible(app))
        assert (host.done, held.run.rollback_state) == ([], "offered")
        line.value = "production"
        await pressed(pilot, "enter")
        assert not isinstance(app.screen, RollbackPreview)
    assert held.run.rollback_state == "running"
    assert host.done[-1][1]["typed"] == "production"


async def test_a_rollback_is_previewed_in_order_then_run_and_watched_like_a_run() -> None:
    held = RunScene(sim_book(sim_step("a"), sim_step("b", rollback=Undo(BACK))))
    held.drive.world.script = {"b.1.do": "failed"}
    held.go()
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        assert "a rollback is offered" in head(app)
        await pressed(pilot, "U")
        assert isinstance(app.screen, RollbackPreview)
        shown = "\n".join(visible(app))
        assert shown.index("undo b") < shown.index("undo a")
        await pressed(pilot, "escape")
        assert held.run.rollback_state == "offered"
        await pressed(pilot, "U", "enter")
        assert held.run.rollback_state == "running"
        held.drive.world.script["a.1.undo"] = "failed"
        held.go()
        await refreshed(pilot, held)
        assert [line.split()[0] for line in steps(app)[3:]] == ["✔", "✖"]
        assert "the undo of a failed" in head(app)
        held.drive.world.script.clear()
        await pressed(pilot, "e")
        held.go()
        await refreshed(pilot, held)
        assert "rolled back" in head(app)
        assert held.run.rollback_state == "done"
        assert ready(held) == []


async def test_two_sessions_see_the_same_and_a_second_login_approves() -> None:
    held = RunScene(sim_book(sim_step("a", approval=True))).go()
    alice, seen = make_app(host=RunHost(scene=held)), []
    async with alice.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        assert "waits for the approval of somebody else than alice" in head(alice)
        seen.append((head(alice), steps(alice), detail(alice)))
        bob = make_app(host=RunHost(scene=held, who="bob"))
        async with bob.run_test(size=(80, 24)) as other:
            await entered(other, held)
            assert (head(bob), steps(bob), detail(bob)) == seen[0]
            await pressed(other, "r")
        held.go()
        await refreshed(pilot, held)
        assert steps(alice)[0].startswith("✔")


async def test_an_orphaned_run_says_so_and_is_adopted_with_a_reason() -> None:
    held = RunScene().go()
    held.orphaned = True
    host = RunHost(scene=held, who="bob")
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        assert "alice@desk is gone: nothing goes on until somebody adopts it" in head(app)
        assert "[o Adopt]" in visible(app)[-2]
        await pressed(pilot, "o", "enter")
    assert host.done[-1][0] == "runbook.adopt"
    assert "gone" in host.done[-1][1]["reason"]
    assert held.run.owner.startswith("bob")


async def test_the_step_that_is_selected_is_shown_and_the_cursor_then_stays_there() -> None:
    held = RunScene().go()
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, "down")
        assert "as defined: POST {{ api }}/admin/modes/creative/downshift" in detail(app)
        assert "its values are filled in when its turn comes" in detail(app)
        held.act("runbook.confirm", {"yes": "yes"})
        held.go()
        await refreshed(pilot, held)
        assert "will run: do downshift_creative" in detail(app)


async def test_a_choice_lists_its_options_and_what_is_unknown_is_decided_by_name() -> None:
    options = ({"label": "Go on", "goto": "next"}, {"label": "Stop", "goto": "end"})
    choose = sim_step("a", action=Action("choice", {"options": options}), mutates=False, rollback=None)
    held = RunScene(sim_book(choose, sim_step("b"))).go()
    app = make_app(host=RunHost(scene=held, acts=False))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, "r")
        assert "Choice: Go on, Stop" in "\n".join(visible(app))
    lost = RunScene(sim_book(sim_step("a")))
    lost.drive.world.script = {"a.1.do": "lost", "evidence": "unsure"}
    host = RunHost(scene=lost.go(), acts=False)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, lost)
        assert "nobody knows how a ended, and nothing can tell: decide it" in head(app)
        await pressed(pilot, "r")
        fields = list(app.screen.query(Input))
        fields[0].value, fields[1].value = "done", "the server says so"
        await pressed(pilot, "enter", "enter")
    assert host.done[-1][0] == "runbook.decide-unknown"
    assert host.done[-1][1]["outcome"] == "done"


def test_every_waiting_reason_has_words() -> None:
    for step in (sim_step("a", confirm="ask"), sim_step("a", confirm="type"), sim_step("a", approval=True)):
        assert waiting_words(RunScene(sim_book(step)).go().run)
    by_hand = sim_step("a", action=Action("manual", {"instructions": "pull the plug"}), rollback=None)
    held = RunScene(sim_book(by_hand)).go()
    assert waiting_words(held.run) == "a is done by hand: do it, then say so"
    assert "go" in ready(held)
    assert "no" in ready(held)


async def test_a_run_that_succeeded_can_still_be_rolled_back() -> None:
    held = RunScene(sim_book(sim_step("a"))).go()
    assert (held.run.state, held.run.rollback_state) == ("succeeded", "none")
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, "U")
        assert isinstance(app.screen, RollbackPreview)
        await pressed(pilot, "enter")
    assert held.run.rollback_state == "running"


def test_which_buttons_are_ready() -> None:
    held = RunScene().go()
    assert ready(held) == ["go", "skip", "abort"]
    assert ready(held, orphaned=True) == ["go", "skip", "abort", "adopt"]
    failed = RunScene(sim_book(sim_step("a")))
    failed.drive.world.script = {"a.1.do": "failed"}
    assert ready(failed.go()) == ["skip", "retry", "back", "leave"]
    dry = RunScene(replace(downshift(), steps=downshift().steps[:1]), mode="dry").go()
    assert dry.run.state == "succeeded"
    assert ready(dry) == []


def test_what_was_shown_and_never_ran_is_not_said_to_have_run() -> None:
    held = RunScene().go()
    act = "POST http://127.0.0.1/admin/breakers/qwen/open"
    step = held.run.asked.step if held.run.asked else ""

    def said() -> str:
        rows = step_lines(StepShown(held.run, held.book, step, "do", act), UNICODE, 80)
        return "\n".join("".join(text for text, _role in row) for row in rows)

    assert f"will run: {act}" in said()
    held.act("runbook.abort", {})
    held.go()
    assert held.run.state == "aborted"
    assert f"did not run: {act}" in said()


async def test_the_answer_to_a_key_does_not_cover_the_buttons() -> None:
    held = RunScene().go()
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await entered(pilot, held)
        buttons = visible(app)[-2]
        assert "[X Abort]" in buttons
        app.notify("confirmed in RUN-20261130-194112 by somebody with a long name", timeout=60)
        await settled(pilot)
        toasts = app.screen.query("Toast")
        assert toasts
        assert max(each.region.bottom for each in toasts) <= app.size.height - 2
        assert "[X Abort]" in visible(app)[-2]
