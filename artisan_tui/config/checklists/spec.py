"""A file with checklists from top to bottom, and the tables in it."""

from __future__ import annotations

import re
from datetime import time, timedelta
from typing import Annotated, Any, Final, Literal

from pydantic import ConfigDict, Field, model_validator

from artisan_tui.config.base import Frozen, Id, Span
from artisan_tui.config.checklists.verify import VerifyLook, verify_of
from artisan_tui.config.escalation import WEEKDAYS
from artisan_tui.config.problems import Mistake
from artisan_tui.domain.incidents.severity import parse_severity
from artisan_tui.domain.oncall.checklists import CalendarRule, Checklist, ChecklistItem, OccasionRule

_DUE = re.compile(
    r"(?:(?P<weekday>[a-z]{3})\s+|day\s+(?P<day>\d{1,2})\s+)?(?P<hour>\d{1,2}):(?P<minute>\d{2})", re.ASCII
)
#: How `due` is written, and the days that a period surely has.
_WRITTEN: Final = {
    "day": ('"10:00"', 1),
    "week": ('"mon 12:00"', 7),
    "month": ('"day 5 12:00"', 28),
    "quarter": ('"day 14 12:00"', 90),
}
_BY_OCCASION: Final = {
    "within": frozenset({"maintenance.start", "maintenance.end", "rollback", "incident.resolved"}),
    "ahead": frozenset({"maintenance.planned", "shift"}),
    "runbooks": frozenset({"rollback"}),
    "severities": frozenset({"incident.resolved"}),
}
Title = Annotated[str, Field(min_length=1, max_length=200)]
Note = Annotated[str, Field(max_length=2000)]


class ChecklistItemSpec(Frozen):
    """``[[checklist.item]]``: something that a person ticks, or that the program verifies."""

    id: Annotated[Id, Field(description="Its name on the command line and in the journal")]
    title: Annotated[Title, Field(description="What has to be so")]
    title_ko: Annotated[str, Field(max_length=200, description="The title in Korean")] = ""
    note: Annotated[Note, Field(description="How to find out, and what to do when it is not so")] = ""
    note_ko: Annotated[Note, Field(description="The note in Korean")] = ""
    verify: Annotated[VerifyLook | None, Field(description="How the program looks by itself; reads only")] = None
    evidence: Annotated[
        bool, Field(strict=True, description="A tick needs words, a number or a link that shows it")
    ] = False
    runbook: Annotated[Id | None, Field(description="Runbook that does it")] = None

    def item(self) -> ChecklistItem:
        given: Any = self.verify
        verify = None if given is None else verify_of(given)
        return ChecklistItem(
            self.id, self.title, self.title_ko, self.note, self.note_ko, verify, self.evidence, self.runbook or ""
        )


class ChecklistSpec(Frozen):
    """``[[checklist]]``: items to be worked through, and when."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    id: Annotated[Id, Field(description="Its name on the command line and in the journal")]
    title: Annotated[Title, Field(description="Its title")]
    title_ko: Annotated[str, Field(max_length=200, description="The title in Korean")] = ""
    description: Annotated[Note, Field(description="What it is for")] = ""
    description_ko: Annotated[Note, Field(description="The description in Korean")] = ""
    source: Annotated[
        tuple[Title, ...], Field(max_length=20, description="Documents and sections that it comes from")
    ] = ()
    every: Annotated[
        Literal["day", "week", "month", "quarter"] | None, Field(description="Once in each of these periods")
    ] = None
    due: Annotated[
        str | None,
        Field(description='When in the period: "10:00", "mon 12:00", "day 5 12:00"; without it at its end'),
    ] = None
    days: Annotated[
        tuple[Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"], ...],
        Field(description="Weekdays of a daily list; empty: every day"),
    ] = ()
    on: Annotated[
        Literal["maintenance.planned", "maintenance.start", "maintenance.end", "rollback", "incident.resolved", "shift"]
        | None,
        Field(description="What opens it; without `on` and `every` a person does"),
    ] = None
    within: Annotated[Span | None, Field(description="Time from what opened it until it is due; default 2h")] = None
    ahead: Annotated[
        Span | None, Field(description="Time before a window or a shift at which it opens; default 24h")
    ] = None
    runbooks: Annotated[
        tuple[Id, ...], Field(max_length=50, description="Of `rollback`: runs of these that succeed open it, too")
    ] = ()
    severities: Annotated[
        tuple[str, ...], Field(max_length=4, description="Of `incident.resolved`: only these; empty: all")
    ] = ()
    items: Annotated[
        tuple[ChecklistItemSpec, ...], Field(alias="item", max_length=100, description="Its items, in their order")
    ] = ()

    @model_validator(mode="after")
    def _consistent(self) -> ChecklistSpec:
        if self.every is not None and self.on is not None:
            raise Mistake("a checklist has a period or an occasion", "keep every or on", ("on",))
        if self.due is not None and self.every is None:
            raise Mistake("`due` without a period", 'add every = "day", or write within = "2h" beside `on`', ("due",))
        if self.days and self.every != "day":
            raise Mistake("`days` are those of a daily list", 'write every = "day", or remove days', ("days",))
        for key, occasions in _BY_OCCASION.items():
            if getattr(self, key) in (None, ()) or self.on in occasions:
                continue
            listed = ", ".join(sorted(occasions))
            raise Mistake(f"`{key}` belongs to {listed}", f'write on = "{min(occasions)}", or remove {key}', (key,))
        if self.due is not None:
            self._due()
        for index, text in enumerate(self.severities):
            try:
                parse_severity(text)
            except ValueError:
                raise Mistake(f"{text[:20]!r} is no severity", "write Sev1 to Sev4", ("severities", index)) from None
        return self

    def _due(self) -> tuple[int | None, time]:
        """(day of the period from 0, time of day). Raises Mistake."""
        written, days = _WRITTEN[self.every or "day"]
        found = _DUE.fullmatch((self.due or "").strip().lower())
        mend = f"write it like {written}"
        if found is None or int(found["hour"]) > 23 or int(found["minute"]) > 59:
            raise Mistake("this is no time when something is due", mend, ("due",))
        clock = time(int(found["hour"]), int(found["minute"]))
        weekday, day = found["weekday"], found["day"]
        if self.every == "day":
            if weekday or day:
                raise Mistake("a daily list is due at a time of day", mend, ("due",))
            return 0, clock
        if self.every == "week":
            if weekday not in WEEKDAYS:
                raise Mistake("a weekly list is due on a weekday", mend, ("due",))
            return WEEKDAYS.index(weekday), clock
        if day is None or not 1 <= int(day) <= days:
            raise Mistake(
                f"a {self.every} has no such day in every case", f"{mend}, from day 1 to day {days}", ("due",)
            )
        return int(day) - 1, clock

    def _rule(self) -> CalendarRule | OccasionRule | None:
        if self.every is not None:
            day, clock = self._due() if self.due is not None else (None, time(0))
            return CalendarRule(self.every, day, clock, tuple(sorted(WEEKDAYS.index(each) for each in self.days)))
        if self.on is not None:
            within = timedelta(seconds=self.within if self.within is not None else 7200)
            ahead = timedelta(seconds=self.ahead if self.ahead is not None else 86400)
            severities = tuple(int(parse_severity(each)) for each in self.severities)
            return OccasionRule(self.on, within, ahead, self.runbooks, severities)
        return None

    def checklist(self) -> Checklist:
        """The value."""
        return Checklist(
            self.id,
            self.title,
            tuple(each.item() for each in self.items),
            self.title_ko,
            self.description,
            self.description_ko,
            self.source,
            self._rule(),
        )


class ChecklistDocument(Frozen):
    """A file with checklists."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    checklists: Annotated[
        tuple[ChecklistSpec, ...], Field(alias="checklist", max_length=200, description="Checklists")
    ] = ()
