"""Rounds over ledgers: news, holes, partial answers, servers that bear little or nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.domain.slo.budget import BudgetStatus, UnknownReason
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.domain.slo.windows import DAY, Span, latest_end, settled
from artisan_tui.engine.slo.backfill import Backfill
from artisan_tui.engine.slo.ledger import Now, SloLedger
from artisan_tui.engine.slo.reading import LEAST, newest_first
from artisan_tui.sources.metrics.range_source import RangeSamples
from artisan_tui.sources.slo import open_indicator
from artisan_tui.sources.slo.indicator import MinuteRows
from support.memory_range_source import MemoryRangeSource

END = 29_911_000
NOW = END * 60_000 + 20_000
AT = datetime.fromtimestamp(NOW / 1000, UTC)


def slo(window: str = "7d") -> SloSpec:
    return SloSpec.model_validate(
        {
            "id": "api",
            "objective": "99.9%",
            "window": window,
            "services": ("api",),
            "sli": {"kind": "events", "total": "requests_total", "bad": 'requests_total{status=~"5.."}'},
        }
    )


class Bench:
    """One ledger, its past, and the backfill between the two."""

    def __init__(self, past: MemoryRangeSource, window: str = "7d") -> None:
        self.past, self.rounds = past, 0
        self.ledger = SloLedger(slo(window), open_indicator(slo(window), past), ZoneInfo("UTC"))
        self.backfill = Backfill([self.ledger], past, self._changed)

    async def _changed(self) -> None:
        self.rounds += 1

    async def round(self, at: datetime = AT) -> None:
        self.past.now = int(at.timestamp() * 1000)
        now = await self.backfill.now(at)
        await self.backfill.news(now)
        await self.backfill.holes(now)

    def counts(self, span: Span) -> tuple[int, int]:
        found = self.ledger.rows.read(span).burned
        return found.bad, found.total


def past(**how: object) -> MemoryRangeSource:
    return MemoryRangeSource(END - 8 * DAY, NOW, lambda minute: minute % 7 == 0, **how)  # type: ignore[arg-type]


async def test_a_week_is_read_newest_day_first_and_counted_exactly() -> None:
    bench = Bench(past())
    await bench.round()
    end = latest_end(NOW, 15_000)
    span = Span(end - 7 * DAY, end)
    assert bench.counts(span) == bench.past.truth(span)
    assert bench.ledger.progress is None
    assert bench.rounds > 7
    days = [start // 60_000 // DAY for start, _ in bench.past.asked]
    assert days[0] >= days[-1]
    slo_status = bench.ledger.slo_status(NOW, ())
    assert slo_status.evaluation.status is BudgetStatus.EXHAUSTED
    assert slo_status.read_at == AT
    assert "requests_total" in slo_status.evidence.query


async def test_only_minutes_that_cannot_change_any_more_are_kept() -> None:
    bench = Bench(past())
    await bench.round()
    final = settled(NOW, 15_000)
    assert max(bench.ledger.unkept) == final - 1
    assert bench.ledger.rows.rows(Span(final, END))


async def test_the_next_round_reads_what_is_new_and_little_more() -> None:
    bench = Bench(past())
    await bench.round()
    bench.past.asked.clear()
    await bench.round(AT + timedelta(minutes=1))
    assert bench.past.asked
    assert min(start for start, _ in bench.past.asked) >= (END - 15) * 60_000
    end = latest_end(NOW, 15_000) + 1
    assert bench.counts(Span(end - 7 * DAY, end)) == bench.past.truth(Span(end - 7 * DAY, end))


async def test_a_server_that_bears_little_is_asked_for_little() -> None:
    bench = Bench(past(answers_at_most=90), "3d")
    await bench.round()
    span = Span(END - 3 * DAY, END)
    assert bench.counts(span) == bench.past.truth(span)
    assert all(end - start <= 90 * 60_000 for start, end in bench.past.asked)


async def test_one_that_bears_nothing_is_said_and_asked_again_later() -> None:
    bench = Bench(past(answers_at_most=LEAST), "3d")
    await bench.round()
    assert bench.ledger.problem == "too much at once"
    assert bench.ledger.slo_status(NOW, (), stale=True).evaluation.unknown_reason is UnknownReason.PARTIAL
    bench.past.answers_at_most = 10**9
    await bench.round()
    assert bench.ledger.problem == ""
    span = Span(END - 3 * DAY, END)
    assert bench.counts(span) == bench.past.truth(span)


async def test_a_server_that_goes_down_on_the_way_leaves_a_hole_and_nothing_wrong() -> None:
    bench = Bench(past(), "7d")
    bench.past.down = True
    await bench.round()
    assert "refused" in bench.ledger.problem
    assert bench.ledger.rows.rows(Span(END - 7 * DAY, END)) == []
    bench.past.down = False
    await bench.round()
    assert bench.ledger.problem == ""
    span = Span(END - 7 * DAY, END)
    assert bench.counts(span) == bench.past.truth(span)


async def test_a_partial_answer_is_no_count_and_makes_the_budget_unknown() -> None:
    bench = Bench(past(partial=True), "3d")
    await bench.round()
    assert bench.ledger.rows.rows(Span(END - 3 * DAY, END)) == []
    slo_status = bench.ledger.slo_status(NOW, ())
    assert slo_status.notes == ("a store gateway did not answer",)
    assert slo_status.evaluation.status is BudgetStatus.UNKNOWN
    bench.past.partial = False
    await bench.round()
    assert bench.counts(Span(END - 3 * DAY, END)) == bench.past.truth(Span(END - 3 * DAY, END))
    assert bench.ledger.slo_status(NOW, ()).notes == ()


async def test_what_the_server_no_longer_has_is_not_asked_for_and_not_forgotten() -> None:
    bench = Bench(past(kept=2 * 86400.0), "7d")
    old = Span(END - 7 * DAY, END - 3 * DAY)
    bench.ledger.restore((minute, 1, 100, 1) for minute in range(old.start, old.end))
    await bench.round()
    assert min(start for start, _ in bench.past.asked) >= NOW - 2 * 86_400_000 - 60_000
    assert bench.counts(old) == (len(old), 100 * len(old))
    slo_status = bench.ledger.slo_status(NOW, ())
    assert (slo_status.kept_seconds, slo_status.since) == (2 * 86400.0, old.start)


async def test_minutes_that_nobody_saw_are_asked_for_once_more_and_not_for_ever() -> None:
    bench = Bench(past(), "3d")
    bench.past.hidden = set(range(END - 600, END - 500))
    await bench.round()
    assert bench.ledger.rows.unmeasured(Span(END - 3 * DAY, END)) == [Span(END - 600, END - 500)]
    bench.past.hidden = set()
    await bench.round(AT + timedelta(minutes=1))
    assert bench.ledger.rows.unmeasured(Span(END - 3 * DAY, END)) == [Span(END - 600, END - 500)]
    bench.backfill.ask_again()
    await bench.round(AT + timedelta(minutes=2))
    assert bench.ledger.rows.unmeasured(Span(END - 3 * DAY, END)) == []


async def test_a_target_that_went_quiet_is_unknown_whatever_the_month_says() -> None:
    bench = Bench(past(), "7d")
    bench.past.hidden = set(range(END - 30, END))
    await bench.round()
    slo_status = bench.ledger.slo_status(NOW, ())
    assert slo_status.evaluation.burned.coverage > 0.99
    assert slo_status.evaluation.status is BudgetStatus.UNKNOWN
    assert slo_status.problem.startswith("no samples for ")
    cover = Window("w", ("api",), "work", AT - timedelta(minutes=31), AT + timedelta(minutes=5))
    assert bench.ledger.slo_status(NOW, (cover,)).evaluation.status is not BudgetStatus.UNKNOWN


@pytest.mark.parametrize(
    ("covers", "counts"), [(("api",), True), ((), True), (("api.health",), False), (("db",), False)]
)
async def test_maintenance_counts_only_where_it_covers_the_slo(covers: tuple[str, ...], counts: bool) -> None:
    bench = Bench(past(), "3d")
    await bench.round()
    window = Window("w", covers, "work", AT - timedelta(hours=2), AT - timedelta(hours=1))
    excluded = bench.ledger.slo_status(NOW, (window,)).evaluation.excluded
    assert (excluded.total > 0) == counts


async def test_a_server_with_another_clock_is_read_by_its_own_and_said() -> None:
    bench = Bench(past())
    bench.past.now = NOW
    now = await bench.backfill.now(AT + timedelta(seconds=30))
    await bench.backfill.news(now)
    assert (now.server, now.ours) == (NOW, NOW + 30_000)
    assert any("30s behind the clock of this machine" in remark for remark in bench.ledger.remarks)


def test_holes_are_cut_at_whole_days_and_taken_from_the_end() -> None:
    pieces = newest_first([Span(DAY - 10, 2 * DAY + 5), Span(3 * DAY, 3 * DAY + 7)])
    assert pieces == [Span(3 * DAY, 3 * DAY + 7), Span(2 * DAY, 2 * DAY + 5), Span(DAY, 2 * DAY), Span(DAY - 10, DAY)]


@pytest.mark.parametrize(("measured", "kept"), [(3, 10), (4, 11), (5, 11)])
def test_a_minute_that_is_read_again_is_taken_unless_less_of_it_was_measured(measured: int, kept: int) -> None:
    ledger = Bench(past()).ledger
    minute = END - 60
    ledger.take(MinuteRows(((minute, 1, 10, 4),)), NOW)
    ledger.take(MinuteRows(((minute, 2, 11, measured),)), NOW)
    ((_, _, total, _),) = ledger.rows.rows(Span(minute, minute + 1))
    assert total == kept
    assert ledger.unkept[minute][2] == kept


class Lagging(MemoryRangeSource):
    """It says how many samples each hour has, and some of them come late."""

    async def stepped(self, query: str, start_ms: int, end_ms: int, step_ms: int) -> RangeSamples:
        points = []
        for at in range(start_ms, end_ms, step_ms):
            hour = range((at + 1) // 60_000 - 60, (at + 1) // 60_000)
            points.append((at, 4.0 * len(set(hour) - self.hidden)))
        self.asked_numbers = getattr(self, "asked_numbers", 0) + 1
        return RangeSamples((CounterSeries({}, tuple(points)),))


async def test_c7_an_hour_whose_samples_changed_is_counted_again() -> None:
    source = Lagging(END - 8 * DAY, NOW, lambda minute: minute % 7 == 0)
    hole = set(range(END - 200, END - 150))
    source.hidden = set(hole)
    bench = Bench(source)
    await bench.round()
    await bench.backfill.recount(Now(NOW, NOW))
    span = Span(END - 220, END - 140)
    assert bench.ledger.rows.read(span).burned.measured < 80
    source.hidden.clear()
    source.asked.clear()
    await bench.backfill.recount(Now(NOW + 60_000, NOW))
    assert source.asked == []  # it is too early to ask again
    later = NOW + 301_000
    source.now = later
    await bench.backfill.recount(Now(later, later))
    assert bench.ledger.rows.read(span).burned.measured == 80
    assert bench.counts(span) == source.truth(span)
    assert set(range(span.start, span.end)) <= set(bench.ledger.unkept)
    source.asked.clear()
    await bench.backfill.recount(Now(later + 301_000, later))
    assert len(source.asked) == 0
    # What a worse answer leaves out is not forgotten.
    source.hidden = set(hole)
    await bench.backfill.recount(Now(later + 602_000, later))
    assert source.asked
    assert bench.counts(span) == source.truth(span)
