"""Checklists as they are defined, and as they stand at a moment: who ticked what, what is due, what is overdue."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final

#: What a period can be.
PERIODS: Final = ("day", "week", "month", "quarter")
#: What can open a checklist. "planned" opens it before a maintenance window of the configuration begins.
OCCASIONS: Final = (
    "maintenance.planned",
    "maintenance.start",
    "maintenance.end",
    "rollback",
    "incident.resolved",
    "shift",
)
#: What an item can be.
OPEN, DONE, FAILED, SKIPPED = ITEM_STATES = ("open", "done", "failed", "skipped")

_NONE: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class CalendarRule:
    """Once in every period. ``day`` counts the days of the period from 0, None is its last moment; then it is due at ``clock``.

    ``days`` are weekdays (0 is Monday) of a daily list, () for every day.
    """

    every: str
    day: int | None = None
    clock: time = time(0)
    days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OccasionRule:
    """Whenever something happens. ``within`` is the time from then until it is due; ``ahead`` the time before what is planned.

    ``runbooks``: a run of these that succeeds is a rollback, too. ``severities`` limit the incidents, () is all of them.
    """

    occasion: str
    within: timedelta = timedelta(hours=2)
    ahead: timedelta = timedelta(hours=24)
    runbooks: tuple[str, ...] = ()
    severities: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ChecklistItem:
    """``verify`` says how the program looks by itself, None where only a person can. ``evidence``: a tick needs words or a link.

    ``runbook`` is the id of the runbook that does it.
    """

    id: str
    title: str
    title_ko: str = ""
    note: str = ""
    note_ko: str = ""
    verify: Mapping[str, Any] | None = None
    evidence: bool = False
    runbook: str = ""


@dataclass(frozen=True, slots=True)
class Checklist:
    """``rule`` None: a person opens it when it is needed. ``source`` are the documents and sections that it comes from."""

    id: str
    title: str
    items: tuple[ChecklistItem, ...]
    title_ko: str = ""
    description: str = ""
    description_ko: str = ""
    source: tuple[str, ...] = ()
    rule: CalendarRule | OccasionRule | None = None

    def item(self, wanted: str) -> ChecklistItem | None:
        return next((each for each in self.items if each.id == wanted), None)


@dataclass(frozen=True, slots=True)
class Mark:
    """What was last said of an item. ``evidence`` is what the person attached, ``seen`` what the program saw.

    ``verified`` is "" where a person said it, else ok, failed or unknown.
    """

    state: str
    who: str
    when: datetime
    evidence: str = ""
    seen: str = ""
    verified: str = ""


@dataclass(frozen=True, slots=True)
class ItemState:
    """An item with its mark, None while nobody said anything of it."""

    item: ChecklistItem
    mark: Mark | None = None

    @property
    def id(self) -> str:
        return self.item.id

    @property
    def title(self) -> str:
        return self.item.title

    @property
    def title_ko(self) -> str:
        return self.item.title_ko

    @property
    def state(self) -> str:
        return OPEN if self.mark is None else self.mark.state

    @property
    def who(self) -> str:
        return "" if self.mark is None else self.mark.who

    @property
    def when(self) -> datetime | None:
        return None if self.mark is None else self.mark.when

    @property
    def evidence(self) -> str:
        return "" if self.mark is None else self.mark.evidence

    @property
    def said(self) -> str:
        return "" if self.mark is None else self.mark.seen

    @property
    def settled(self) -> bool:
        """Nothing is left to do."""
        return self.state in (DONE, SKIPPED)


@dataclass(frozen=True, slots=True)
class ChecklistState:
    """A checklist to be worked through, or worked through. ``key`` tells which one: a period, or what it is about.

    ``due`` None: it has no date. ``missed`` are the periods right before this one that went by without it.
    ``last`` is when it was completed before. ``opened`` False: it is opened by the first tick.
    """

    checklist: Checklist
    key: str
    opened_at: datetime
    due: datetime | None
    items: tuple[ItemState, ...]
    about: str = ""
    missed: int = 0
    last: datetime | None = None
    opened: bool = True
    #: The store did not exist yet when it was due: nobody could have ticked it.
    excused: bool = field(default=False)

    @property
    def id(self) -> str:
        return self.checklist.id

    @property
    def subject(self) -> str:
        """What its journal entries are about."""
        return f"{self.id}/{self.key}"

    @property
    def title(self) -> str:
        return self.checklist.title

    @property
    def title_ko(self) -> str:
        return self.checklist.title_ko

    @property
    def done(self) -> int:
        return sum(each.settled for each in self.items)

    @property
    def total(self) -> int:
        return len(self.items)

    @property
    def complete(self) -> bool:
        return self.done == self.total

    @property
    def failed(self) -> bool:
        """An item was looked at, and is not well."""
        return any(each.state == FAILED for each in self.items)

    @property
    def who(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.who for each in self.items if each.who))

    @property
    def when(self) -> datetime | None:
        """The last word on it; of one that is complete, when it became so."""
        return max((each.when for each in self.items if each.when is not None), default=None)

    def overdue(self, at: datetime) -> bool:
        return self.opened and self.due is not None and not self.excused and not self.complete and at >= self.due

    def late(self) -> bool:
        """It is complete, and became so after it was due."""
        return self.complete and self.due is not None and self.when is not None and self.when > self.due

    def item(self, wanted: str) -> ItemState | None:
        return next((each for each in self.items if each.id == wanted), None)
