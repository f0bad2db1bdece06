"""Generated days and the truth about them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from artisan_tui.domain.selector import parse_selector
from artisan_tui.domain.slo.counter_deltas import CounterSeries
from artisan_tui.domain.slo.windows import DAY, Span
from artisan_tui.drill import script
from artisan_tui.drill.history import GeneratedDay
from artisan_tui.drill.samples import Labels, held, matching
from artisan_tui.drill.shapes import APP, Shape

#: Saturday, 21 November 2026, 18:43:45.5 in Seoul.
START = 1_795_254_225_500
MINUTE = START // 60_000
MONTH, WEEK = Span(MINUTE - 30 * DAY, MINUTE), Span(MINUTE - 7 * DAY, MINUTE)
EVERY = 15_000
THRESHOLDS = {"fast": "2.5", "balanced": "3.2", "creative": "4.5"}
ALL, FAILED = "api_requests_total", 'api_requests_total{status=~"5.."}'


@dataclass(frozen=True)
class GeneratedHistory:
    """All of the past, and what of it was read by selector."""

    made: list[GeneratedDay]
    shape: Shape = APP

    def series(self, text: str) -> list[CounterSeries]:
        """As a Prometheus would give it."""
        selector = parse_selector(text)
        found: dict[Labels, list[tuple[int, float]]] = {}
        for each in self.made:
            for labels in matching(selector, each.samples):
                cells = each.samples.columns[labels]
                values = ((at, held(cells, row)) for row, at in enumerate(each.samples.times))
                found.setdefault(labels, []).extend((at, value) for at, value in values if value is not None)
        return [CounterSeries(dict(labels), samples) for labels, samples in found.items()]

    def truth(self, text: str) -> Counter[int]:
        """Events by minute."""
        selector = parse_selector(text)
        out: Counter[int] = Counter()
        for minute, labels, counts in self._truths():
            named = dict(labels)
            if selector.matches(named.pop("__name__"), named):
                out.update(dict(enumerate(counts, minute)))
        return out

    def _truths(self) -> Iterator[tuple[int, Labels, Iterable[int]]]:
        for each in self.made:
            for minute, events in each.truth:
                for labels, counts in events.items():
                    yield minute, labels, counts

    @property
    def rows(self) -> list[int]:
        return [at for each in self.made for at in each.samples.times]


def minute_of(story: str) -> int:
    return next(each for each in script.EPISODES if story in each.story).when.minute(MINUTE)


def within(counts: Mapping[int, int], span: Span) -> int:
    return sum(count for minute, count in counts.items() if span.start <= minute < span.end)
