"""What fails at night finds its runbook: of the shipped checks and alerts, only those that no document answers find none."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from artisan_tui.config.load import load
from artisan_tui.config.runbooks.load import load_library
from artisan_tui.domain.condition import examine
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.drill.alert_rules import RULES
from artisan_tui.sources.checks import KINDS

TOP = Path(__file__).parents[2]
#: Why: none of the documents says what to do about it, or another check, which it needs, says it.
WITHOUT = {
    "api.metrics": "the numbers are missing, not the service; an alert MetricsMissing suggests",
    "api.ready": "its cause is the models or the port",
    "api.version": "a page that one of the servers lacks",
    "llm.all": "each of the models suggests its own",
    "here.disk": "the documents have a limit and no procedure",
    "host.disk": "the documents have a limit and no procedure",
}


def suggesting() -> set[str]:
    library = load_library([TOP / "runbooks.toml"])
    return {name for each in library.runbooks.values() for name in each.suggest_on}


def test_every_check_suggests_a_runbook_or_says_why_not() -> None:
    config = load(TOP / "artisan.toml", {name: kind.spec for name, kind in KINDS.items()})
    known = {name.removeprefix("check:") for name in suggesting() if name.startswith("check:")}
    assert set(config.everywhere) - known == set(WITHOUT)


def test_every_alert_of_the_simulated_stack_suggests_a_runbook() -> None:
    names = {rule.name for rule in RULES} - {"Watchdog", "DiskAlmostFull"}  # no procedure in the documents
    assert {f"alert:{name}" for name in names} - suggesting() == set()


@pytest.mark.parametrize(
    ("check", "well", "bad", "runbook"),
    [
        ("api.p95", "0.499", "0.501", "api_high_latency_scaleup"),  # p95 > 500 ms: it scales as well
        ("api.cpu", "0.70", "0.71", "scale_app"),  # CPU > 70 % on all instances
        ("api.waiting", "50", "51", "scale_app"),  # request queue > 50
    ],
)
def test_s2_05_each_reason_to_scale_the_app_degrades_a_check_that_suggests_it(
    check: str, well: str, bad: str, runbook: str
) -> None:
    config = load(TOP / "artisan.toml", {name: kind.spec for name, kind in KINDS.items()}, target="drill")
    (spec,) = (each for name, _, each in config.checks() if name == check)
    degrades = {
        value: [
            condition.text
            for condition in spec.degraded
            if not examine(condition, ProbeResult(answers={"value": Decimal(value)}), lambda path, body: None).ok
        ]
        for value in (well, bad)
    }
    assert not degrades[well]
    assert degrades[bad]
    assert f"check:{check}" in load_library([TOP / "runbooks.toml"]).runbooks[runbook].suggest_on
