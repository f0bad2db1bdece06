"""``[[maintenance]]``: one-time windows between two instants, and recurring windows in wall time."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, ConfigDict, Field, PlainSerializer, PlainValidator, WithJsonSchema, model_validator

from artisan_tui.config.base import Frozen, Id, Span, duration_text
from artisan_tui.config.problems import Mistake
from artisan_tui.config.raw import Finding, LineOf, Table, duplicates, references, tables
from artisan_tui.config.suggest import closest
from artisan_tui.domain.maintenance.windows import Recurrence, Window
from artisan_tui.domain.text.printable import printable

#: Seconds. A longer window was probably forgotten in the file.
LONGEST = 30 * 86400.0
_YEARS = range(2000, 2200)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", re.ASCII)
#: Common abbreviations. Their nearest names by spelling are other zones.
_ABBREVIATIONS = {
    "KST": "Asia/Seoul",
    "JST": "Asia/Tokyo",
    "PST": "America/Los_Angeles",
    "PDT": "America/Los_Angeles",
    "EDT": "America/New_York",
    "CEST": "Europe/Berlin",
    "BST": "Europe/London",
}


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        pass
    else:
        return name
    zones = available_timezones()
    cities = {zone.rpartition("/")[2]: zone for zone in sorted(zones)}
    city = closest(name, cities)
    near = _ABBREVIATIONS.get(name.upper()) or closest(name, zones) or (cities[city] if city else None)
    mend = f"did you mean {near!r}?" if near else 'write a name of the IANA database, like "Asia/Seoul" or "UTC"'
    raise Mistake(f"{name[:60]!r} is not a timezone", mend)


def _instant(value: object) -> datetime:
    mend = 'write it with its zone, like "2026-12-01T22:00:00+09:00" or "2026-12-01T13:00:00Z"'
    if isinstance(value, str):
        text = value.strip()
        try:
            value = datetime.fromisoformat(text)
        except ValueError:
            raise Mistake(f"{text[:60]!r} is not a date and time", mend) from None
    if not isinstance(value, datetime):
        raise Mistake("an instant is a date and a time", mend)
    if value.tzinfo is None:
        raise Mistake("the time has no zone", mend)
    if value.year not in _YEARS:
        raise Mistake(f"the year {value.year} is out of range", "correct it")
    return value.astimezone(UTC)


def _clock(value: object) -> time:
    mend = 'write hours and minutes, like "02:00"'
    if isinstance(value, time):
        return value
    match = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise Mistake("this is not a time of day", mend)
    hour, minute, second = (int(part or 0) for part in match.groups())
    if hour > 23 or minute > 59 or second > 59:
        raise Mistake(f"{match[0]!r} is not a time of day", mend)
    return time(hour, minute, second)


def _clock_end(value: object) -> time:
    """``24:00`` is accepted for the end of a day, and means 00:00 of the next day."""
    return time() if value == "24:00" else _clock(value)


def _date(value: object) -> date:
    mend = 'write it like "2026-12-01"'
    if isinstance(value, str):
        text = value.strip()
        try:
            value = date.fromisoformat(text)
        except ValueError:
            raise Mistake(f"{text[:60]!r} is not a date", mend) from None
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Mistake("a date is a day without a time", mend)
    if value.year not in _YEARS:
        raise Mistake(f"the year {value.year} is out of range", "correct it")
    return value


_SHOWN = PlainSerializer(lambda value: value.isoformat(), return_type=str)
#: A name of the IANA database.
ZoneName = Annotated[str, AfterValidator(_zone)]
#: An instant. The model holds it in UTC.
Instant = Annotated[
    datetime,
    PlainValidator(_instant),
    _SHOWN,
    WithJsonSchema({"type": "string", "format": "date-time", "examples": ["2026-12-01T22:00:00+09:00"]}),
]
Clock = Annotated[
    time,
    PlainValidator(_clock),
    _SHOWN,
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "examples": ["02:00"]}),
]
ClockEnd = Annotated[
    time,
    PlainValidator(_clock_end),
    _SHOWN,
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$", "examples": ["04:00", "24:00"]}),
]
Day = Annotated[
    date,
    PlainValidator(_date),
    _SHOWN,
    WithJsonSchema({"type": "string", "format": "date", "examples": ["2026-12-01"]}),
]

_ONCE = ("start", "end", "for")
_AGAIN = ("from", "to", "days", "zone", "first", "last")


class MaintenanceSpec(Frozen):
    """A time without paging and budget burn for the covered services and checks."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    id: Annotated[Id, Field(description="Id, used in the journal")]
    reason: Annotated[str, Field(min_length=1, max_length=200, description="Reason; shown during the maintenance")]
    covers: Annotated[
        tuple[str, ...], Field(description='Services or checks as "service.check"; empty covers everything')
    ] = ()
    start: Annotated[Instant | None, Field(description="Once: when it begins, with a zone")] = None
    end: Annotated[Instant | None, Field(description="Once: when it ends; or `for`")] = None
    lasts: Annotated[Span | None, Field(alias="for", description="Once: how long it lasts; or `end`")] = None
    begins: Annotated[Clock | None, Field(alias="from", description="Recurring: time it begins")] = None
    ends: Annotated[
        ClockEnd | None, Field(alias="to", description="Recurring: time it ends; the next day when not after `from`")
    ] = None
    days: Annotated[
        tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...],
        Field(description="Recurring: days on which it begins; empty: every day"),
    ] = ()
    zone: Annotated[ZoneName | None, Field(description="Of `from` and `to`; else [artisan].timezone")] = None
    first: Annotated[Day | None, Field(description="The first day on which it begins")] = None
    last: Annotated[Day | None, Field(description="The last day on which it begins")] = None

    @model_validator(mode="after")
    def _one_way(self) -> MaintenanceSpec:
        names = {field.alias or name: name for name, field in type(self).model_fields.items()}
        given = {key for key, name in names.items() if getattr(self, name) not in (None, ())}
        once, again = [key for key in _ONCE if key in given], [key for key in _AGAIN if key in given]
        if once and again:
            if again == ["zone"]:
                raise Mistake(
                    ("zone is not used with start: the zone is part of start"),
                    'write start = "2026-12-01T22:00:00+09:00"',
                    ("zone",),
                )
            what = f"`{once[0]}` is for one-time maintenance, `{again[0]}` for recurring maintenance"
            raise Mistake(what, "keep start with end or for; or keep from with to", (again[0],))
        if not once and not again:
            raise Mistake("start and end are missing", "add start and end for once; or from and to for every day")
        if once:
            self._check_once(given)
        else:
            self._check_again(given)
        return self

    def _check_once(self, given: set[str]) -> None:
        if self.start is None:
            key = "end" if "end" in given else "for"
            raise Mistake(f"`{key}` without a start", 'add start = "2026-12-01T22:00:00+09:00"', (key,))
        if {"end", "for"} <= given:
            raise Mistake("`end` and `for` both say how long it lasts", "keep one of the two", ("for",))
        if self.end is None and self.lasts is None:
            raise Mistake("`start` without an end", 'add end = "…", or for = "2h"', ("start",))
        key = "end" if self.lasts is None else "for"
        seconds = self._seconds()
        if seconds <= 0:
            raise Mistake("it ends before it begins", "correct start or end; mind their zones", (key,))
        if seconds > LONGEST:
            what = f"{duration_text(seconds)} is too long for a maintenance window: nobody would be paged in that time"
            raise Mistake(what, "write at most 30d; remove decommissioned services from the file instead", (key,))

    def _check_again(self, given: set[str]) -> None:
        for key, missing in (("from", "to"), ("to", "from")):
            if key in given and missing not in given:
                raise Mistake(f"`{key}` without a `{missing}`", f'add {missing} = "04:00"', (key,))
        if "from" not in given:
            key = next(key for key in _AGAIN if key in given)
            raise Mistake(f"`{key}` does not say at what time", 'add from = "02:00" and to = "04:00"', (key,))
        if self.first is not None and self.last is not None:
            if self.last < self.first:
                raise Mistake("the last day is before the first", "correct one of the two", ("last",))
            week = (self.first + timedelta(days=n) for n in range(min(7, (self.last - self.first).days + 1)))
            if self.days and not {day.weekday() for day in week} & self._weekdays():
                raise Mistake(
                    ("none of these days falls between first and last"), "correct days, first or last", ("days",)
                )

    def _seconds(self) -> float:
        if self.lasts is not None:
            return self.lasts
        assert self.start is not None
        assert self.end is not None
        return (self.end - self.start).total_seconds()

    def _weekdays(self) -> frozenset[int]:
        return frozenset(_DAYS.index(day) for day in self.days)

    def window(self, zone: str, covers: tuple[str, ...]) -> Window | Recurrence:
        """The window as a domain value. ``zone`` applies when the table has no zone."""
        reason = printable(self.reason, 200)
        if self.start is not None:
            return Window(self.id, covers, reason, self.start, self.start + timedelta(seconds=self._seconds()))
        assert self.begins is not None
        assert self.ends is not None
        info = ZoneInfo(self.zone or zone)
        return Recurrence(
            self.id, covers, reason, self._weekdays(), self.begins, self.ends, info, self.first, self.last
        )


def maintenance_findings(document: Table, known: Collection[str], line_of: LineOf) -> Iterator[Finding]:
    """``known`` are the services and checks that a window can cover."""
    windows = tables(document, (), "maintenance")
    yield from duplicates(windows, line_of)
    for at, window in windows:
        yield from references((*at, "covers"), window.get("covers"), known, "service or check")
