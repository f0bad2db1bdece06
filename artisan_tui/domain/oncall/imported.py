"""Shifts of another tool's calendar file, and whom of our people they mean."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

_BETWEEN = re.compile(r"[^\w@.+-]+")
_SEPARATORS = re.compile(r"\s*(?:[,;|/:\u2013\u2014]|\s-\s|\(|\))\s*")


@dataclass(frozen=True, slots=True)
class CalendarShift:
    """``texts`` are what may name the people: addresses and names of attendees, then the summary.

    ``priority`` is that of Grafana OnCall, ``[L0]`` to ``[L9]``: a higher one lies over the lower ones.
    """

    uid: str
    start: datetime
    end: datetime
    texts: tuple[str, ...]
    priority: int = 0


@dataclass(frozen=True, slots=True)
class ReadCalendar:
    """``key`` tells the calendar from others, and stays when it is exported again.

    ``problems`` are why it cannot be taken as it is; ``notes`` are what was understood in a way that a person should know.
    """

    key: str
    shifts: tuple[CalendarShift, ...] = ()
    problems: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    cancelled: int = 0

    def named(self, name: str) -> ReadCalendar:
        """The same under a name that a person gave it, "" for none: its shifts are not those of others of its program."""
        return replace(self, key=f"{self.key}\n\n{name}") if name else self


@dataclass(frozen=True, slots=True)
class KnownPerson:
    """``names`` are the id, the name, logins and addresses of a person."""

    id: str
    names: tuple[str, ...]


def people_meant(shift: CalendarShift, people: Sequence[KnownPerson], mapped: Mapping[str, str]) -> tuple[str, ...]:
    """The ids of who is meant; empty when nobody is known by these texts. ``mapped`` are a person's own words for it.

    A whole text goes before its parts, and a part before a word in it: "On call - Alice Kim" means Alice Kim.
    """
    by_name: dict[str, set[str]] = {}
    for person in people:
        for name in person.names:
            by_name.setdefault(_folded(name), set()).add(person.id)
    words = {_folded(text): person for text, person in mapped.items()}
    for text in shift.texts:
        found = _whole(text, by_name, words) or _within(text, by_name, words)
        if found:
            return found
    return ()


def shift_id(calendar: ReadCalendar, shift: CalendarShift, level: str) -> str:
    """The same for the same shift of a calendar that is read again for this level, whoever has it."""
    what = f"{level}\n{shift.uid}\n{shift.start.isoformat()}\n{shift.priority}"
    digest = hashlib.sha256(what.encode()).hexdigest()
    return f"{calendar_id(calendar)}{digest[:12]}"


def calendar_id(calendar: ReadCalendar) -> str:
    """How the ids of its shifts begin."""
    return f"imp-{hashlib.sha256(calendar.key.encode()).hexdigest()[:6]}-"


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _whole(text: str, by_name: Mapping[str, set[str]], words: Mapping[str, str]) -> tuple[str, ...]:
    parts = [_folded(text), *map(_folded, _SEPARATORS.split(text))]
    found: dict[str, None] = {}
    for part in parts:
        if part in words:
            found[words[part]] = None
        elif part and len(by_name.get(part, ())) == 1:
            found[next(iter(by_name[part]))] = None
    return tuple(found)


def _within(text: str, by_name: Mapping[str, set[str]], words: Mapping[str, str]) -> tuple[str, ...]:
    """People whose name stands in the text as whole words."""
    folded = f" {_folded(_BETWEEN.sub(' ', text))} "
    found: dict[str, None] = {}
    for word, person in words.items():
        if f" {word} " in folded:
            found[person] = None
    for name, ids in by_name.items():
        if len(ids) == 1 and len(name) > 1 and f" {name} " in folded:
            found[next(iter(ids))] = None
    return tuple(found)


def overlaps_of(shifts: Iterable[CalendarShift]) -> tuple[tuple[CalendarShift, CalendarShift], ...]:
    """Two shifts of one priority at one time: it is not known which of the two counts."""
    ordered = sorted(shifts, key=lambda each: (each.start, each.end))
    found = []
    for at, one in enumerate(ordered):
        for other in ordered[at + 1 :]:
            if other.start >= one.end:
                break
            if other.priority == one.priority:
                found.append((one, other))
    return tuple(found)
