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


def test_d10_what_a_person_mends_is_no_flapping() -> None:
    """Four outages within four minutes, each ended by a restart: the fifth change is no flapping."""
    flaps = Flaps()
    for at in (0.0, 60.0, 120.0, 180.0):
        flaps = flaps.changed(at).taken_in_hand(at + 30).changed(at + 20)
        assert not flaps.flapping(at + 30)
    assert flaps.count(200) == 0


def test_d10_what_flaps_on_after_a_person_was_there_flaps() -> None:
    flaps = after(0, 10, 20, 30, 40).taken_in_hand(60)
    assert not flaps.flapping(60), "it is given the chance to be well"
    for at in (70, 80, 90, 100):
        flaps = flaps.changed(at)
        assert not flaps.flapping(at)
    assert flaps.changed(110).flapping(110)


@given(st.lists(st.tuples(st.floats(0, 100), st.booleans()), max_size=40))
def test_d10_only_changes_after_the_last_hand_count(steps: list[tuple[float, bool]]) -> None:
    flaps, at, counted = Flaps(), 0.0, list[float]()
    hand = float("-inf")
    for gap, by_hand in steps:
        at += gap
        if by_hand:
            hand = max(hand, at + 15)
            flaps, counted = flaps.taken_in_hand(at + 15), []
        elif at > hand:
            flaps = flaps.changed(at)
            counted.append(at)
        else:
            assert flaps.changed(at).count(at) == flaps.count(at)
        assert flaps.count(at) == sum(1 for moment in counted if at - moment < flaps.rule.window)
