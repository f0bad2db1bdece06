"""The screen of a run: rolled back, seen by two sessions, adopted, and the buttons that are ready."""

from __future__ import annotations

from dataclasses import replace

from textual.widgets import Input

from artisan_tui.domain.runbooks.definition import Action, Undo
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.runbooks.buttons import buttons_of
from artisan_tui.tui.runbooks.detail import StepShown, step_lines
from artisan_tui.tui.runbooks.rollback import RollbackPreview
from artisan_tui.tui.runbooks.waiting import waiting_words
from support.run_host import RunHost, RunScene, downshift
from support.run_line import BACK, sim_book, sim_step
from support.run_screen import detail, entered, head, pressed, refreshed, steps
from support.screens import settled, visible
from support.snapshots import make_app


def ready(held: RunScene, **given: bool) -> list[str]:
    return [each.act for each in buttons_of(held.run, **given) if each.ready]


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
