"""Flapping begins with many changes and ends with hardly any."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.checks.flapping import FlapRule, Flaps


def after(*moments: float, rule: FlapRule | None = None) -> Flaps:
    flaps = Flaps(rule or FlapRule())
    for moment in moments:
        flaps = flaps.changed(moment)
    return flaps


def test_it_begins_with_the_fifth_change() -> None:
    assert not after(0, 60, 120, 180).flapping(180)
    assert after(0, 60, 120, 180, 240).flapping(240)
    # At 600 the first change is ten minutes old and counts no more.
    assert not after(0, 150, 300, 450, 600).flapping(600)
    assert after(1, 150, 300, 450, 600).flapping(600)


def test_it_ends_with_fewer_than_two() -> None:
    flaps = after(0, 60, 120, 180, 240)
    assert flaps.count(700) == 3
    assert flaps.flapping(779)
    assert not flaps.flapping(780)  # only the one of 240 is left


def test_between_the_thresholds_it_stays_what_it_was() -> None:
    held = after(0, 60, 120, 180, 240).changed(700).changed(800)
    ended = after(0, 60, 120, 180, 240).changed(800).changed(850)
    assert held.count(850) == ended.count(850) == 2
    assert held.flapping(850)
    assert not ended.flapping(850)  # at 790 only the one of 240 was left


def test_to_settle_changes_nothing_that_is_asked() -> None:
    flaps = after(0, 60, 120, 180, 240)
    assert flaps.settled(300) is flaps
    assert flaps.settled(700).moments == (120, 180, 240)
    assert not flaps.settled(10_000).begun


@given(
    st.lists(st.floats(0, 400), max_size=40),
    st.builds(
        lambda end, more, window: FlapRule(window, end + more, end),
        st.integers(1, 4),
        st.integers(0, 4),
        st.sampled_from([60.0, 600.0]),
    ),
    st.floats(0, 1000),
)
def test_the_definition(gaps: list[float], rule: FlapRule, later: float) -> None:
    moments: list[float] = []
    flaps, flapping, at = Flaps(rule), False, 0.0
    for gap in gaps:
        at += gap
        left = [m for m in moments if at - m < rule.window]
        flapping = flapping and len(left) >= rule.end
        moments.append(at)
        flapping = flapping or len(left) + 1 >= rule.begin
        flaps = flaps.changed(at)
        assert flaps.flapping(at) == flapping
        assert flaps.count(at) == len(left) + 1
    at += later
    assert flaps.flapping(at) == flaps.settled(at).flapping(at) == (flapping and flaps.count(at) >= rule.end)
    assert flaps.moments == tuple(m for m in moments if m in flaps.moments)
