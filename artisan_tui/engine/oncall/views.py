"""The schedule as a snapshot shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.oncall.slice import GapView, LevelNow, OnCallSlice, PeopleSlice, PersonView, SwapView

if TYPE_CHECKING:
    from artisan_tui.config.models import Config

#: Gaps are looked for this far ahead, and the next change of a level.
GAPS_AHEAD, CHANGE_AHEAD = timedelta(days=7), timedelta(days=35)


def on_call_slice(
    changes: OnCallChanges, ladder: Sequence[str], now: datetime, name_of: Callable[[str], str]
) -> OnCallSlice:
    """``name_of`` gives what a person is called by their id."""
    schedule = changes.schedule
    levels = tuple(level_now(schedule, level, now, name_of) for level in ladder)
    minute = now.replace(second=0, microsecond=0)  # what goes on is not another gap every second
    gaps = schedule.gaps(ladder[0], minute, minute + GAPS_AHEAD)
    return OnCallSlice(
        levels,
        tuple(GapView(each.level, each.start, each.end, each.unreachable) for each in gaps),
        tuple(
            SwapView(each.id, name_of(each.giver), name_of(each.taker), each.start, each.end, each.back_start)
            for each in changes.pending(now)
        ),
        declared=bool(schedule.rotations or schedule.overrides or any(schedule.levels.values())),
    )


def level_now(
    schedule: Schedule, level: str, now: datetime, name_of: Callable[[str], str] = lambda person: person
) -> LevelNow:
    """Who has ``level`` at ``now``, until when, and who has it then."""
    people = schedule.on_call(level, now)
    until = next_change(schedule, level, now)
    following = () if until is None else schedule.on_call(level, until)
    why = next((each.why.value for each in schedule.named(level, now) if each.person in people), "")
    return LevelNow(level, tuple(map(name_of, people)), until, tuple(map(name_of, following)), why)


def next_change(schedule: Schedule, level: str, now: datetime) -> datetime | None:
    """When others are on call for ``level`` than at ``now``; None when nothing changes within weeks."""
    people = schedule.on_call(level, now)
    for edge in schedule.edges(level, now, now + CHANGE_AHEAD):
        if schedule.on_call(level, edge) != people:
            return edge
    return None


def people_slice(config: Config) -> PeopleSlice:
    """Everybody who has an entry, on call or not: whom to ask at night is often somebody else."""
    return PeopleSlice(
        tuple(
            PersonView(
                each.id,
                printable(each.name or each.id, 80),
                printable(each.role, 80),
                tuple((kind, printable(str(at), 200)) for kind, at in each.contacts if at),
            )
            for each in config.people
        )
    )
