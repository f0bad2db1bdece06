"""The screen of a service, and that details fit every size."""

from __future__ import annotations

from typing import Any

import pytest
from rich.cells import cell_len
from textual.pilot import Pilot

from artisan_tui.domain.checks.log_tail import LogTail
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.outages import OutageQuery
from artisan_tui.engine.checks.slice import About, ServicesSlice, Uptime, UptimeSlice
from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.checks.detail import Detail
from artisan_tui.tui.checks.service_past import ServicePast, ServiceSummary
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.kit.lines import Lines
from support.check_details import ABOUT, DAYS, QUEUE, Engine, opened, outage, values, with_slices
from support.screens import drawn, settled, show, visible
from support.snapshots import check, event, happenings, make_app, newer, session_status, snapshot, with_check
from support.wire import Wire

SERVICE = ServicesSlice({"api": ABOUT})


async def service(pilot: Pilot[Any], *, uptime: bool = True) -> ArtisanApp:
    app = pilot.app
    assert isinstance(app, ArtisanApp)
    checks = [
        check("api.health", State.DOWN, reason=Reason.TIMEOUT, detail="no answer in 5s", service_name="Artisan API"),
        check("api.ready", service_name="Artisan API"),
        check("db.up"),
    ]
    known = {"api.health": Uptime(0.99, 0.999, days=(1.0, 0.4)), "api.ready": Uptime(1.0, 0.98, days=(0.995, 1.0))}
    slices = [SERVICE, *([UptimeSlice(known)] if uptime else [])]
    news = event("check.state", "api.health", seq=9, **{"from": "up", "to": "down", "reason": "timeout"})
    await show(pilot, with_slices(snapshot(checks, (news, *happenings())), *slices))
    app.open("service", service_id="api")
    await settled(pilot)
    return app


async def test_e_a_service_shows_state_uptime_owner_checks_days_outages_and_journal() -> None:
    engine = Engine(
        outages=(outage(60, 5, check_ids=("api.health", "api.ready"), reason="timeout", detail="no answer"),)
    )
    app = make_app(host=engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await service(pilot)
        summary, past = drawn(app.screen.query_one(ServiceSummary)), drawn(app.screen.query_one(ServicePast))
        assert summary[0].startswith(" ✖ DOWN  since 21 Nov")
        assert summary[0].endswith("24 h 99.00 %   30 d 98.00 %")
        assert "no answer in 5s" in summary[1]
        assert "   owner         platform" in summary
        assert len(drawn(app.screen.query_one(Services))) == 2
        assert past[0].startswith(" Uptime by day  2 days, the worst check of each day")
        assert past[1] == "   ▅✖"
        assert "health, ready  timeout: no answer" in past[past.index("") + 2]
        assert any("api.health DOWN" in line for line in past)
        assert not any("llm.qwen" in line for line in past)
        assert engine.asked_for(OutageQuery) == [OutageQuery(("api.health", "api.ready"))]
        await pilot.press("y")
        assert "https://grafana.example/d/api" in app.screen.as_text()  # type: ignore[attr-defined]
        assert "▅✖" in app.screen.as_text()  # type: ignore[attr-defined]
        await pilot.press("o")
        await pilot.pause()
        assert "api_down" in "\n".join(visible(app))


async def test_e_a_service_of_sixty_checks_leaves_room_for_its_past() -> None:
    app = make_app(host=Engine())
    async with app.run_test(size=(60, 15)) as pilot:
        checks = [check(f"api.c{n}") for n in range(60)]
        await show(pilot, with_slices(snapshot(checks), SERVICE))
        app.open("service", service_id="api")
        await settled(pilot)
        heights = [app.screen.query_one(kind).size.height for kind in (ServiceSummary, Services, ServicePast)]
        assert min(heights) >= 3
        assert sum(heights) == 12


async def test_e_nothing_is_sent_when_nothing_changed() -> None:
    uptime = UptimeSlice({"queue.depth": Uptime(0.9998, 0.99, 0.12, 0.34, DAYS)})
    engine = Engine(samples=values("queue.depth", [40.0, 150.0] * 60), tails=[LogTail("docker api", ("x",))])
    engine.outages = (outage(3, None, reason="timeout", detail="no answer"),)
    app = make_app(host=engine)
    async with app.run_test(size=(120, 40)) as pilot:
        await opened(pilot, QUEUE, uptime)
        wire = await Wire(pilot).attach()
        before = app.snapshot
        assert before is not None
        before = await show(pilot, newer(before))  # the scrollbar that came takes a turn of the loop
        await settled(pilot)
        wire.read()
        for _again in range(3):
            before = await show(pilot, newer(before))
            await settled(pilot)
        assert wire.read() == ""
        await show(pilot, with_check(before, QUEUE._replace(value="121")))
        assert 0 < len(wire.read()) < 400


LONG = "가" * 300
NASTY = About(LONG, (LONG, "a"), ((LONG, "https://x/" + "a" * 500),), "docker " + "x" * 300)


@pytest.mark.parametrize("size", [(60, 15), (80, 24), (120, 40), (200, 50)])
@pytest.mark.parametrize("language", ["en", "ko"])
async def test_e_details_fit_every_size(size: tuple[int, int], language: str) -> None:
    engine = Engine(
        samples=values("queue.depth", [40.0, 150.0] * 60),
        tails=[LogTail("docker " + "y" * 300, (LONG, "b" * 2000, "", "c"), cut=True)],
        outages=(outage(3, None, detail=LONG, cause=LONG), outage(90, 5, planned=True, detail=LONG)),
    )
    app = make_app(host=engine)
    uptime = UptimeSlice({"queue.depth": Uptime(0.9998, 0.99, 0.12, 0.34, DAYS)})
    view = QUEUE._replace(about=NASTY, value="120.123456789", unit="가나다라마바사아자차카타")
    async with app.run_test(size=size) as pilot:
        shown = snapshot([view], happenings(), session_status=session_status(language=language))
        await show(pilot, with_slices(shown, uptime, ServicesSlice({"queue": NASTY})))
        for place, what in (("check", {"check_id": "queue.depth"}), ("service", {"service_id": "queue"})):
            app.open(place, **what)
            await settled(pilot)
            for key in ("d", "w", "o", "escape"):
                await pilot.press(key)
                await settled(pilot)
                assert_lines_fit(app)
            await pilot.press("escape")


def assert_lines_fit(app: ArtisanApp) -> None:
    for widget in app.screen.query(Lines):
        width = widget.scrollable_content_region.width
        if not width or not widget.display:
            continue
        if type(widget) in (Detail, ServicePast, ServiceSummary):
            for row in widget.compose_lines(width):
                assert cell_len("".join(text for text, _role in row)) <= width, row
        for y in range(widget.size.height):
            assert sum(cell_len(segment.text) for segment in widget.render_line(y)) == width
