"""Fall and rise, by example and as a state machine."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.checks.health import Health, Policy, advance, aged, initial_health, patience
from artisan_tui.domain.checks.outcome import Outcome
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State

T0 = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
GOOD = Outcome(State.UP, Reason.OK)
LOW = Outcome(State.DEGRADED, Reason.LATENCY, "slow")
BAD = Outcome(State.DOWN, Reason.TIMEOUT, "no answer")
BLIND = Outcome(State.UNKNOWN, Reason.REFUSED, "prometheus refused")
LETTERS = {"u": GOOD, "d": LOW, "x": BAD, "?": BLIND}


DEFAULT = Policy(3, 2)


def run(letters: str, policy: Policy = DEFAULT) -> Health:
    health = initial_health(T0)
    for second, letter in enumerate(letters):
        health = advance(health, LETTERS[letter], policy, T0 + timedelta(seconds=second))
    return health


@pytest.mark.parametrize(
    ("letters", "state"),
    [
        ("", State.UNKNOWN),
        ("u", State.UP),
        ("d", State.DEGRADED),
        ("x", State.UNKNOWN),
        ("xx", State.UNKNOWN),
        ("xxx", State.DOWN),
        ("uxx", State.UP),
        ("uxxuxx", State.UP),
        ("uxxx", State.DOWN),
        ("uxxxu", State.DOWN),
        ("uxxxuu", State.UP),
        ("uxxxuxu", State.DOWN),
        ("uddd", State.DEGRADED),
        ("udxx", State.DEGRADED),
        ("udxxx", State.DOWN),
        ("uxxxdd", State.DEGRADED),
        ("uxxxud", State.DEGRADED),
        ("udddu", State.DEGRADED),
        ("uddduu", State.UP),
        ("u??", State.UP),
        ("u???", State.UNKNOWN),
        ("u???u", State.UP),
        ("uxxx???u", State.UNKNOWN),
        ("uxxx???uu", State.UP),
        ("uxxx???x", State.DOWN),
        ("u???xx", State.UNKNOWN),
        ("u???xxx", State.DOWN),
        ("???", State.UNKNOWN),
        ("???u", State.UP),
        ("u???d", State.UNKNOWN),
        ("u???ddd", State.DEGRADED),
    ],
)
def test_verdicts_in_a_row(letters: str, state: State) -> None:
    assert run(letters).state is state


def test_a_single_failure_is_enough_with_fall_one() -> None:
    assert run("ux", Policy(1, 2)).state is State.DOWN
    assert run("x", Policy(1, 2)).state is State.DOWN


def test_blind_probes_mark_the_state_stale_before_they_make_it_unknown() -> None:
    health = run("u?")
    assert (health.state, health.stale, health.reason) == (State.UP, True, Reason.REFUSED)
    assert not run("u???").stale
    assert not run("u?u").stale


def test_since_is_when_the_state_began_not_when_it_was_last_confirmed() -> None:
    assert run("uxxx").since == T0 + timedelta(seconds=3)
    assert run("uxxxxx").since == T0 + timedelta(seconds=3)
    assert run("uuuu").since == T0


def test_a_failure_on_the_way_down_does_not_change_the_reason_of_up() -> None:
    assert run("ux").reason is Reason.OK
    assert run("uxxx").reason is Reason.TIMEOUT


def test_time_alone_makes_it_stale_and_then_unknown() -> None:
    health = run("u")
    late = aged(health, T0 + timedelta(seconds=66), 30, 5)
    assert (late.state, late.stale) == (State.UP, True)
    gone = aged(health, T0 + timedelta(seconds=patience(30, 5) + 1), 30, 5)
    assert (gone.state, gone.reason, gone.baseline) == (State.UNKNOWN, Reason.STALE, State.UP)
    assert aged(health, T0 + timedelta(seconds=60), 30, 5) is health
    # One confirming answer after a pause is enough: nothing had argued against it.
    assert advance(gone, GOOD, Policy(), T0 + timedelta(seconds=200)).state is State.UP


def test_a_check_nobody_probed_does_not_age() -> None:
    health = initial_health(T0)
    assert aged(health, T0 + timedelta(days=3), 30, 5) is health


@given(
    st.text(alphabet="udx?", max_size=60),
    st.integers(1, 4),
    st.integers(1, 4),
)
def test_the_rules_hold_for_every_history(letters: str, fall: int, rise: int) -> None:
    policy = Policy(fall, rise)
    health, before, known = initial_health(T0), State.UNKNOWN, None
    for second, letter in enumerate(letters):
        health = advance(health, LETTERS[letter], policy, T0 + timedelta(seconds=second))
        past = letters[: second + 1]
        # A blind probe is evidence of nothing: it neither counts nor interrupts a count.
        evidence = past.replace("?", "")
        if health.state is State.DOWN and before is not State.DOWN:
            # Down is entered on a failure: `fall` of them in a row, or one that confirms what was known.
            confirmed = before is State.UNKNOWN and known is State.DOWN and evidence.endswith("x")
            assert evidence.endswith("x" * fall) or confirmed
        if health.state is State.UP and before is State.DOWN:
            assert evidence.endswith("u" * rise)
        if health.state is State.UP and not health.stale:
            # Green rests on an answer that was not a failure, at most `fall - 1` probes ago.
            assert "u" in evidence
        if letter == "?":
            assert health.state is State.UNKNOWN or health.stale
        before, known = health.state, health.baseline


@pytest.mark.parametrize(
    ("age", "stale", "state"),
    [
        (2 * 30 + 5, False, State.UP),
        (2 * 30 + 6, True, State.UP),
        (3 * 30 + 5, True, State.UP),
        (3 * 30 + 6, False, State.UNKNOWN),
    ],
)
def test_a_round_and_what_the_probe_itself_may_take_are_waited_for(age: int, stale: bool, state: State) -> None:
    found = aged(run("u"), T0 + timedelta(seconds=age), 30, 5)
    assert (found.stale, found.state) == (stale, state)


def test_it_is_unknown_since_its_patience_ended_and_not_since_somebody_noticed() -> None:
    assert aged(run("u"), T0 + timedelta(hours=1), 30, 5).since == T0 + timedelta(seconds=95)
