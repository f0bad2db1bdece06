"""The rule file as text: accepted by promtool, complete, and honest about what is not in it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
import yaml

from artisan_tui.config.load import load
from artisan_tui.domain.condition import parse_condition
from artisan_tui.domain.measure import Promql, Quantile, Rate
from artisan_tui.domain.selector import Matcher, Selector, parse_selector
from artisan_tui.domain.slo.burn import Pair, Plan, Severity
from artisan_tui.domain.slo.rule_source import ChecksRule, EventsRule, Indicator, RuleSource, SharesRule
from artisan_tui.engine.slo.rules import rule_sources
from artisan_tui.reports.slo.rules import rule_file
from artisan_tui.reports.slo.rules.spelling import ending_at, number, span, untemplated
from artisan_tui.sources.checks import KINDS
from support.rule_files import API, LLM, REWARD, History, accepted, named, prove, source, steps

SHIPPED = Path(__file__).parents[2] / "artisan.toml"


def alerts(text: str) -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"] if "alert" in rule]


def records(text: str) -> dict[str, str]:
    rules = [rule for group in yaml.safe_load(text)["groups"] for rule in group["rules"] if "record" in rule]
    return {rule["record"]: rule["expr"] for rule in rules}


def test_the_shipped_slos(tmp_path: Path) -> None:
    config = load(SHIPPED, {name: kind.spec for name, kind in KINDS.items()})
    found = rule_file(rule_sources(config))
    said = accepted(found.text, tmp_path)
    assert "SUCCESS" in said
    # Each has a burn alert per pair of its plan and one for no data.
    sources = rule_sources(config)
    assert len(alerts(found.text)) == sum(len(each.slo.plan.pairs) + 1 for each in sources)
    assert {rule["labels"]["slo"] for rule in alerts(found.text)} == {slo.id for slo in config.slos}


def test_every_kind_and_shape_is_accepted(tmp_path: Path) -> None:
    hostile = Selector(
        "x_total", (Matcher("path", "=~", '/a\\.b"}\\[5m\\]\\) or up #\n'), Matcher("l", "=", "\u202e가"))
    )
    kinds: dict[str, Indicator] = {
        "events": EventsRule(hostile, good=hostile),
        "latency": LLM,
        "million": replace(LLM, threshold=Decimal("1E+6")),
        "tiny": replace(LLM, threshold=Decimal("0.000025"), interpolate=True),
        "slices": REWARD,
        "rate": replace(REWARD, measure=Rate(parse_selector("x_total"), 90.0), seconds=300.0),
        "quantile": replace(REWARD, measure=Quantile(Decimal("0.95"), parse_selector("h"), 300.0), seconds=10.0),
        "raw": replace(REWARD, measure=Promql("a or\nb"), good=parse_condition("value <= -1.5e-7"), seconds=3600.0),
        "shares": SharesRule(good="1 - a / b"),
    }
    sources = [
        source(f"{name}-{window}", kind, "99%", window)
        for name, kind in kinds.items()
        for window in ("7d", "month", "1d")
    ]
    text = rule_file(sources).text
    accepted(text, tmp_path)
    assert yaml.safe_load(text)["groups"]
    assert all(line.isprintable() for line in text.splitlines())
    expressions = [rule["expr"] for group in yaml.safe_load(text)["groups"] for rule in group["rules"]]
    assert f"sum(rate({hostile}[5m]))" in expressions


def test_the_same_file_every_time() -> None:
    assert rule_file([source("api", API)]).text == rule_file([source("api", API)]).text


def test_no_slo_is_an_empty_file(tmp_path: Path) -> None:
    assert "0 rules" in accepted(rule_file([]).text, tmp_path)


def test_own_checks_are_left_out_by_name(tmp_path: Path) -> None:
    found = rule_file([source("probes", ChecksRule(("api.health",))), source("api", API)])
    assert [(each.slo, each.whole) for each in found.left_out] == [("probes", True)]
    assert "#   probes: it uses the check results of artisan-tui" in found.text
    assert {rule["labels"]["slo"] for rule in alerts(found.text)} == {"api"}


def test_slices_that_compare_no_number_are_left_out() -> None:
    for text in ("value ~ ^9", "value == true"):
        (why,) = rule_file([source("s", replace(REWARD, good=parse_condition(text)))]).left_out
        assert why.whole
        assert text in why.why


def test_a_calendar_month_has_alerts_and_no_budget_series() -> None:
    found = rule_file([source("api", API, window="month")])
    assert "slo:period_error_budget_remaining:ratio" not in found.text
    assert "no error budget for the calendar month" in str(found.left_out[0])
    assert len(alerts(found.text)) == 5


def test_pairs_that_the_plan_refused_are_named() -> None:
    given = source("rl", replace(REWARD, seconds=300.0), "99%", "7d")
    assert given.slo.plan.refused
    found = rule_file([given])
    assert "no page alert over 1h and 5m: its short window of 5m holds 1 samples" in found.text


def test_thresholds_are_exact_and_strict() -> None:
    expressions = [rule["expr"] for rule in alerts(rule_file([source("api", API)]).text)]
    assert expressions[0].startswith('slo:sli_error:ratio_rate1h{slo="api"} > 0.0144\nand slo:sli_error:ratio_rate5m')
    # Only the page for an outage fires at its threshold: 80 % is what it says.
    llm = [rule["expr"] for rule in alerts(rule_file([source("llm", LLM, "95%", "7d")]).text)]
    assert [" >= 0.8" in expression for expression in llm] == [True, False, False, False, False, False]
    assert number(Fraction(31, 30) * Fraction(1, 1000)) == "(31 / 30000)"
    assert [number(Fraction(text)) for text in ("0.672", "1", "0.00000001", "25")] == ["0.672", "1", "0.00000001", "25"]


def test_a_window_of_the_team_s_own_is_recorded() -> None:
    given = source("api", API)
    plan = Plan((Pair(Severity.PAGE, 10080, 45, Fraction(2)), Pair(Severity.TICKET, 90, 90, Fraction(3))), ())
    text = rule_file([replace(given, slo=replace(given.slo, plan=plan))]).text
    assert {"slo:sli_error:ratio_rate45m", "slo:sli_error:ratio_rate90m", "slo:sli_error:ratio_rate7d"} <= records(
        text
    ).keys()
    single = alerts(text)[1]
    assert single["expr"].count("ratio_rate90m") == 1
    # The week is summed from what was recorded: no range over it reads raw samples.
    assert records(text)["slo:sli_bad:rate7d"] == 'sum_over_time(slo:sli_bad:rate5m{slo="api"}[7d]) * 30 / 604800'


def test_windows_that_scrapes_cannot_fill_are_not_recorded() -> None:
    text = rule_file([source("api", API, interval=120.0)]).text
    assert "rate5m" not in text
    assert 'absent(slo:sli_total:rate30m{slo="api"})' in text


@pytest.mark.parametrize(
    ("threshold", "matcher"),
    [
        ("4.5", 'le="4.5"'),
        ("0.250", 'le="0.25"'),
        ("4", 'le=~"4|4\\\\.0"'),
        ("10", 'le=~"10|10\\\\.0"'),
        ("1000000", 'le=~"1000000|1000000\\\\.0|1e\\\\+06"'),
        ("2592000", 'le=~"2592000|2592000\\\\.0|2\\\\.592e\\\\+06"'),
        ("0.000025", 'le=~"0\\\\.000025|2\\\\.5e-05"'),
    ],
)
def test_a_bucket_is_found_in_every_spelling(threshold: str, matcher: str) -> None:
    assert str(ending_at(parse_selector('h{a="b"}'), Decimal(threshold))) == f'h_bucket{{a="b",{matcher}}}'


def test_spans() -> None:
    assert [span(s) for s in (300, 5400, 86400, 604800, 0.5, 90, 3600)] == [
        "5m",
        "90m",
        "1d",
        "7d",
        "500ms",
        "90s",
        "1h",
    ]


def test_what_an_alert_says(tmp_path: Path) -> None:
    given = named(source("api", API), "API {{ $labels }} 가용성\x1b[2J")
    text = rule_file([given]).text
    assert "\x1b" not in text
    history = {
        'api_requests_total{status="200"}': steps((0, 60)),
        'api_requests_total{status="500"}': steps((100, 60)),
    }
    annotations = {
        "summary": "API {{ $labels }} 가용성: the error budget burns 14.4 times as fast as allowed",
        "description": "Bad in the last 1h: 100%, and still high in the last 5m. 99.9% over 30d allows 0.1%; a burn "
        "rate of 14.4 exhausts the error budget in 2d2h.",
        "explain": "artisan-tui slo explain api",
    }
    fired = {
        "exp_labels": {"slo": "api", "severity": "page", "long": "1h", "short": "5m"},
        "exp_annotations": annotations,
    }
    only = replace(given, slo=replace(given.slo, plan=Plan(given.slo.plan.pairs[:1], ())))
    test = {
        "interval": "30s",
        "input_series": [{"series": name, "values": values} for name, values in history.items()],
        "alert_rule_test": [{"eval_time": "20m", "alertname": "ApiBudgetBurn", "exp_alerts": [fired]}],
    }
    prove(rule_file([only]).text, tmp_path, test)
    assert untemplated("a {{b}}") == 'a {{ "{{" }}b}}'


def test_labels_of_a_team(tmp_path: Path) -> None:
    given = replace(source("api", API), labels={"team": "platform"})
    text = rule_file([given]).text
    assert {rule["labels"]["team"] for rule in alerts(text)} == {"platform"}
    History({'api_requests_total{status="200"}': steps((1, 60))}).shows(text, tmp_path, {20: frozenset()})
    for wrong in ("severity", "a-b", "__name__", ""):
        with pytest.raises(ValueError, match="label"):
            RuleSource(given.slo, API, labels={wrong: "x"})


def test_yaml_is_loaded_by_who_asks_for_rules() -> None:
    program = "import sys, artisan_tui.reports.slo.rules; print('yaml' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
