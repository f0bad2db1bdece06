"""C12: `promtool check rules` accepts everything that `slo rules` writes."""

from __future__ import annotations

import subprocess
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest

from artisan_tui.domain.condition import parse_condition
from artisan_tui.domain.measure import Promql
from artisan_tui.domain.selector import parse_selector
from artisan_tui.domain.slo.burn import Pair, Plan, Severity
from artisan_tui.domain.slo.rule_source import Indicator, LatencyRule, SharesRule, SlicesRule
from artisan_tui.reports.slo.rules import rule_file
from support.rule_files import API, source
from support.servers import require

SHARES = [
    "histogram_fraction(0, 2.5, sum(rate(x_seconds[5m])))",
    "1 - histogram_fraction(0, 2.5, sum(rate(x_seconds[5m]))) # the share above 2.5 s",
    "scalar(sum(rate(bad_total[5m]))) / scalar(sum(rate(all_total[5m])))",
    "1 - scalar(avg(up{job=~'a|b'}))",
    "0.01",
    "time() % 2",
    "sum(rate(bad_total[5m]))\n/ # a note (\nsum(rate(all_total[5m]))",
    'sum(rate(x_total{path="/#a)"}[5m])) / sum(rate(x_total[5m]))',
]


def accepted(tmp_path: Path, *sources: object) -> str:
    found = rule_file(sources)  # type: ignore[arg-type]
    assert not [each for each in found.left_out if each.whole]
    file = tmp_path / "rules.yaml"
    file.write_text(found.text, encoding="utf-8")
    done = subprocess.run([require("promtool"), "check", "rules", file], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "duplicate" not in done.stdout + done.stderr
    return found.text


@pytest.mark.parametrize("query", SHARES)
def test_c12_any_share_is_a_rule(tmp_path: Path, query: str) -> None:
    slices = SlicesRule(Promql(query), parse_condition("value < 0.5"), 60.0)
    listed: list[Indicator] = [SharesRule(bad=query), SharesRule(good=query), slices]
    accepted(tmp_path, *(source(f"histogram_share_{at}", each, "99%") for at, each in enumerate(listed)))


@pytest.mark.parametrize("window", ["7d", "30d"])
def test_c12_odd_thresholds_labels_and_names(tmp_path: Path, window: str) -> None:
    bounds = ["0.005", "1", "2.5", "1000000", "0.00001"]
    many = [
        source(f"l-{at}", LatencyRule(parse_selector("x"), Decimal(each)), "95%", window)
        for at, each in enumerate(bounds)
    ]
    labelled = replace(source("api", API, window=window), labels={"team": 'a"b', "note": "{{ .x }}"})
    assert "team:" in accepted(tmp_path, *many, labelled)


def test_c11_a_window_of_a_minute_at_a_scrape_a_minute_is_told(tmp_path: Path) -> None:
    given = source("api", API, interval=60.0)
    pairs = (Pair(Severity.PAGE, 1, 1, given.slo.plan.pairs[0].factor), *given.slo.plan.pairs)
    given = replace(given, slo=replace(given.slo, plan=Plan(pairs, ())))
    text = accepted(tmp_path, given)
    assert "long: 1m" not in text
    assert "no page alert over 1m and 1m: Prometheus needs 4 samples in each window, and has one every 1m" in text


def test_c12_native_histograms_have_rules(tmp_path: Path) -> None:
    rule = LatencyRule(parse_selector('x{job="a"}'), Decimal("2.5"), native=True)
    assert "histogram_fraction(0, 2.5, rate(x{" in accepted(tmp_path, source("native", rule, "95%", "7d"))
