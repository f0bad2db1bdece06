"""The protocol of a metrics backend."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from artisan_tui.domain.measure import Measure, MeasureReading
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.text.printable import printable

#: (True if well, False if not, None if unknown; what was found; how to fix it)
Report = tuple[bool | None, str, str]


class Blind(Exception):
    """There is no number; ``reason`` and ``detail`` (printable) say why. It says nothing about the target.

    ``divisible``: the answer was too large for the server, the time limit or this process, so a smaller range may
    work.
    """

    def __init__(self, reason: Reason, detail: str, *, divisible: bool = False) -> None:
        self.reason, self.detail = reason, printable(detail, 500)
        self.divisible = divisible or reason in (Reason.TIMEOUT, Reason.TOO_LARGE)
        super().__init__(f"{reason}: {self.detail}")


class Backend(Protocol):
    """Reads measures. Used on one event loop; constructed without I/O."""

    def wants(self, measures: Iterable[Measure]) -> None:
        """Announce what will be read, because a scraper keeps nothing else. Adds to earlier announcements."""
        ...

    def start(self) -> None:
        """Start scraping in the background, if the backend scrapes. Needs the running loop."""
        ...

    async def prime(self) -> None:
        """Get enough data for one `read` of the announced measures, without `start`."""
        ...

    async def refresh(self) -> None:
        """Get newer data for the next `read`, without `start`."""
        ...

    async def read(self, measure: Measure) -> MeasureReading:
        """The value of ``measure``. May wait for the first scrape; the caller holds the time limit. Raises Blind."""
        ...

    async def status(self) -> list[Report]:
        """For ``doctor``: whether the backend is reachable, and what it is."""
        ...

    async def aclose(self) -> None:
        """Stop scraping and close the connections."""
        ...
