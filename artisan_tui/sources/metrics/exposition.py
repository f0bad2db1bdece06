"""Parse a /metrics page. Lines of metrics that nobody reads are dropped before parsing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from artisan_tui.sources.capped import TooLarge

#: Sorted (name, value) pairs, so that the order on the page does not matter.
Labels = tuple[tuple[str, str], ...]
#: (name, labels, value, timestamp in Unix seconds or None)
SampleLine = tuple[str, Labels, float, float | None]

#: Lines kept at most. More is a mistake in a selector or in the exporter.
MOST_LINES = 20_000
#: Bytes of one line. Longer lines are not metrics, and are not kept.
_LONGEST = 1024 * 1024
_NOTHING = re.compile(rb"(?!)")


class LineFilter:
    """Keeps the lines of the wanted metrics while a page arrives in chunks."""

    def __init__(self, names: Iterable[str]) -> None:
        wanted = sorted(re.escape(name.encode()) for name in names)
        alternatives = b"|".join(wanted)
        self._wanted = (
            re.compile(rb"^[ \t]*(?:" + alternatives + rb")[{ \t][^\n]*", re.MULTILINE) if wanted else _NOTHING
        )
        self._rest: list[bytes] = []
        self._rest_size = 0
        self._kept: list[bytes] = []
        self.lines = 0

    def feed(self, chunk: bytes) -> None:
        """Add a chunk. Raises TooLarge."""
        end = chunk.rfind(b"\n") + 1
        if end:
            self._take(b"".join((*self._rest, chunk[:end])))
            self._rest, self._rest_size = [], 0
        if end < len(chunk):
            self._rest.append(chunk[end:])
            self._rest_size += len(chunk) - end
        if self._rest_size > _LONGEST:
            raise TooLarge("a line of the page is longer than 1 MiB")
        if len(self._kept) > MOST_LINES:
            raise TooLarge(f"more than {MOST_LINES} series match: narrow the selectors")

    def finish(self) -> bytes:
        """The kept lines, after the last chunk."""
        if self._rest:
            self._take(b"".join(self._rest))
            self._rest, self._rest_size = [], 0
        return b"\n".join(self._kept)

    def _take(self, whole: bytes) -> None:
        self.lines += whole.count(b"\n")
        self._kept += self._wanted.findall(whole)


@dataclass(frozen=True, slots=True)
class Page:
    """``broken`` is the number of kept lines that were invalid and skipped; ``size`` the number of lines of the page."""

    lines: tuple[SampleLine, ...]
    broken: int
    size: int


def parse(kept: bytes, size: int, *, openmetrics: bool) -> Page:
    """Parse the kept lines. Takes tens of microseconds per line: call it off the loop."""
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
    """Parse one line at a time, so that an invalid line does not invalidate the page."""
    from prometheus_client.parser import text_string_to_metric_families

    if openmetrics:  # exemplars: the parser of the text format would take them for a timestamp
        text = text.partition(" # {")[0]
    try:
        for family in text_string_to_metric_families(text):
            for sample in family.samples:
                at = None if sample.timestamp is None else float(sample.timestamp)
                if at is not None and openmetrics:
                    at *= 1000  # OpenMetrics has seconds here, the parser assumed milliseconds
                yield sample.name, tuple(sorted(sample.labels.items())), float(sample.value), at
    except (ValueError, OverflowError, TypeError, IndexError, KeyError, RecursionError):
        return
