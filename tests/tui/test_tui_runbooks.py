"""The catalogue of runbooks, and the form that starts one."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from textual.pilot import Pilot
from textual.widgets import Input

from artisan_tui.domain.runbooks.verifications import Verified
from artisan_tui.engine.reply import Reply
from artisan_tui.engine.runbooks.slice import LostRun, RunSlice
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.kit.form import Form
from artisan_tui.tui.runbooks.list import RunbookList
from artisan_tui.tui.runbooks.runbook import RunbookLines
from artisan_tui.tui.runbooks.stepper import StepperScreen
from support.run_host import RunHost, RunScene, over, suggestion
from support.run_world import RUN
from support.screens import drawn, settled, show, visible
from support.snapshots import NOW, make_app, scene, snapshot


def suggesting(**given: object) -> RunScene:
    held = RunScene(**given)
    held.suggested = (suggestion(),)
    held.past = (
        over("qwen_failure_downshift", 3),
        over("qwen_failure_downshift", 12, mode="drill"),
        over("qwen_failure_downshift", 20, "failed"),
    )
    return held


async def entered(pilot: Pilot[Any], held: RunScene, *keys: str) -> ArtisanApp:
    app = pilot.app
    assert isinstance(app, ArtisanApp)
    await show(pilot, snapshot(scene(), runs=held.slice()))
    await settled(pilot)
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    return app


def listed(app: ArtisanApp) -> list[str]:
    return drawn(app.screen.query_one(RunbookList))


async def test_runs_are_on_top_and_suggested_runbooks_first_with_the_evidence_and_how_they_fared() -> None:
    held = suggesting().go()
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        lines = listed(await entered(pilot, held, "4"))
    assert lines[0].startswith("! Example") or "Qwen LLM failure" in lines[0]
    assert "1/4" in lines[0]
    assert "last run" in lines[2]
    assert "verified" in lines[2]
    assert "Qwen LLM failure: downshift" in lines[3]
    assert "50%" in lines[3]
    assert "5m/4m12s" in lines[3]
    assert "11-18" in lines[3]
    assert "11-09" in lines[3]
    assert lines[3].endswith("never")
    assert "suggested: llm.qwen is down: timeout after 5s (3 in a row)" in lines[4]
    assert "RL policy rollback" in lines[5]


async def test_a_runbook_shows_its_parameters_and_each_step_with_its_undo() -> None:
    held = suggesting()
    held.shown = False
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, "4", "enter")
        lines = drawn(app.screen.query_one(RunbookLines))
    text = "\n".join(lines)
    assert "How often (times, int 1..5)" in text
    assert "Restart Qwen after the downshift (restart, bool)  = false" in text
    assert "Open the circuit breaker of Qwen" in text
    assert "asks before it runs; undo: POST {{ api }}/admin/breakers/qwen/close" in text


async def test_the_form_has_types_defaults_place_and_mode_and_the_run_opens_when_it_was_started() -> None:
    held = suggesting()
    host = RunHost(scene=held, acts=False, replies={"runbook.start": Reply(True, "RUN-20261121-094200 started: x")})
    app = make_app(host=host)
    held.shown = False
    async with app.run_test(size=(80, 40)) as pilot:
        await entered(pilot, held, "4", "r")
        assert isinstance(app.screen, Form)
        shown = "\n".join(visible(app))
        assert "Restart Qwen after the downshift (restart, bool): true, false" in shown
        assert "How often (times, int 1..5)" in shown
        assert "live, dry, drill" in shown
        assert "compose, drill" in shown
        assert "suggested: llm.qwen is down" in shown
        fields = list(app.screen.query(Input))
        assert [each.value for each in fields] == ["false", "", "", "live", "", ""]
        assert "Type the name of the place to confirm" in shown
        fields[0].value, fields[1].value, fields[2].value, fields[3].value = "true", "2", "drill", "dry"
        for _ in fields:
            await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, StepperScreen)
    command, given = host.done[-1]
    assert command == "runbook.start"
    assert json.loads(given.pop("params")) == {"restart": "true", "times": "2"}
    assert given == {
        "runbook": "qwen_failure_downshift",
        "target": "drill",
        "mode": "dry",
        "evidence": "llm.qwen is down: timeout after 5s (3 in a row)",
    }


async def test_a_refused_start_stays_in_the_form() -> None:
    held = suggesting()
    held.shown = False
    host = RunHost(scene=held, acts=False, replies={"runbook.start": Reply(False, "llm/qwen is locked by RUN-9")})
    app = make_app(host=host)
    async with app.run_test(size=(80, 40)) as pilot:
        await entered(pilot, held, "4", "r")
        fields = list(app.screen.query(Input))
        fields[1].value, fields[2].value, fields[5].value = "2", "drill", "drill"
        for _ in fields:
            await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, Form)
        assert "llm/qwen is locked by RUN-9" in "\n".join(visible(app))


async def test_in_production_a_run_starts_only_when_the_name_of_its_place_was_typed() -> None:
    held = suggesting()
    held.shown = False
    host = RunHost(scene=held, acts=False, replies={"runbook.start": Reply(True, "RUN-20261121-094200 started: x")})
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, "4", "r")
        fields = list(app.screen.query(Input))
        fields[1].value, fields[2].value = "2", "drill"
        for typed in ("", "production", "Drill", "y"):
            fields[5].value = typed
            app.screen.set_focus(fields[5])
            await pilot.press("enter")
            await settled(pilot)
            assert isinstance(app.screen, Form)
            assert "type drill to confirm" in "\n".join(visible(app))
        assert host.done == []
        fields[5].value = "drill"
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, StepperScreen)
    assert host.done[-1][1]["typed"] == "drill"


async def test_a_failed_preflight_is_shown_and_takes_a_reason_and_the_typed_name() -> None:
    held = suggesting()
    held.shown = False
    found = "the preflight failed: scale: there is no deployment artisan-api. In production: mend it, or start it"
    replies = {"runbook.start": Reply(False, found)}
    host = RunHost(scene=held, acts=False, replies=replies)
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, "4", "r")
        fields = list(app.screen.query(Input))
        fields[1].value, fields[2].value, fields[5].value = "2", "drill", "drill"
        app.screen.set_focus(fields[5])
        await pilot.press("enter")
        await settled(pilot)
        shown = "\n".join(visible(app))
        assert "there is no deployment artisan-api" in shown
        fields = list(app.screen.query(Input))
        assert [each.value for each in fields] == ["", ""]
        host.replies["runbook.start"] = Reply(True, "RUN-20261121-094200 started: x")
        await pilot.press("enter", "enter")
        await settled(pilot)
        assert isinstance(app.screen, Form)
        fields[0].value = "the model burns"
        await pilot.press("enter", "enter")
        await settled(pilot)
        assert "type drill to confirm" in "\n".join(visible(app))
        fields[1].value = "drill"
        app.screen.set_focus(fields[1])
        await pilot.press("enter")
        await settled(pilot)
        assert isinstance(app.screen, StepperScreen)
    given = host.done[-1][1]
    assert (given["despite"], given["typed"], given["target"]) == ("the model burns", "drill", "drill")
    assert json.loads(given["params"])["times"] == "2"


async def test_the_catalogue_says_how_each_runbook_is_verified() -> None:
    held = suggesting()
    held.shown = False
    held.verified = {
        "qwen_failure_downshift": Verified("ok", NOW - timedelta(days=2)),
        "rl_policy_rollback": Verified("stale", NOW - timedelta(days=9)),
        "latency_scale_up": Verified("failed", NOW, "scale: there is no deployment artisan-api"),
    }
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        lines = listed(await entered(pilot, held, "4"))
        await pilot.press("end", "enter")
        await settled(pilot)
        text = " ".join(" ".join(drawn(app.screen.query_one(RunbookLines))).split())
    ends = {line[2:12].strip(): line.split()[-1] for line in lines}
    assert (ends["Qwen LLM f"], ends["RL policy"], ends["Latency: s"]) == ("2d", "stale", "FAILS")
    assert "would not work: scale: there is no deployment artisan-api" in text


async def test_the_filter_and_the_past_runs() -> None:
    held = suggesting()
    held.shown = False
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, "4", "slash", "r", "l")
        assert [line for line in listed(app) if "RL policy" in line]
        assert not [line for line in listed(app) if "Latency" in line]
        await entered(pilot, held, "escape", "h")
        assert [("failed" in line, "drill " in line) for line in listed(app)] == [
            (False, True),
            (False, True),
            (True, True),
        ]
        # The first of them is selected: Enter opens it.
        assert app.screen.selection["run"] == held.past[0].id  # type: ignore[attr-defined]
        await entered(pilot, held, "escape")
        assert "last run" in listed(app)[0]
        assert "runbook" in app.screen.selection  # type: ignore[attr-defined]


async def test_the_board_suggests_in_one_line_and_r_on_the_failing_check_opens_the_form() -> None:
    held = suggesting()
    held.shown = False
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        assert [line for line in visible(app) if "r qwen_failure_downshift  suggested: llm.qwen is down" in line]
        await entered(pilot, held, "r")
        assert isinstance(app.screen, Form)


async def test_r_on_a_check_that_nothing_is_suggested_for_says_so() -> None:
    held = RunScene()
    held.shown = False
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held, "r")
        assert not isinstance(app.screen, Form)
        assert any("no runbook is suggested" in each.message for each in app._notifications)


async def test_r_starts_what_a_line_of_the_board_offers_whatever_is_selected_below() -> None:
    held = suggesting()
    held.suggested = tuple(each._replace(cause="alert:QwenModelUnhealthy") for each in held.suggested)
    held.shown = False
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        assert [line for line in visible(app) if "r qwen_failure_downshift  suggested: " in line]
        assert "check" in app.screen.selection  # type: ignore[attr-defined]
        await entered(pilot, held, "r")
        assert isinstance(app.screen, Form)


async def test_the_header_counts_runs_that_wait_for_a_person_and_the_board_shows_them() -> None:
    held = RunScene().go()
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(120, 40)) as pilot:
        await entered(pilot, held)
        assert "1 run waits" in visible(app)[0]
        assert [line for line in visible(app) if "open_breaker waits for your yes" in line]
        await show(pilot, snapshot(scene(), runs=RunSlice()))
        assert "waits" not in "\n".join(visible(app))


async def test_a_run_that_the_database_lost_is_said_on_every_screen() -> None:
    held = RunScene().go()
    app = make_app(host=RunHost(scene=held))
    folder = "/home/alice/.local/state/artisan-tui/runs"
    lost = tuple(LostRun(f"RUN-{n}", "db_down", "restart", "bastion-1", f"{folder}/RUN-{n}") for n in range(1, 5))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        for key in ("1", "4"):
            await pilot.press(key)
            await show(pilot, snapshot(scene(), runs=RunSlice(lost=lost[:1])))
            text = " ".join(" ".join(visible(app)).split())
            assert "the database lost the run RUN-1 of db_down, and nothing of it starts any more" in text
            assert f"restart goes on by itself, see bastion-1:{folder}/RUN-1" in text
        await show(pilot, snapshot(scene(), runs=RunSlice(lost=lost)))
        lines = visible(app)
        assert sum("the database lost the run" in line for line in lines) == 2, "more of them would leave no room"
        assert any("the database also lost 2 other runs: RUN-3, RUN-4" in line for line in lines)
        await show(pilot, snapshot(scene(), runs=RunSlice()))
        assert "the database" not in "\n".join(visible(app))


async def test_a_run_is_found_by_the_palette() -> None:
    held = RunScene().go()
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await entered(pilot, held)
        found = {each.id for each in app.destinations()}
    assert {RUN, "qwen_failure_downshift"} <= found
