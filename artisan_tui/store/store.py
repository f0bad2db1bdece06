"""The store: opened, written in whole transactions, read, verified, closed."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Self

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError

from artisan_tui.domain.checks.sample import CheckSample, CheckStatus, RollUp
from artisan_tui.domain.event import Entry, Event, StoredRow
from artisan_tui.domain.lease import Holder, Lease
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.windows import Span
from artisan_tui.store import dialect, files, schema
from artisan_tui.store.checks import CheckTables
from artisan_tui.store.errors import StoreMissing, StoreMoved, StoreNewer, StoreOlder, StoreReadOnly
from artisan_tui.store.journal import JournalTable, Verification, chain, stored
from artisan_tui.store.leases import Leases
from artisan_tui.store.place import StorePlace
from artisan_tui.store.prune import prune
from artisan_tui.store.slo import LedgerInfo, Ledgers, batched

__all__ = ["LedgerInfo", "Store", "Verification"]


class Store:
    """Used by one thread at a time. Every method raises StoreError, whose message is for a person.

    ``read_only``: nothing can be written, because that was asked for or because the schema is
    ``newer`` than this program.
    """

    def __init__(self, place: StorePlace, engine: Engine, *, read_only: bool, newer: bool) -> None:
        """Use `open`."""
        self.read_only, self.newer = read_only, newer
        self._place, self._engine = place, engine
        self._errors = dialect.errors(engine)
        self._reader = engine.connect()
        self._writer = None if read_only else dialect.writer(engine)
        self._path = os.fspath(place.sqlite_path) if place.sqlite_path else ""
        self._identity = files.identity(self._path) if self._path else None
        self._journal = JournalTable(engine.dialect, place.label)
        self._checks = CheckTables(engine.dialect)
        self._leases = Leases(engine.dialect, place.label)
        self._ledgers = Ledgers(engine.dialect, place.label)

    @classmethod
    def open(cls, place: StorePlace, *, read_only: bool = False) -> Self:
        """The store at ``place``, made if there is none and brought to this program's schema if it is older.

        Opens read-only what a newer program wrote. Raises StoreError: StoreCorrupt (nothing is ever
        recreated over a damaged file), StoreUnsafe, StoreRemote, StoreLocked, StoreFull, StoreReadOnly, ...
        """
        if place.sqlite_path is not None:
            files.prepare(place.sqlite_path, read_only=read_only)
        newer = _shaped(place, read_only=read_only) is schema.Shape.NEWER
        engine = dialect.connect(place, read_only=read_only or newer)
        with _told(place, dialect.errors(engine)):
            return cls(place, engine, read_only=read_only or newer, newer=newer)

    def append(
        self,
        entries: Sequence[Entry],
        check_statuses: Sequence[CheckStatus] = (),
        *,
        at: datetime,
        fence: int | None = None,
    ) -> tuple[Event, ...]:
        """Events sealed onto the chain, and standings, in one transaction: on disk when this returns.

        With ``fence`` only as long as the lease is held with it: else LeaseLost, and nothing written.

        ValueError or TypeError, and nothing written, for a body that is not JSON or a moment without a zone.
        """
        if not entries and not check_statuses:
            return ()
        with self._writing() as connection:
            pulse = 0 if fence is None else self._leases.beat(connection, fence)
            events = self._journal.append(connection, entries, at) if entries else ()
            refs = self._checks.refs(connection, (s.check_id for s in check_statuses)) if check_statuses else {}
            self._checks.stand(connection, check_statuses, refs, pulse)
        self._checks.learn(refs)
        return events

    def record(
        self, samples: Sequence[CheckSample], check_statuses: Sequence[CheckStatus] = (), *, fence: int | None = None
    ) -> None:
        """Raw samples, their roll-ups and standings, in one transaction.

        With ``fence`` it is also a beat of the lease: LeaseLost, and nothing written, when it is held no longer.

        A sample recorded before (same check, same microsecond, still kept) changes nothing; of two
        different ones the first stays. ValueError for a verdict that no look can have.
        """
        if not samples and not check_statuses and fence is None:
            return
        with self._writing() as connection:
            pulse = 0 if fence is None else self._leases.beat(connection, fence)
            names = [sample.check_id for sample in samples] + [check_status.check_id for check_status in check_statuses]
            refs = self._checks.refs(connection, names)
            self._checks.record(connection, samples, refs)
            self._checks.stand(connection, check_statuses, refs, pulse)
        self._checks.learn(refs)

    def lease(self) -> Lease:
        """Who polls. Whatever polling wrote since, its beat has moved."""
        with self._reading() as connection:
            return self._leases.read(connection)

    def claim(self, seen: Lease, holder: Holder) -> Lease | None:
        """Take the lease that was ``seen``; None when somebody was quicker or its holder stirred."""
        with self._writing() as connection:
            return self._leases.claim(connection, seen, holder)

    def release(self, fence: int) -> None:
        """Let go of the lease, if it is still held with ``fence``."""
        with self._writing() as connection:
            self._leases.release(connection, fence)

    def speak(self, audience: int, asked: str | None = None) -> None:
        """Tell whoever polls that this session watches, as of the beat ``audience``; ``asked`` see `Lease`."""
        with self._writing() as connection:
            self._leases.speak(connection, audience, asked)

    def touch(self) -> None:
        """Write nothing new, to find out whether anything could be."""
        with self._writing() as connection:
            self._leases.speak(connection, self._leases.read(connection).audience, None)

    def pulse(self) -> tuple[int, Lease]:
        """(events written so far, the lease): whether anything is new costs these two rows."""
        with self._reading() as connection:
            return self._journal.head(connection)[0], self._leases.read(connection)

    def events(
        self,
        limit: int = 200,
        *,
        before: int | None = None,
        after: int | None = None,
        kind: str | None = None,
        subject: str | None = None,
    ) -> tuple[Event, ...]:
        """At most ``limit`` events, newest first; with a seq below ``before`` and above ``after``.

        Of exactly ``kind`` and ``subject`` where they are given.
        """
        with self._reading() as connection:
            return self._journal.page(connection, limit, before, after, kind, subject)

    def samples(self, check_id: str, since: datetime, until: datetime | None = None) -> tuple[CheckSample, ...]:
        """Raw samples with ``since`` <= at < ``until``, oldest first."""
        with self._reading() as connection:
            return self._checks.samples(connection, check_id, since, until)

    def roll_ups(self, check_id: str, since: datetime, until: datetime | None = None) -> tuple[RollUp, ...]:
        """Roll-ups from the one that ``since`` falls in, those that start before ``until``, oldest first."""
        with self._reading() as connection:
            return self._checks.roll_ups(connection, check_id, since, until)

    def check_statuses(self, after: int | None = None) -> tuple[CheckStatus, ...]:
        """Where every check stood, by check id; only those written with a later beat of the lease than ``after``."""
        with self._reading() as connection:
            return self._checks.check_statuses(connection, after)

    def keep_minutes(self, slo_id: str, definition: str, rows: Sequence[Row]) -> None:
        """Merge minutes into one SLO's ledger; see `keep_many`."""
        self.keep_many([(slo_id, definition, rows)])

    def keep_many(self, batch: Sequence[tuple[str, str, Sequence[Row]]], *, fence: int | None = None) -> None:
        """Merge (SLO, definition, rows) into their ledgers, in one transaction. Another definition is another ledger.

        A row replaces the one of its minute unless less was measured; what is there already is not written.
        With ``fence`` as `record`. 90 days of one SLO hold the write lock for 0.2 s: fill long holes in chunks.
        ValueError, and nothing written, for what is beyond 64 bits or measured less than nothing.
        """
        by_hour = batched(batch)
        if not by_hour:
            return
        with self._writing() as connection:
            if fence is not None:
                self._leases.beat(connection, fence)
            self._ledgers.keep(connection, by_hour)

    def minutes(self, slo_id: str, definition: str, span: Span) -> list[Row]:
        """What is known of ``span``, in order."""
        with self._reading() as connection:
            return self._ledgers.minutes(connection, slo_id, definition, span)

    def load(self, slo_id: str, definition: str, span: Span, into: MinuteSeries) -> int:
        """Put `minutes` into a prefix, several times as fast; the stamp that `ledger_changes` goes on from."""
        with self._reading() as connection:
            return self._ledgers.load(connection, slo_id, definition, span, into)

    def ledger_changes(self, slo_id: str, definition: str, after: int) -> tuple[int, list[Row]]:
        """(the stamp now, all rows of the hours written since the stamp ``after``). 0 is before anything."""
        with self._reading() as connection:
            return self._ledgers.changes(connection, slo_id, definition, after)

    def ledger_reach(self, slo_id: str, definition: str) -> tuple[int, int] | None:
        """The first minute known and the one after the last; None for no such ledger."""
        with self._reading() as connection:
            return self._ledgers.reach(connection, slo_id, definition)

    def ledgers(self) -> list[LedgerInfo]:
        """Every ledger there is, also of SLOs and definitions that are no more; by SLO, oldest first."""
        with self._reading() as connection:
            return self._ledgers.all(connection)

    def prune(self, now: datetime) -> int:
        """Forget raw samples older than 48 h, roll-ups older than 90 days, minutes of SLOs older than 400; how many rows.

        Many short transactions: others write in between. Events are never forgotten.
        """
        return prune(self._reading, self._writing, now)

    def verify(self) -> Verification:
        """Read the whole journal again and check every link, its recorded end, the guards and the file.

        Pages of events in short transactions, about 70,000 events a second; what is appended meanwhile
        is not looked at. Damage is reported, not raised, as long as the table can be read at all.
        """
        with self._reading() as connection:
            count, head = self._journal.head(connection)
            last = self._journal.last(connection)
            guards = dialect.guarded(connection)
            integrity = dialect.integrity(connection)
        found = chain(count, head, last, self._rows(count))
        return replace(found, guards=guards, integrity=integrity)

    def _rows(self, upto: int) -> Iterator[StoredRow]:
        after = -(2**63)  # a row slipped in before the first counts too
        while True:
            with self._reading() as connection:
                rows = stored(connection, after, upto)
            if not rows:
                return
            yield from rows
            after = rows[-1].seq

    def close(self) -> None:
        """Let go of the file. What was written stays written even if this cannot be done properly."""
        for connection in (self._writer, self._reader):
            if connection is not None:
                with contextlib.suppress(SQLAlchemyError, sqlite3.Error):
                    connection.close()
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[Connection]:
        if self._writer is None:
            if self.newer:
                raise StoreNewer.of(self._place.label)
            raise StoreReadOnly.of(self._place.label, "it is open read-only")
        self._stay()
        try:
            with dialect.writing(self._writer):
                yield self._writer
        except self._errors as error:
            raise dialect.explain(error, self._place) from error

    @contextmanager
    def _reading(self) -> Iterator[Connection]:
        self._stay()
        with _told(self._place, self._errors), self._reader.begin():
            yield self._reader

    def _stay(self) -> None:
        if self._path and files.identity(self._path) != self._identity:
            # SQLite would go on in a file that has no name any more, or another one.
            raise StoreMoved.of(self._place.label)


def _shaped(place: StorePlace, *, read_only: bool) -> schema.Shape:
    """How the schema stands, after bringing it to this program's if that was needed and allowed."""
    # Looked at without a write first: another program's database must stay as it is to the byte.
    looking = dialect.connect(place, read_only=True)
    with _told(place, dialect.errors(looking)), looking.connect() as connection:
        found = schema.shape(connection, place.label)
    looking.dispose()
    engine = dialect.connect(place, read_only=read_only)
    with _told(place, dialect.errors(engine)):
        if found in (schema.Shape.CURRENT, schema.Shape.NEWER):
            return found
        if read_only:
            if found is schema.Shape.EMPTY:
                raise StoreMissing.of(place.label, "nothing is stored yet; start once without --read-only")
            raise StoreOlder.of(place.label)
        with dialect.writer(engine) as connection, dialect.writing(connection), connection.begin():
            # Behind the lock again: another artisan-tui may have been quicker.
            if schema.shape(connection, place.label) in (schema.Shape.EMPTY, schema.Shape.OLDER):
                schema.migrate(connection)
        return schema.Shape.CURRENT


@contextmanager
def _told(place: StorePlace, errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """These errors of the database and its driver as StoreError."""
    try:
        yield
    except errors as error:
        raise dialect.explain(error, place) from error
