"""Which lines the services pane has, and what they say: pure, from checks to text."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from rich.cells import cell_len

from artisan_tui.domain.condition import ConditionResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView, Uptime
from artisan_tui.reports.checks.own_words import own_words
from artisan_tui.tui.cells import fit_apart
from artisan_tui.tui.checks.figures import now_text, uptime_text
from artisan_tui.tui.checks.grouping import Kind
from support.service_rows import down, rows_of, texts
from support.snapshots import check


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
