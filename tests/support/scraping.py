"""A scraper, the endpoints it reads and its clock, all in a test's hands."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from artisan_tui.config.measure import parse_measure
from artisan_tui.config.metrics import Metrics
from artisan_tui.domain.measure import MeasureReading
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.metrics.scrape import ScrapeBackend
from support.servers import http_answer, talking


class MetricsPage:
    """Endpoints whose text the test sets, and the clock that the backend goes by."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.answer: bytes | Exception = b""
        self.asked = 0

    def clock(self) -> float:
        return self.now

    def text(self, text: str | bytes, kind: str = "text/plain; version=0.0.4") -> None:
        self.answer = http_answer(text, kind=kind)

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        assert isinstance(self.answer, bytes)
        self.asked += 1
        writer.write(self.answer)
        await writer.drain()


class Rig:
    def __init__(self, ports: list[int], page: MetricsPage, **keys: object) -> None:
        urls = tuple(f"http://127.0.0.1:{port}/metrics" for port in ports)
        self.backend = ScrapeBackend(Metrics(scrape=urls, every=10.0, timeout=1.0, **keys), page.clock)
        self.page = page

    async def scrape(self, text: str | bytes | None = None, after: float = 10.0) -> None:
        if text is not None:
            self.page.text(text)
        self.page.now += after
        await self.backend.refresh()

    async def read(self, measure: object) -> MeasureReading:
        return await self.backend.read(parse_measure(measure))

    async def blind(self, measure: object) -> Blind:
        with pytest.raises(Blind) as caught:
            await self.read(measure)
        return caught.value


async def with_rig(use: Callable[[Rig], Awaitable[None]], *wanted: object) -> None:
    page = MetricsPage()
    async with talking(page.talk) as port:
        rig = Rig([port], page)
        rig.backend.wants([parse_measure(each) for each in wanted])
        try:
            await use(rig)
        finally:
            await rig.backend.aclose()
