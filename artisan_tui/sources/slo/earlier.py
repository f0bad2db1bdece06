"""The last values of series before the samples that were read, for series that seem to begin there.

Counting reads an hour of samples before a minute. A counter that survived a longer hole, or came back, has its last
value before that. It is asked for only when a series begins, and only for the series or targets in question.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import Matcher, Selector
from artisan_tui.domain.slo.counter_deltas import LONGEST_HOLE, CounterSeries, Merged, Target, newcomers, target_of
from artisan_tui.domain.slo.windows import Span
from artisan_tui.sources.metrics.backend import Blind

#: How far back is asked at first, and then, in ms. Most holes are short, and a short range is cheap.
_STEPS = (6 * 3_600_000, 86_400_000, 7 * 86_400_000, LONGEST_HOLE)
#: Values of one label in a query.
_MOST_VALUES = 60


@dataclass(frozen=True, slots=True)
class Found:
    """One sample of each series. ``notes``: the answer is partial."""

    total: tuple[CounterSeries, ...] = ()
    part: tuple[CounterSeries, ...] = ()
    notes: tuple[str, ...] = ()


#: The last values in [start, end), in ms since the epoch, of the series that match. Raises Blind.
Latest = Callable[[tuple[Matcher, ...], int, int], Awaitable[Found]]


@dataclass(frozen=True, slots=True)
class Unexplained:
    """What begins in a span: series of targets that were seen before, and targets that were not seen."""

    series: tuple[dict[str, str], ...] = ()
    targets: frozenset[Target] = frozenset()
    #: Nothing at all was seen before.
    silence: bool = False

    def __bool__(self) -> bool:
        return bool(self.series or self.targets)


def unexplained(selections: Sequence[Merged], span: Span) -> Unexplained:
    first: dict[Target, int] = {}
    for selection in selections:
        for labels, samples in selection.samples.items():
            if samples:
                target = target_of(dict(labels))
                first[target] = min(samples[0][0], first.get(target, samples[0][0]))
    begun = {labels for each in selections for labels in newcomers(each, span)}
    start = span.start * 60_000
    new = {target for target, at in first.items() if at >= start}
    series = [dict(labels) for labels in begun]
    return Unexplained(
        tuple(each for each in series if target_of(each) not in new),
        frozenset(target_of(each) for each in series) & new,
        silence=bool(first) and len(new) == len(first),
    )


async def last_before(latest: Latest, begun: Unexplained, first: int) -> Found:
    """What is known before ``first`` (ms) of all that is in ``begun``. Raises Blind."""
    found = Found()
    if begun.series:
        found = await _asked(latest, _alike(begun.series), first - LONGEST_HOLE, first)
    missing, until, silence = begun.targets, first, begun.silence
    for step in _STEPS:
        if not missing:
            break
        try:
            more = await latest(() if silence else _of(missing), first - step, until)
        except Blind as blind:
            if until == first or not (blind.divisible or blind.reason is Reason.TIMEOUT):
                raise
            break  # too much to search: what is not found remains a doubt
        found = _joined(found, more)
        missing -= {target_of(each.labels) for each in (*more.total, *more.part)}
        silence = silence and not more.total and not more.part
        until = first - step
    return found


async def _asked(latest: Latest, matchers: tuple[Matcher, ...], start: int, end: int) -> Found:
    try:
        return await latest(matchers, start, end)
    except Blind as blind:
        if not blind.divisible:
            raise
        return await latest(matchers, end - _STEPS[0], end)


def _joined(one: Found, other: Found) -> Found:
    """The newer ones first: of two values of a series, the older has an earlier time, so both may stay."""
    return Found(one.total + other.total, one.part + other.part, tuple(dict.fromkeys(one.notes + other.notes)))


def _alike(series: Iterable[dict[str, str]]) -> tuple[Matcher, ...]:
    """Matchers for all of ``series``, and for few others."""
    listed = list(series)
    names = sorted(set[str]().union(*listed) - {"__name__"})
    return tuple(
        each for name in names if (each := _one_of(name, {labels.get(name, "") for labels in listed})) is not None
    )


def _of(targets: Iterable[Target]) -> tuple[Matcher, ...]:
    jobs, instances = (set(each) for each in zip(*targets, strict=True))
    found = (_one_of("job", jobs), _one_of("instance", instances))
    return tuple(each for each in found if each is not None)


def _one_of(name: str, values: set[str]) -> Matcher | None:
    if len(values) > _MOST_VALUES:
        return None
    return Matcher(name, "=~", "|".join(map(re.escape, sorted(values))))


def with_matchers(selector: Selector, matchers: tuple[Matcher, ...]) -> Selector:
    return replace(selector, matchers=(*selector.matchers, *matchers))
