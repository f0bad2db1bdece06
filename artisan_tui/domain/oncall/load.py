"""How much on-call work disturbs people: pages by class, disturbed hours, nights. Classes are in the person's own zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

from artisan_tui.domain.oncall.wall_time import DAY, Hours

#: The classes of a page, worst first. They are disjoint: sleep, else business, else off.
SLEEP, OFF, BUSINESS = LOAD_CLASSES = ("sleep", "off", "business")
_NIGHT_FROM, _NIGHT_TO = time(22), time(8)
_BUSINESS_FROM, _BUSINESS_TO = time(8), time(18)
_FRIDAY: Final = 4


def load_class(at: datetime, zone: ZoneInfo) -> str:
    """The class of a page at this moment for somebody in ``zone``: one of `LOAD_CLASSES`."""
    local = at.astimezone(zone)
    clock = local.time()
    if clock >= _NIGHT_FROM or clock < _NIGHT_TO:
        return SLEEP
    if local.weekday() <= _FRIDAY and _BUSINESS_FROM <= clock < _BUSINESS_TO:
        return BUSINESS
    return OFF


def disturbed_hours(moments: Iterable[datetime]) -> int:
    """In how many distinct hours of UTC somebody was disturbed: an hour that a zone has twice is two."""
    return len({int(at.timestamp()) // 3600 for at in moments})


def night_of(at: datetime, zone: ZoneInfo) -> date | None:
    """The day on whose evening the night of this moment began; None by day."""
    if load_class(at, zone) != SLEEP:
        return None
    local = at.astimezone(zone)
    return local.date() if local.time() >= _NIGHT_FROM else local.date() - DAY


def night(day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """[start, end) in UTC of the night that begins on ``day``: 22:00 to 08:00, longer or shorter when clocks change."""
    found = Hours(frozenset(), _NIGHT_FROM, _NIGHT_TO, zone).on(day)
    assert found is not None  # it has every weekday
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """``person`` was paged for ``incident``, first at ``at``. One person and incident are one page, however often it rings.

    ``rings`` are the moments of all rungs that reached this person, ``seqs`` their events. ``cause`` is what is said to
    have caused it: the name of the first alert, else the title of the incident.
    """

    person: str
    incident: str
    at: datetime
    rings: tuple[datetime, ...]
    seqs: tuple[int, ...]
    severity: int = 4
    cause: str = ""


@dataclass(frozen=True, slots=True)
class WeekLoad:
    """The pages of one person in ``[start, end)``; ``by_class`` has every one of `LOAD_CLASSES`."""

    start: datetime
    end: datetime
    pages: tuple[Page, ...]
    by_class: Mapping[str, int]
    disturbed: int

    @property
    def seqs(self) -> tuple[int, ...]:
        return tuple(seq for page in self.pages for seq in page.seqs)

    def seqs_of(self, name: str, zone: ZoneInfo) -> tuple[int, ...]:
        """The events of the pages of this class."""
        return tuple(seq for page in self.pages if load_class(page.at, zone) == name for seq in page.seqs)


@dataclass(frozen=True, slots=True)
class WorstNight:
    """The night with the most pages; ``disturbed`` are its disturbed hours."""

    day: date
    pages: int
    disturbed: int
    seqs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """``weeks`` oldest first; the last is the week under review. ``median`` is of the pages per week."""

    person: str
    zone: ZoneInfo
    weeks: tuple[WeekLoad, ...]
    median: float
    worst: WorstNight | None

    @property
    def this(self) -> WeekLoad:
        return self.weeks[-1]

    @property
    def before(self) -> WeekLoad | None:
        return self.weeks[-2] if len(self.weeks) > 1 else None


def week_load(pages: Sequence[Page], start: datetime, end: datetime, zone: ZoneInfo) -> WeekLoad:
    """What the pages of one person that began in ``[start, end)`` come to."""
    own = tuple(page for page in pages if start <= page.at < end)
    counts = Counter(load_class(page.at, zone) for page in own)
    rings = [at for page in pages for at in page.rings if start <= at < end]
    return WeekLoad(start, end, own, {name: counts[name] for name in LOAD_CLASSES}, disturbed_hours(rings))


def person_loads(
    pages: Sequence[Page], spans: Sequence[tuple[datetime, datetime]], zones: Mapping[str, ZoneInfo], default: ZoneInfo
) -> tuple[PersonLoad, ...]:
    """The load of everybody in ``zones`` and of everybody who was paged, the most paged of the last span first."""
    people = dict.fromkeys((*zones, *(page.person for page in pages)))
    found = []
    for person in people:
        zone, own = zones.get(person, default), [page for page in pages if page.person == person]
        weeks = tuple(week_load(own, start, end, zone) for start, end in spans)
        found.append(PersonLoad(person, zone, weeks, median(len(week.pages) for week in weeks), _worst(weeks, zone)))
    return tuple(
        sorted(found, key=lambda load: (-len(load.this.pages), -sum(len(w.pages) for w in load.weeks), load.person))
    )


def _worst(weeks: Sequence[WeekLoad], zone: ZoneInfo) -> WorstNight | None:
    nights: dict[date, list[Page]] = {}
    for page in (page for week in weeks for page in week.pages):
        day = night_of(page.at, zone)
        if day is not None:
            nights.setdefault(day, []).append(page)
    if not nights:
        return None
    day, pages = max(nights.items(), key=lambda each: (len(each[1]), each[0]))
    rings = [at for page in pages for at in page.rings]
    return WorstNight(day, len(pages), disturbed_hours(rings), tuple(seq for page in pages for seq in page.seqs))


def wakers(
    pages: Iterable[Page], zones: Mapping[str, ZoneInfo], default: ZoneInfo, most: int = 3
) -> tuple[tuple[str, tuple[Page, ...]], ...]:
    """What woke people most: (cause, its pages in somebody's night), the ``most`` frequent first."""
    found: dict[str, list[Page]] = {}
    for page in pages:
        if load_class(page.at, zones.get(page.person, default)) == SLEEP:
            found.setdefault(page.cause, []).append(page)
    ordered = sorted(found.items(), key=lambda each: (-len(each[1]), each[0]))
    return tuple((cause, tuple(own)) for cause, own in ordered[:most])


def weeks_back(end: datetime, starts: Sequence[datetime], count: int) -> tuple[tuple[datetime, datetime], ...]:
    """``count`` spans up to ``end``, oldest first: between the ``starts`` known (newest last), then whole weeks before."""
    edges = [each for each in starts if each < end]
    while len(edges) < count:
        first = edges[0] if edges else end
        edges.insert(0, first - timedelta(days=7))
    edges = edges[-count:]
    return tuple(zip(edges, [*edges[1:], end], strict=True))
