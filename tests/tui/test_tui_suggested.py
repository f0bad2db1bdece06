"""What is suggested on the board: first what is down, in words of now."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from textual.pilot import Pilot

from artisan_tui.domain.alerts.listed import AlertState, ListedAlert
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.engine.runbooks.slice import SuggestedRun
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.runbooks.pane import RunsPane
from artisan_tui.tui.runbooks.starting import suggested_here
from artisan_tui.tui.runbooks.suggested import said_now, weighed
from support.run_host import RunHost, RunScene
from support.screens import drawn, settled, show
from support.snapshots import NOW, check, make_app, newer, snapshot


def speaks(runbook: str, cause: str, evidence: str, minutes: float) -> SuggestedRun:
    return SuggestedRun(runbook, cause, evidence, NOW - timedelta(minutes=minutes))


SLOW = speaks("api_availability", "check:api.errors", "api.errors is degraded: value 0.012158055, expected <= 0.01", 1)
DOWN = speaks("qwen_failure_downshift", "check:llm.qwen", "llm.qwen is down: status 503 (3 in a row)", 2)


def errors(value: str = "0.0182") -> CheckView:
    return check(
        "api.errors", State.DEGRADED, reason=Reason.VALUE, detail=f"value {value}, expected <= 0.01",
        value=value, limit="0.01", unit="ratio", latency=None,
    )  # fmt: skip


def qwen(state: State = State.DOWN) -> CheckView:
    return check("llm.qwen", state, reason=Reason.STATUS, detail="status 503, expected == 200")


def fires(name: str, severity: str) -> ListedAlert:
    labels = {"alertname": name, "severity": severity}
    return ListedAlert(name, labels, {}, AlertState.FIRING, NOW, NOW)


def test_what_is_down_speaks_before_what_is_degraded_whichever_began_last() -> None:
    assert weighed((SLOW, DOWN), snapshot([errors(), qwen()])) == (DOWN, SLOW)
    assert weighed((SLOW, DOWN), snapshot([errors(), qwen(State.DEGRADED)])) == (SLOW, DOWN)


def test_an_alert_that_pages_speaks_before_what_is_degraded_and_one_that_does_not_after_what_is_down() -> None:
    critical = speaks("p0_first_minutes", "alert:ApiDown", "alert ApiDown fires", 9)
    warning = speaks("scale_llm_workers", "alert:Backlog", "alert Backlog fires", 8)
    shown = snapshot(
        [errors(), qwen()],
        all_alerts=AlertSlice(listed=(fires("ApiDown", "critical"), fires("Backlog", "warning"))),
    )
    assert weighed((SLOW, warning, critical, DOWN), shown) == (critical, DOWN, warning, SLOW)


def test_what_goes_on_from_a_run_speaks_before_the_runbook_that_ran() -> None:
    assert weighed((DOWN, SLOW, BACK), snapshot([errors(), qwen()])) == (BACK, SLOW, DOWN)


BACK = speaks("qwen_recovery", "run:qwen_failure_downshift", "qwen_failure_downshift succeeded in RUN-1", 1)


async def test_r_on_the_failing_check_starts_the_way_back_after_the_mitigation_ran() -> None:
    held = RunScene()
    held.shown = False
    held.suggested = (SLOW, DOWN, BACK)
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([errors(), qwen()], runs=held.slice()))
        await settled(pilot)
        shell = app.screen.shell  # type: ignore[attr-defined]
        assert shell.selection.get("service") == "llm"
        names = [each.runbook for each in suggested_here(shell)]
    assert names == ["qwen_recovery"]


def test_the_words_are_those_of_now_and_those_of_the_beginning_where_the_check_is_up_again() -> None:
    assert said_now(SLOW, {"api.errors": errors()}) == "api.errors is degraded: 1.82 %, limit 1 %"
    assert said_now(SLOW, {}) == SLOW.evidence
    assert said_now(DOWN, {"llm.qwen": qwen(State.UP)}) == DOWN.evidence


async def lines(pilot: Pilot[Any], app: ArtisanApp) -> list[str]:
    await settled(pilot)
    return drawn(app.screen.query_one(RunsPane))


async def test_the_board_shows_the_cause_first_and_follows_what_its_checks_say() -> None:
    held = RunScene()
    held.shown = False
    held.suggested = (SLOW, DOWN)
    app = make_app(host=RunHost(scene=held))
    async with app.run_test(size=(80, 24)) as pilot:
        before = snapshot([errors(), qwen()], runs=held.slice())
        await show(pilot, before)
        first = await lines(pilot, app)
        await show(pilot, newer(before, checks=[errors("0.0201"), qwen(State.DEGRADED)]))
        second = await lines(pilot, app)
    assert first[0].startswith("r qwen_failure_downshift  suggested: llm.qwen is down: status 503")
    assert first[1] == "r api_availability  suggested: api.errors is degraded: 1.82 %, limit 1 %"
    assert second[0] == "r api_availability  suggested: api.errors is degraded: 2.01 %, limit 1 %"
