"""``[[rotation]]``: people who take turns on call."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import time
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, WithJsonSchema, model_validator

from artisan_tui.config.base import Frozen, Id
from artisan_tui.config.escalation import WEEKDAYS, Covering, Level, unknown_people
from artisan_tui.config.maintenance import Day, ZoneName
from artisan_tui.config.people import person_ids
from artisan_tui.config.problems import Mistake
from artisan_tui.config.raw import Finding, LineOf, Table, duplicates, tables
from artisan_tui.domain.oncall.rotation import Rotation

_SHIFT = re.compile(r"(\d{1,3})\s*([dw])", re.ASCII)
_HANDOFF = re.compile(r"(?:([a-z]{3})\s+)?(\d{1,2}):(\d{2})", re.ASCII)
_LONGEST = 366


def _shift(value: str) -> str:
    shift_days(value)
    return value


def _written_shift(value: object) -> object:
    """A number is days; text is read by `shift_days`."""
    return f"{value}d" if isinstance(value, int) and not isinstance(value, bool) else value


def shift_days(text: str) -> int:
    """Local days of a shift: "1d", "1w", "14d". Raises Mistake."""
    found = _SHIFT.fullmatch(text.strip())
    days = int(found[1]) * (7 if found[2] == "w" else 1) if found else 0
    if not 0 < days <= _LONGEST:
        raise Mistake("a shift is a number of whole days or weeks", 'write it like "1w", "1d" or "14d"')
    return days


def _handoff(value: str) -> str:
    handoff_of(value)
    return value


def handoff_of(text: str) -> tuple[int | None, time]:
    """(weekday, 0 is Monday, or None; time of day) of "fri 17:00" or "17:00". Raises Mistake."""
    found = _HANDOFF.fullmatch(text.strip().lower())
    day = found[1] if found else None
    if found is None or (day and day not in WEEKDAYS) or int(found[2]) > 23 or int(found[3]) > 59:
        raise Mistake("this is not a time to hand over", 'write it like "fri 17:00", or "17:00" for daily shifts')
    return (WEEKDAYS.index(day) if day else None), time(int(found[2]), int(found[3]))


class RotationSpec(Frozen):
    """``[[rotation]]``: a layer of the schedule."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    id: Annotated[Id, Field(description="Id; [escalation] levels can name it")]
    level: Annotated[Level, Field(description="The level of the ladder that it answers for")] = "L1"
    zone: Annotated[ZoneName | None, Field(description="Of its times; else [artisan].timezone")] = None
    people: Annotated[tuple[Id, ...], Field(min_length=1, max_length=100, description="In the order of their turns")]
    shift: Annotated[
        str,
        BeforeValidator(_written_shift),
        AfterValidator(_shift),
        Field(description='How long a shift lasts: "1w", "1d", "14d", or a number of days'),
        WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "integer", "minimum": 1, "maximum": _LONGEST}]}),
    ] = "1w"
    handoff: Annotated[
        str, AfterValidator(_handoff), Field(description='When shifts begin: "fri 17:00", or "17:00" for daily ones')
    ] = "fri 17:00"
    first: Annotated[Day, Field(alias="from", description="The day on which the first shift begins")]
    only: Annotated[Covering | None, Field(description="The hours that it covers; default: all")] = None

    @model_validator(mode="after")
    def _begins_on_its_weekday(self) -> RotationSpec:
        weekday, _time = handoff_of(self.handoff)
        days = shift_days(self.shift)
        if weekday is not None and days % 7:
            what = f"a shift of {days} days does not begin on the same weekday each time"
            raise Mistake(what, "write whole weeks, or leave the weekday out of handoff", ("handoff",))
        if weekday is not None and self.first.weekday() != weekday:
            what = (
                f"{self.first.isoformat()} is a {WEEKDAYS[self.first.weekday()]}, and handoff says {WEEKDAYS[weekday]}"
            )
            raise Mistake(what, "write the day of the first hand-over", ("from",))
        return self

    def rotation(self, zone: ZoneInfo) -> Rotation:
        """The rotation as a domain value; ``zone`` applies when the table has none."""
        own = ZoneInfo(self.zone) if self.zone else zone
        only = self.only.hours(own) if self.only else None
        days, clock = shift_days(self.shift), handoff_of(self.handoff)[1]
        return Rotation(self.id, self.level, self.people, days, clock, self.first, own, only)


def rotation_findings(document: Table, line_of: LineOf) -> Iterator[Finding]:
    """Ids are used once, people exist, and the level is on the ladder."""
    rotations = tables(document, (), "rotation")
    yield from duplicates(rotations, line_of)
    escalation = document.get("escalation")
    ladder = escalation.get("ladder") if isinstance(escalation, dict) else None
    known = list(person_ids(document))
    for at, rotation in rotations:
        yield from unknown_people((*at, "people"), rotation.get("people"), known)
        level = rotation.get("level", "L1")
        if isinstance(ladder, list) and isinstance(level, str) and level not in ladder:
            what = f"the level {level[:40]!r} is not on the ladder of [escalation]"
            yield (*at, "level"), what, f"write one of {', '.join(map(str, ladder))[:200]}"
