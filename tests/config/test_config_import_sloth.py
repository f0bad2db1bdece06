"""Sloth v1 -> [[slo]], in both of its forms."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from artisan_tui.config.slo.importing import Imported, import_slos
from artisan_tui.config.slo.spec import SloSpec
from config.config_stubs import SOUND, read
from support.slo_files import SLOTH, SLOTH_CRD, events, openslo, ratio, sloth

PROMETHEUS = SOUND.replace('scrape = ["http://127.0.0.1:8000/metrics"]', 'prometheus = "http://127.0.0.1:9090"')


def imported(text: str) -> Imported:
    found = import_slos(text, "slos.yaml")
    back = tomllib.loads(found.toml, parse_float=Decimal).get("slo", [])
    assert tuple(SloSpec.model_validate(each) for each in back) == found.slos
    return found


def sli(text: str) -> dict[str, object]:
    found = imported(text)
    assert [str(each) for each in found.refused] == []
    (slo,) = found.slos
    return {key: value for key, value in slo.sli.model_dump().items() if value not in (None, False)}


def test_a_file_as_sloth_writes_it(tmp_path: Path) -> None:
    found = imported(SLOTH)
    assert found.format == "sloth/v1"
    assert found.refused == ()
    availability, latency = read(tmp_path, PROMETHEUS + found.toml).slos
    assert (availability, latency) == found.slos
    assert (availability.id, availability.window) == ("orders-requests-availability", "30d")
    assert availability.objective == Decimal("0.9995")
    assert 'objective = "99.95%"' in found.toml
    assert "# Orders are taken.\n" in found.toml
    assert {k: v for k, v in availability.sli.model_dump().items() if v} == {
        "kind": "events",
        "total": 'http_request_duration_seconds_count{job="orders"}',
        "bad": 'http_request_duration_seconds_count{job="orders",code=~"(5..|429)"}',
    }
    assert {k: v for k, v in latency.sli.model_dump().items() if v} == {
        "kind": "latency",
        "histogram": 'http_request_duration_seconds{job="orders"}',
        "threshold": "400ms",
    }
    # Both alerts switched off is no alert, and not the usual ones.
    assert latency.alerts == ()
    assert availability.alerts is None
    assert [text.partition(": ")[2] for text in found.remarks] == [
        "labels are not imported",
        "name, page_alert.labels, ticket_alert.labels are not imported: alerts are named after the SLO and routed by severity",
        "name are not imported: alerts are named after the SLO and routed by severity",
    ]


def test_the_kubernetes_form(tmp_path: Path) -> None:
    found = imported(SLOTH_CRD)
    (slo,) = read(tmp_path, PROMETHEUS + found.toml).slos
    # A raw ratio of two rates has its counters in plain sight.
    assert {k: v for k, v in slo.sli.model_dump().items() if v} == {
        "kind": "events",
        "total": "orders_total",
        "bad": 'orders_total{state="lost"}',
    }
    # One severity off: the pairs of the other, by name.
    assert [(a.severity, a.long, a.short, a.factor) for a in slo.alerts or ()] == [
        ("page", 3600.0, 300.0, Decimal("14.4")),
        ("page", 21600.0, 1800.0, Decimal(6)),
    ]
    assert found.toml.count("  { severity =") == 2


def test_the_period_is_on_sloth_s_command_line() -> None:
    assert {slo.window for slo in import_slos(SLOTH, "f", window="28d").slos} == {"28d"}


W = "[{{.window}}]"


@pytest.mark.parametrize(
    ("given", "read_as"),
    [
        (events(f"sum(rate(b_total{W}))", f"sum(rate(t_total{W}))"), {"kind": "events", "total": "t_total", "bad": "b_total"}),
        (events("sum(increase(b[{{ .window }}])) OR on() vector(0)", f"sum(increase(t{W}))"), {"kind": "events", "total": "t", "bad": "b"}),
        (events(f"sum(rate(t{W})) - sum(rate(g{W}))", f"sum(rate(t{W}))"), {"kind": "events", "total": "t", "good": "g"}),
        # Not the same whole: nothing is guessed.
        (
            events(f"sum(rate(u{W})) - sum(rate(g{W}))", f"sum(rate(t{W}))"),
            {"kind": "promql", "bad": "(sum(rate(u[5m])) - sum(rate(g[5m]))) / (sum(rate(t[5m])))"},
        ),
        (
            events("sum_over_time((count(ok < 0.75))[{{.window}}:]) or vector(0)", "sum_over_time(count(ok)[{{.window}}:])"),
            {"kind": "promql", "bad": "(sum_over_time((count(ok < 0.75))[5m:]) or vector(0)) / (sum_over_time(count(ok)[5m:]))"},
        ),
        # Sloth divides what it is given; two bare gauges are a share.
        (events("failed_now", "all_now"), {"kind": "promql", "bad": "(failed_now) / (all_now)"}),
        (events("failed_total", "all_total"), {"kind": "promql", "bad": "(failed_total) / (all_total)"}),
        (events(f"sum by (job) (rate(b{W}))", f"sum(rate(t{W}))"), {"kind": "promql", "bad": "(sum by (job) (rate(b[5m]))) / (sum(rate(t[5m])))"}),
        (events(f"sum(rate(b{W} offset 1h))", f"sum(rate(t{W}))"), {"kind": "promql", "bad": "(sum(rate(b[5m] offset 1h))) / (sum(rate(t[5m])))"}),
        ("raw: {error_ratio_query: my_errors}", {"kind": "promql", "bad": "my_errors"}),
        ("raw:\n  error_ratio_query: |\n    # why\n    1 -  # not\n      avg(ok)", {"kind": "promql", "bad": "1 - avg(ok)"}),
    ],
)  # fmt: skip
def test_queries(given: str, read_as: dict[str, object]) -> None:
    assert sli(sloth(given)) == read_as


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (sloth("plugin: {id: getting_started, options: {job: x}}"), "the SLI plugin 'getting_started' is code of Sloth's"),
        (sloth(events("b", "t"), objective="100"), "100% leaves no error budget"),
        (sloth(events("b", "t"), objective="0"), "between 0 and 100"),
        (sloth(events("b", "t"), objective="99.9%"), "`objective` is not a number: '99.9%'"),
        (sloth(events("b", "t"), objective="~"), "`objective` is missing"),
        (sloth("events: {error_query: x}"), "`total_query` is missing"),
        (sloth("{}"), "one of events, raw and plugin, and this has none"),
        (sloth(f"{events('b', 't')}\nraw: {{error_ratio_query: x}}"), "this has events and raw"),
        (sloth(events("b", "t"), name="~"), "`name` is missing"),
        ("version: prometheus/v1\nservice: s\nslos: {a: 1}\n", "`slos` is no list"),
        ("version: prometheus/v1\nservice: s\n", "`slos` is no list"),
        ("apiVersion: sloth.slok.dev/v1\nkind: PrometheusServiceLevel\n", "`spec` is missing"),
        ("apiVersion: sloth.slok.dev/v1\nkind: AlertWindows\nspec: {sloPeriod: 7d}\n", "the kind 'AlertWindows' holds no SLOs"),
    ],
)  # fmt: skip
def test_what_has_no_place_is_refused_by_name(text: str, why: str) -> None:
    found = import_slos(text, "f")
    assert (found.slos, found.toml) == ((), "")
    (refusal,) = found.refused
    assert why in str(refusal)
    assert refusal.mend


def test_plugins_that_change_the_rules_are_refused_and_the_objective_is_not() -> None:
    chain = "plugins:\n  chain:\n    - id: sloth.dev/core/debug/v1\n    - id: sloth.dev/contrib/denominator_corrected_rules/v1"
    found = imported(sloth(events("b", "t"), more=chain))
    assert len(found.slos) == 1
    assert [each.what for each in found.refused] == [
        "the plugin 'sloth.dev/contrib/denominator_corrected_rules/v1' changes Sloth's rules and is not run here"
    ]
    assert found.refused[0].where.endswith("slos[0].plugins.chain[1]")
    assert any("sloth.dev/core/debug/v1" in text for text in found.remarks)


@pytest.mark.parametrize("plugins", ["plugins: [x]", "plugins: {id: x}", "plugins: {chain: x}"])
def test_plugins_that_are_no_chain(plugins: str) -> None:
    found = imported(sloth(events("b", "t"), more=plugins))
    assert len(found.slos) == 1
    assert "plugins are a chain" in str(found.refused[0])


def test_unknown_fields_are_named() -> None:
    said = imported(
        sloth(events(f"sum(rate(b{W}))", f"sum(rate(t{W}))"), more="colour: red\nalerting: {silent: true}")
    ).remarks
    assert [text.partition(": ")[2] for text in said] == [
        "the field `colour` is unknown and not imported",
        "the field `silent` is unknown and not imported",
    ]


def test_long_names_and_both_formats_in_one_file() -> None:
    text = sloth(events("b", "t"), name="X" * 80) + "---\n" + openslo(ratio(bad="b_total", total="t_total"))
    found = imported(text)
    assert found.format == "sloth/v1"
    assert {slo.id for slo in found.slos} == {"shop-checkout", "s-" + "x" * 61}


def test_what_was_imported_makes_rules(tmp_path: Path) -> None:
    """From Sloth's file to Prometheus' rules by way of our configuration."""
    from artisan_tui.engine.slo.rules import rule_sources
    from artisan_tui.reports.slo.rules import rule_file
    from support.rule_files import accepted

    config = read(tmp_path, PROMETHEUS + imported(SLOTH).toml)
    text = rule_file(rule_sources(config)).text
    assert "SUCCESS" in accepted(text, tmp_path)
    assert 'http_request_duration_seconds_bucket{job="orders",le="0.4"}' in text
