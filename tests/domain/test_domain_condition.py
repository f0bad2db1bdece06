"""The condition language: what it accepts, what it says, and what it evaluates to."""

from __future__ import annotations

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.checks.outcome import assess
from artisan_tui.domain.condition import examine, never_met, parse_condition
from artisan_tui.domain.probe_result import MISSING, Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State


def search(path: str, document: object) -> object:
    for part in path.split("."):
        if not isinstance(document, dict) or part not in document:
            return MISSING
        document = document[part]
    return document


@pytest.mark.parametrize(
    ("text", "mend"), [("status === 200", "write ==, and quotes"), ("body.status !== up", "write !=, and quotes")]
)
def test_a_third_sign_of_equality_is_no_text(text: str, mend: str) -> None:
    with pytest.raises(ValueError, match=mend):
        parse_condition(text)


@pytest.mark.parametrize(
    "text",
    ["status == abc", "status != OK", "status == true", "exit == null", "rows == many", "tls.days == soon"],
)
def test_a_number_is_never_a_word(text: str) -> None:
    assert "is not a number, and" in never_met(parse_condition(text))


@pytest.mark.parametrize(
    "text", ["status == 200", 'status == "200"', "exit != -1", "status ~ ^2", "value == abc", "body.status == abc"]
)
def test_what_can_be_met_is_not_refused(text: str) -> None:
    assert never_met(parse_condition(text)) == ""


def test_text_may_begin_with_a_sign_in_quotes_and_numbers_may_be_quoted() -> None:
    assert parse_condition('stdout == "=ok"').literal == "=ok"
    assert parse_condition('status == "200"').literal == "200"
    assert parse_condition("stdout ~ =ok").op == "~"
    assert parse_condition("status ~ ^2").op == "~"


SEEN = ProbeResult(
    latency=Decimal("0.142"),
    answers={
        "status": 200,
        "body": {
            "status": "healthy",
            "queue": 0,
            "ratio": Decimal("10.9"),
            "ok": True,
            "nothing": None,
            "nan": Decimal("NaN"),
            "services": {"database": "healthy", "workers": {"llm": 2}},
            "text": "10",
        },
        "header": {"content-type": "application/json"},
        "value": Decimal("87.5"),
    },
)


@pytest.mark.parametrize(
    ("text", "ok", "actual"),
    [
        ("status == 200", True, "200"),
        ("status < 300", True, "200"),
        ("status != 200", False, "200"),
        ("body.status == healthy", True, "healthy"),
        ('body.status == "healthy"', True, "healthy"),
        ("body.services.database == healthy", True, "healthy"),
        ("body.services.workers.llm >= 2", True, "2"),
        ("body.ratio > 10", True, "10.9"),
        ("body.ratio > 10.9", False, "10.9"),
        ("body.queue < 100", True, "0"),
        ("body.missing < 100", False, "missing"),
        ("body.missing != 1", False, "missing"),
        ("body.ok == true", True, "true"),
        ("body.ok == 1", False, "true"),
        ("body.nothing == null", True, "null"),
        ("body.nothing < 5", False, "null"),
        ("body.text == 10", True, "10"),
        ("body.nan < 5", False, "NaN"),
        ("latency < 500ms", True, "142ms"),
        ("latency < 100ms", False, "142ms"),
        ("header.Content-Type ~ json", True, "application/json"),
        ("header.x-none == a", False, "missing"),
        ("body.status ~ ^heal", True, "healthy"),
        ("body.status ~ ^un", False, "healthy"),
        ("value <= 87.5", True, "87.5"),
        ("exit == 0", False, "missing"),
        ("body.services == x", False, "object of 2"),
    ],
)
def test_examples(text: str, ok: bool, actual: str) -> None:
    finding = examine(parse_condition(text), SEEN, search)
    assert (finding.ok, finding.actual) == (ok, actual)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("status", "SUBJECT OP LITERAL"),
        ("colour == red", "unknown subject"),
        ("tls.weeks > 1", "tls.days"),
        ("header == x", "needs a name"),
        ("status.code == 1", "no parts"),
        ("value < high", "compares numbers"),
        ("latency < 5", "not a duration"),
        ("body ~ [", "not a regular expression"),
    ],
)
def test_a_bad_condition_says_what_to_do(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=r".+") as error:
        parse_condition(text)
    assert said in str(error.value)


def assessed(probe_result: ProbeResult, expect: list[str], degraded: list[str]) -> tuple[State, Reason]:
    outcome = assess(probe_result, [parse_condition(c) for c in expect], [parse_condition(c) for c in degraded], search)
    return outcome.verdict, outcome.reason


def test_the_first_unmet_condition_gives_the_reason() -> None:
    assert assessed(SEEN, ["status == 200", "body.status == unhealthy", "latency < 1ms"], []) == (
        State.DOWN,
        Reason.BODY,
    )
    assert assessed(SEEN, ["body.gone == 1"], []) == (State.UNKNOWN, Reason.MISSING)
    assert assessed(SEEN, ["body.nan > 1"], []) == (State.DOWN, Reason.NAN)


def test_redirects_are_told_from_other_statuses() -> None:
    moved = ProbeResult(answers={"status": 302})
    assert assessed(moved, ["status == 200"], []) == (State.DOWN, Reason.REDIRECT)


def test_expect_met_but_not_degraded_is_degraded() -> None:
    assert assessed(SEEN, ["latency < 500ms"], ["latency < 100ms"]) == (State.DEGRADED, Reason.LATENCY)
    assert assessed(SEEN, ["latency < 500ms"], ["latency < 200ms"]) == (State.UP, Reason.OK)


def test_a_measured_value_that_is_no_number_is_unknown_not_down() -> None:
    assert assessed(ProbeResult(answers={"value": Decimal("NaN")}), ["value < 1"], []) == (State.UNKNOWN, Reason.NAN)


def test_reservations_keep_an_answer_from_being_green() -> None:
    partial = ProbeResult(answers={"value": Decimal(1)}, notes=("partial response",))
    assert assessed(partial, ["value < 5"], []) == (State.DEGRADED, Reason.PARTIAL)


def test_blind_is_unknown_and_a_target_failure_is_down() -> None:
    assert assessed(ProbeResult(Failure(Reason.REFUSED, "x")), [], []) == (State.DOWN, Reason.REFUSED)
    assert assessed(ProbeResult(Failure(Reason.REFUSED, "x", blind=True)), [], []) == (State.UNKNOWN, Reason.REFUSED)


@given(st.decimals(allow_nan=False, allow_infinity=False), st.decimals(allow_nan=False, allow_infinity=False))
def test_numbers_compare_exactly(a: Decimal, b: Decimal) -> None:
    seen = ProbeResult(answers={"value": a})
    for op, holds in (("<", a < b), ("<=", a <= b), (">", a > b), (">=", a >= b), ("==", a == b)):
        assert examine(parse_condition(f"value {op} {b}"), seen, search).ok is holds


@given(st.text(max_size=60))
def test_any_text_parses_or_is_refused_in_words(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_condition(text)


def test_bad_news_from_a_hardly_covered_window_is_not_believed_and_good_news_is_remarked() -> None:
    thin = ProbeResult(answers={"value": Decimal(0)}, remarks=("covers <1m of 5m",), provisional=True)
    assert assessed(thin, ["value >= 0.2"], []) == (State.DEGRADED, Reason.PARTIAL)
    assert assessed(thin, ["value >= 0"], ["value >= 0.6"]) == (State.DEGRADED, Reason.PARTIAL)
    assert assessed(thin, ["value >= 0"], []) == (State.UP, Reason.OK)
