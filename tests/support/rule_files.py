"""`promtool` over rule files of ours: what an SLO's rules say at moments of an invented history."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from artisan_tui.domain.condition import parse_condition
from artisan_tui.domain.measure import Value
from artisan_tui.domain.selector import parse_selector
from artisan_tui.domain.slo.burn import plan
from artisan_tui.domain.slo.evaluation import Slo
from artisan_tui.domain.slo.objective import parse_objective
from artisan_tui.domain.slo.rule_source import EventsRule, Indicator, LatencyRule, RuleSource, SlicesRule
from artisan_tui.domain.slo.windows import DAY
from support.servers import require

#: What fires: (alert's name, its severity, its long window or "").
Firing = frozenset[tuple[str, str, str]]
QUIET: Firing = frozenset()

API = EventsRule(parse_selector("api_requests_total"), bad=parse_selector('api_requests_total{status=~"5.."}'))
LLM = LatencyRule(parse_selector('llm_brief_latency_seconds{mode="creative"}'), Decimal("4.5"))
REWARD = SlicesRule(Value(parse_selector("rl_reward")), parse_condition("value > 10.0"), 60.0)


def source(
    slo: str, indicator: Indicator, objective: str = "99.9%", window: str = "30d", interval: float = 30.0
) -> RuleSource:
    """An SLO with the alerts that follow from its objective, as the configuration would make it."""
    target = parse_objective(objective)
    period = 30 * DAY if window == "month" else int(window[:-1]) * DAY
    resolution = indicator.seconds if isinstance(indicator, SlicesRule) else interval
    slo = Slo(slo, "", target, window, ZoneInfo("UTC"), plan(target, period, resolution))
    return RuleSource(slo, indicator, interval)


def named(given: RuleSource, name: str) -> RuleSource:
    return replace(given, slo=replace(given.slo, name=name))


def page(slo: str, *longs: str) -> Firing:
    return frozenset((f"{slo}BudgetBurn", "page", long) for long in longs)


def ticket(slo: str, *longs: str) -> Firing:
    return frozenset((f"{slo}BudgetBurn", "ticket", long) for long in longs)


def no_data(slo: str) -> Firing:
    return frozenset({(f"{slo}NoData", "ticket", "")})


def steps(*parts: tuple[float | Fraction | None, int], start: float = 0.0) -> str:
    """A series in promtool's notation: (per interval, how many intervals) after one another; None is a gap.

    Counters go on where they stopped; with ``start`` and parts of 0 it is a gauge's step.
    """
    at, out = Fraction(start), []
    for slope, count in parts:
        if count <= 0:
            continue
        if slope is None:
            out.append(f"_x{count}")
            continue
        by = Fraction(slope)
        # a+bxn is n + 1 samples; the first of them is where the last part ended plus one step.
        out.append(f"{_plain(at + by)}+{_plain(by)}x{count - 1}")
        at += by * count
    return " ".join(out)


def levels(*parts: tuple[float | None, int]) -> str:
    """A gauge in promtool's notation: (its value, for how many samples)."""
    return " ".join(
        f"{'_' if value is None else _plain(Fraction(value)) + '+0'}x{n - (value is not None)}" for value, n in parts
    )


def _plain(value: Fraction) -> str:
    return f"{float(value):.12g}"


@dataclass(frozen=True)
class History:
    """Series (with labels) -> values, one every ``interval`` seconds, and rules evaluated as often."""

    series: Mapping[str, str]
    interval: int = 30

    def shows(
        self,
        rules: str,
        folder: Path,
        expected: Mapping[Any, Firing],
        more: Iterable[dict[str, object]] = (),
        *,
        severity: str = "page|ticket",
    ) -> None:
        """Fails unless at every minute of ``expected`` exactly that fires. ``more`` are `promql_expr_test` entries."""
        asked = [
            {
                "expr": f'sum by (alertname, severity, long) (ALERTS{{alertstate="firing",severity=~"{severity}"}})',
                "eval_time": f"{round(minute * 60)}s",
                "exp_samples": [{"labels": _labels(each), "value": 1} for each in sorted(firing)],
            }
            for minute, firing in expected.items()
        ]
        prove(
            rules,
            folder,
            {
                "interval": f"{self.interval}s",
                "input_series": [{"series": name, "values": values} for name, values in self.series.items()],
                "promql_expr_test": [*asked, *more],
            },
            self.interval,
        )


def _labels(firing: tuple[str, str, str]) -> str:
    name, severity, long = firing
    return f'{{alertname="{name}", severity="{severity}"' + (f', long="{long}"' if long else "") + "}"


def prove(rules: str, folder: Path, test: Mapping[str, object], every: int = 30) -> None:
    """Run one test of `promtool test rules`; AssertionError with what it says."""
    (folder / "rules.yml").write_text(rules, "utf-8")
    # Otherwise promtool takes the groups in an order of its own, another one in every run.
    order = [group["name"] for group in yaml.safe_load(rules)["groups"]]
    document = {
        "rule_files": ["rules.yml"],
        "evaluation_interval": f"{every}s",
        "group_eval_order": order,
        "tests": [dict(test)],
    }
    (folder / "test.yml").write_text(yaml.safe_dump(document), "utf-8")
    done = _promtool("test", "rules", folder / "test.yml")
    assert done.returncode == 0, done.stdout + done.stderr


def accepted(rules: str, folder: Path) -> str:
    """What `promtool check rules` says about them; AssertionError unless it takes them."""
    (folder / "check.yml").write_text(rules, "utf-8")
    done = _promtool("check", "rules", folder / "check.yml")
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def _promtool(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    # It lives for seconds and frees little: collecting garbage less often spares a third of its time.
    environment = {**os.environ, "GOGC": "800"}
    command = [require("promtool"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=90, check=False, env=environment)


def evaluating(query: str, minute: float, samples: Mapping[str, float]) -> dict[str, object]:
    """A `promql_expr_test`: what ``query`` gives at ``minute``, by labels."""
    expected = [{"labels": labels, "value": value} for labels, value in samples.items()]
    return {"expr": query, "eval_time": f"{round(minute * 60)}s", "exp_samples": expected}
