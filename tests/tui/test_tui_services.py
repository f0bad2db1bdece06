"""Which lines the services pane has, and what they say: pure, from checks to text."""

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
from artisan_tui.reports.checks.own_words import own_words
from artisan_tui.tui.cells import fit_apart
from artisan_tui.tui.checks.figures import now_text, uptime_text
from artisan_tui.tui.checks.grouping import Kind, Row, arrange, grouped
from artisan_tui.tui.checks.rows import Columns, packed, row_runs
from artisan_tui.tui.checks.service import ServiceScreen
from artisan_tui.tui.checks.services import Services
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.kit.header import header_runs
from support.snapshots import (
    NOW,
    check,
    drawn,
    event,
    make_app,
    newer,
    scene,
    session_status,
    show,
    snapshot,
    visible,
    with_parts,
)


def down(check_id: str, **more: Any) -> CheckView:
    return check(check_id, State.DOWN, **more)


def rows_of(views: list[CheckView], room: int = 20, width: int = 80, opened: tuple[str, ...] = ()) -> list[Row]:
    return arrange(grouped(views), opened, (), room, lambda groups, lines: packed(groups, lines, width))


def texts(rows: list[Row], width: int = 80, uptimes: dict[str, Uptime] | None = None) -> list[str]:
    columns = Columns(rows, width, UNICODE)
    return ["".join(text for text, _role in row_runs(row, columns, NOW, uptimes or {})).rstrip() for row in rows]


# -- which lines -----------------------------------------------------------------------------


def test_a_service_that_fails_unfolds_to_what_fails_and_the_others_are_a_line_each() -> None:
    rows = rows_of([check("api.a"), down("llm.one"), check("llm.two"), down("llm.three"), check("db.ping")])
    assert [row.key for row in rows] == [
        "service:llm", "check:llm.one", "check:llm.three", "service:api", "service:db",
    ]  # fmt: skip


def test_a_cause_stands_above_what_it_causes_and_they_are_one_line() -> None:
    views = [down(f"api.c{n}")._replace(root_cause="api.port") for n in range(6)] + [down("api.port")]
    rows = rows_of([*views, down("web.page")._replace(root_cause="api.port"), down("other.x"), check("db.ping")])
    assert [row.key for row in rows] == [
        "service:api", "check:api.port", "rest:api.c0", "service:web", "service:other", "service:db",
    ]  # fmt: skip
    assert len(rows[2].checks) == 6
    said = texts(rows)
    assert "caused by api.port" in said[2]
    assert "caused by api.port" in said[3]


def test_d4_a_dead_metrics_server_is_one_line_and_not_one_for_each_check() -> None:
    blind = {"reason": Reason.REFUSED, "detail": "Prometheus at 127.0.0.1:9090 refused the connection"}
    views = [check(f"s{n}.{m}", State.UNKNOWN, **blind) for n in range(3) for m in range(3)]
    # How long ago each was seen is not another reason.
    views = [
        v._replace(health=replace(v.health, detail=f"{v.health.detail}; last seen {n}s ago"))
        for n, v in enumerate(views)
    ]
    rows = rows_of([*views, down("api.health"), check("db.ping")])
    assert [row.kind for row in rows] == [Kind.SERVICE, Kind.ALIKE, Kind.SERVICE]
    assert "3 services" in texts(rows, 120)[1]
    assert "Prometheus at 127.0.0.1:9090 refused" in texts(rows, 120)[1]
    # A person can look into it.
    assert len(rows_of([*views], opened=("alike:s0",))) > 3


GONE = "http://127.0.0.1:39309/metrics: status: HTTP 503"


def no_metrics(check_id: str, state: State = State.UNKNOWN, seen: int = 9, **more: Any) -> CheckView:
    return check(check_id, state, reason=Reason.STATUS, detail=f"{GONE}; last seen {seen}s ago", **more)


def test_d4_a_dead_metrics_source_is_one_line_beside_what_else_fails_in_the_same_services() -> None:
    """One service has a check that fails for itself, one check is not known to be blind yet: still one line."""
    views = [
        down("api.metrics", detail="status 503, expected == 200", reason=Reason.STATUS, excerpt="metrics are gone"),
        no_metrics("api.errors", seen=10),
        no_metrics("api.p95", seen=12),
        no_metrics("db.up"),
        no_metrics("db.pool", State.UP, stale=True, blind=2),
        *(no_metrics(f"s{n}.x") for n in range(3)),
        check("llm.a"),
    ]
    rows = rows_of(views)
    assert [row.kind for row in rows] == [Kind.SERVICE, Kind.ALIKE, Kind.SERVICE]
    said = texts(rows)
    assert "metrics are gone" in said[0]
    assert said[1].startswith("? 5 services")
    assert "HTTP 503  127.0.0.1:39309/metrics" in said[1]
    assert "http://" not in "\n".join(said)
    assert len(rows[1].checks) == 7
    # Worse than what nobody sees is above it, what is less bad below.
    assert rows_of([*views, check("z.slow", State.DEGRADED)])[2].key == "service:z"


def test_one_service_without_metrics_says_what_is_wrong_before_where() -> None:
    (line,) = texts(rows_of([no_metrics("db.up")]))
    assert "HTTP 503  127.0.0.1:39309/metrics" in line


def test_services_that_are_up_share_lines_where_there_is_no_room_and_none_is_lost() -> None:
    views = [down("llm.one"), *(check(f"service-{n:02}.x") for n in range(30))]
    for room in (3, 5, 8, 40):
        rows = rows_of(views, room)
        assert sum(len(row.groups) for row in rows if row.kind is not Kind.CHECK) == 31
        assert len(rows) <= max(room, 2)
        for text in texts(rows):
            assert cell_len(text) <= 80
    last = texts(rows_of(views, 3))[-1]
    assert last.endswith("more")  # what there is no room for is counted


@pytest.mark.parametrize("state", [State.UNKNOWN, State.DEGRADED])
def test_worst_first_between_services(state: State) -> None:
    rows = rows_of([check("a.x"), check("b.x", state), down("c.x"), check("d.x", stale=True, reason=Reason.STALE)])
    assert [row.groups[0].id for row in rows] == ["c", "b", "d", "a"]


def test_the_checks_of_the_demo_fit_80x24() -> None:
    """22 checks in 7 services, one of which fails: with room for budgets and journal."""
    names = ["api"] * 8 + ["llm"] * 5 + ["database"] * 2 + ["redis"] * 2 + ["workers"] * 2 + ["rl"] * 1 + ["host"] * 2
    views = [check(f"{name}.c{n}") for n, name in enumerate(names)]
    views[9] = down("llm.c9")
    assert len(views) == 22
    assert len(rows_of(views, 11)) <= 11


# -- what they say -----------------------------------------------------------------------------


def test_d4_the_reason_is_the_servers_own_words_and_the_condition_is_below() -> None:
    failing = down(
        "llm.qwen",
        reason=Reason.STATUS,
        detail="status 503, expected == 200",
        findings=(ConditionResult("status == 200", False, "503", Reason.STATUS),),
        excerpt='{"status": "unhealthy", "error_message": "CUDA out of memory: model unloaded"}',
    )
    said = texts(rows_of([failing, check("llm.all")]))
    assert "503: CUDA out of memory: model unloaded" in said[0]
    assert "status 503, expected == 200" in said[1]


def test_d4_what_does_not_answer_shows_its_address() -> None:
    said = texts(rows_of([down("api.health", reason=Reason.REFUSED, detail="connection refused")]), 120)
    assert "127.0.0.1:8000/api/health" in said[0]


@pytest.mark.parametrize(
    ("reason", "excerpt", "remarks", "expected"),
    [
        (Reason.STATUS, '{"error": {"message": "quota used up"}}', (), "quota used up"),
        (Reason.BODY, '{"status": "unhealthy", "checks": [{"detail": "disk is full"}]}', (), "disk is full"),
        (Reason.STATUS, '{"error_message": "CUDA out of memory", "trace": "x', (), "CUDA out of memory"),
        (Reason.STATUS, "<html><head><title>502 Bad Gateway</title></head>", (), "502 Bad Gateway"),
        (Reason.STATUS, "upstream connect error\nmore", (), "upstream connect error"),
        (Reason.EXIT, "a\nb", ("stderr: no such host",), "no such host"),
        (Reason.STATUS, '{"status": "unhealthy", "error": null}', (), ""),
        (Reason.STATUS, '{"error": "error"}', (), ""),
        (Reason.TIMEOUT, '{"error": "from an earlier answer"}', (), ""),
        (Reason.STATUS, '{"message": "out\u001b[31m of memory"}', (), "out of memory"),
        (Reason.STATUS, "[" * 300, (), ""),
        (Reason.STATUS, "", (), ""),
    ],
)
def test_d4_own_words(reason: Reason, excerpt: str, remarks: tuple[str, ...], expected: str) -> None:
    assert own_words(reason, excerpt, remarks) == expected


def test_d5_a_value_stands_beside_its_limit_with_its_unit() -> None:
    hit_rate = check("cache.hits", value="0.4137", limit="0.6", unit="ratio")
    assert now_text(hit_rate, None) == "41.4 / 60 %"
    assert now_text(check("q.depth", value="37", limit="100"), None) == "37 / 100"
    assert now_text(check("l.p95", value="2.41", limit="4.5", unit="s"), None) == "2.4 / 4.5 s"
    assert now_text(check("m.rss", value="1073741824", limit="2e9", unit="B"), None) == "1.07 / 2 GB"
    assert now_text(check("m.odd", value="NaN", limit="1", unit="ratio"), None).startswith("NaN")


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("value == 1", "0 up, must be 1"),
        ("value >= 1", "0 up, limit 1 up"),
        ("value != 0", "value 0.0, expected != 0"),
        ("value ~ ^[1-9]", "value 0.0, expected ~ ^[1-9]"),
    ],
)
def test_b_a_value_that_must_be_another_is_not_said_to_keep_a_limit(condition: str, said: str) -> None:
    finding = ConditionResult(condition, False, "0.0", Reason.VALUE)
    view = down("database.up", value="0", unit="up", findings=(finding,), reason=Reason.VALUE)
    view = view._replace(health=replace(view.health, detail=f"value 0.0, expected {condition.removeprefix('value ')}"))
    assert said in "\n".join(texts(rows_of([view]), 120))


def test_uptime_is_rounded_down_and_only_all_of_it_is_a_hundred() -> None:
    assert uptime_text(1.0) == "100 %"
    assert uptime_text(0.99999) == "99.99 %"
    assert uptime_text(None) == ""
    row = rows_of([check("api.a"), check("api.b")])
    known = {"api.a": Uptime(0.9998, 0.9995, 0.12, 0.31), "api.b": Uptime(0.999, None, None, None)}
    said = texts(row, 120, known)[0]
    assert "99.90 %" in said  # of the check that was up least
    assert "99.95 %" in said
    assert "p50 120ms p95 310ms" in said


def test_d6_names_that_differ_beyond_the_cut_are_told_apart() -> None:
    names = {"a": "payment-gateway-europe-west-1", "b": "payment-gateway-europe-west-2", "c": "short", "d": "결제" * 20}
    cut = fit_apart(names, 16)
    assert len(set(cut.values())) == 4
    assert all(cell_len(text) <= 16 for text in cut.values())
    assert cut["a"].endswith("1")
    assert cut["b"].endswith("2")


def test_d6_the_name_is_shown_where_it_is_set() -> None:
    said = texts(rows_of([down("api.h", name="API health", service_name="Artisan API"), check("api.x")]))
    assert said[0].startswith("✖ Artisan API")
    assert said[1].startswith("  ✖ API health")


# -- the header -----------------------------------------------------------------------------


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


# -- folding and finding ------------------------------------------------------------------------


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


# -- what is scrolled out ------------------------------------------------------------------------


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


# -- where nothing answered ------------------------------------------------------------------


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
