"""``[escalation]``: after how long who is told, and the working hours in which the lower severities count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import time
from functools import cached_property
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import ConfigDict, Field, model_validator

from artisan_tui.config.base import Frozen, Span
from artisan_tui.config.maintenance import Clock, ClockEnd, Day, ZoneName
from artisan_tui.config.people import person_ids
from artisan_tui.config.problems import Mistake
from artisan_tui.config.raw import Finding, Table, tables
from artisan_tui.config.suggest import closest
from artisan_tui.domain.oncall.business_hours import BusinessHours
from artisan_tui.domain.oncall.wall_time import Hours

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
#: Rungs are at 1, 2 and 4 times the deadline; the level after those comes with the last rung.
MOST_LEVELS = 8
Level = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,30}$")]


class Covering(Frozen):
    """Hours of some weekdays, in wall time."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    days: Annotated[tuple[Weekday, ...], Field(description="Days on which the hours begin; empty: every day")] = ()
    begins: Annotated[Clock, Field(alias="from", description="Time they begin")] = time()
    ends: Annotated[
        ClockEnd, Field(alias="to", description="Time they end; the next day when it is not after `from`")
    ] = time()

    def hours(self, zone: ZoneInfo) -> Hours:
        """The hours in ``zone``."""
        return Hours(frozenset(WEEKDAYS.index(day) for day in self.days), self.begins, self.ends, zone)


class Working(Covering):
    """``business_hours``: with the holidays of a country, or a list of days."""

    zone: Annotated[ZoneName | None, Field(description="Of `from` and `to`; else [artisan].timezone")] = None
    holidays: Annotated[
        tuple[Day, ...] | Annotated[str, Field(pattern=r"^[A-Z]{2}$")],
        Field(description='Country of the public holidays, like "KR", or a list of days'),
    ] = ()

    @model_validator(mode="after")
    def _known_country(self) -> Working:
        if isinstance(self.holidays, str):
            known = _countries()
            if self.holidays not in known:
                near = closest(self.holidays, known)
                hint = f"did you mean {near!r}?" if near else 'write two capital letters, like "KR", or a list of days'
                raise Mistake(f"the holidays of {self.holidays!r} are not known", hint, ("holidays",))
        return self

    def business(self, zone: ZoneInfo) -> BusinessHours:
        """The working hours; ``zone`` applies when the table has none."""
        hours = self.hours(ZoneInfo(self.zone) if self.zone else zone)
        if isinstance(self.holidays, str):
            import holidays  # heavy, and most configurations need it only when a deadline is computed

            calendar = holidays.country_holidays(self.holidays)
            return BusinessHours(hours, calendar.__contains__)
        return BusinessHours(hours, frozenset(self.holidays).__contains__)


def _countries() -> list[str]:
    import holidays

    return sorted(holidays.list_supported_countries(include_aliases=False))


#: The defaults of the seeds, in seconds.
_ACKNOWLEDGE: Mapping[str, float] = {"Sev1": 900.0, "Sev2": 1800.0, "Sev3": 3600.0, "Sev4": 14400.0}
_UPDATE: Mapping[str, float] = {"Sev1": 900.0, "Sev2": 1800.0, "Sev3": 3600.0}
Severities = Mapping[Literal["Sev1", "Sev2", "Sev3", "Sev4"], Span]


class Escalation(Frozen):
    """``[escalation]``: the ladder, its people, the deadlines and the cadence of updates."""

    ladder: Annotated[
        tuple[Level, ...],
        Field(min_length=1, max_length=MOST_LEVELS, description="Levels, first to last; at 1x 2x 4x of the deadline"),
    ] = ("L1", "L2", "L3", "L4")
    levels: Annotated[
        dict[Level, tuple[Annotated[str, Field(min_length=1, max_length=80)], ...]],
        Field(description="People or rotations of a level, besides the rotations that name it"),
    ] = Field(default_factory=dict)
    acknowledge: Annotated[Severities, Field(description="Time to acknowledge, by severity")] = Field(
        default_factory=dict
    )
    updates: Annotated[Severities, Field(description="Time between two updates, by severity")] = Field(
        default_factory=dict
    )
    business_hours: Annotated[Working, Field(description="Hours in which the deadlines of Sev3 and Sev4 count")] = (
        Working(days=("mon", "tue", "wed", "thu", "fri"), begins=time(9), ends=time(17))
    )

    @cached_property
    def acknowledge_within(self) -> Mapping[str, float]:
        """Seconds to acknowledge by severity, with the defaults of the seeds for what the file leaves out."""
        return {**_ACKNOWLEDGE, **dict(self.acknowledge.items())}

    @cached_property
    def update_every(self) -> Mapping[str, float]:
        """Seconds between two updates by severity. Sev4 has no cadence unless the file gives one."""
        return {**_UPDATE, **dict(self.updates.items())}


def escalation_findings(document: Table) -> Iterator[Finding]:
    """Levels are on the ladder, and who is named exists."""
    table = document.get("escalation")
    if not isinstance(table, Mapping):
        return
    ladder = table.get("ladder", ["L1", "L2", "L3", "L4"])
    levels = table.get("levels")
    known = [*person_ids(document), *(str(each.get("id")) for _, each in tables(document, (), "rotation"))]
    for level, names in levels.items() if isinstance(levels, Mapping) else ():
        if isinstance(ladder, list) and ladder and level not in ladder:
            what = f"the level {str(level)[:40]!r} is not on the ladder"
            yield ("escalation", "levels", level), what, f"write one of {', '.join(map(str, ladder))[:200]}"
        yield from unknown_people(("escalation", "levels", level), names, known)
    if isinstance(ladder, list):
        for index, level in enumerate(ladder):
            if level in ladder[:index]:
                yield ("escalation", "ladder", index), f"the level {str(level)[:40]!r} is there twice", "take one out"


def unknown_people(at: tuple[str | int, ...], names: object, known: list[str]) -> Iterator[Finding]:
    """Each name in the list at ``at`` that is no person and no rotation. "group:NAME" is asked of the system later."""
    for index, name in enumerate(names if isinstance(names, list) else []):
        if isinstance(name, str) and name not in known and not name.startswith("group:"):
            near = closest(name, known)
            mend = f"did you mean {near!r}?" if near else "add a [[person]] with this id"
            yield (*at, index), f"there is no person or rotation {name[:80]!r}", mend
