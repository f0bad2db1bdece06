"""Series that begin where others end: the same counters under new labels, or new counters?

When a label is added to a running process (``version``, a renamed instance), every series of it ends, and another
one begins with the same value. That value is the count of a lifetime, not of the minute. So a series that begins is
held against those that ended at the same scrape, its possible twins:

- A twin has the same labels and some more or fewer. When no series of the target goes on, labels may have other
  values, too. Of several, the one with the fewest differences is the twin. Of equals, none can be told.
- When a value is below its twin's, or another series of the target was reset at this scrape, the process began anew.
  Then all values are new.
- Else the new series goes on with the twin's value, and only the difference is new. This is sure when the values grew
  little. When not, a new process may have counted so much at once: what was not counted is a doubt.
- When the twin cannot be told, nothing is counted, and the value is a doubt.

A whole target that is new (another ``instance``) can go on only with the series of a target that has ended just before,
and only when that is sure. Instances that come and go while others are scraped are processes of their own, however
alike their values are.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

Labels = frozenset[tuple[str, str]]
#: Samples in time order: (ms since the epoch, value).
Samples = Sequence[tuple[int, int]]
Selection = Mapping[Labels, Samples]
Target = tuple[str, str]
#: The values may have grown by this part of what they were, for them to be surely the same counters.
_LITTLE = 10
#: Names that identify a target.
_TARGET = ("job", "instance")


@dataclass(frozen=True, slots=True)
class Beginning:
    """What is known of the value with which a series begins: ``base`` of it is old, and ``doubt`` may be."""

    base: int = 0
    doubt: int = 0


@dataclass(slots=True)
class _Change:
    """What happened to one target at one scrape. The sums are over all pairs of twins."""

    restarted: bool = False
    old: int = 0
    grown: int = 0

    @property
    def sure(self) -> bool:
        return _LITTLE * self.grown <= self.old


@dataclass(slots=True)
class _Scrape:
    """One selection at one scrape of one target: the series that begin, each with its twin (None: not to be told)."""

    begun: dict[Labels, int]
    twins: dict[Labels, int | None] = field(default_factory=dict)
    known: bool = True


def beginnings(
    selections: Sequence[Selection],
    start: int,
    end: int,
    longest_gap: int,
    target_of: Callable[[Labels], Target],
    seen: Mapping[Target, Sequence[int]],
) -> list[dict[tuple[Labels, int], Beginning]]:
    """For each selection, by (labels, ms of the first sample): the series in [start, end) that may have had a twin.

    ``seen`` are the times at which each target was scraped, by whatever was read of it.
    """
    changes: dict[tuple[Target, int], _Change] = {}
    scrapes: list[dict[tuple[Target, str, int], _Scrape]] = []
    for series in selections:
        found: dict[tuple[Target, str, int], _Scrape] = {}
        groups = _by_target(series, target_of)
        for (target, name), members in groups.items():
            for at, begun in _begun(members, start, end, longest_gap).items():
                change = changes.setdefault((target, at), _Change())
                found[target, name, at] = _paired(members, groups, (target, name), at, begun, longest_gap, change, seen)
            for at in _resets(members, start, end):
                changes.setdefault((target, at), _Change()).restarted = True
        scrapes.append(found)
    return [
        {
            (labels, at): told
            for (target, _, at), scrape in found.items()
            for labels, told in _told(scrape, changes[target, at])
        }
        for found in scrapes
    ]


def _told(scrape: _Scrape, change: _Change) -> Iterator[tuple[Labels, Beginning]]:
    if change.restarted:
        return
    for labels, old in scrape.twins.items():
        value = scrape.begun[labels]
        if not scrape.known:
            if old is not None and change.old and change.sure:
                yield labels, Beginning(old)
        elif old is None:
            yield labels, Beginning(value, value)
        else:
            yield labels, Beginning(old, 0 if change.sure else old)


def _by_target(
    series: Selection, target_of: Callable[[Labels], Target]
) -> dict[tuple[Target, str], dict[Labels, Samples]]:
    groups: dict[tuple[Target, str], dict[Labels, Samples]] = {}
    for labels, samples in series.items():
        if samples:
            name = next((value for label, value in labels if label == "__name__"), "")
            groups.setdefault((target_of(labels), name), {})[labels] = samples
    return groups


def _begun(members: Selection, start: int, end: int, longest_gap: int) -> dict[int, dict[Labels, int]]:
    """The series that begin, or come back after a gap, by time. Times at which all of them are 0 are left out."""
    found: dict[int, dict[Labels, int]] = {}
    for labels, samples in members.items():
        first = bisect_left(samples, (start, -1))
        before = samples[first - 1][0] if first else None
        for at, value in samples[first:]:
            if at >= end:
                break
            if before is None or at - before > longest_gap:
                found.setdefault(at, {})[labels] = value
            before = at
    return {at: begun for at, begun in found.items() if any(begun.values())}


def _resets(members: Selection, start: int, end: int) -> Iterator[int]:
    for samples in members.values():
        first = max(0, bisect_left(samples, (start, -1)) - 1)
        for (_, old), (at, new) in pairwise(samples[first:]):
            if at >= end:
                break
            if new < old and at >= start:
                yield at


def _paired(
    members: Selection,
    groups: Mapping[tuple[Target, str], Selection],
    key: tuple[Target, str],
    at: int,
    begun: dict[Labels, int],
    longest_gap: int,
    change: _Change,
    seen: Mapping[Target, Sequence[int]],
) -> _Scrape:
    ended, goes_on = _ended(members, at, longest_gap)
    begun = {labels: value for labels, value in begun.items() if labels not in goes_on}
    # Any series of the target shows that it was there, also one that this selection does not have.
    known = any(samples[0][0] < at for samples in members.values()) or _before(seen.get(key[0], ()), at) > 0
    some_go_on = bool(goes_on)
    ignored: Collection[str] = ()
    if not known:
        ended = {}
        newest = max((_before(times, at - longest_gap) for times in seen.values()), default=0)
        for (target, name), others in groups.items():
            just_before = _before(seen.get(target, ()), at) >= newest - longest_gap
            if name == key[1] and target != key[0] and just_before:
                gone, still = _ended(others, at, longest_gap)
                ended |= {} if still else gone
        ignored = _TARGET
    scrape = _Scrape(begun, known=known)
    if ended:
        scrape.twins = _twins(begun, ended, some_go_on=some_go_on, ignored=ignored)
    for labels, old in scrape.twins.items():
        if old is not None:
            change.restarted |= begun[labels] < old and known
            change.old += old
            change.grown += abs(begun[labels] - old)
    return scrape


def _before(times: Sequence[int], end: int) -> int:
    """The last of ``times`` before ``end``, 0 without one."""
    index = bisect_left(times, end)
    return times[index - 1] if index else 0


def _ended(members: Selection, at: int, longest_gap: int) -> tuple[dict[Labels, int], set[Labels]]:
    """Of the series that were there at the scrape before ``at``: the last values of those that ended, and the others."""
    last: dict[Labels, tuple[int, int]] = {}
    gone: set[Labels] = set()
    for labels, samples in members.items():
        index = bisect_left(samples, (at, -1))
        if not index:
            continue
        last[labels] = samples[index - 1]
        if index == len(samples) or samples[index][0] > at + longest_gap:
            gone.add(labels)
    newest = max((when for when, _ in last.values()), default=0)
    recent = {labels for labels, (when, _) in last.items() if newest - when <= longest_gap}
    return {labels: last[labels][1] for labels in gone & recent}, recent - gone


def _twins(
    begun: Mapping[Labels, int], ended: Mapping[Labels, int], *, some_go_on: bool, ignored: Collection[str]
) -> dict[Labels, int | None]:
    """The last value of the twin of each series that has one, None where it cannot be told."""
    nearest = {labels: _nearest(labels, ended, some_go_on=some_go_on, ignored=ignored) for labels in begun}
    back = {labels: _nearest(labels, begun, some_go_on=some_go_on, ignored=ignored) for labels in ended}
    out: dict[Labels, int | None] = {}
    taken = set()
    for labels, found in nearest.items():
        if len(found) == 1 and back[found[0]] == [labels]:
            out[labels] = ended[found[0]]
            taken.add(found[0])
    for labels, found in nearest.items():
        if labels not in out and any(each not in taken for each in found):
            out[labels] = None
    return out


def _nearest(
    labels: Labels, others: Mapping[Labels, int], *, some_go_on: bool, ignored: Collection[str]
) -> list[Labels]:
    """Those of ``others`` that differ from ``labels`` by the fewest names."""
    found: list[Labels] = []
    fewest = 0
    for other in others:
        mine, its = labels - other, other - labels
        names = {name for name, _ in mine | its} - set(ignored)
        more = {name for name, _ in mine} & {name for name, _ in its}
        if some_go_on and more:
            continue  # another value of a label: another counter of the same process
        if not found or len(names) < fewest:
            found, fewest = [other], len(names)
        elif len(names) == fewest:
            found.append(other)
    return found
