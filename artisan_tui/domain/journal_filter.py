"""Which entries of the journal are wanted, apart from the words in which they are said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_kinds import is_routine


@dataclass(frozen=True, slots=True)
class JournalFilter:
    """Every field that is set must hold; of several values in one field, one is enough, but every word must occur.

    ``words`` are casefolded; one that begins with ``!`` must not occur. They are looked for in what an entry says, so
    `reports.journal_filter` holds them. ``persons`` are parts of an actor's name, casefolded. ``services`` are ids of
    services, checks or SLOs. ``kinds`` are kinds or what comes before one of their dots. ``since`` is included, ``until`` is
    not. ``routine``: whether what sessions say of themselves (`Body.ROUTINE`) is wanted, too.
    """

    words: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    routine: bool = True

    @property
    def asks(self) -> bool:
        """Whether a person asked for something in particular."""
        fields = (self.words, self.persons, self.services, self.kinds, self.since, self.until)
        return any(each for each in fields)

    def allows(self, entry: Entry) -> bool:
        """Whether everything but the words holds."""
        return (
            (self.since is None or entry.occurred_at >= self.since)
            and (self.until is None or entry.occurred_at < self.until)
            and (not self.persons or any(each in entry.actor.casefold() for each in self.persons))
            and (not self.kinds or any(kind_matches(entry.kind, each) for each in self.kinds))
            and (not self.services or any(is_about(entry, each) for each in self.services))
            and (self.routine or not is_routine(entry.kind))
        )


def kind_matches(kind: str, wanted: str) -> bool:
    """``check`` stands for every kind that begins with ``check.``."""
    stem = wanted.rstrip(".*")
    return kind == stem or kind.startswith(stem + ".")


def is_about(entry: Entry, name: str) -> bool:
    """Whether the entry is about the service, check or SLO ``name``: it, one of its checks, or a window that covers it."""
    if entry.subject == name or entry.subject.startswith(name + "."):
        return True
    covers = entry.body.get("covers")
    if not isinstance(covers, list | tuple):
        return False
    return not covers or any(_within(each, name) or _within(name, each) for each in _texts(covers))


def _within(name: str, other: str) -> bool:
    return name == other or name.startswith(other + ".")


def _texts(values: Iterable[object]) -> Iterable[str]:
    return (each for each in values if isinstance(each, str))
