"""The scraper against pages that vanish, lie and flood, on a clock of the test."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from decimal import Decimal

import pytest

from artisan_tui.config.measure import parse_measure
from artisan_tui.config.models import Metrics
from artisan_tui.domain.measure import Promql, Reading
from artisan_tui.domain.sighting import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.metrics.scrape import ScrapeBackend
from support.looking import look
from support.servers import free_port, http_answer, saying, talking

RATE = {"rate": "c_total", "window": "1m"}
RATIO = {"ratio": 'c_total{code="500"}', "of": "c_total", "window": "1m"}


class Pages:
    """Endpoints whose text the test sets, and the clock that the backend goes by."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.answer: bytes | Exception = b""

    def clock(self) -> float:
        return self.now

    def text(self, text: str | bytes, kind: str = "text/plain; version=0.0.4") -> None:
        self.answer = http_answer(text, kind=kind)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        assert isinstance(self.answer, bytes)
        writer.write(self.answer)
        await writer.drain()


class Rig:
    def __init__(self, ports: list[int], pages: Pages, **keys: object) -> None:
        urls = tuple(f"http://127.0.0.1:{port}/metrics" for port in ports)
        self.backend = ScrapeBackend(Metrics(scrape=urls, every=10.0, timeout=1.0, **keys), pages.clock)  # type: ignore[arg-type]
        self.pages = pages

    async def scrape(self, text: str | bytes | None = None, after: float = 10.0) -> None:
        if text is not None:
            self.pages.text(text)
        self.pages.now += after
        await self.backend.refresh()

    async def read(self, measure: object) -> Reading:
        return await self.backend.read(parse_measure(measure))

    async def blind(self, measure: object) -> Blind:
        with pytest.raises(Blind) as caught:
            await self.read(measure)
        return caught.value


Use = Callable[[Rig], object]


async def with_rig(use: Callable[[Rig], object], *wanted: object) -> None:
    pages = Pages()
    async with talking(pages.talk) as port:
        rig = Rig([port], pages)
        rig.backend.wants([parse_measure(each) for each in wanted])
        try:
            await use(rig)  # type: ignore[misc]
        finally:
            await rig.backend.aclose()


async def test_gauges_as_they_stand() -> None:
    async def use(rig: Rig) -> None:
        assert (await rig.blind({"value": "g"})).reason is Reason.NO_DATA
        await rig.scrape('g{a="1"} 10.9\ng{a="2"} NaN\nh 3\nlone NaN 1\nbig 9007199254740993\n')
        assert (await rig.read({"value": 'g{a="1"}'})).value == Decimal("10.9")
        assert (await rig.read({"value": "g", "agg": "max"})).value == Decimal("10.9")
        assert (await rig.read({"value": "g", "agg": "sum"})).value.is_nan()
        assert (await rig.blind({"value": "g"})).reason is Reason.VALUE
        assert (await rig.blind({"value": "h"})).reason is Reason.NO_DATA  # nobody wanted it
        rig.pages.now += 3
        assert (await rig.read({"value": 'g{a="1"}'})).age == 3.0
        await rig.scrape('g{a="2"} 4\n')
        assert (await rig.read({"value": "g"})).value == 4  # the other has vanished

    await with_rig(use, {"value": "g"}, {"value": "lone"})


async def test_a_rate_needs_two_scrapes_and_says_what_it_covers() -> None:
    async def use(rig: Rig) -> None:
        await rig.scrape("c_total 100\n")
        caught = await rig.blind(RATE)
        assert (caught.reason, caught.detail) == (Reason.NO_DATA, "needs two scrapes, has one")
        await rig.scrape("c_total 150\n")
        found = await rig.read(RATE)
        assert found.value == 5
        assert found.remarks == ("covers 10s of 1m",)
        assert not found.notes
        for count in range(6):
            await rig.scrape(f"c_total {200 + count * 50}\n")
        found = await rig.read(RATE)
        assert found.value == 5
        assert found.remarks == ()
        assert found.query == "sum(rate(c_total[1m]))"

    await with_rig(use, RATE)


async def test_counters_that_restart_vanish_and_are_born() -> None:
    async def use(rig: Rig) -> None:
        await rig.scrape('c_total{code="200"} 100\n')
        await rig.scrape('c_total{code="200"} 190\n')
        assert (await rig.read(RATIO)).value == 0  # no errors yet
        # Born between two scrapes: its ten errors are events, though there is only one sample.
        await rig.scrape('c_total{code="200"} 190\nc_total{code="500"} 10\n')
        assert (await rig.read(RATIO)).value == Decimal("0.1")
        # Restarted: 60 counts from zero. The 500s are gone, what they counted is not.
        await rig.scrape('c_total{code="200"} 60\n')
        assert (await rig.read(RATIO)).value == Decimal(repr(10 / 160))
        for _ in range(9):
            await rig.scrape('c_total{code="200"} 60\n')
        assert (await rig.read(RATIO)).value.is_nan()  # no traffic
        assert (await rig.read(RATE)).value == 0

    await with_rig(use, RATIO, RATE)


async def test_a_name_wanted_later_is_not_taken_for_newborn() -> None:
    async def use(rig: Rig) -> None:
        await rig.scrape("c_total 1000000\n")
        rig.backend.wants([parse_measure(RATE)])
        await rig.scrape("c_total 1000010\n")
        await rig.scrape("c_total 1000020\n")
        assert (await rig.read(RATE)).value < 2

    await with_rig(use)


async def test_events_before_a_gap_are_not_counted_into_the_window() -> None:
    async def use(rig: Rig) -> None:
        await rig.scrape("c_total 0\n")
        await rig.scrape("c_total 100000\n", after=3600)
        assert (await rig.blind(RATE)).detail == "needs two scrapes, has one"
        await rig.scrape("c_total 100020\n")
        assert (await rig.read(RATE)).value == 2

    await with_rig(use, RATE)


async def test_quantiles() -> None:
    shape = {"quantile": 0.95, "histogram": "d_seconds", "window": "1m"}

    def text(n: int) -> str:
        return "".join(
            f'd_seconds_bucket{{mode="{m}",le="{le}"}} {share * n}\n'
            for m in "ab"
            for le, share in (("2", 94.9), ("5", 100), ("+Inf", 100), ("rubbish", 7))
        )

    async def use(rig: Rig) -> None:
        await rig.scrape(text(0))
        await rig.scrape(text(10))
        found = await rig.read(shape)
        assert float(found.value) == pytest.approx(2.0588, abs=0.0001)
        await rig.scrape(text(10), after=90)
        await rig.scrape(text(10))
        assert (await rig.read(shape)).value.is_nan()
        await rig.scrape('d_seconds_bucket{le="1"} 1\n')

    await with_rig(use, shape)


async def test_a_histogram_without_its_last_bucket_is_none() -> None:
    shape = {"quantile": 0.95, "histogram": "d", "window": "1m"}

    async def use(rig: Rig) -> None:
        await rig.scrape('d_bucket{le="1"} 1\n')
        await rig.scrape('d_bucket{le="1"} 2\n')
        caught = await rig.blind(shape)
        assert caught.reason is Reason.NO_DATA
        assert "+Inf" in caught.detail

    await with_rig(use, shape)


# -- endpoints that fail -------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reason", "said"),
    [
        (
            http_answer("", status="302 Found", more="Location: http://sso/x?t=s3cret\r\n"),
            Reason.REDIRECT,
            "http://sso/x",
        ),
        (http_answer("", status="401 Unauthorized"), Reason.DENIED, "let us in"),
        (http_answer("", status="500 Oops"), Reason.STATUS, "500"),
        (http_answer("<html>", kind="text/html"), Reason.PROTOCOL, "text/html"),
        (b"SSH-2.0\r\n\r\n", Reason.PROTOCOL, "not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 99999999\r\n\r\n", Reason.TOO_LARGE, "16 MiB"),
        (http_answer("g" * 2_000_000, kind="text/plain"), Reason.TOO_LARGE, "line"),
        (
            http_answer("".join(f'g{{i="{i}"}} 1\n' for i in range(21_000)), kind="text/plain"),
            Reason.TOO_LARGE,
            "20000",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", Reason.PROTOCOL, "cut short"),
    ],
)
async def test_why_an_endpoint_has_nothing_to_say(answer: bytes, reason: Reason, said: str) -> None:
    async def use(rig: Rig) -> None:
        rig.pages.answer = answer
        await rig.scrape()
        caught = await rig.blind({"value": "g"})
        assert caught.reason is reason, caught
        assert said in caught.detail
        assert "/metrics" in caught.detail
        assert "s3cret" not in caught.detail
        # What was good before goes on for two intervals and a timeout, then it is old.
        await rig.scrape("g 1\n")
        assert (await rig.read({"value": "g"})).value == 1
        rig.pages.answer = answer
        await rig.scrape()
        assert (await rig.read({"value": "g"})).value == 1
        await rig.scrape(after=11.5)
        caught = await rig.blind({"value": "g"})
        assert caught.reason is reason
        assert "last seen 21s ago" in caught.detail

    await with_rig(use, {"value": "g"})


async def test_refused_endpoints_are_named_and_what_they_had_is_a_reservation() -> None:
    one, pages = Pages(), Pages()
    async with talking(pages.talk) as good:
        async with talking(one.talk) as bad:
            rig = Rig([good, bad], pages)
            total, lone = {"value": "g", "agg": "sum"}, {"value": "lone"}
            rig.backend.wants([parse_measure(total), parse_measure(lone)])
            one.text("g 1\nlone 7\n")
            await rig.scrape("g 2\n")
            assert (await rig.read(total)).value == 3
            assert not (await rig.read(total)).notes
        await rig.scrape("g 2\n")
        await rig.scrape("g 2\n", after=15)
        found = await rig.read(total)
        assert found.value == 2
        assert len(found.notes) == 1
        assert f"http://127.0.0.1:{bad}/metrics: refused" in found.notes[0]
        caught = await rig.blind(lone)
        assert caught.reason is Reason.REFUSED
        assert "last seen 25s ago" in caught.detail
        await rig.backend.aclose()


async def test_a_silent_stop_is_stale() -> None:
    async def use(rig: Rig) -> None:
        await rig.scrape("g 1\n")
        rig.pages.now += 22
        caught = await rig.blind({"value": "g"})
        assert caught.reason is Reason.STALE
        assert "last seen 22s ago" in caught.detail

    await with_rig(use, {"value": "g"})


async def test_a_trickling_endpoint_does_not_hold_us() -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while True:
            writer.write(b"g 1\n")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with talking(trickle) as port:
        metrics = Metrics(scrape=(f"http://127.0.0.1:{port}/metrics",), timeout=0.3)
        backend = ScrapeBackend(metrics)
        backend.wants([parse_measure({"value": "g"})])
        began = time.monotonic()
        await backend.refresh()
        assert time.monotonic() - began < 0.6
        with pytest.raises(Blind) as caught:
            await backend.read(parse_measure({"value": "g"}))
        assert caught.value.reason is Reason.TIMEOUT
        assert "the body" in caught.value.detail
        [(ok, said, _)] = await backend.status()
        assert not ok
        assert "timeout" in said
        await backend.aclose()


# -- hostile pages --------------------------------------------------------------


async def test_hostile_labels_and_broken_lines() -> None:
    text = (
        "# HELP g \x1b[31mhi\n# TYPE g gauge\n"
        'g{a="q\\"uo}te,",b="\\n# g 5",c="\\\\",d="\x1b]0;x\x07[bold red]",e="한국어"} 1\n'
        "g{a= 2\ng\ng x\ng{} 1 2 3 4 x\n"
        'g{a="1",a="2"} 3\n' + f"g {'9' * 500}\n" + 'other{a="g 9"} 1\nxg 5\ng_total 5\n'
    )

    async def use(rig: Rig) -> None:
        await rig.scrape(text.encode() + b'g{z="\xff"} 5\n')
        found = await rig.read({"value": 'g{b="\\n# g 5"}'})
        assert found.value == 1
        assert "\x1b" not in found.query
        assert "could not be read" in found.remarks[0]
        assert (await rig.read({"value": 'g{e="한국어"}'})).value == 1
        assert (await rig.read({"value": 'g{z=~".+"}'})).value == 5

    await with_rig(use, {"value": "g"})


async def test_timestamps_duplicates_and_holes() -> None:
    async def use(rig: Rig) -> None:
        now = time.time()
        await rig.scrape(f"g 1 {int((now - 60) * 1000)}\nold 1 {int((now - 900) * 1000)}\nd 1\nd 2\n")
        found = await rig.read({"value": "g"})
        assert found.age == pytest.approx(60, abs=2)
        assert (await rig.blind({"value": "old"})).reason is Reason.NO_DATA
        assert (await rig.read({"value": "d"})).value == 1
        # NaN and infinite samples of a counter are holes, not events.
        await rig.scrape("c_total 10\n")
        await rig.scrape("c_total NaN\n")
        await rig.scrape("c_total +Inf\n")
        await rig.scrape("c_total 40\n")
        assert (await rig.read(RATE)).value == Decimal(repr(40 / 40))

    await with_rig(use, {"value": "g"}, {"value": "old"}, {"value": "d"}, RATE)


async def test_openmetrics_with_exemplars() -> None:
    async def use(rig: Rig) -> None:
        now = time.time()
        text = f'c_total{{a="b"}} 17.0 {now - 5:.3f} # {{trace_id="abc"}} 0.67 {now:.3f}\n# EOF\n'
        rig.pages.text(text, "application/openmetrics-text; version=1.0.0")
        await rig.scrape()
        found = await rig.read({"value": "c_total"})
        assert found.value == 17
        assert found.age == pytest.approx(5, abs=2)

    await with_rig(use, {"value": "c_total"})


async def test_memory_is_bounded_by_the_window() -> None:
    async def use(rig: Rig) -> None:
        for count in range(60):
            await rig.scrape(f'c_total {count}\ng{{n="{count}"}} 1\n')
        history = rig.backend._endpoints[0].history
        [series] = history.matching(_selector("c_total"))
        assert len(series.samples) <= 10
        assert len(list(history.matching(_selector("g")))) == 1
        assert len(history.scrapes) <= 10

    await with_rig(use, RATE, {"value": "g"})


def _selector(text: str):  # type: ignore[no-untyped-def]
    from artisan_tui.domain.selector import parse_selector

    return parse_selector(text)


# -- as a backend -------------------------------------------------------------------


async def test_raw_promql_is_refused_with_the_mend() -> None:
    backend = ScrapeBackend(Metrics(scrape=("http://127.0.0.1:1/metrics",)))
    with pytest.raises(Blind) as caught:
        await backend.read(Promql("up"))
    assert "prometheus =" in caught.value.detail
    await backend.aclose()


async def test_started_it_goes_on_by_itself_and_the_first_read_waits() -> None:
    count = 0

    async def grow(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal count
        count += 10
        await saying(http_answer(f"c_total {count}\n", kind="text/plain"))(reader, writer)

    async with talking(grow) as port:
        backend = ScrapeBackend(Metrics(scrape=(f"http://127.0.0.1:{port}/metrics",), every=0.2, timeout=0.2))
        backend.wants([parse_measure({"rate": "c_total", "window": "1s"})])
        backend.start()
        backend.start()
        found = await _eventually(backend, {"rate": "c_total", "window": "1s"})
        assert 30 < found.value < 70
        seen = count
        deadline = time.monotonic() + 5
        while count < seen + 30:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        await backend.aclose()
        assert not math.isnan(float(found.value))


async def _eventually(backend: ScrapeBackend, measure: object) -> Reading:
    deadline = time.monotonic() + 5
    while True:
        try:
            return await backend.read(parse_measure(measure))
        except Blind:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)


async def test_a_probe_on_an_endpoint_that_is_not_there() -> None:
    metrics = Metrics(scrape=(f"http://127.0.0.1:{free_port()}/metrics",))
    seen, outcome = await look("measure", measure={"value": "g", "agg": "max"}, metrics=metrics)
    assert outcome.verdict is State.UNKNOWN
    assert seen.query == "max(g)"
