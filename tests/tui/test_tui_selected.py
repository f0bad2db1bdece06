"""On a screen with room the selected line has its details below the services; they cost nothing while it stands still."""

from __future__ import annotations

import pytest
from textual.widget import Widget

from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import About, CheckSlice, ServicesSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.checks.selected import SelectedDetail, SelectedPane
from artisan_tui.tui.checks.services import Services
from support.screens import details_read, drawn, settled, show, until, visible
from support.snapshots import (
    FakeClock,
    FakeHost,
    check,
    check_samples,
    happenings,
    make_app,
    newer,
    scene,
    snapshot,
    with_check,
)
from support.wire import Wire

BIG = (200, 50)


def below(app: ArtisanApp) -> str:
    return "\n".join(drawn(app.query_one(SelectedDetail)))


async def wait_for_detail(pilot: object, app: ArtisanApp, text: str) -> None:
    await until(pilot, lambda: bool(app.query(SelectedDetail)) and text in below(app))  # type: ignore[arg-type]


async def test_the_worst_check_has_its_conditions_and_answer_below_the_services() -> None:
    app = make_app(host=FakeHost(samples=check_samples("llm.qwen")))
    async with app.run_test(size=BIG) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        await wait_for_detail(pilot, app, "body.services.llm == healthy")
        assert "503 Service Unavailable" in below(app)
        services, pane = app.query_one(Services), app.query_one(SelectedPane)
        assert pane.region.y >= services.region.bottom
        assert pane.region.width == services.region.width
        assert pane.region.height >= 20


async def test_another_line_has_other_details_and_its_past_is_read_for_it() -> None:
    host = FakeHost(samples=check_samples("api.health"))
    app = make_app(host=host)
    async with app.run_test(size=BIG) as pilot:
        await show(pilot, snapshot(scene(), happenings()))
        await wait_for_detail(pilot, app, "body.services.llm == healthy")
        assert app.query_one(Services).find("check:api.health")
        await wait_for_detail(pilot, app, "GET http://127.0.0.1:8000/health")
        await until(pilot, lambda: ("api.health", 3600.0) in host.asked)
        assert "services.llm" not in below(app)


async def test_a_service_has_its_worst_checks_answer_and_its_links() -> None:
    failed = (ConditionResult("status == 200", False, "503", Reason.STATUS),)
    checks = (check("api.a", State.DOWN, findings=failed, excerpt="CUDA out of memory"), check("api.b"))
    shown = snapshot(checks)
    about = {"api": About(owner="platform", links=(("runbook", "https://wiki/api"),))}
    shown = Snapshot(shown.at, {**shown.slices, ServicesSlice: ServicesSlice(about)})
    app = make_app()
    async with app.run_test(size=BIG) as pilot:
        await show(pilot, shown)
        await wait_for_detail(pilot, app, "CUDA out of memory")
        for text in ("status == 200", "platform", "https://wiki/api"):
            assert text in below(app)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (159, 60), (200, 43)])
async def test_a_smaller_screen_has_no_details_and_loads_nothing_for_them(size: tuple[int, int]) -> None:
    host = FakeHost()
    app = make_app(host=host)
    async with app.run_test(size=size) as pilot:
        await show(pilot, snapshot(scene()))
        await settled(pilot)
        assert not app.query(SelectedPane)
        assert host.asked == []


async def test_a_window_made_smaller_and_larger_loses_and_gains_them() -> None:
    app = make_app()
    async with app.run_test(size=BIG) as pilot:
        await show(pilot, snapshot(scene()))
        await wait_for_detail(pilot, app, "body.services.llm")
        await pilot.resize_terminal(120, 40)
        await until(pilot, lambda: "Details" not in "".join(visible(app)))
        await pilot.resize_terminal(*BIG)
        await until(pilot, lambda: "body.services.llm" in "".join(visible(app)))


async def test_details_that_stand_still_send_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = FakeClock()
    app = make_app(clock=clock, host=FakeHost(samples=check_samples("llm.qwen")))
    async with app.run_test(size=BIG) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        assert app.query_one(Services).find("check:llm.qwen")
        await wait_for_detail(pilot, app, "last 1h")
        await details_read(pilot)
        wire = await Wire(pilot).attach()
        before = await show(pilot, newer(before))
        await settled(pilot)
        wire.read()  # a scrollbar that appeared is painted late
        refreshed: list[Widget] = []
        original = Widget.refresh
        monkeypatch.setattr(
            Widget, "refresh", lambda self, *at, **how: (refreshed.append(self), original(self, *at, **how))[1]
        )
        for _ in range(4):
            clock.tick(2)
            before = await show(pilot, newer(before, answered_at=clock.now()))
        assert refreshed == []
        assert wire.read() == ""


async def test_another_check_that_changes_leaves_the_details_alone() -> None:
    app = make_app()
    async with app.run_test(size=BIG) as pilot:
        before = await show(pilot, snapshot(scene(), happenings()))
        await wait_for_detail(pilot, app, "body.services.llm")
        await details_read(pilot)
        composed: list[int] = []
        detail = app.query_one(SelectedDetail)
        original = detail.compose_lines
        detail.compose_lines = lambda width: (composed.append(width), original(width))[1]  # type: ignore[method-assign]
        old = next(view for view in before[CheckSlice].views if view.id == "postgres.up")
        await show(pilot, with_check(before, old._replace(shown_latency=0.91)))
        await settled(pilot)
        assert composed == []
