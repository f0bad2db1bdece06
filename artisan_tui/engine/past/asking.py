"""A query of a screen, answered as of a past moment: what was written later is not there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Generic, TypeVar, cast

from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.engine.clock import Clock
    from artisan_tui.engine.wing import Core, Query
    from artisan_tui.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class AskedThen(Generic[T]):
    """The query for what ``query`` would have been answered at ``moment``. Raises what it raises."""

    query: Query[T]
    moment: datetime

    async def run(self, core: Core) -> T:
        at = self.moment.astimezone(UTC)
        seq = await core.ask(lambda store: _seq(store, at))
        if seq is None:
            raise LookupError(_("the journal cannot be read at the moment"))
        query: Any = self.query
        if hasattr(query, "before") and hasattr(query, "after"):
            # A page of the journal, which is searched where no part of the store is asked.
            query = replace(query, before=min(query.before or seq + 1, seq + 1))
        return cast(T, await query.run(cast("Core", _CoreThen(core, seq, at))))


def _seq(store: Store, at: datetime) -> int:
    from artisan_tui.store.journal_bounds import seq_at

    with store.reading() as connection:
        return seq_at(connection, store.journal.head(connection)[0], at)


class _Behind:
    """Stands in front of something, and is it in all that is not defined here."""

    def __init__(self, real: Any, seq: int, at: datetime) -> None:
        self._real, self._seq, self._at = real, seq, at

    def __getattr__(self, name: str) -> Any:
        return getattr(self._real, name)


class _ClockThen(_Behind):
    def now(self) -> datetime:
        return self._at


class _CoreThen(_Behind):
    @property
    def clock(self) -> Clock:
        return cast("Clock", _ClockThen(self._real.clock, self._seq, self._at))

    @property
    def writer(self) -> Any:
        return _WriterThen(self._real.writer, self._seq, self._at)

    async def ask(self, question: Callable[[Any], T]) -> T | None:
        found: T | None = await self._real.ask(lambda store: question(_StoreThen(store, self._seq, self._at)))
        return found


class _WriterThen(_Behind):
    unwritten: tuple[Any, ...] = ()

    @property
    def waiting(self) -> tuple[Any, ...]:
        return tuple(each for each in self._real.waiting if each.at <= self._at)


class _StoreThen(_Behind):
    @property
    def journal(self) -> Any:
        return _JournalThen(self._real.journal, self._seq, self._at)

    def part(self, kind: type) -> Any:
        then = _PARTS.get(kind.__name__)
        part = self._real.part(kind)
        return part if then is None else then(part, self._real, self._seq, self._at)


class _JournalThen(_Behind):
    def page(self, limit: int = 200, *, before: int | None = None, **where: Any) -> tuple[Event, ...]:
        upto = self._seq + 1
        found: tuple[Event, ...] = self._real.page(limit, before=upto if before is None else min(before, upto), **where)
        return found

    def about(self, connection: Any, subject: str) -> Iterator[Event]:
        return (event for event in self._real.about(connection, subject) if event.seq <= self._seq)


class _PartThen(_Behind):
    def __init__(self, real: Any, store: Store, seq: int, at: datetime) -> None:
        super().__init__(real, seq, at)
        self._store = store


class _IncidentsThen(_PartThen):
    def get(self, wanted: str) -> Any:
        from artisan_tui.store.incidents.then import folded

        with self._store.reading() as connection:
            return folded(connection, self._store.journal, wanted, self._seq)

    def since(self, moment: datetime) -> tuple[Any, ...]:
        declared = (each for each in self._real.since(moment) if each.declared_at <= self._at)
        found = (each if each.last_seq <= self._seq else self.get(each.id) for each in declared)
        return tuple(each for each in found if each is not None)


class _RunsThen(_PartThen):
    def get(self, wanted: str) -> Any:
        from artisan_tui.store.runbooks.then import run_then

        with self._store.reading() as connection:
            return run_then(connection, self._store.journal, wanted, self._seq)

    def events(self, run: str, limit: int = 500, *, before: int | None = None) -> tuple[Event, ...]:
        upto = self._seq + 1
        found: tuple[Event, ...] = self._real.events(run, limit, before=upto if before is None else min(before, upto))
        return found

    def recent(self, *given: Any, **asked: Any) -> tuple[Any, ...]:
        return tuple(each for each in self._real.recent(*given, **asked) if each.started_at <= self._at)


class _ChecksThen(_PartThen):
    def samples(self, check_id: str, since: datetime, until: datetime | None = None) -> Any:
        return self._real.samples(check_id, since, self._until(until))

    def roll_ups(self, check_id: str, since: datetime, until: datetime | None = None) -> Any:
        return self._real.roll_ups(check_id, since, self._until(until))

    def hours(self, check_ids: Sequence[str], since: datetime) -> Any:
        found = self._real.hours(check_ids, since)
        return {name: [each for each in hours if each.start <= self._at] for name, hours in found.items()}

    def _until(self, until: datetime | None) -> datetime:
        return self._at if until is None else min(until, self._at)


#: By the name of the part's class: the store's libraries are loaded with the store, not with this file.
_PARTS: dict[str, Callable[[Any, Any, int, datetime], Any]] = {
    "IncidentStore": _IncidentsThen,
    "RunbookStore": _RunsThen,
    "CheckStore": _ChecksThen,
}
