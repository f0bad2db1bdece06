"""The lines of the checklists: one for each list, and one for each item of those that are unfolded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from rich.cells import cell_len

from artisan_tui.domain.oncall.checklists import DONE, FAILED, OPEN, SKIPPED, ChecklistState, ItemState
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.oncall.checklists import (
    MARKS,
    due_text,
    in_language,
    mark_text,
    missed_text,
    needs_text,
)
from artisan_tui.tui.cells import Run, fit, widest, wrapped

_ROLES = {OPEN: "", DONE: "-good", FAILED: "-bad", SKIPPED: "-dim"}
#: Lines below the list that say more of what is selected.
ABOUT = 5


class ChecklistLine(NamedTuple):
    """A line: of a checklist, or of its ``item``."""

    runs: list[Run]
    state: ChecklistState
    item: ItemState | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What is selected stays selected by this."""
        return self.state.subject, "" if self.item is None else self.item.id


def lines_of(
    states: Sequence[ChecklistState], unfolded: Collection[str], at: datetime, zone: tzinfo, width: int
) -> list[ChecklistLine]:
    lines: list[ChecklistLine] = []
    titles = widest([in_language(each.title, each.title_ko) for each in states], 8, max(12, (width - 9) * 2 // 5))
    for each in states:
        folded = each.subject not in unfolded
        lines.append(ChecklistLine(_head(each, at, zone, width, titles, folded=folded), each))
        if not folded:
            most = max(20, (width - 10) * 3 // 5)
            wide = widest([in_language(item.title, item.title_ko) for item in each.items], 8, most)
            lines += [ChecklistLine(_item(item, at, zone, width, wide), each, item) for item in each.items]
    return lines


def _head(state: ChecklistState, at: datetime, zone: tzinfo, width: int, titles: int, *, folded: bool) -> list[Run]:
    overdue = state.overdue(at)
    role = "-bad" if overdue or state.failed else "-good" if state.complete else "" if state.opened else "-dim"
    due = due_text(state, at, zone)
    if missed := missed_text(state):
        due = f"{due}, {missed}"
    title = in_language(state.title, state.title_ko)
    about = printable(state.about or state.key, 120)
    room = width - 2 - 7
    named = fit(title, titles)
    left = room - cell_len(named) - 2
    tail = fit(due, min(cell_len(due), max(12, left)))
    rest = left - cell_len(tail) - 2
    runs: list[Run] = [
        (" + " if folded else " - ", "-dim"),
        (fit(f"{state.done}/{state.total}", 6, "left"), role or "-strong"),
        (named, "-strong" if state.opened and not state.complete else "-dim"),
        ("  ", ""),
        (tail, "-bad" if overdue else "-warn" if state.missed and not state.complete else "-dim"),
    ]
    if about and rest > 6:
        runs.append(("  " + fit(about, rest).rstrip(), "-dim"))
    return runs


def _item(item: ItemState, at: datetime, zone: tzinfo, width: int, titles: int) -> list[Run]:
    said = mark_text(item, at, zone) or needs_text(item)
    title = in_language(item.title, item.title_ko)
    room = width - 10
    named = fit(title, titles if said else max(titles, room))  # beside nothing there is room for all of it
    rest = room - cell_len(named) - 2
    runs: list[Run] = [("     ", ""), (MARKS[item.state], _ROLES[item.state] or "-accent"), (" ", ""), (named, "")]
    if said and rest > 4:
        runs.append(("  " + fit(said, rest).rstrip(), _ROLES[item.state] if item.state == FAILED else "-dim"))
    return runs


def about_lines(line: ChecklistLine | None, at: datetime, zone: tzinfo, width: int) -> list[list[Run]]:
    """What is selected, in at most `ABOUT` lines: how it is done, who said what, what the program saw."""
    if line is None:
        return []
    state, item = line.state, line.item
    texts: list[tuple[str, str]] = []
    if item is None:
        texts.append((in_language(state.title, state.title_ko) + f"  {due_text(state, at, zone)}", "-strong"))
        if about := printable(state.about, 200):
            texts.append((_("about {what}").format(what=about), ""))
        description = in_language(state.checklist.description, state.checklist.description_ko, 500)
        texts.append((description, ""))
        if state.who:
            texts.append((_("ticked by {who}").format(who=", ".join(state.who)), "-dim"))
        if state.checklist.source:
            texts.append((_("from {source}").format(source="; ".join(state.checklist.source)), "-dim"))
    else:
        texts.append((in_language(item.title, item.title_ko), "-strong"))
        texts.append((mark_text(item, at, zone), "-bad" if item.state == FAILED else ""))
        texts.append((in_language(item.item.note, item.item.note_ko, 500), ""))
        texts.append((needs_text(item), "-dim"))
    found = [[(" " + part, role)] for text, role in texts if text for part in wrapped(text, max(10, width - 2))]
    return found[:ABOUT]
