"""The protocol behind which both metrics backends stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from artisan_tui.domain.measure import Measure, MeasureReading
from artisan_tui.domain.probe_result import Reason
from artisan_tui.domain.text.printable import printable

#: (whether it is well, None when that cannot be told; what was found; how to mend it)
Report = tuple[bool | None, str, str]


class Blind(Exception):
    """There is no number, and why: evidence of nothing about the target. ``detail`` is printable.

    ``divisible``: the answer was too much for the server, the time limit or us, so asking for less may help.
    """

    def __init__(self, reason: Reason, detail: str, *, divisible: bool = False) -> None:
        self.reason, self.detail = reason, printable(detail, 500)
        self.divisible = divisible or reason in (Reason.TIMEOUT, Reason.TOO_LARGE)
        super().__init__(f"{reason}: {self.detail}")


class Backend(Protocol):
    """Answers measures. Used on one event loop; built without I/O."""

    def wants(self, measures: Iterable[Measure]) -> None:
        """What will be read: a scraper keeps nothing else. Adds to what was wanted before."""
        ...

    def start(self) -> None:
        """Begin to gather in the background, where there is something to gather. Needs the running loop."""
        ...

    async def prime(self) -> None:
        """Gather enough for one `read` of what is wanted, without `start`."""
        ...

    async def read(self, measure: Measure) -> MeasureReading:
        """Raises Blind. May wait for the first data; the caller holds the time limit."""
        ...

    async def status(self) -> list[Report]:
        """For ``doctor``: is it there, what is it."""
        ...

    async def aclose(self) -> None: ...
