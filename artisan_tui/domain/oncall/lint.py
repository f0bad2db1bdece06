"""What is wrong with a schedule over a year: hours that nobody has or two layers have, weekly ones told from single ones."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from artisan_tui.domain.oncall.rotation import Rotation
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.shift import Overlap

WEEK, YEAR = timedelta(days=7), timedelta(days=364)
#: Of the 52 weeks of a year; a week in which a holiday or an override covers it is an exception.
_MOST_WEEKS = 45
#: Until this time of day changes of the clock happen somewhere.
_EARLY = time(4)


@dataclass(frozen=True, slots=True)
class OpenHours:
    """Wall times of one occurrence in the zone of the schedule, and the real hours between them."""

    start: datetime
    end: datetime
    hours: float
    about: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class YearOfHours:
    """``weekly`` is an occurrence of each that comes every week, ``single`` are the others, in order."""

    weekly: tuple[OpenHours, ...] = ()
    single: tuple[OpenHours, ...] = ()

    @property
    def weekly_hours(self) -> float:
        return sum(each.hours for each in self.weekly)

    @property
    def single_hours(self) -> float:
        return sum(each.hours for each in self.single)

    def __bool__(self) -> bool:
        return bool(self.weekly or self.single)


def gap_spans(schedule: Schedule, level: str, now: datetime, zone: tzinfo) -> YearOfHours:
    """The hours without anybody in 52 weeks from the next Monday on. All of it is one week of 168 h."""
    start, end = year_from(now, zone)
    gaps = schedule.gaps(level, start, end)
    if len(gaps) == 1 and (gaps[0].start, gaps[0].end) == (start, end):
        monday = start.astimezone(zone)
        return YearOfHours((OpenHours(monday, monday + WEEK, 168.0, gaps[0].unreachable),))
    return _sorted_out(((each.start, each.end, each.unreachable) for each in gaps), zone)


def overlap_spans(schedule: Schedule, level: str, now: datetime, zone: tzinfo) -> YearOfHours:
    """The hours that two layers cover in 52 weeks from the next Monday on; ``about`` is who counts, and who is hidden."""
    start, end = year_from(now, zone)
    found: Iterable[Overlap] = schedule.overlaps(level, start, end)
    return _sorted_out(((each.start, each.end, (each.upper, each.lower)) for each in found), zone)


def year_from(now: datetime, zone: tzinfo) -> tuple[datetime, datetime]:
    """52 weeks of wall time from the Monday after ``now``, in UTC."""
    local = now.astimezone(zone)
    monday = datetime.combine(local.date() + timedelta(days=7 - local.weekday()), time(), zone)
    return monday.astimezone(UTC), (monday + YEAR).astimezone(UTC)


def _sorted_out(spans: Iterable[tuple[datetime, datetime, tuple[str, ...]]], zone: tzinfo) -> YearOfHours:
    groups: dict[tuple[object, ...], list[OpenHours]] = {}
    for start, end, about in spans:
        one, two = start.astimezone(zone), end.astimezone(zone)
        days = (two.date() - one.date()).days
        key = (one.weekday(), one.time(), days, two.time(), about)
        groups.setdefault(key, []).append(OpenHours(one, two, (end - start).total_seconds() / 3600, about))
    weekly, single = list[OpenHours](), list[OpenHours]()
    for group in groups.values():
        if len(group) >= _MOST_WEEKS:
            weekly.append(group[0])
        else:
            single += group
    weekly.sort(key=lambda each: (each.start.weekday(), each.start.time()))
    return YearOfHours(tuple(weekly), tuple(sorted(single, key=lambda each: each.start)))


def in_the_clocks_way(rotation: Rotation, now: datetime) -> bool:
    """Whether it hands over between 00:00 and 03:59 in a zone that changes its clocks: some day that time is not one."""
    return rotation.handoff < _EARLY and changes_clocks(rotation.zone, now)


def changes_clocks(zone: tzinfo, now: datetime) -> bool:
    """Whether the offset of the zone is another one at some time within the next year."""
    months = (now.astimezone(UTC) + timedelta(days=30 * month) for month in range(13))
    return len({each.astimezone(zone).utcoffset() for each in months}) > 1


def never_counts(schedule: Schedule, level: str) -> Sequence[Rotation]:
    """The layers of ``level`` that one over them hides at all times."""
    layers = schedule.layers(level)
    return [
        each for at, each in enumerate(layers) if any(upper.only is None and upper.people for upper in layers[at + 1 :])
    ]


def unreachable_people(schedule: Schedule) -> dict[str, list[str]]:
    """The people of rotations and levels who have no contact, with where they are named."""
    found: dict[str, list[str]] = {}
    rotations = {each.id for each in schedule.rotations}
    for rotation in schedule.rotations:
        for person in dict.fromkeys(rotation.people):
            if person not in schedule.reachable:
                found.setdefault(person, []).append(rotation.id)
    for level, names in schedule.levels.items():
        for person in names:
            if person not in schedule.reachable and person not in rotations:
                found.setdefault(person, []).append(level)
    return found
