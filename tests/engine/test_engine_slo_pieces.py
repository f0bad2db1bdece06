"""C8: remarks, notes and the query to paste belong to the minutes that they are about."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.slo.windows import DAY, Span
from artisan_tui.engine.slo.ledger import SloLedger
from artisan_tui.engine.slo.pieces import PieceRemarks
from artisan_tui.reports.slo.queries import page_query
from artisan_tui.sources.slo import open_indicator
from artisan_tui.sources.slo.indicator import MinuteRows
from engine.test_engine_backfill import END, NOW, Bench
from support.memory_range_source import MemoryRangeSource

UTC_ZONE = ZoneInfo("UTC")


def filled(span: Span, *remarks: str, notes: tuple[str, ...] = (), samples: int = 0, query: str = "") -> MinuteRows:
    rows = tuple((minute, 0, 0, int(samples > 0)) for minute in range(span.start, span.end))
    return MinuteRows(rows, notes, remarks, query, samples=samples)


def piece(said: PieceRemarks, start: int, end: int, *remarks: str, **more: object) -> None:
    span = Span(start, end)
    said.take(span, filled(span, *remarks, **more))  # type: ignore[arg-type]


async def test_c8_a_day_before_the_data_says_nothing_beside_millions_of_events() -> None:
    bench = Bench(MemoryRangeSource(END - 2 * DAY, NOW))
    await bench.round()
    slo_status = bench.ledger.slo_status(NOW, ())
    assert slo_status.evaluation.burned.total > 100_000
    assert slo_status.remarks == ()
    assert slo_status.evidence.query.count("\n") == 1


async def test_c8_a_metric_that_nobody_has_is_said() -> None:
    bench = Bench(MemoryRangeSource(END + 60, NOW))
    await bench.round()
    assert bench.ledger.slo_status(NOW, ()).remarks == ("no series matches requests_total",)


def test_c8_what_is_said_about_the_newest_minutes_stays_until_they_are_read_again() -> None:
    said = PieceRemarks()
    piece(said, 1000, 1060, "no series matches x")
    piece(said, 0, 60, samples=5)
    assert said.remarks(UTC_ZONE, empty=False) == ("no series matches x",)
    piece(said, 1055, 1061, samples=5)
    assert said.remarks(UTC_ZONE, empty=False) == ()


def test_c8_a_remark_about_older_minutes_names_them() -> None:
    said = PieceRemarks()
    piece(said, 1000, 1060, samples=5, query="new")
    piece(said, 0, 60, "2 of 3 histograms have no bucket", samples=5, query="old")
    assert said.remarks(UTC_ZONE, empty=False) == (
        "1970-01-01 00:00 to 1970-01-01 01:00: 2 of 3 histograms have no bucket",
    )
    assert said.query == "new"
    piece(said, 0, 60, samples=5)
    assert said.remarks(UTC_ZONE, empty=False) == ()


def test_c8_a_partial_answer_is_remembered_until_its_minutes_are_read_again() -> None:
    said = PieceRemarks()
    piece(said, 0, 60, notes=("a store did not answer",))
    piece(said, 1000, 1060, samples=5)
    assert said.notes == ("a store did not answer",), "the newest minutes say nothing about the older ones"
    piece(said, 0, 30, samples=5)
    assert said.notes
    piece(said, 20, 60, samples=5)
    assert said.notes == ()


@pytest.mark.parametrize(
    ("sli", "query"),
    [
        (
            {"kind": "events", "total": "r_total", "bad": 'r_total{status=~"5.."}'},
            '(sum(increase(r_total{status=~"5.."}[7d] @ %d)) or vector(0)) / sum(increase(r_total[7d] @ %d))',
        ),
        (
            {"kind": "events", "total": "r_total", "good": 'r_total{status="200"}'},
            '1 - (sum(increase(r_total{status="200"}[7d] @ %d)) or vector(0)) / sum(increase(r_total[7d] @ %d))',
        ),
        (
            {"kind": "latency", "histogram": "d_seconds", "threshold": "2.5s"},
            '1 - sum(increase(d_seconds_bucket{le="2.5"}[7d] @ %d)) / sum(increase(d_seconds_bucket{le="+Inf"}[7d] @ %d))',
        ),
    ],
)
def test_c8_the_query_to_copy_is_one_expression(sli: dict[str, str], query: str) -> None:
    spec = SloSpec.model_validate({"id": "api", "objective": "99%", "window": "7d", "sli": sli})
    past = MemoryRangeSource(END - 60, NOW)
    ledger = SloLedger(spec, open_indicator(spec, past), UTC_ZONE)
    assert page_query(ledger.slo_status(NOW, ())) == query % (END * 60, END * 60)
