"""Screen 8: what is due first, items under their checklist, and what each key sends."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import time, timedelta
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from artisan_tui.domain.oncall.checklists import CalendarRule, Checklist, ChecklistItem, ChecklistState, ItemState, Mark
from artisan_tui.engine.oncall.checklist_slice import ChecklistSlice, DueChecklist
from artisan_tui.engine.oncall.checklists import ChecklistsQuery
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import use_language
from artisan_tui.tui.kit.bars import KeyBar
from artisan_tui.tui.kit.form import Form
from support.screens import drawn, settled, show, visible
from support.snapshots import NOW, FakeHost, check, make_app, session_status, snapshot

SIZES = [(80, 24), (120, 40)]
ALERTS = ChecklistItem("alerts", "Dashboard of the alerts", "알람 대시보드 확인", verify={"kind": "alerts"})
COST = ChecklistItem("llm", "Failures and cost of the LLM", "LLM 실패율/비용", "Per day.", "일 단위", evidence=True)
STORES = ChecklistItem("stores", "Database and Redis", "DB/Redis 상태", verify={"kind": "check", "checks": ["redis"]})
PLAIN = ChecklistItem("dlq", "Dead letters", "WF DLQ")
DAILY = Checklist(
    "daily", "Daily checks", (ALERTS, COST, STORES, PLAIN), "매일 정기 점검", rule=CalendarRule("day", 0, time(10))
)
DEPLOY = Checklist("pre_deploy", "Before a deploy", (PLAIN,), "배포 전 점검")
SAW = Mark(
    "failed", "j.park", NOW - timedelta(minutes=5), seen="redis.ping down: connection refused", verified="failed"
)
TICKED = Mark("done", "j.park", NOW - timedelta(minutes=3), "0.2 %, 41 USD")
STATES = (
    ChecklistState(
        DAILY,
        "2026-11-21",
        NOW - timedelta(hours=9),
        NOW - timedelta(hours=2),
        (ItemState(ALERTS), ItemState(COST, TICKED), ItemState(STORES, SAW), ItemState(PLAIN)),
        missed=2,
    ),
    ChecklistState(DEPLOY, "", NOW, None, (ItemState(PLAIN),), opened=False),
)


@dataclass
class ChecklistHost(FakeHost):
    """Knows two checklists, or why there are none."""

    states: tuple[ChecklistState, ...] = STATES
    problem: str = ""
    queries: int = 0

    def ask(self, query: Any) -> Future[Any]:
        if not isinstance(query, ChecklistsQuery):
            return super().ask(query)
        future: Future[Any] = Future()
        self.queries += 1
        if self.problem:
            future.set_exception(LookupError(self.problem))
        else:
            future.set_result(self.states)
        return future


def picture(**more: Any) -> Snapshot:
    late = DueChecklist("daily", "2026-11-21", "Daily checks", "", NOW, 1, 4, overdue=True)
    found = snapshot([check("api.health")])
    return replace(found, slices={**found.slices, ChecklistSlice: ChecklistSlice((late,), known=True, **more)})


def text(app: Any) -> str:
    return "\n".join(visible(app))


async def open_checklists(pilot: Pilot[None]) -> None:
    await show(pilot, picture())
    await pilot.press("8")
    await settled(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_screen_8_shows_what_is_overdue_and_who_ticked_what(size: tuple[int, int]) -> None:
    app = make_app(host=ChecklistHost())
    async with app.run_test(size=size) as pilot:
        await show(pilot, picture())
        assert "1 checklist overdue" in text(app) or "lists 1" in text(app)
        await pilot.press("8")
        await settled(pilot)
        screen = text(app)
        assert "1 overdue" in screen
        assert "1/4   Daily checks" in screen
        assert "OVERDUE 2h" in screen
        assert "missed 2 times before" in screen
        assert "[x] Failures and cost of the LLM  j.park 18:39: 0.2 %, 41 USD" in screen
        assert "[!] Database and Redis" in screen
        assert "0/1   Before a deploy" in screen
        assert "space tick" in " ".join(drawn(app.screen.query_one(KeyBar)))


async def test_each_key_sends_what_it_says() -> None:
    host = ChecklistHost()
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_checklists(pilot)
        await pilot.press("v", "down", "v", "space")
        await settled(pilot)
        known = {"checklist": "daily/2026-11-21"}
        assert host.done == [
            ("checklist.verify", known),
            ("checklist.verify", {**known, "item": "alerts"}),
            ("checklist.tick", {**known, "item": "alerts"}),
        ]
        # The cursor is on the next item, which needs evidence: it is asked for.
        await pilot.press("space")
        await settled(pilot)
        assert isinstance(app.screen, Form)
        assert app.screen.query_one(Input).value == "0.2 %, 41 USD"
        await pilot.press(*"41 USD", "enter")  # over what was offered
        await settled(pilot)
        assert host.done[-1] == ("checklist.tick", {**known, "item": "llm", "evidence": "41 USD"})
        # What the program saw is not ticked without a word.
        await pilot.press("down", "enter")
        await settled(pilot)
        assert isinstance(app.screen, Form)
        assert "redis.ping down" in text(app)
        await pilot.press(*"moved", "enter")
        await settled(pilot)
        assert host.done[-1] == ("checklist.tick", {**known, "item": "stores", "evidence": "moved"})
        await pilot.press("f", *"3 left", "enter")
        await settled(pilot)
        await pilot.press("s", *"later", "enter")
        await settled(pilot)
        await pilot.press("backspace")
        await settled(pilot)
        assert host.done[-3:] == [
            ("checklist.fail", {**known, "item": "stores", "found": "3 left"}),
            ("checklist.skip", {**known, "item": "stores", "reason": "later"}),
            ("checklist.untick", {**known, "item": "stores"}),
        ]


async def test_enter_folds_and_a_checklist_that_is_not_open_is_named_by_its_id() -> None:
    host = ChecklistHost()
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_checklists(pilot)
        await pilot.press("enter")
        await settled(pilot)
        assert "Dead letters" not in text(app)
        await pilot.press("down", "space")
        await settled(pilot)
        assert [each.message for each in app._notifications][-1].startswith("select an item")
        await pilot.press("enter", "down", "space")
        await settled(pilot)
        assert host.done == [("checklist.tick", {"checklist": "pre_deploy", "item": "dlq"})]


async def test_it_reads_again_when_somebody_ticked_and_says_why_there_is_nothing() -> None:
    host = ChecklistHost()
    app = make_app(host=host)
    async with app.run_test(size=(80, 24)) as pilot:
        await open_checklists(pilot)
        before = host.queries
        host.problem = "checklists/own.toml:3: checklist.evry: unknown key"
        await show(pilot, picture(changes=1))
        await settled(pilot)
        assert host.queries > before
        assert "checklist.evry: unknown key" in text(app)


async def test_a_broken_file_is_told_on_every_screen() -> None:
    app = make_app(host=ChecklistHost())
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, picture(problem="/etc/own.toml:3: checklist.evry: unknown key `evry` — write every"))
        assert "checklist.evry" in text(app)


async def test_korean_texts_of_the_file_in_korean() -> None:
    try:
        app = make_app(host=ChecklistHost())
        async with app.run_test(size=(80, 24)) as pilot:
            found = snapshot([check("api.health")], session_status=session_status(language="ko"))
            await show(pilot, found)
            await pilot.press("8")
            await settled(pilot)
            assert "매일 정기 점검" in text(app)
            assert "[x] LLM 실패율/비용" in text(app)
    finally:
        use_language("en")


async def test_files_that_cannot_be_read_are_not_nothing_to_do() -> None:
    app = make_app(host=ChecklistHost(problem="oncall.toml:78: there is no runbook 'x'"))
    async with app.run_test(size=(80, 24)) as pilot:
        await open_checklists(pilot)
        assert "there is no runbook" in text(app)
        assert "to do" not in text(app)
