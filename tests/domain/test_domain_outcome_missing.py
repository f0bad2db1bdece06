"""What a response does not say is unknown; what it says is bad is down; and an error status explains both."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from artisan_tui.domain.checks.health import Policy, advance, initial_health
from artisan_tui.domain.checks.outcome import Outcome, assess
from artisan_tui.domain.condition import parse_condition
from artisan_tui.domain.probe_result import ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.lookup import search

GOOD = {"status": 200, "body": {"status": "healthy", "wait": None}, "header": {}, "value": Decimal(3)}


def assessed(
    answers: dict[str, object],
    expect: list[str],
    degraded: list[str] | None = None,
    *,
    required: bool = False,
    **keys: object,
) -> Outcome:
    seen = ProbeResult(answers=answers, **keys)  # type: ignore[arg-type]
    listed = [parse_condition(text) for text in degraded or []]
    return assess(seen, [parse_condition(text) for text in expect], listed, search, required=required)


@pytest.mark.parametrize(
    ("condition", "detail"),
    [
        ("body.services.database == healthy", "body.services.database missing, expected == healthy"),
        ("body.services.database != unhealthy", "body.services.database missing, expected != unhealthy"),
        ("body.services[?name=='db'].state | [0] == up", "missing"),
        ("body.length(services) > 0", "missing"),
        ("body.wait < 5", "body.wait null, expected < 5"),
        ("header.x-version ~ ^2", "header.x-version missing"),
        ("stdout ~ ok", "stdout missing"),
        ("exit == 0", "exit missing"),
        ("tls.days > 10", "tls.days missing"),
        ("latency < 1s", "latency missing"),
    ],
)
def test_a14_what_is_not_said_is_unknown_unless_it_is_required(condition: str, detail: str) -> None:
    outcome = assessed(GOOD, ["status == 200", condition])
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.MISSING)
    assert detail in outcome.detail
    assert not outcome.findings[1].ok
    required = assessed(GOOD, ["status == 200", condition], required=True)
    assert (required.verdict, required.reason) == (State.DOWN, Reason.MISSING)
    soft = assessed(GOOD, ["status == 200"], [condition])
    assert (soft.verdict, soft.reason) == (State.UNKNOWN, Reason.MISSING)
    assert assessed(GOOD, ["status == 200"], [condition], required=True).verdict is State.DEGRADED


def test_a14_what_is_bad_comes_before_what_is_not_said() -> None:
    assert assessed(GOOD, ["body.gone == x", "body.status == ok"]).detail == "body.status healthy, expected == ok"
    assert assessed(GOOD, ["body.gone == x"], ["body.status == ok"]).verdict is State.UNKNOWN
    assert assessed(GOOD, [], ["body.gone == x", "body.status == ok"]).verdict is State.DEGRADED
    noted = assessed(GOOD, [], ["body.gone == x"], notes=("certificate expires in 9 days",))
    assert noted.verdict is State.DEGRADED


def test_a14_null_is_a_value_where_values_are_not_ordered() -> None:
    assert assessed(GOOD, ["body.wait == null"]).verdict is State.UP
    assert assessed(GOOD, ["body.wait == up"]).verdict is State.DOWN
    assert assessed(GOOD, ["body.wait != up"]).verdict is State.UP


@pytest.mark.parametrize("status", [400, 404, 500, 503])
@pytest.mark.parametrize("condition", ["body.services.database == healthy", "header.x-version == 2", "body ~ ^fine"])
def test_a11_an_error_status_explains_what_its_page_lacks(status: int, condition: str) -> None:
    answers = {**GOOD, "status": status, "body": {"detail": "Not Found"}}
    alone = assessed(answers, [condition])
    assert alone.verdict is State.DOWN
    assert alone.detail.startswith(f"HTTP {status}: {condition.split()[0]}")
    asked = assessed(answers, [condition, "status == 200"])
    assert (asked.verdict, asked.reason, asked.detail) == (
        State.DOWN,
        Reason.STATUS,
        f"status {status}, expected == 200",
    )


def test_a11_a_status_that_is_asked_for_explains_nothing() -> None:
    answers = {**GOOD, "status": 404, "body": {"detail": "Not Found"}}
    assert assessed(answers, ["status == 404", "body.error == x"]).verdict is State.UNKNOWN
    assert assessed(answers, ["body.detail == 'Not Found'"]).verdict is State.UP


def test_a11_an_exit_code_explains_what_was_not_printed() -> None:
    answers: dict[str, object] = {"exit": 2, "stdout": ""}
    assert assessed(answers, ["value < 5"]).detail == "exit 2: value missing, expected < 5"
    assert assessed(answers, ["value < 5"]).reason is Reason.EXIT
    assert assessed(answers, ["value < 5", "exit == 0"]).reason is Reason.EXIT
    assert assessed({"exit": 0, "stdout": ""}, ["value < 5"]).verdict is State.UNKNOWN


def test_a14_a_missing_field_never_makes_a_check_down_and_never_recovers_one() -> None:
    at, policy = datetime(2026, 11, 30, tzinfo=UTC), Policy(fall=2, rise=1)
    missing = assessed(GOOD, ["body.gone == x"])
    health = advance(initial_health(at), missing, policy, at)
    assert (health.state, health.reason) == (State.UNKNOWN, Reason.MISSING)
    up = advance(health, assessed(GOOD, []), policy, at)
    seen = []
    for n in range(1, 5):
        up = advance(up, missing, policy, at + timedelta(seconds=n))
        seen.append((up.state, up.stale, up.downs))
    assert [state for state, _, _ in seen] == [State.UP, State.UNKNOWN, State.UNKNOWN, State.UNKNOWN]
    assert all(downs <= 0 for _, _, downs in seen)
    down = initial_health(at)
    for n in range(2):
        down = advance(down, assessed(GOOD, ["body.status == ok"]), policy, at + timedelta(seconds=n))
    assert down.state is State.DOWN
    down = advance(down, missing, policy, at)
    assert (down.state, down.stale) == (State.DOWN, True)
