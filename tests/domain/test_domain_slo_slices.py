"""Slices of time that a gauge or a check decides."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.condition import parse_condition
from artisan_tui.domain.slo.counter_deltas import reach
from artisan_tui.domain.slo.slices import CheckVerdict, condition_holds, probe_rows, slice_reach, slice_rows
from artisan_tui.domain.slo.windows import BY_MINUTE, MinuteGrid, Span
from artisan_tui.domain.state import State

REWARD = condition_holds(parse_condition("value > 10.0"))
FIVE = MinuteGrid(slice_ms=300_000)


def test_the_condition_is_the_one_of_the_checks() -> None:
    assert REWARD(Decimal("10.9"))
    assert not REWARD(Decimal("10.0"))


def test_the_last_sample_in_a_slice_decides() -> None:
    samples = [(0, 5.0), (59_999, 11.0), (60_000, 11.0), (119_999, 5.0), (180_000, math.nan), (185_000, 11.0)]
    rows = slice_rows(samples, REWARD, Span(0, 4), BY_MINUTE)
    assert rows == [(0, 0, 1, 1), (1, 1, 1, 1), (2, 0, 0, 0), (3, 0, 1, 1)]


def test_nan_is_no_sample_and_of_two_at_once_the_bad_one_counts() -> None:
    assert slice_rows([(1, 11.0), (2, math.nan)], REWARD, Span(0, 1), BY_MINUTE) == [(0, 0, 1, 1)]
    assert slice_rows([(1, math.nan)], REWARD, Span(0, 1), BY_MINUTE) == [(0, 0, 0, 0)]
    for samples in ([(1, 11.0), (1, 5.0)], [(1, 5.0), (1, 11.0)]):
        assert slice_rows(samples, REWARD, Span(0, 1), BY_MINUTE) == [(0, 1, 1, 1)]


def test_a_slice_counts_in_the_minute_in_which_it_ends() -> None:
    rows = slice_rows([(10_000, 5.0), (310_000, 11.0)], REWARD, Span(0, 10), FIVE)
    assert [row for row in rows if row[2]] == [(4, 1, 1, 1), (9, 0, 1, 1)]
    short = slice_rows([(0, 5.0), (30_000, 11.0)], REWARD, Span(0, 1), MinuteGrid(slice_ms=30_000))
    assert short == [(0, 1, 2, 2)]


gauge = st.lists(st.tuples(st.integers(0, 3_600_000), st.sampled_from([5.0, 11.0, math.nan])), max_size=120)


@given(
    gauge,
    st.sets(st.integers(1, 59)),
    st.sampled_from([30_000, 60_000, 300_000, 420_000]),
    st.integers().map(random.Random),
)
def test_slices_do_not_depend_on_chunks_or_order(
    samples: list[tuple[int, float]], cuts: set[int], slice_ms: int, chance: random.Random
) -> None:
    grid, edges = MinuteGrid(slice_ms=slice_ms), [0, *sorted(cuts), 60]
    whole = slice_rows(samples, REWARD, Span(0, 60), grid)
    chunked = []
    for start, end in pairwise(edges):
        since, until = slice_reach(Span(start, end), grid)
        part = [sample for sample in samples if since <= sample[0] < until] * 2
        chance.shuffle(part)
        chunked += slice_rows(part, REWARD, Span(start, end), grid)
    assert chunked == whole
    assert sum(row[3] for row in whole) <= grid.expected(Span(0, 60))


EVERY = {"api.health": 30_000, "api.ready": 60_000}


def test_probes_are_events_and_blindness_is_none() -> None:
    verdicts = [
        CheckVerdict("api.health", 5_000, State.UP),
        CheckVerdict("api.health", 35_000, State.DEGRADED),
        CheckVerdict("api.health", 65_000, State.DOWN),
        CheckVerdict("api.health", 95_000, State.UNKNOWN),
        CheckVerdict("api.ready", 10_000, State.UP),
        CheckVerdict("api.ready", 70_000, State.MAINTENANCE),
        CheckVerdict("db.ping", 10_000, State.DOWN),
        CheckVerdict("api.health", 125_000, State.UNKNOWN),
    ]
    assert probe_rows(verdicts, EVERY, Span(0, 3)) == [(0, 0, 3, 2), (1, 1, 1, 1), (2, 0, 0, 0)]


def test_of_two_probes_at_once_the_worse_counts() -> None:
    verdicts = [CheckVerdict("api.health", 5, verdict) for verdict in (State.UP, State.DOWN, State.UNKNOWN, State.UP)]
    for order in (verdicts, verdicts[::-1]):
        assert probe_rows(order, EVERY, Span(0, 1)) == [(0, 1, 1, 1)]
        assert probe_rows(order[2:], EVERY, Span(0, 1))[0][2] == 1


def test_a_minute_between_two_probes_is_measured_as_long_as_none_was_missed() -> None:
    every = {"db.ping": 300_000}
    near = [CheckVerdict("db.ping", 0, State.UP), CheckVerdict("db.ping", 330_000, State.UP)]
    assert [row[3] for row in probe_rows(near, every, Span(0, 7))] == [1, 1, 1, 1, 1, 1, 0]
    far = [CheckVerdict("db.ping", 0, State.UP), CheckVerdict("db.ping", 780_000, State.UP)]
    assert [row[3] for row in probe_rows(far, every, Span(0, 14))] == [1, *[0] * 12, 1]


verdicts_ = st.lists(
    st.builds(
        CheckVerdict, st.sampled_from(list(EVERY)), st.integers(-200_000, 1_500_000), st.sampled_from(list(State))
    ),
    max_size=80,
)


@given(verdicts_, st.sets(st.integers(1, 19)), st.integers().map(random.Random))
def test_probes_do_not_depend_on_chunks_or_order(
    verdicts: list[CheckVerdict], cuts: set[int], chance: random.Random
) -> None:
    edges, chunked = [0, *sorted(cuts), 20], []
    for start, end in pairwise(edges):
        since, until = reach(Span(start, end), max(EVERY.values()))
        part = [verdict for verdict in verdicts if since <= verdict.at < until] * 2
        chance.shuffle(part)
        chunked += probe_rows(part, EVERY, Span(start, end))
    assert chunked == probe_rows(verdicts, EVERY, Span(0, 20))
