"""The number on the board stands still while nothing changes, and never hides a change that stays."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.checks.deadband import BAND, FLOOR, deadband

latencies = st.floats(0.0001, 30)


def shown_after(measured: list[float]) -> float | None:
    shown: float | None = None
    before: float | None = None
    for latency in measured:
        shown, before = deadband(shown, before, latency), latency
    return shown


def test_jitter_and_a_single_spike_change_nothing() -> None:
    assert shown_after([0.001, 0.004, 0.002, 0.030, 0.001]) == FLOOR
    assert shown_after([0.200, 0.230, 0.180, 0.210]) == 0.200
    assert shown_after([0.200, 1.900, 0.210]) == 0.200


def test_what_stays_is_shown_with_the_second_probe() -> None:
    assert shown_after([0.200, 1.900, 2.000]) == 2.000
    assert shown_after([2.000, 0.010, 0.011]) == FLOOR


@given(st.lists(latencies, min_size=1, max_size=20), latencies)
def test_two_probes_alike_are_never_hidden_by_more_than_the_band(past: list[float], now: float) -> None:
    shown = shown_after([*past, now, now])
    assert shown is not None
    assert max(shown, FLOOR) <= max(now, FLOOR) * BAND * 1.0001
    assert max(now, FLOOR) <= max(shown, FLOOR) * BAND * 1.0001


@given(latencies)
def test_the_first_probe_is_shown_as_it_is_above_the_floor(latency: float) -> None:
    assert deadband(None, None, latency) == max(latency, FLOOR)
    assert deadband(latency, latency, None) is None
