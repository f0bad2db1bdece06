"""OpenSLO as the specification writes it: ratios, slices, targets and windows."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from artisan_tui.config.slo.spec import SloSpec
from config.config_stubs import read
from support.openslo_files import PROMETHEUS, imported
from support.slo_files import CHECKOUT, openslo, ratio, raw, threshold


def one(text: str) -> SloSpec:
    found = imported(text)
    assert [str(each) for each in found.refused] == []
    (slo,) = found.slos
    return slo


def sli(text: str) -> dict[str, object]:
    return {key: value for key, value in one(text).sli.model_dump().items() if value not in (None, False)}


def refused(text: str) -> str:
    found = imported(text)
    assert found.slos == ()
    (why,) = found.refused
    assert why.mend
    assert why.line > 1
    return str(why)


def test_an_slo_as_the_specification_writes_it(tmp_path: Path) -> None:
    found = imported(openslo(CHECKOUT))
    assert found.format == "openslo/v1"
    (slo,) = read(tmp_path, PROMETHEUS + found.toml).slos
    assert slo == found.slos[0]
    assert (slo.id, slo.name, slo.objective, slo.window) == ("shop-checkout", "Checkout", Decimal("0.999"), "30d")
    assert found.toml.startswith("# People can pay.\n# service shop:")
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        (
            CHECKOUT,
            {"kind": "events", "total": "checkout_requests_total", "bad": 'checkout_requests_total{code=~"5.."}'},
        ),
        (
            ratio(good='a_total{ok="1"}', total="a_total"),
            {"kind": "events", "total": "a_total", "good": 'a_total{ok="1"}'},
        ),
        (ratio(good="sum(ok)", total="sum(every)"), {"kind": "events", "total": "every", "good": "ok"}),
        (
            ratio(bad="(sum(increase(b[1h]))) or vector(0)", total="sum(increase(t[1h]))", counter=""),
            {"kind": "events", "total": "t", "bad": "b"},
        ),
        (ratio(bad="b_total", total="t_total", counter=""), {"kind": "events", "total": "t_total", "bad": "b_total"}),
        (
            ratio(
                good='sum(rate(h_seconds_bucket{le="0.25",a="b"}[5m]))', total='sum(rate(h_seconds_count{a="b"}[5m]))'
            ),
            {"kind": "latency", "histogram": 'h_seconds{a="b"}', "threshold": "250ms"},
        ),
        (
            ratio(good='h_seconds_bucket{le="1.0"}', total='h_seconds_bucket{le="+Inf"}'),
            {"kind": "latency", "histogram": "h_seconds", "threshold": "1s"},
        ),
        # Whose unit nobody can tell, and whose rest is not the same: counters like any others.
        (
            ratio(good='h_ms_bucket{le="250"}', total="h_ms_count"),
            {"kind": "events", "total": "h_ms_count", "good": 'h_ms_bucket{le="250"}'},
        ),
        (
            ratio(good='h_seconds_bucket{le="1",a="b"}', total="h_seconds_count"),
            {"kind": "events", "total": "h_seconds_count", "good": 'h_seconds_bucket{le="1",a="b"}'},
        ),
        # Two rates that are no single counters are a share; gauges too.
        (
            ratio(bad="sum(rate(a[5m])) + sum(rate(b[5m]))", total="sum(rate(t[5m]))"),
            {"kind": "promql", "bad": "(sum(rate(a[5m])) + sum(rate(b[5m]))) / (sum(rate(t[5m])))"},
        ),
        (ratio(good="up_now", total="all_now", counter="false"), {"kind": "promql", "good": "(up_now) / (all_now)"}),
        (raw("error_share"), {"kind": "promql", "bad": "error_share"}),
        (raw("avg(ok_share)", "success"), {"kind": "promql", "good": "avg(ok_share)"}),
        (raw("sum(rate(b[5m])) / sum(rate(t[5m]))"), {"kind": "events", "total": "t", "bad": "b"}),
        (raw("1 - (sum(rate(b[5m])) / sum(rate(t[5m])))", "success"), {"kind": "events", "total": "t", "bad": "b"}),
    ],
)
def test_ratios_by_occurrences(given: str, read_as: dict[str, object]) -> None:
    assert sli(openslo(given)) == read_as


@pytest.mark.parametrize(
    ("given", "method", "objective", "read_as"),
    [
        (
            CHECKOUT,
            "Timeslices",
            "timeSliceTarget: 0.95, timeSliceWindow: 5m",
            {
                "measure": {
                    "ratio": 'checkout_requests_total{code=~"5.."}',
                    "of": "checkout_requests_total",
                    "window": "5m",
                },
                "good": "value <= 0.05",
                "slice": "5m",
            },
        ),
        (
            ratio(good="g_total", total="t_total"),
            "Timeslices",
            "timeSliceTarget: 0.995, timeSliceWindow: 1",
            {"measure": {"ratio": "g_total", "of": "t_total", "window": "1m"}, "good": "value >= 0.995", "slice": "1m"},
        ),
        (
            raw("error_share"),
            "Timeslices",
            "timeSliceTarget: 0.99, timeSliceWindow: 1h",
            {"measure": {"promql": "error_share"}, "good": "value <= 0.01", "slice": "1h"},
        ),
        (
            threshold("max(queue_length)"),
            "Timeslices",
            "op: lte, value: 100, timeSliceTarget: 1, timeSliceWindow: 1m",
            {"measure": {"value": "queue_length", "agg": "max"}, "good": "value <= 100", "slice": "1m"},
        ),
        # Longer slices hold several probes, and a share of them must be good.
        (
            threshold("queue_length"),
            "Timeslices",
            "op: lt, value: 0.5, timeSliceTarget: 0.9, timeSliceWindow: 10m",
            {
                "measure": {"promql": "avg_over_time(((queue_length) < bool 0.5)[10m:1m])"},
                "good": "value >= 0.9",
                "slice": "10m",
            },
        ),
        (
            threshold("histogram_quantile(0.95, sum(rate(d_seconds_bucket[5m])) by (le))"),
            "Occurrences",
            "op: lt, value: 0.50",
            {
                "measure": {"quantile": 0.95, "histogram": "d_seconds", "window": "5m"},
                "good": "value < 0.50",
                "slice": "1m",
            },
        ),
        (
            threshold("sum(rate(jobs_total[2m]))"),
            "Occurrences",
            "op: gte, value: 1e1",
            {"measure": {"rate": "jobs_total", "window": "2m"}, "good": "value >= 10", "slice": "1m"},
        ),
        (
            threshold("sum(rate(a[5m])) / sum(rate(b[5m]))"),
            "Occurrences",
            "op: gt, value: -1",
            {"measure": {"ratio": "a", "of": "b", "window": "5m"}, "good": "value > -1", "slice": "1m"},
        ),
        (
            threshold("sum by (x) (queue)"),
            "Occurrences",
            "op: gt, value: 3",
            {"measure": {"promql": "sum by (x) (queue)"}, "good": "value > 3", "slice": "1m"},
        ),
    ],
)
def test_slices(given: str, method: str, objective: str, read_as: dict[str, object]) -> None:
    text = openslo(given, f"- {{target: 0.99, {objective}}}", method=method)
    assert sli(text) == {"kind": "slices", **read_as}


@pytest.mark.parametrize(
    ("given", "query"),
    [
        (
            CHECKOUT,
            {
                "bad": '(sum(rate(checkout_requests_total{code=~"5.."}[5m])) or vector(0)) / sum(rate(checkout_requests_total[5m]))'
            },
        ),
        (raw("ok_share", "success"), {"good": "ok_share"}),
        (ratio(good="a_now", total="b_now", counter="false"), {"good": "(a_now) / (b_now)"}),
    ],
)
def test_the_mean_of_slices_is_a_share(given: str, query: dict[str, str]) -> None:
    text = openslo(given, "- {target: 0.99, timeSliceWindow: 5m}", method="RatioTimeslices")
    assert sli(text) == {"kind": "promql", **query}
    assert "every minute has the same weight" in " ".join(imported(text).remarks)


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ("target: 0.9995", "99.95%"),
        ("targetPercent: 99.95", "99.95%"),
        ("target: .99", "99%"),
        ("targetPercent: 99.990", "99.99%"),
        ("target: 9.99e-1", "99.9%"),
        ("targetPercent: 99.999999", "99.999999%"),
        ("target: 0.30000000000000004", None),
    ],
)
def test_targets_are_exact(written: str, read_as: str | None) -> None:
    text = openslo(CHECKOUT, f"- {written}")
    if read_as is None:
        assert "more than 6 decimals" in refused(text)
    else:
        assert f'objective = "{read_as}"' in imported(text).toml


@pytest.mark.parametrize(
    ("window", "read_as"),
    [
        ("- {duration: 4w, isRolling: true}", "28d"),
        ("- {duration: 7d}", "7d"),
        ("- {duration: 48h, isRolling: true}", "2d"),
        ("- {duration: 1M, isRolling: true}", "30d"),
        ("- {duration: 1Q, isRolling: true}", "90d"),
        ("- {duration: 1Y, isRolling: true}", "365d"),
        (
            "- {duration: 1M, isRolling: false, calendar: {startTime: 2022-01-01 00:00:00, timeZone: Asia/Seoul}}",
            "month",
        ),
        ("- {duration: 1M, calendar: {startTime: '2022-03-01'}}", "month"),
        ("", "30d"),
    ],
)
def test_windows(window: str, read_as: str) -> None:
    found = imported(openslo(CHECKOUT, window=window))
    assert found.slos[0].window == read_as
    said = " ".join(found.remarks)
    assert ("30 days" in said) == ("1M, isRolling: true" in window)
    assert ('timezone = "Asia/Seoul"' in said) == ("Seoul" in window)
    assert ("no timeWindow; 30d is taken" in said) == (window == "")


@pytest.mark.parametrize(
    ("window", "why"),
    [
        ("- {duration: 1m, isRolling: true}", "1m (minutes) is not a whole number of days. OpenSLO writes months"),
        (
            "- {duration: 1m, isRolling: false, calendar: {startTime: 2022-01-01 00:00:00}}",
            "OpenSLO's own example has it wrong",
        ),
        ("- {duration: 36h, isRolling: true}", "36h (hours) is not a whole number of days"),
        ("- {duration: 2Y, isRolling: true}", "730 days is too long"),
        (
            "- {duration: 1w, isRolling: false, calendar: {startTime: 2022-01-01 00:00:00}}",
            "cannot be kept, only one month",
        ),
        ("- {duration: 1M, calendar: {startTime: 2022-01-01 12:00:00}}", "ours begins on the first at 00:00"),
        ("- {duration: 1M, calendar: {startTime: 2022-01-15 00:00:00}}", "ours begins on the first at 00:00"),
        (
            "- {duration: 30d, isRolling: true, calendar: {startTime: 2022-01-01 00:00:00}}",
            "rolling or follows the calendar",
        ),
        ("- {duration: 30 d}", "'30 d' is not a duration"),
        ("- {duration: 0d}", "'0d' is not a duration"),
        ("- {isRolling: true}", "`duration` is missing"),
        ("- {duration: 30d}\n- {duration: 7d}", "exactly one, and this has 2"),
        ("- {duration: 30d, isRolling: 3}", "isRolling is true or false"),
    ],
)
def test_windows_that_have_no_place(window: str, why: str) -> None:
    assert why in refused(openslo(CHECKOUT, window=window))
