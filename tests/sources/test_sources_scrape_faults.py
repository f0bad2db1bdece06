"""The scraper against endpoints that fail, lie and flood."""

from __future__ import annotations

import asyncio
import threading
import time
from decimal import Decimal
from typing import Any

import pytest

from artisan_tui.config.measure import parse_measure
from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.reason import Reason
from artisan_tui.sources.metrics import compute
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.metrics.scrape import ScrapeBackend
from support.scraping import MetricsPage, Rig, with_rig
from support.servers import http_answer, talking
from support.stopwatch import Stopwatch

RATE = {"rate": "c_total", "window": "1m"}
RATIO = {"ratio": 'c_total{code="500"}', "of": "c_total", "window": "1m"}


# -- endpoints that fail -------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "reason", "said"),
    [
        (
            http_answer("", status="302 Found", more="Location: http://sso/x?t=s3cret\r\n"),
            Reason.REDIRECT,
            "http://sso/x",
        ),
        (http_answer("", status="401 Unauthorized"), Reason.DENIED, "access denied"),
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
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", Reason.PROTOCOL, "was truncated"),
    ],
)
async def test_why_an_endpoint_has_nothing_to_say(answer: bytes, reason: Reason, said: str) -> None:
    async def use(rig: Rig) -> None:
        rig.page.answer = answer
        await rig.scrape()
        caught = await rig.blind({"value": "g"})
        assert caught.reason is reason, caught
        assert said in caught.detail
        assert "/metrics" in caught.detail
        assert "s3cret" not in caught.detail
        # What was good before goes on for two intervals and a timeout, then it is old.
        await rig.scrape("g 1\n")
        assert (await rig.read({"value": "g"})).value == 1
        rig.page.answer = answer
        await rig.scrape()
        assert (await rig.read({"value": "g"})).value == 1
        await rig.scrape(after=11.5)
        caught = await rig.blind({"value": "g"})
        assert caught.reason is reason
        assert "last seen 21s ago" in caught.detail

    await with_rig(use, {"value": "g"})


async def test_refused_endpoints_are_named_and_what_they_had_is_a_reservation() -> None:
    one, page = MetricsPage(), MetricsPage()
    async with talking(page.talk) as good:
        async with talking(one.talk) as bad:
            rig = Rig([good, bad], page)
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
        rig.page.now += 22
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
        clock = Stopwatch()
        await backend.refresh()
        assert clock.seconds < 0.6
        with pytest.raises(Blind) as caught:
            await backend.read(parse_measure({"value": "g"}))
        assert caught.value.reason is Reason.TIMEOUT
        assert "the body" in caught.value.detail
        [(ok, said, _)] = await backend.status()
        assert not ok
        assert "timeout" in said
        await backend.aclose()


# -- hostile page --------------------------------------------------------------


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
        rig.page.text(text, "application/openmetrics-text; version=1.0.0")
        await rig.scrape()
        found = await rig.read({"value": "c_total"})
        assert found.value == 17
        assert found.age == pytest.approx(5, abs=2)

    await with_rig(use, {"value": "c_total"})


async def test_many_series_are_counted_in_a_thread_and_few_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    counted_on: list[threading.Thread] = []
    rate = compute.rate

    def counted(*arguments: Any) -> Any:
        counted_on.append(threading.current_thread())
        return rate(*arguments)

    monkeypatch.setattr(compute, "rate", counted)

    async def use(rig: Rig) -> None:
        rig.backend._endpoints[0]._timeout = 20.0  # reading six thousand lines takes its time on a busy machine
        for series in (6, 6000):
            for count in (0, 10):
                await rig.scrape("".join(f'c_total{{i="{i}"}} {count}\n' for i in range(series)))
            assert (await rig.read(RATE)).value > 0
            assert (counted_on[-1] is threading.main_thread()) == (series == 6)

    await with_rig(use, RATE)


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
