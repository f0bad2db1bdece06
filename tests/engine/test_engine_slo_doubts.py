"""C5: what a ledger leaves open is kept with it, and a second process says it in the same words."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.selector import Selector
from artisan_tui.domain.slo.budget import BudgetStatus, UnknownReason
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.domain.slo.gate import Verdict, gate
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.slo.windows import DAY
from artisan_tui.engine.slo.backfill import Backfill, keep
from artisan_tui.engine.slo.ledger import SloLedger
from artisan_tui.reports.slo.explain import explain_lines
from artisan_tui.reports.slo.gate import gate_lines, reason_lines
from artisan_tui.reports.slo.json_documents import explain_json, gate_json, report_json
from artisan_tui.reports.slo.report import report_lines
from artisan_tui.sources.metrics.range_source import RangeSamples
from artisan_tui.sources.slo import open_indicator
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.part import SloStore
from artisan_tui.store.store import Store
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.slo.detail import detail_rows
from support.memory_range_source import MemoryRangeSource

END = 29_911_000
NOW = END * 60_000 + 20_000
AT = datetime.fromtimestamp(NOW / 1000, UTC)
UTC_ZONE = ZoneInfo("UTC")
EVENTS = {"kind": "events", "total": "requests_total", "bad": 'requests_total{status=~"5.."}'}


class CrashLoop(MemoryRangeSource):
    """Beside the steady service, instances that are scraped once before they are gone: (minute, good, bad)."""

    short: tuple[tuple[int, int, int], ...] = ()

    async def raw(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        steady = await super().raw(selector, start_ms, end_ms)
        found = list(steady.series)
        failing = 'status=~"5' in str(selector)
        for minute, good, bad in self.short:
            at = minute * 60_000 + 1000
            if start_ms <= at < end_ms:
                labels = {"job": "api", "instance": f"crash-{minute}"}
                found.append(CounterSeries({**labels, "status": "500"}, ((at, float(bad)),)))
                if not failing and good:
                    found.append(CounterSeries({**labels, "status": "200"}, ((at, float(good)),)))
        return RangeSamples(tuple(found), steady.notes, steady.remarks, steady.query)


class Buckets(MemoryRangeSource):
    """A histogram with bounds at 2 and 5 s only: half of the events at most 2 s, all at most 5 s."""

    async def raw(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        steady = await super().raw(selector, start_ms, end_ms)
        shares = {"2": 0.5, "5": 1.0, "+Inf": 1.0}
        wanted = {bound: share for bound, share in shares.items() if selector.matches(selector.name, {"le": bound})}
        found = tuple(
            CounterSeries(
                {"job": "api", "instance": "a", "le": bound}, tuple((at, value * share) for at, value in each.samples)
            )
            for each in steady.series
            for bound, share in wanted.items()
        )
        return RangeSamples(found, steady.notes, steady.remarks, steady.query)


def crash_loop(*short: tuple[int, int, int]) -> CrashLoop:
    past = CrashLoop(END - 8 * DAY, NOW)
    past.short = short
    return past


def spec(**more: object) -> SloSpec:
    return SloSpec.model_validate({"id": "api", "objective": "99.9%", "window": "7d", "sli": EVENTS, **more})


async def nothing() -> None:
    """A round shows what it read; here nobody looks."""


def first_process(past: MemoryRangeSource, slo: SloSpec, place: Path) -> SloStatus:
    """Reads everything and writes it down."""
    ledger = SloLedger(slo, open_indicator(slo, past), UTC_ZONE)

    async def read() -> None:
        backfill = Backfill([ledger], past, nothing)
        now = await backfill.now(AT)
        await backfill.news(now)
        await backfill.holes(now)
        await backfill.match(now)

    asyncio.run(read())
    store = Store.open(StorePlace(place))
    keep(store, [ledger], [ledger.take_unkept()])
    store.close()
    return ledger.slo_status(NOW, ())


def second_process(past: MemoryRangeSource, slo: SloSpec, place: Path) -> SloStatus:
    """Only reads the store."""
    ledger = SloLedger(slo, open_indicator(slo, past), UTC_ZONE)
    store = Store.open(StorePlace(place), read_only=True)
    part, span = store.part(SloStore), ledger.wanted(END)
    part.load("api", ledger.indicator.definition, span, ledger.rows)
    for book in ledger.doubts.books:
        part.load("api", book.definition, span, book.rows)
    store.close()
    return ledger.slo_status(NOW, (), tail=False)


def everywhere(slo_status: SloStatus) -> Iterable[str]:
    """What a person or a script reads about it, place by place."""
    statuses = (slo_status,)
    verdict = gate([(slo_status.id, slo_status.evaluation.status)], None, AT)
    yield "\n".join(report_lines(statuses, verdict, AT, UTC_ZONE))
    yield "\n".join([*gate_lines(verdict, statuses, UTC_ZONE), *reason_lines(verdict, statuses)])
    yield "\n".join(explain_lines(slo_status, UTC_ZONE))
    yield str(report_json(statuses, verdict, AT))
    yield str(gate_json(statuses, verdict, AT, allow_unknown=False)["reasons"])
    yield str(explain_json(slo_status))
    rows = detail_rows(slo_status, 200, 60, UTC_ZONE, AT, UNICODE)
    yield "\n".join("".join(text for text, _role in row) for row in rows)


def test_c5_a_crash_loop_is_unknown_in_every_process_and_in_the_same_words(tmp_path: Path) -> None:
    past, slo = crash_loop((END - 600, 0, 3600)), spec()
    for slo_status in (first_process(past, slo, tmp_path / "a"), second_process(past, slo, tmp_path / "a")):
        assert slo_status.evaluation.status is BudgetStatus.UNKNOWN
        assert slo_status.evaluation.unknown_reason is UnknownReason.DOUBT
        assert gate([("api", slo_status.evaluation.status)], None, AT).verdict is Verdict.UNKNOWN
        for text in everywhere(slo_status):
            assert "3,600 events were not counted because their time is unknown, up to 3,600 of them bad" in text
        assert "up to 3,600 bad events were not counted" in next(iter(everywhere(slo_status)))


def test_c5_a_doubt_smaller_than_what_is_left_is_said_and_decides_nothing(tmp_path: Path) -> None:
    past, slo = crash_loop((END - 600, 90, 2)), spec()
    first_process(past, slo, tmp_path / "a")
    slo_status = second_process(past, slo, tmp_path / "a")
    assert slo_status.evaluation.status is BudgetStatus.HEALTHY
    for text in everywhere(slo_status):
        assert "92 events were not counted because their time is unknown, up to 2 of them bad" in text


@pytest.mark.parametrize("one_more", [0, 1])
def test_c5_exactly_what_is_left_is_still_known(tmp_path: Path, one_more: int) -> None:
    left = int(first_process(crash_loop(), spec(), tmp_path / "a").evaluation.budget.allowance)
    slo_status = first_process(crash_loop((END - 600, 0, left + one_more)), spec(), tmp_path / "b")
    assert (slo_status.evaluation.status is BudgetStatus.UNKNOWN) == bool(one_more)


def test_c5_many_short_lives_add_up_and_an_exhausted_budget_stays_exhausted(tmp_path: Path) -> None:
    short = [(END - at, 0, 100) for at in range(100, 1600, 100)]
    slo_status = first_process(crash_loop(*short), spec(), tmp_path / "a")
    assert slo_status.evidence.unclaimed_bad == 1500
    assert slo_status.evaluation.status is BudgetStatus.UNKNOWN
    burned = CrashLoop(END - 8 * DAY, NOW, lambda _minute: 1)
    burned.short = tuple(short)
    assert first_process(burned, spec(), tmp_path / "b").evaluation.status is BudgetStatus.EXHAUSTED


def test_c5_a_doubt_leaves_with_the_window(tmp_path: Path) -> None:
    past = crash_loop((END - 6 * DAY, 0, 3600))
    assert first_process(past, spec(), tmp_path / "a").evidence.unclaimed == 3600
    short = spec(window="3d")
    assert first_process(past, short, tmp_path / "b").evidence.unclaimed == 0


def test_c5_what_began_with_the_first_scrape_of_all_weighs_nothing(tmp_path: Path) -> None:
    past = crash_loop()
    past.first = END - 7 * DAY + 30
    past.short = ((past.first, 10**6, 10**6),)
    slo_status = first_process(past, spec(min_coverage="50%"), tmp_path / "a")
    assert slo_status.evaluation.status is BudgetStatus.HEALTHY
    assert slo_status.evidence.unclaimed_bad == 0


def test_c5_an_interpolated_slo_is_estimated_in_the_second_process_too(tmp_path: Path) -> None:
    past = Buckets(END - 8 * DAY, NOW)
    sli = {"kind": "latency", "histogram": "d_seconds", "threshold": "3s", "interpolate": True}
    slo = spec(sli=sli, objective="50%")
    first = first_process(past, slo, tmp_path / "a")
    second = second_process(past, slo, tmp_path / "a")
    assert first.evidence.estimated
    assert second.evidence.estimated
    assert explain_json(second)["estimated"] is True
    assert all(
        "no bucket ends at 3 s: counts between two buckets are interpolated" in text for text in everywhere(second)
    )


def test_c5_an_exact_bucket_is_not_estimated(tmp_path: Path) -> None:
    past = Buckets(END - 8 * DAY, NOW)
    sli = {"kind": "latency", "histogram": "d_seconds", "threshold": "2s", "interpolate": True}
    slo = spec(sli=sli, objective="40%")
    assert not first_process(past, slo, tmp_path / "a").evidence.estimated
    assert not second_process(past, slo, tmp_path / "a").evidence.estimated


class Mistyped(MemoryRangeSource):
    """The label of the bad events does not exist."""

    async def raw(self, selector: Selector, start_ms: int, end_ms: int) -> RangeSamples:
        read = await super().raw(selector, start_ms, end_ms)
        return RangeSamples((), read.notes, query=read.query) if selector.matchers else read


@pytest.mark.parametrize(
    ("bad", "said", "status"),
    [
        ('requests_total{staus="500"}', "no series of it has a label staus", BudgetStatus.UNKNOWN),
        ('requests_total{job="api",code="5"}', "no series of it has a label code", BudgetStatus.UNKNOWN),
        ('requests_total{status="599"}', "no such event yet, or the selector is mistyped", BudgetStatus.HEALTHY),
    ],
)
def test_c6_a_selector_that_never_matched_is_a_doubt_in_every_process(
    tmp_path: Path, bad: str, said: str, status: BudgetStatus
) -> None:
    past = Mistyped(END - 8 * DAY, NOW)
    slo = spec(sli={**EVENTS, "bad": bad})
    for slo_status in (first_process(past, slo, tmp_path / "a"), second_process(past, slo, tmp_path / "a")):
        assert slo_status.evaluation.status is status
        for text in everywhere(slo_status):
            assert said in text


def test_c6_a_selector_that_counts_at_last_is_no_doubt_any_more(tmp_path: Path) -> None:
    slo = spec(sli={**EVENTS, "bad": 'requests_total{code="5"}'})
    past = Mistyped(END - 8 * DAY, NOW)
    ledger = SloLedger(slo, open_indicator(slo, past), UTC_ZONE)

    async def read() -> None:
        backfill = Backfill([ledger], past, nothing)
        now = await backfill.now(AT)
        await backfill.news(now)
        await backfill.match(now)

    asyncio.run(read())
    assert ledger.slo_status(NOW, ()).evidence.unmatched
    ledger.rows.put([(END - 3, 1, 100, 1)])
    assert not ledger.slo_status(NOW, ()).evidence.unmatched
