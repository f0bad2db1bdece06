"""A /metrics page -> the samples that somebody wants. Lines are dropped before anybody parses them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from artisan_tui.sources.capped import TooLarge

#: Labels as sorted pairs: two orders of the same labels are one series.
Labels = tuple[tuple[str, str], ...]
#: (name, labels, value, time in Unix seconds when the page says one)
SampleLine = tuple[str, Labels, float, float | None]

#: Lines that are kept at most; more is a mistake in a selector or an exporter.
MOST_LINES = 20_000
#: Bytes of one line. Longer ones are no metrics, and joining them piece by piece costs their square.
_LONGEST = 1024 * 1024
_NOTHING = re.compile(rb"(?!)")


class Sieve:
    """Keeps, of a page that comes in pieces, the lines whose metric is wanted."""

    def __init__(self, names: Iterable[str]) -> None:
        wanted = sorted(re.escape(name.encode()) for name in names)
        alternatives = b"|".join(wanted)
        self._wanted = (
            re.compile(rb"^[ \t]*(?:" + alternatives + rb")[{ \t][^\n]*", re.MULTILINE) if wanted else _NOTHING
        )
        self._rest = b""
        self._kept: list[bytes] = []
        self.lines = 0

    def feed(self, chunk: bytes) -> None:
        """Raises TooLarge."""
        self._rest += chunk
        whole, newline, self._rest = self._rest.rpartition(b"\n")
        self._take(whole + newline)
        if len(self._rest) > _LONGEST:
            raise TooLarge("a line of the page is longer than 1 MiB")
        if len(self._kept) > MOST_LINES:
            raise TooLarge(f"more than {MOST_LINES} series match: narrow the selectors")

    def finish(self) -> bytes:
        """The kept lines."""
        if self._rest:
            self._take(self._rest)
            self._rest = b""
        return b"\n".join(self._kept)

    def _take(self, whole: bytes) -> None:
        self.lines += whole.count(b"\n")
        self._kept += self._wanted.findall(whole)


@dataclass(frozen=True, slots=True)
class Page:
    """``broken`` counts kept lines that are not what the format allows; they are left out.

    ``size`` is how many lines the whole page had.
    """

    lines: tuple[SampleLine, ...]
    broken: int
    size: int


def parse(kept: bytes, size: int, *, openmetrics: bool) -> Page:
    """Call it off the loop: it takes tens of microseconds a line."""
    lines: list[SampleLine] = []
    broken = 0
    for text in kept.decode("utf-8", "replace").split("\n"):
        if not text:
            continue
        found = tuple(_line(text, openmetrics))
        lines += found
        broken += not found
    return Page(tuple(lines), broken, size)


def _line(text: str, openmetrics: bool) -> Iterator[SampleLine]:
    """One at a time, so that one broken line does not take the page with it."""
    from prometheus_client.parser import text_string_to_metric_families

    if openmetrics:  # exemplars; the parser of the text format takes them for a timestamp
        text = text.partition(" # {")[0]
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                at = None if sample.timestamp is None else float(sample.timestamp)
                if at is not None and openmetrics:
                    at *= 1000  # seconds there, which the parser took for milliseconds
                yield sample.name, tuple(sorted(sample.labels.items())), float(sample.value), at
    except (ValueError, OverflowError, TypeError, IndexError, KeyError, RecursionError):
        return
