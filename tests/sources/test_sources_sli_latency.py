"""Indicators of latency: bounds in all their spellings, missing buckets, and guesses that say so."""

from __future__ import annotations

import asyncio
import re
from decimal import Decimal
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.domain.slo.counter_deltas import LOOKBACK, CounterSeries
from artisan_tui.sources.slo import Unmeasurable
from artisan_tui.sources.slo.latency import spellings
from support.sli_indicators import (
    INTERVAL,
    LATENCY,
    LENGTH,
    Remembered,
    _rows,
    by_minute,
    indicator,
    series,
    span,
)


@pytest.mark.parametrize(
    ("bound", "same", "others"),
    [
        ("2.5", ["2.5", "2.50", "2.5e0", "2.5E+00"], ["25", "2.51", "12.5", "2x5", "2.5e1"]),
        ("1", ["1", "1.0", "1e+00", "1.0E0"], ["10", "11", "0.1", "1.5", "1e1", ""]),
        ("1000000", ["1e+06", "1000000", "1000000.0", "1.0E6"], ["1e+05", "100000", "10000000"]),
        ("0.00025", ["0.00025", "2.5e-04", "2.5E-4", ".00025"], ["0.0025", "2.5e-05", "2.5e+04"]),
        ("Infinity", ["+Inf", "Inf"], ["1", "-Inf"]),
    ],
)
def test_a_bound_in_all_its_spellings(bound: str, same: list[str], others: list[str]) -> None:
    pattern = re.compile(spellings(Decimal(bound)))
    assert [each for each in same if not pattern.fullmatch(each)] == []
    assert [each for each in others if pattern.fullmatch(each)] == []


def histogram(
    shares: dict[str, float], *, start: int = -LOOKBACK, end: int = LENGTH, **labels: str
) -> list[CounterSeries]:
    """100 events a minute; ``shares`` of them in or below each bucket."""
    times = range(start, end, INTERVAL)
    return [
        series("d_seconds_bucket", ((at, share * (at + LOOKBACK) / 600) for at in times), le=le, **labels)
        for le, share in shares.items()
    ]


async def test_latency_reads_two_buckets_whatever_their_spelling() -> None:
    range_source = Remembered(
        *histogram({"1": 0.2, "2.5": 0.9, "+Inf": 1}, mode="a"), *histogram({"2.50": 0.5, "+Inf": 1}, mode="b")
    )
    filled = await indicator(range_source, **LATENCY).rows(span(0, 3))
    assert by_minute(filled) == {minute: (60, 200, 1) for minute in range(3)}
    assert not filled.estimated
    assert len(range_source.asked) == 1
    assert 'le=~"' in range_source.asked[0][0]
    assert filled.samples < 4 * 64 * 4 + 20  # the bucket at 1 s did not come


async def test_a_missing_bucket_names_those_there_are_and_the_mend() -> None:
    range_source = Remembered(*histogram({"1.0": 0.2, "2.0": 0.8, "5": 0.95, "10": 1, "+Inf": 1}))
    with pytest.raises(Unmeasurable) as caught:
        await indicator(range_source, **LATENCY).rows(span(0, 60))
    said = caught.value.detail
    assert "no bucket at 2.5 s, only at 1, 2, 5, 10" in said
    assert "interpolate = true" in said
    assert not caught.value.divisible
    # The bounds came from a moment, not from an hour of every bucket.
    _, start, end = range_source.asked[-1]
    assert end - start <= 3 * INTERVAL


async def test_without_its_bucket_in_a_partial_answer_nothing_is_said_about_the_histogram() -> None:
    range_source = Remembered(*histogram({"1": 0.2, "+Inf": 1}))
    range_source.notes = ("store timed out",)
    assert (await indicator(range_source, **LATENCY).rows(span(0, 2))).notes == ("store timed out",)
    assert len(range_source.asked) == 1


async def test_before_a_bucket_was_added_nothing_was_measured() -> None:
    changed = 100 * 60_000
    before = histogram({"1": 0.2, "+Inf": 1}, end=changed)
    range_source = Remembered(*before, *histogram({"1": 0.2, "2.5": 0.5, "+Inf": 1}, start=changed))
    one = indicator(range_source, **LATENCY)
    assert by_minute(await one.rows(span(150, 152))) == {150: (50, 100, 1), 151: (50, 100, 1)}
    filled = await one.rows(span(10, 40))
    assert by_minute(filled) == {}
    assert "no bucket at 2.5 s" in filled.remarks[0]
    with pytest.raises(Unmeasurable):  # nobody has seen the bucket yet
        await indicator(range_source, **LATENCY).rows(span(10, 40))


async def test_between_two_buckets_is_a_guess_and_says_so() -> None:
    range_source = Remembered(*histogram({"0.5": 0.1, "1": 0.2, "2": 0.8, "4": 1, "+Inf": 1}))
    one = indicator(range_source, **LATENCY, interpolate=True)
    filled = await one.rows(span(0, 2))
    assert filled.estimated
    assert [row[2] for row in filled.rows] == [100, 100]
    assert [row[1] for row in filled.rows] == pytest.approx([15, 15], abs=1)  # 80 + (2.5-2)/(4-2) of 20 are fast
    asked = len(range_source.asked)
    await one.rows(span(2, 3))
    assert range_source.asked[asked][0].count("|") >= 5  # the neighbours are known by now
    exact = Remembered(*histogram({"2.5": 0.5, "+Inf": 1}))
    filled = await indicator(exact, **LATENCY, interpolate=True).rows(span(0, 2))
    assert not filled.estimated
    assert len(exact.asked) == 1
    for shares in ({"1": 0.2, "+Inf": 1}, {"1": 0.5, "2": 0.6, "+Inf": 1}):
        with pytest.raises(Unmeasurable) as caught:
            await indicator(Remembered(*histogram(shares)), **LATENCY, interpolate=True).rows(span(0, 2))
        assert "interpolate" not in caught.value.detail


@settings(max_examples=40)
@given(st.booleans(), st.lists(st.integers(1, 59), max_size=6, unique=True), st.booleans())
def test_latency_in_chunks(interpolate: bool, cuts: list[int], some_lack_it: bool) -> None:
    shares = {"2": 0.61, "4": 0.97, "+Inf": 1.0} | ({} if interpolate else {"2.5": 0.8})
    found = histogram(shares, mode="a")
    if some_lack_it:
        found += histogram({"9": 0.5, "+Inf": 1}, start=1_000_000, mode="b")
    range_source = Remembered(*found)
    edges = [0, *sorted(cuts), 60]
    chunks = list(pairwise(edges))

    async def ask() -> None:
        whole = (await indicator(range_source, **LATENCY, interpolate=interpolate).rows(span(0, 60))).rows
        assert sum(row[2] for row in whole) > 5900
        one = indicator(range_source, **LATENCY, interpolate=interpolate)
        assert tuple(await _rows(one, chunks)) == whole

    asyncio.run(ask())


async def test_a_histogram_without_its_last_bucket_is_told_from_one_that_is_not_there() -> None:
    filled = await indicator(Remembered(*histogram({"2.5": 1})), **LATENCY).rows(span(0, 1))
    assert filled.remarks == ('d_seconds_bucket has no bucket with le="+Inf": it is not a histogram\'s',)
    filled = await indicator(Remembered(), **LATENCY).rows(span(0, 1))
    assert filled.remarks == ("no series matches d_seconds_bucket",)
