"""Whether it is them or us."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.domain.checks.observer import FEWEST, EndpointReach, Suspicion, suspect

NOW = 10_000.0


def reach(
    endpoint: str, reached: bool | None, ago: float = 5, *, since: float | None = None, every: float = 30
) -> EndpointReach:
    """A probe that ended ``ago`` seconds ago; ``since`` is how long ago the failures began."""
    began = None if since is None else NOW - since
    return EndpointReach(endpoint, reached, NOW - ago, every, 5.0, began)


def test_three_at_once_are_suspicious_and_two_are_not() -> None:
    assert suspect([], NOW) is None
    assert suspect([reach("a:1", False), reach("b:1", False)], NOW) is None
    three = [reach(f"{host}:1", False) for host in "abc"]
    assert suspect(three, NOW) == Suspicion(3, 3, NOW - 5)


@pytest.mark.parametrize(("unreached", "of", "suspicious"), [(3, 4, False), (4, 5, True), (7, 9, False), (8, 10, True)])
def test_four_fifths_are_enough_and_it_ends_below(unreached: int, of: int, suspicious: bool) -> None:
    reaches = [reach(f"h{n}:1", n >= unreached) for n in range(of)]
    found = suspect(reaches, NOW)
    assert (found is not None) == suspicious
    if found is not None:
        assert (found.unreached, found.of) == (unreached, of)


def test_one_api_with_twenty_checks_is_one_endpoint() -> None:
    reaches = [reach("127.0.0.1:8000", False) for _ in range(20)]
    assert suspect(reaches, NOW) is None
    assert suspect([*reaches, reach("db:5432", True), reach("redis:6379", True)], NOW) is None


def test_an_endpoint_is_reached_when_any_of_its_checks_reached_it() -> None:
    reaches = [reach("a:1", False), reach("b:1", False), reach("c:1", False), reach("c:1", True)]
    assert suspect(reaches, NOW) is None


def test_who_was_not_probed_lately_or_was_blind_does_not_count() -> None:
    two = [reach("a:1", False), reach("b:1", False)]
    assert suspect([*two, reach("c:1", None)], NOW) is None
    assert suspect([*two, reach("c:1", False, ago=42)], NOW) is None
    assert suspect([*two, reach("c:1", False, ago=41)], NOW) is not None
    # An old answer does not acquit us either.
    assert suspect([*two, reach("c:1", False), reach("d:1", True, ago=60)], NOW) is not None


def test_one_after_the_other_is_not_our_network() -> None:
    reaches = [reach("a:1", False, since=3000), reach("b:1", False, since=2000), reach("c:1", False, since=1000)]
    assert suspect(reaches, NOW) is None
    # Nor when the last one joins two that were down together.
    assert suspect([reach("a:1", False, since=3000), reach("b:1", False, since=2990), reach("c:1", False)], NOW) is None


def test_in_one_tick_stays_suspicious_while_it_lasts() -> None:
    reaches = [reach(f"{host}:1", False, since=3600 + n * 10) for n, host in enumerate("abcd")]
    assert suspect(reaches, NOW) == Suspicion(4, 4, NOW - 3630)


def test_who_was_down_before_says_nothing_about_now() -> None:
    old = [reach("x:1", False, since=90_000), reach("y:1", False, since=80_000)]
    now = [reach("a:1", False), reach("b:1", False), reach("c:1", False)]
    assert suspect([*old, *now], NOW) == Suspicion(3, 3, NOW - 5)
    assert suspect([*old, *now[:2]], NOW) is None
    assert suspect([*old, *now, reach("d:1", True)], NOW) is None


def test_a_slow_check_finds_out_late() -> None:
    """Probed every ten minutes it fails nine minutes after the others, and means the same moment."""
    fast = [reach("a:1", False, since=540), reach("b:1", False, since=530)]
    assert suspect([*fast, reach("c:1", False, since=5, every=600)], NOW) == Suspicion(3, 3, NOW - 540)
    assert suspect([*fast, reach("c:1", False, since=5, every=30)], NOW) is None
    # It does not make two moments of the quick ones into one.
    apart = [reach("a:1", False, since=540), reach("b:1", False, since=100)]
    assert suspect([*apart, reach("c:1", False, since=5, every=600)], NOW) is None


def test_an_endpoint_is_lost_with_its_last_check() -> None:
    """One of its checks had timed out for hours; the others still reached it until now."""
    both = [reach("a:1", False, since=9000), reach("a:1", False)]
    others = [reach("b:1", False), reach("c:1", False)]
    for reaches in ([*both, *others], [*reversed(both), *others]):
        assert suspect(reaches, NOW) == Suspicion(3, 3, NOW - 5)
    # A slow check that fails late says nothing new about an endpoint that the quick one lost long ago.
    slow = [reach("a:1", False, since=500), reach("a:1", False, every=600)]
    assert suspect([*slow, *others], NOW) is None


REACHES = st.lists(
    st.builds(
        reach,
        st.sampled_from([f"h{n}:1" for n in range(8)]),
        st.sampled_from([True, False, False, False, None]),
        st.floats(0, 100),
        since=st.one_of(st.none(), st.floats(0, 500)),
        every=st.sampled_from([10.0, 30.0, 60.0, 600.0]),
    ),
    max_size=20,
)


@settings(max_examples=1000)
@given(REACHES)
def test_what_a_suspicion_always_means(reaches: list[EndpointReach]) -> None:
    found = suspect(reaches, NOW)
    assert found == suspect(list(reversed(reaches)), NOW)
    if found is None:
        return
    recent = [each for each in reaches if each.reached is not None and each.is_recent(NOW)]
    reached = {each.endpoint for each in recent if each.reached}
    failed = {each.endpoint for each in recent} - reached
    assert found.of >= FEWEST
    assert found.unreached <= len(failed)
    assert len(reached) <= found.of - found.unreached
    assert 5 * found.unreached >= 4 * found.of
    # Whoever reaches everything is never suspect.
    assert suspect([replace(each, reached=True) for each in reaches], NOW) is None
