"""The services pane and the header on the screen: unfolded, sorted, scrolled, and cut without loss."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from rich.cells import cell_len

from artisan_tui.domain.alerts.book import Alert
from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckSlice, CheckView, Uptime, UptimeSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.tui.checks.service import ServiceScreen
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.kit.header import header_runs
from support.screens import drawn, show, visible
from support.service_rows import down, rows_of, texts
from support.snapshots import NOW, check, event, make_app, newer, scene, session_status, snapshot, with_parts


def header(width: int, **more: Any) -> str:
    picture = snapshot(scene(), **more)
    return "".join(text for text, _role in header_runs(picture, NOW, ZoneInfo("Asia/Seoul"), width))


def page() -> Alert:
    return Alert("k", "slo", {"slo": "x"}, "page", "burns", NOW)


@pytest.mark.parametrize("width", range(20, 200, 3))
def test_d2_the_outage_is_the_last_thing_that_the_header_drops(width: int) -> None:
    long = session_status(name="A very long name of a very long system", leader="someone@a-bastion", read_only=True)
    for more in ({}, {"late": True}, {"session_status": long}, {"alerts": (page(),), "session_status": long}):
        text = header(width, **more)
        assert "1 down" in text
        assert cell_len(text) <= width
        if "alerts" in more and width >= 30:
            assert "page 1" in text


def test_d2_nothing_is_all_up_beside_a_page() -> None:
    picture = with_parts(snapshot([check("a.b")]), alerts=(page(),))
    text = "".join(text for text, _role in header_runs(picture, NOW, ZoneInfo("UTC"), 120))
    assert "all up" not in text
    assert "page 1" in text


async def test_enter_unfolds_and_again_opens_and_minus_folds() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, snapshot([check("api.a"), check("api.b"), check("db.ping")]))
        services = app.query_one(Services)
        assert len(drawn(services)) == 2
        await pilot.press("enter")
        await pilot.pause()
        assert [line.split()[1] for line in drawn(services)] == ["api", "api.a", "api.b", "db"]
        await pilot.press("down", "minus")
        assert len(drawn(services)) == 2
        await pilot.press("enter", "enter")
        await pilot.pause()
        assert isinstance(app.screen, ServiceScreen)
        assert "api.b" in "\n".join(visible(app))
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("escape")
        assert len(drawn(services)) == 2


async def test_uptimes_that_come_are_drawn() -> None:
    app = make_app()
    async with app.run_test(size=(120, 24)) as pilot:
        before = await show(pilot, snapshot([check("api.a")]))
        assert "99.98 %" not in drawn(app.query_one(Services))[0]
        slices = {**before.slices, UptimeSlice: UptimeSlice({"api.a": Uptime(0.9998, 0.9995)})}
        await show(pilot, replace(before, slices=slices))
        assert "99.98 %" in drawn(app.query_one(Services))[0]


async def test_sorting_keeps_what_fails_first() -> None:
    app = make_app()
    async with app.run_test(size=(120, 24)) as pilot:
        await show(pilot, snapshot([check("b.x"), check("a.x"), down("z.x")]))
        services = app.query_one(Services)
        assert [line.split()[1] for line in drawn(services)] == ["z", "b", "a"]
        await pilot.press("s")
        assert [line.split()[1] for line in drawn(services)] == ["z", "a", "b"]


async def test_d3_a_list_says_how_much_is_above_and_below_and_what_fails_there() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        before = await show(pilot, snapshot([check(f"s{n:02}.x", State.DEGRADED) for n in range(60)]))
        services = app.query_one(Services)
        height = services.scrollable_content_region.height
        assert f"▼ {60 - height} degraded" in visible(app)[1 + height]
        assert "▲" not in visible(app)[2]
        await pilot.press("end")
        await pilot.pause()
        assert f"▲ {60 - height} degraded" in visible(app)[2]
        assert "▼" not in visible(app)[1 + height]
        # New trouble above the edge is told at once.
        checks = (*before[CheckSlice].views, down("worse.x"))
        await show(pilot, newer(before, checks=checks))
        assert "▲ 1 down" in visible(app)[2]


async def test_d3_new_trouble_is_seen_while_nobody_has_moved() -> None:
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        before = await show(pilot, snapshot([check(f"s{n:02}.x", State.DEGRADED) for n in range(60)]))
        services = app.query_one(Services)
        await pilot.press("down", "pagedown", "home")
        assert services.scroll_offset.y == 0
        await show(pilot, newer(before, checks=(*before[CheckSlice].views, down("worse.x"))))
        assert visible(app)[2].startswith("✖ worse")


@pytest.mark.parametrize("key", ["tab", "question_mark"])
async def test_d3_texts_and_the_journal_show_that_there_is_more(key: str) -> None:
    app = make_app()
    async with app.run_test(size=(60, 15)) as pilot:
        many = tuple(event("note", minutes=n, seq=n, text=f"note {n}") for n in range(1, 60))
        await show(pilot, snapshot(scene(), many))
        await pilot.press(key)
        await pilot.pause()
        assert any("▼" in line for line in visible(app))


def test_uptime_and_the_slow_end_of_latency_fit_80_columns() -> None:
    known = {"api.a": Uptime(0.9998, 0.9995, 0.12, 0.31), "api.b": Uptime(1.0, 1.0, None, None)}
    said = texts(rows_of([check("api.a"), check("api.b")]), 80, known)[0]
    assert "24h 99.98%  30d 99.95%  p95 310ms" in said


def silent(check_id: str, **more: Any) -> CheckView:
    detail = "no response within 2s, waiting for the first byte"
    return down(
        check_id, reason=Reason.TIMEOUT, detail=detail, target="http://127.0.0.1:8000/health/llm?model=qwen", **more
    )


def test_the_address_of_what_does_not_answer_is_whole_beside_the_word_for_it() -> None:
    """The service's line says the whole reason, the check's line where: at 80 columns it had the same words, cut."""
    lines = texts(rows_of([silent("llm.qwen", name="Qwen"), check("llm.all")]))
    assert "timeout: no response within 2s" in lines[0]
    assert lines[1].endswith("timeout  127.0.0.1:8000/health/llm?model=qwen")


def test_a_service_of_one_check_keeps_the_beginning_of_the_reason_and_the_host() -> None:
    (line,) = texts(rows_of([silent("llm.qwen", name="Qwen")]))
    assert "timeout: no response" in line
    assert line.endswith("  127.0.0.1:8000")


def test_with_room_the_reason_and_the_address_are_whole() -> None:
    lines = texts(rows_of([silent("llm.qwen", name="Qwen"), check("llm.all")]), 200)
    assert "no response within 2s, waiting for the first byte  127.0.0.1:8000/health/llm?model=qwen" in lines[1]


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("size", [(100, 30), (120, 40), (159, 40)])
async def test_the_shares_have_names_above_them(language: str, size: tuple[int, int]) -> None:
    """Two percentages side by side say nothing without them."""
    shown = snapshot([check("api.a"), check("결제.b")], session_status=session_status(language=language))
    uptimes = {"api.a": Uptime(0.9998, 0.9995, 0.12, 0.34), "결제.b": Uptime(0.5, 0.25, 0.12, 0.34)}
    shown = Snapshot(shown.at, {**shown.slices, UptimeSlice: UptimeSlice(uptimes)})
    app = make_app()
    async with app.run_test(size=size) as pilot:
        await show(pilot, shown)
        lines = visible(app)
        title, row = lines[1], next(line for line in lines if "99.98 %" in line)
        day, month = ("24 h", "30 d") if language == "en" else ("24시간", "30일")
        for name, share in ((day, "99.98 %"), (month, "99.95 %")):
            assert cell_len(title[: title.index(name) + len(name)]) == cell_len(row[: row.index(share) + len(share)])
        assert ("2 up" if language == "en" else "정상 2") in title


async def test_a_narrow_board_has_no_names_of_columns() -> None:
    shown = snapshot([check("api.a")])
    shown = Snapshot(shown.at, {**shown.slices, UptimeSlice: UptimeSlice({"api.a": Uptime(0.9998, 0.9995)})})
    app = make_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await show(pilot, shown)
        assert "30 d" not in visible(app)[1]


@pytest.mark.parametrize(
    ("value", "condition", "said"),
    [
        ("2.5", "value < 2.5", "2.5 s, must be below 2.5 s"),
        ("2.5", "value > 2.5", "2.5 s, must be above 2.5 s"),
        ("2.5000001", "value <= 2.5", "2.5000001 s, limit 2.5 s"),
        ("3.1", "value < 2.5", "3.1 s, limit 2.5 s"),
    ],
)
def test_a_value_at_its_limit_does_not_look_as_if_it_kept_it(value: str, condition: str, said: str) -> None:
    failed = (ConditionResult(condition, False, value, Reason.VALUE),)
    view = down("api.p95", reason=Reason.VALUE, detail="value", value=value, unit="s", limit="2.5", findings=failed)
    assert said in texts(rows_of([view]))[0]


def test_a_check_that_begins_to_fail_says_what_its_last_probes_found() -> None:
    found = (ConditionResult("status == 200", False, "503", Reason.STATUS),)
    views = [
        check("llm.qwen", State.UP, downs=2, lows=2, findings=found),
        check("llm.llama", State.UP, downs=1, lows=1),
    ]
    said = texts(rows_of(views, opened=("llm",)))
    assert "2/3 failing  status 503" in said[1]
    assert "1/3 failing" in said[2]
    assert "no reason given" not in "".join(said)
