"""The shifts of a calendar file as overrides: what would be written, and writing it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry
from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.events import OnCallOverridden, OnCallOverrideEnded
from artisan_tui.domain.oncall.imported import (
    CalendarShift,
    KnownPerson,
    ReadCalendar,
    calendar_id,
    overlaps_of,
    people_meant,
    shift_id,
)
from artisan_tui.domain.oncall.shift import OnCallOverride
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import CommandMisused, CommandRefused
from artisan_tui.engine.commands import COMMANDS, entitled
from artisan_tui.engine.launch import session_of
from artisan_tui.engine.offline import with_journal
from artisan_tui.i18n import _
from artisan_tui.sources.oncall.calendar_file import LARGEST, CalendarUnreadable, read_calendar

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.store.store import Store


__all__ = ["CalendarUnreadable", "ImportPlan", "calendar_of", "import_calendar", "plan_import"]

#: Shifts of one file: sessions read the newest `engine.journal_states.ENOUGH` overrides only, and others need room.
MOST_OVERRIDES = 300


@dataclass(frozen=True)
class ImportPlan:
    """``put`` are written, ``kept`` are there already, ``gone`` end because the calendar does not have them any more.

    ``over`` shifts ended before now, and change nothing. ``problems`` are sentences; with one, nothing is written.
    """

    put: tuple[OnCallOverride, ...] = ()
    kept: tuple[OnCallOverride, ...] = ()
    gone: tuple[OnCallOverride, ...] = ()
    over: int = 0
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())


def plan_import(
    calendar: ReadCalendar,
    level: str,
    people: Sequence[KnownPerson],
    reachable: frozenset[str],
    mapped: Mapping[str, str],
    existing: Sequence[OnCallOverride],
    now: datetime,
    end: datetime,
    *,
    same: bool = False,
) -> ImportPlan:
    """What ``calendar`` comes to for ``level`` between ``now`` and ``end``. Pure.

    A file that has none of the shifts that were imported from its calendar may be another calendar of the same program:
    it is refused unless a person says that it is the ``same``.
    """
    problems, coming = list(calendar.problems), [each for each in calendar.shifts if each.end > now]
    wanted: dict[str, OnCallOverride] = {}
    layer: dict[str, int] = {}
    strangers: dict[str, None] = {}
    # A higher priority is written later, and of overrides the newest counts.
    for shift in sorted(coming, key=lambda each: (each.priority, each.start)):
        found = people_meant(shift, people, mapped)
        if not found:
            strangers[" / ".join(shift.texts) or shift.uid] = None
        elif len(found) > 1:
            said = _("{text} names {people}: one person has a shift; say which with --map")
            problems.append(said.format(text=shift.texts[-1] if shift.texts else shift.uid, people=", ".join(found)))
        elif found[0] not in reachable:
            problems.append(_("{person} has no contact in [[person]]: nobody could reach them").format(person=found[0]))
        else:
            name = shift_id(calendar, shift, level)
            wanted[name] = OnCallOverride(name, level, found[0], max(shift.start, now), shift.end)
            layer[name] = shift.priority
    for text in strangers:
        said = _("{text} is nobody of ours: add a [[person]] with this name or address, or write --map {text}=ID")
        problems.append(said.format(text=repr(printable(text, 120))))
    problems += [_both(one, other) for one, other in overlaps_of(coming)]
    if len(wanted) > MOST_OVERRIDES:
        said = _("that is {n} shifts, and at most {most} are kept as overrides: import fewer days with --days")
        problems.append(said.format(n=len(wanted), most=MOST_OVERRIDES))
    alive = [each for each in existing if each.id.startswith(calendar_id(calendar)) and each.end > now]
    own = [each for each in alive if each.level == level]
    said = _("the same calendar was imported for {level}, too: those shifts stay")
    others = dict.fromkeys(each.level for each in alive if each.level != level)
    notes = (*calendar.notes, *(said.format(level=each) for each in others))
    before = {_slot(each.id): each for each in own}
    if not same and not before.keys() & wanted.keys() and (lost := [each for each in own if each.start < end]):
        said = _(
            "the file has none of the {n} shifts that were imported from a calendar of this name and program: if it is"
            " another calendar, give it a name with --calendar NAME; if its shifts changed, write --same-calendar"
        )
        problems.append(said.format(n=len(lost)))
    put: dict[str, OnCallOverride] = {}
    kept: list[OnCallOverride] = []
    for name, each in wanted.items():
        known = before.get(name)
        hidden = any(layer[other] < layer[name] and _meet(lower, each) for other, lower in put.items())
        if known is not None and _same(known, each, now) and not hidden:
            kept.append(known)
        else:
            put[name] = each if known is None else replace(each, id=_version_after(known, now))
    ids = {each.id for each in (*put.values(), *kept)}
    return ImportPlan(
        tuple(put.values()),
        tuple(kept),
        tuple(each for each in own if each.id not in ids and each.start < end),
        len(calendar.shifts) - len(coming),
        tuple(dict.fromkeys(problems)),
        notes,
    )


def _slot(name: str) -> str:
    """What all versions of a shift have in their id."""
    return name.partition(".")[0]


def _version_after(known: OnCallOverride, now: datetime) -> str:
    """The id of what replaces ``known``: another one where it has begun, so that who was on call until now stays known."""
    if known.start >= now:
        return known.id
    slot, _dot, number = known.id.partition(".")
    return f"{slot}.{int(number or 1) + 1}"


def _meet(one: OnCallOverride, other: OnCallOverride) -> bool:
    return one.start < other.end and other.start < one.end


def _same(before: OnCallOverride, wanted: OnCallOverride, now: datetime) -> bool:
    start = max(now, before.start)
    return (before.level, before.person, start, before.end) == (wanted.level, wanted.person, wanted.start, wanted.end)


def _both(one: CalendarShift, other: CalendarShift) -> str:
    said = _("{one} and {other} overlap from {time}: it is not known who counts")
    start = max(one.start, other.start)
    return said.format(
        one=repr(one.texts[-1] if one.texts else one.uid),
        other=repr(other.texts[-1] if other.texts else other.uid),
        time=f"{start:%Y-%m-%d %H:%M} UTC",
    )


def calendar_of(file: Path, start: datetime, end: datetime) -> ReadCalendar:
    """The shifts in a calendar file that touch ``[start, end)``. Raises OSError and CalendarUnreadable."""
    with file.open("rb") as opened:
        data = opened.read(LARGEST + 1)
    return read_calendar(data, start, end)


def known_people(config: Config) -> tuple[KnownPerson, ...]:
    return tuple(
        KnownPerson(
            each.id, tuple(filter(None, (each.id, each.name, *each.logins, *(value for _kind, value in each.contacts))))
        )
        for each in config.people
    )


def import_calendar(
    options: GlobalOptions,
    calendar: ReadCalendar,
    wanted_level: str,
    mapped: Mapping[str, str],
    end: datetime,
    *,
    write: bool,
    same: bool = False,
) -> ImportPlan:
    """Plan it, and with ``write`` and without problems, write it down. Raises CommandRefused, ConfigError and StoreError."""

    def work(present: Present, config: Config, store: Store) -> ImportPlan:
        changes, level = present.state(OnCallChanges), wanted_level or config.escalation.ladder[0]
        if level not in config.escalation.ladder:
            said = _("there is no level {level}: write one of {levels}")
            raise CommandMisused(said.format(level=level, levels=", ".join(config.escalation.ladder)))
        strange = [person for person in mapped.values() if person not in present.ids["person"]]
        if strange:
            raise CommandMisused(_("there is no [[person]] {id}").format(id=strange[0]))
        plan = plan_import(
            calendar, level, known_people(config), changes.schedule.reachable, mapped, changes.overrides,
            present.now, end, same=same,
        )  # fmt: skip
        if write and not plan.problems and (plan.put or plan.gone):
            entitled(COMMANDS["oncall.override"], config.access, present.actor)
            store.append(_entries(plan, present), at=present.now)
        return plan

    if write and session_of(options).read_only:
        raise CommandRefused(_("this session is read-only: {title} is not allowed").format(title="oncall import"))
    return with_journal(options, work, read_only=options.read_only)


def _entries(plan: ImportPlan, present: Present) -> list[Entry]:
    now, actor = present.now, present.actor
    put = [
        OnCallOverridden(level=each.level, person=each.person, start=each.start, end=each.end, reason="imported").entry(
            now, actor, each.id
        )
        for each in plan.put
    ]
    gone = [
        OnCallOverrideEnded(level=each.level, person=each.person, reason="not in the calendar any more").entry(
            now, actor, each.id
        )
        for each in plan.gone
    ]
    return put + gone
