"""What fails at night finds its runbook: of the shipped checks and alerts, only those that no document answers find none."""

from __future__ import annotations

from pathlib import Path

from artisan_tui.config.load import load
from artisan_tui.config.runbooks.load import load_library
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
