"""What a snapshot says about checklists."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class DueChecklist(NamedTuple):
    """A checklist that is open. ``id`` and ``key`` name it."""

    id: str
    key: str
    title: str
    title_ko: str
    due: datetime | None
    done: int
    total: int
    overdue: bool = False
    failed: bool = False


class ChecklistSlice(NamedTuple):
    """``open`` are those that are not complete, overdue first. ``problem``: the files cannot be read. ``known``: there are any.

    ``changes`` grows with every word on an item, so that a screen reads again.
    """

    open: tuple[DueChecklist, ...] = ()
    problem: str = ""
    known: bool = False
    changes: int = 0

    @property
    def overdue(self) -> tuple[DueChecklist, ...]:
        return tuple(each for each in self.open if each.overdue)
