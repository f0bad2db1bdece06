"""Counters that went on while the program did not run: the next session counts their events once, or says a doubt."""

from __future__ import annotations

import asyncio
import hashlib
import random
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.config.metrics import Metrics
from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.slo.windows import Span
from artisan_tui.engine.access import Session
from artisan_tui.engine.core import Engine
from artisan_tui.engine.launch import Options
from artisan_tui.engine.slo.backfill import Backfill, keep
from artisan_tui.engine.slo.books import books_of, read_book
from artisan_tui.engine.slo.handover import Handover, hand_over, packed, take_over, unpacked
from artisan_tui.engine.slo.ledger import SloLedger
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.sources.metrics.range_source import LastSamples
from artisan_tui.sources.metrics.scrape import ScrapeBackend
from artisan_tui.sources.slo import open_indicator
from artisan_tui.store.place import StorePlace
from artisan_tui.store.slo.part import SloStore
from artisan_tui.store.store import Store
from support.scraping import MetricsPage
from support.servers import talking

ZERO = 29_900_000 * 60.0
SPEC = {"id": "api", "objective": "99%", "window": "7d"}
EVENTS = {"kind": "events", "total": "r_total", "bad": 'r_total{code="500"}'}
LATENCY = {"kind": "latency", "histogram": "d", "threshold": "1s"}


class House:
    """A target whose counters go on, and one session of the program after the other, on clocks in the test's hands."""

    def __init__(self, url: str, page: MetricsPage, store: Store, sli: dict[str, object]) -> None:
        self.url, self.page, self.store, self.sli = url, page, store, sli
        self.now, self.counted, self.bad = ZERO, 0, 0
        self.text: Callable[[House], str] = lambda house: (
            f'r_total{{code="200"}} {house.counted - house.bad}\nr_total{{code="500"}} {house.bad}\n'
        )

    def events(self, good: int, bad: int = 0) -> None:
        self.counted, self.bad = self.counted + good + bad, self.bad + bad

    async def session(self, scrapes: int, *, crash: bool = False, per_scrape: int = 10, hand: bool = True) -> SloLedger:
        """Scrape that often, a round after each minute. A crash leaves what the last round wrote."""
        metrics = Metrics(scrape=(self.url,), every=15.0, timeout=2.0)
        scraper = ScrapeBackend(metrics, lambda: self.now, lambda: self.now)
        spec = SloSpec.model_validate({**SPEC, "sli": self.sli})
        ledger = SloLedger(spec, open_indicator(spec, scraper), ZoneInfo("UTC"))
        for definition, book in books_of(ledger):
            span = Span(int(self.now // 60) - 10_000, int(self.now // 60) + 60)
            book.rows = read_book(self.store, book, "api", definition, span)[1] or book.rows
        kept = self.store.part(SloStore).scraped()
        if kept is not None and hand:
            await take_over(scraper, [ledger], kept, int(self.now * 1000))
        backfill = Backfill([ledger], scraper, self._nothing)

        async def round_() -> None:
            now = await backfill.now(datetime.fromtimestamp(self.now, UTC))
            await backfill.news(now)
            await backfill.holes(now)
            taken = [ledger.take_unkept()]
            if any(taken[0].values()):
                keep(self.store, [ledger], taken, None, await hand_over(scraper, [ledger]))

        try:
            for count in range(scrapes):
                self.now += 15.0
                self.events(per_scrape - 1, 1)
                self.page.text(self.text(self))
                await scraper.refresh()
                if count % 4 == 3:
                    await round_()
            if not crash:
                await round_()
        finally:
            await scraper.aclose()
        return ledger

    async def _nothing(self) -> None:
        """Nobody looks."""

    def written(self) -> tuple[int, int]:
        """(bad, all) of the whole ledger in the store."""
        found = self.store.part(SloStore).ledgers()
        main = next(each for each in found if ":" not in each.definition)
        assert main.reach is not None
        rows = self.store.part(SloStore).minutes("api", main.definition, Span(*main.reach))
        return sum(row[1] for row in rows), sum(row[2] for row in rows)


@asynccontextmanager
async def house(tmp_path: Path, sli: dict[str, object] | None = None) -> AsyncIterator[House]:
    page = MetricsPage()
    with Store.open(StorePlace(tmp_path)) as store:
        async with talking(page.talk) as port:
            yield House(f"http://127.0.0.1:{port}/metrics", page, store, sli or EVENTS)


@pytest.mark.parametrize("hole", [20, 240, 3600 - 240, 3600, 6 * 3600, 3 * 86_400], ids=str)
@pytest.mark.parametrize("crash", [False, True], ids=["ended", "crashed"])
async def test_c1_events_between_two_sessions_are_counted_once(tmp_path: Path, hole: int, crash: bool) -> None:
    async with house(tmp_path) as one:
        one.events(5000, 700)  # before anybody looked
        await one.session(40, crash=crash)
        first = one.counted - 40 * 10
        one.now += hole
        one.events(4_000, 42)
        ledger = await one.session(41)
        # All but what came with the first scrape of all and the last scrapes, whose minutes can still change.
        now = one.now
        bad, total = one.written()
        late = sum(1 for back in range(20) if now - back * 15 >= ledger.written_to * 60)
        assert total == one.counted - first - 10 - late * 10
        assert bad == one.bad - 700 - 1 - late
        assert (
            not [
                row
                for row in ledger.doubts.uncounted.rows.rows(Span(int(now // 60) - 200, int(now // 60)))
                if row[2] and row[3]
            ]
            or hole > 3600
        )


async def test_c1_a_counter_that_began_anew_meanwhile_counts_from_zero(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        one.events(5000, 700)
        await one.session(40)
        before = one.written()
        one.now += 1800
        one.counted = one.bad = 0
        one.events(55, 5)
        ledger = await one.session(40)
        late = sum(1 for back in range(20) if one.now - back * 15 >= ledger.written_to * 60)
        bad, total = one.written()
        # What was counted after the last minute that was written is lost with the restart; it was at most 2.5 minutes.
        assert 60 + 400 - late * 10 <= total - before[1] <= 60 + 400 - late * 10 + 100
        assert 5 + 40 - late <= bad - before[0] <= 5 + 40 - late + 10


@pytest.mark.parametrize("seed", range(6))
async def test_c1_many_sessions_lose_and_double_nothing(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    async with house(tmp_path) as one:
        one.events(1000)
        ledger = await one.session(dice.randrange(12, 40))
        begun = 1000 + 10
        for _ in range(8):
            one.now += dice.choice([5, 31, 90, 600, 3700, 20_000])
            one.events(dice.randrange(500), dice.randrange(50))
            ledger = await one.session(dice.randrange(1, 30), crash=dice.random() < 0.5)
        await one.session(20, per_scrape=1)
        ledger = await one.session(4, per_scrape=1)
        late = sum(1 for back in range(24) if one.now - back * 15 >= ledger.written_to * 60)
        assert one.written()[1] == one.counted - begun - late


async def test_c1_a_histogram_goes_on_too(tmp_path: Path) -> None:
    async with house(tmp_path, LATENCY) as one:
        one.text = lambda it: f'd_bucket{{le="1.0"}} {it.counted - it.bad}\nd_bucket{{le="+Inf"}} {it.counted}\n'
        one.events(900, 50)
        await one.session(40)
        one.now += 7200
        one.events(300, 33)
        ledger = await one.session(40)
        late = sum(1 for back in range(20) if one.now - back * 15 >= ledger.written_to * 60)
        assert one.written() == (80 - 1 + 33 - late, 333 + 800 - 10 - late * 10)


async def test_c1_a_series_that_was_born_meanwhile_counts(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        one.text = lambda it: (
            f'r_total{{code="200"}} {it.counted - it.bad}\n'
            + (f'r_total{{code="500"}} {it.bad}\n' if it.now > ZERO + 700 else "")
        )
        await one.session(40, per_scrape=1)
        assert one.written()[0] == 0
        one.now += 300
        await one.session(40, per_scrape=1)
        assert one.written()[0] >= 70


async def test_c1_without_a_handover_it_is_said(tmp_path: Path) -> None:
    """The store of an older version has none: nobody can tell how old the events are, and that is said."""
    async with house(tmp_path) as one:
        one.events(5000, 700)
        await one.session(40)
        one.now += 1800
        one.events(4000, 42)
        ledger = await one.session(40, hand=False)
        now = int(one.now // 60)
        assert sum(row[2] for row in ledger.doubts.uncounted.rows.rows(Span(now - 20, now))) >= 9000


async def test_c1_the_clock_was_set_back_between_two_sessions(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.session(40)
        one.now -= 50
        one.events(300)
        ledger = await one.session(60)
        late = sum(1 for back in range(20) if one.now - back * 15 >= ledger.written_to * 60)
        assert one.written()[1] == one.counted - 10 - late * 10


@pytest.mark.parametrize("data", [b"", b"junk", packed({}, [])[:-3]])
def test_what_cannot_be_read_is_no_handover(data: bytes) -> None:
    assert unpacked(data) is None


def test_a_handover_comes_back_as_it_was() -> None:
    last = LastSamples("t", "r_total", (("code", "서울"),), ((1, 2.0), (3, 4.5)))
    found = unpacked(packed({"api d": 7, "b d": 5}, [last]))
    assert found is not None
    assert (found.first, dict(found.ends), found.samples) == (5, {"api d": 7, "b d": 5}, (last,))


async def test_a_handover_from_the_far_future_is_not_gone_on_with(tmp_path: Path) -> None:
    async with house(tmp_path) as one:
        await one.session(40)
        one.now -= 86_400
        ledger = await one.session(8)
        assert ledger.not_before == 0


CONFIG = """
[artisan]
name = "Shop"
[metrics]
scrape = ["{url}"]
every = "1s"
timeout = "1s"
[[service]]
id = "here"
[[service.check]]
id = "memory"
kind = "memory"
[[slo]]
id = "api"
objective = "99%"
window = "7d"
sli = {{ kind = "events", total = 'r_total', bad = 'r_total{{code="500"}}' }}
"""


def handed_in(place: StorePlace) -> Handover:
    """What the store keeps for the next session."""
    with Store.open(place, read_only=True) as store:
        handed = unpacked(store.part(SloStore).scraped() or b"")
    assert handed is not None
    return handed


async def test_c1_a_running_session_takes_over_and_hands_over(tmp_path: Path) -> None:
    """What the session before saw and did not write is counted with the first round, and written with what comes next."""
    page, minute = MetricsPage(), int(time.time() // 60)
    page.text('r_total{code="200"} 60\n')
    place = StorePlace(tmp_path / "state")
    async with talking(page.talk) as port:
        url = f"http://127.0.0.1:{port}/metrics"
        target = hashlib.sha256(url.encode()).hexdigest()[:24]
        seen = [((minute - 10) * 60_000, 10.0), ((minute - 8) * 60_000 + 5, 20.0), ((minute - 7) * 60_000 + 5, 45.0)]
        with Store.open(place) as store:
            last = LastSamples(target, "r_total", (("code", "200"),), tuple(seen))
            store.part(SloStore).keep_many([], scraped=packed({"api other": minute - 9}, [last]))
        (tmp_path / "artisan.toml").write_text(CONFIG.format(url=url))
        found: asyncio.Future[int] = asyncio.get_running_loop().create_future()

        def hear(snapshot: Snapshot) -> None:
            for status in snapshot[SloSlice].slo_statuses:
                if status.evaluation.burned.total >= 35 and not found.done():
                    found.set_result(status.evaluation.burned.total)

        engine = Engine(Options(tmp_path / "artisan.toml", place, Session("j.park")), hear)
        running = asyncio.create_task(engine.run())
        try:
            async with asyncio.timeout(30):
                assert await found in {35, 50}  # with the first scrape, if a minute ended meanwhile
                # The figure may show before the page has answered, and before anything is written.
                while page.asked < 3 or "api other" in (await asyncio.to_thread(handed_in, place)).ends:  # noqa: ASYNC110
                    await asyncio.sleep(0.1)
        finally:
            engine.stop()
            await running
    handed = handed_in(place)
    assert "api other" not in handed.ends
    assert {value for each in handed.samples for _, value in each.samples} >= {60.0}
