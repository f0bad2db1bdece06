"""The minutes in memory: any window equals adding up the rows, however they were put."""

from __future__ import annotations

import random
import time
from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from artisan_tui.domain.slo.counts import Counts, Row
from artisan_tui.domain.slo.minute_series import LONGEST, MinuteSeries, WindowReading
from artisan_tui.domain.slo.windows import DAY, MinuteGrid, Span

BASE = 29_000_000


def brute(rows: dict[int, Row], span: Span, excluded: list[Span], grid: MinuteGrid) -> WindowReading:
    sides = [Counts(), Counts()]
    for minute in range(span.start, span.end):
        hidden = any(each.start <= minute < each.end for each in excluded)
        _, bad, total, measured = rows.get(minute, (minute, 0, 0, 0))
        sides[hidden] += Counts(bad, total, grid.expected(Span(minute, minute + 1)), measured)
    return WindowReading(*sides)


minutes = st.integers(BASE - 200, BASE + 400)
rows_ = st.tuples(
    minutes,
    st.one_of(st.integers(-3, 300), st.integers(-(2**40), 2**40)),
    st.one_of(st.integers(0, 300), st.integers(0, 2**40)),
    st.integers(0, 3),
)
spans = st.builds(Span, st.integers(BASE - 300, BASE + 500), st.integers(BASE - 300, BASE + 500))
grids = st.sampled_from([MinuteGrid(), MinuteGrid(300_000), MinuteGrid(30_000), MinuteGrid(60_000, 3)])


@settings(max_examples=200)
@given(
    st.lists(st.one_of(st.lists(rows_, max_size=40), spans), max_size=8),
    st.lists(spans, max_size=3),
    grids,
    st.randoms(use_true_random=False),
)
def test_any_window_equals_adding_up(
    steps: list[list[Row] | Span], excluded: list[Span], grid: MinuteGrid, chance: random.Random
) -> None:
    ledger, known = MinuteSeries(grid), dict[int, Row]()
    for step in steps:
        if isinstance(step, Span):
            assert ledger.read(step, excluded) == brute(known, step, excluded, grid)
            assert ledger.rows(step) == [known[m] for m in range(step.start, step.end) if m in known]
            missing = [m for hole in ledger.holes(step) for m in range(hole.start, hole.end)]
            assert missing == [m for m in range(step.start, step.end) if m not in known]
            worst = ledger.costliest(step, 5, excluded)
            shown = [
                row
                for m, row in known.items()
                if step.start <= m < step.end and row[1] > 0 and not any(e.start <= m < e.end for e in excluded)
            ]
            assert worst == sorted(shown, key=lambda row: (-row[1], -row[0]))[:5]
        else:
            ledger.put(step)
            known.update({row[0]: row for row in step})


@settings(max_examples=50)
@given(st.lists(rows_, max_size=60), st.integers(BASE - 300, BASE + 600), st.lists(rows_, max_size=20))
def test_what_was_forgotten_is_gone_in_whole_blocks_and_the_rest_stays(
    rows: list[Row], before: int, after: list[Row]
) -> None:
    ledger = MinuteSeries()
    ledger.put(rows)
    ledger.forget(before)
    known = {row[0]: row for row in rows if row[0] >= before}
    assert ledger.rows(Span(before, BASE + 1000)) == [known[m] for m in sorted(known)]
    assert not ledger.rows(Span(BASE - 1000, before - 64))
    ledger.put(after)
    known |= {row[0]: row for row in after}
    late = Span(before, BASE + 1000)
    assert ledger.read(late) == brute(known, late, [], MinuteGrid())


@settings(max_examples=100)
@given(
    st.lists(
        st.tuples(
            minutes, st.lists(st.tuples(st.sampled_from([-3, 0, 5, 200, 2**20, 2**40]), st.integers(0, 9)), max_size=90)
        ),
        max_size=5,
    ),
    st.lists(rows_, max_size=20),
    spans,
)
def test_a_run_is_put_as_its_rows_are(
    runs: list[tuple[int, list[tuple[int, int]]]], between: list[Row], span: Span
) -> None:
    by_run, by_row = MinuteSeries(), MinuteSeries()
    for first, values in runs:
        bad, total, measured = (
            array("q", cells) for cells in ([b for b, _ in values], [7] * len(values), [m for _, m in values])
        )
        by_run.put_run(first, bad, total, measured)
        by_row.put(zip(range(first, first + len(bad)), bad, total, measured, strict=True))
        assert by_run.read(span) == by_row.read(span)
        for ledger in (by_run, by_row):
            ledger.put(between)
    whole = Span(BASE - 1000, BASE + 1000)
    assert by_run.rows(whole) == by_row.rows(whole)
    assert by_run.holes(whole) == by_row.holes(whole)
    assert by_run.read(span) == by_row.read(span)


def test_a_minute_never_filled_is_expected_all_the_same() -> None:
    ledger = MinuteSeries()
    ledger.put([(BASE, 0, 10, 1), (BASE + 2, 0, 10, 1)])
    assert ledger.read(Span(BASE, BASE + 4)).burned == Counts(0, 20, 4, 2)
    assert ledger.holes(Span(BASE - 1, BASE + 4)) == [
        Span(BASE - 1, BASE),
        Span(BASE + 1, BASE + 2),
        Span(BASE + 3, BASE + 4),
    ]
    ledger.put([(BASE + 1, 0, 0, 0)])
    assert ledger.holes(Span(BASE, BASE + 3)) == []
    assert MinuteSeries().read(Span(BASE, BASE + 4)).burned == Counts(0, 0, 4, 0)
    assert MinuteSeries().holes(Span(BASE, BASE + 4)) == [Span(BASE, BASE + 4)]


def test_a_corrected_minute_counts_at_once() -> None:
    ledger, whole = MinuteSeries(), Span(BASE, BASE + 300)
    ledger.put((BASE + n, 1, 2, 1) for n in range(300))
    assert ledger.read(whole).burned == Counts(300, 600, 300, 300)
    ledger.put([(BASE + 3, 50, 60, 0)])
    assert ledger.read(whole).burned == Counts(349, 658, 300, 299)


def test_maintenance_burns_nothing_and_is_kept() -> None:
    ledger = MinuteSeries()
    ledger.put((BASE + n, 5 if 10 <= n < 20 else 0, 100, 1) for n in range(60))
    work = [Span(BASE + 8, BASE + 15), Span(BASE + 12, BASE + 18)]
    reading = ledger.read(Span(BASE, BASE + 60), work)
    assert reading.burned == Counts(10, 5000, 50, 50)
    assert reading.excluded == Counts(40, 1000, 10, 10)
    assert [row[0] - BASE for row in ledger.costliest(Span(BASE, BASE + 60), 9, work)] == [19, 18]


def test_a_broken_clock_does_not_eat_the_memory() -> None:
    ledger = MinuteSeries()
    ledger.put([(BASE, 1, 1, 1)])
    for minute in (0, BASE + LONGEST):
        with pytest.raises(ValueError, match="clock"):
            ledger.put([(minute, 1, 1, 1)])
    with pytest.raises(ValueError, match="clock"):
        ledger.put_run(BASE + LONGEST, *[array("q", [1] * 9)] * 3)
    assert ledger.read(Span(0, BASE + LONGEST + 1)).burned.total == 1
    assert ledger.nbytes < 5000


def test_a_hundred_slos_over_90_days_are_small_and_a_read_does_not_walk() -> None:
    chance = random.Random(1)
    ledger = MinuteSeries()
    ledger.put((BASE + n, chance.randrange(3), chance.randrange(50_000), 1) for n in range(90 * DAY))
    assert ledger.nbytes * 100 < 130_000_000
    spans = [Span(BASE + chance.randrange(45 * DAY), BASE + 90 * DAY - n) for n in range(200)]
    ledger.read(spans[0])
    began = time.process_time()
    for span in spans:
        ledger.read(span)
    assert (time.process_time() - began) / len(spans) < 0.001
