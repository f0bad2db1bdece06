"""The store: opened, written in whole transactions, read, verified, pruned, closed."""

from __future__ import annotations

import contextlib
import secrets
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Self, TypeVar, cast

from sqlalchemy import Connection, Dialect, Engine
from sqlalchemy.exc import SQLAlchemyError

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.heads import Head
from artisan_tui.domain.lease import Lease
from artisan_tui.store import connections, files, parts, schema
from artisan_tui.store.errors import (
    StoreError,
    StoreMissing,
    StoreNewer,
    StoreNotOurs,
    StoreOlder,
    StoreReadOnly,
    StoreUncertain,
    StoreUnreachable,
)
from artisan_tui.store.explain import explain
from artisan_tui.store.file_watch import FileWatch
from artisan_tui.store.journal import JournalStore, Verification
from artisan_tui.store.leases import LeaseStore
from artisan_tui.store.part import Part, Transaction
from artisan_tui.store.place import StorePlace
from artisan_tui.store.projections import Projections
from artisan_tui.store.prune import prune
from artisan_tui.store.unanswered import UnansweredCommit

P = TypeVar("P", bound=Part)


class Store:
    """Used by one thread at a time. Every method raises StoreError, whose message is for a person.

    ``read_only``: nothing can be written, because that was asked for or because the schema is
    ``newer`` than this program. ``journal`` and ``leases`` are the store's own parts, which its transactions
    rest on; what a wing keeps is reached by the class of its part, see `part`.
    """

    def __init__(self, place: StorePlace, engine: Engine, *, read_only: bool, newer: bool) -> None:
        """Use `open`."""
        self.read_only, self.newer, self.where = read_only, newer, place.label
        self._place, self._engine = place, engine
        self._errors = connections.errors(engine)
        self._reader = engine.connect()
        self._writer = None if read_only else connections.writer(engine)
        self._files = FileWatch(place.sqlite_path) if place.sqlite_path else None
        #: Marks what this store announces to others, see `listening`. It tells nothing but that there is something.
        self.voice, self._announced = secrets.token_hex(4), 0
        self.unanswered = UnansweredCommit()
        self._began: float | None = None
        self._parts: dict[type[Part], Part] = {kind: kind(self) for kind in parts.registered()}
        self.journal, self.leases = self.part(JournalStore), self.part(LeaseStore)
        declared = [projection for part in self._parts.values() for projection in part.projections]
        self.projections = Projections(self, self.journal, declared)

    @classmethod
    def open(cls, place: StorePlace, *, read_only: bool = False) -> Self:
        """The store at ``place``, made if there is none and brought to this program's schema if it is older.

        Opens read-only what a newer program wrote. Raises StoreError: StoreCorrupt (nothing is ever
        recreated over a damaged file), StoreUnsafe, StoreRemote, StoreLocked, StoreFull, StoreReadOnly, ...
        """
        if place.sqlite_path is not None:
            files.prepare(place.sqlite_path, read_only=read_only)
        newer = _shaped(place, read_only=read_only) is schema.Shape.NEWER
        engine = connections.connect(place, read_only=read_only or newer)
        with _explained(place, connections.errors(engine)):
            store = cls(place, engine, read_only=read_only or newer, newer=newer)
        if not store.read_only:
            try:
                store.projections.refresh()
            except BaseException:
                store.close()
                raise
        return store

    @property
    def dialect(self) -> Dialect:
        return self._engine.dialect

    @property
    def silent_for(self) -> float:
        """Seconds that the present transaction has lasted; 0 between two. Safe from any thread."""
        began = self._began
        return 0.0 if began is None else time.monotonic() - began

    def part(self, kind: type[P]) -> P:
        """The part of this class: `store.part(CheckStore)`. LookupError for one that no wing declares."""
        try:
            return cast(P, self._parts[kind])
        except KeyError:
            raise LookupError(f"{kind.__name__} is no part of the store: no wing declares it as PART") from None

    # -- transactions -----------------------------------------------------------------------

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that reads one state of the store."""
        self._check_file()
        self._began = time.monotonic()
        try:
            with _explained(self._place, self._errors), connections.reading(self._reader) as connection:
                yield connection
        finally:
            self._began = None

    @contextmanager
    def writing(self, fence: int | None = None, *, quiet: bool = False) -> Iterator[Transaction]:
        """A transaction that writes: on disk when it has ended, or nothing of it.

        With ``fence`` it is a beat of the lease: LeaseLost, and nothing written, when it is held no longer.
        ``quiet``: nothing that another session waits for, so none is told. StoreUncertain when nobody can say whether it
        was committed: the same entries, appended again, are not written twice.
        """
        if self._writer is None:
            if self.newer:
                raise StoreNewer.of(self.where)
            raise StoreReadOnly.of(self.where, "it is open read-only")
        if self._files is not None:
            self._files.glance()
        self._announced += 1
        self._began = time.monotonic()
        transaction: Transaction | None = None
        try:
            with connections.writing(self._writer, "" if quiet else f"{self.voice}.{self._announced}") as connection:
                pulse = 0 if fence is None else self.leases.beat(connection, fence)
                transaction = Transaction(connection, pulse, self._append)
                yield transaction
                transaction.ended = True  # what follows is the commit
        except self._errors as error:
            raise self._explained(error, transaction) from error
        finally:
            self._began = None
        if self._files is not None:
            self._files.confirm()  # in a file that was taken away meanwhile, nobody finds what was just written
        transaction.committed()

    def append(self, entries: Sequence[Entry], *, at: datetime, fence: int | None = None) -> tuple[Event, ...]:
        """`Transaction.append` in a transaction of its own. ``fence`` see `writing`."""
        if not entries:
            return ()
        with self.writing(fence) as transaction:
            return transaction.append(entries, at)

    def _append(self, connection: Connection, entries: Sequence[Entry], at: datetime) -> tuple[Event, ...]:
        events, new = self.unanswered.settled(
            connection, entries, self.journal.one, lambda left: self.journal.seal(connection, left, at)
        )
        self.projections.follow(connection, new)
        return events

    def _explained(self, error: Exception, transaction: Transaction | None) -> StoreError:
        """The error of a transaction that writes. One that broke while it was being committed may be committed."""
        found = explain(error, self._place)
        if transaction is None or not transaction.ended or not isinstance(found, StoreUnreachable):
            return found
        self.unanswered.about(*transaction.appended)
        return StoreUncertain.of(self.where, found.detail)

    # -- the store as a whole ---------------------------------------------------------------

    def pulse(self) -> tuple[int, Lease, str]:
        """(events written so far, the lease, hash of the last event): whether anything is new costs these two rows."""
        with self.reading() as connection:
            count, head = self.journal.head(connection)
            return count, self.leases.read_within(connection), head

    def prune(self, now: datetime) -> int:
        """Delete what every part no longer keeps at ``now``; how many rows. Events are never deleted.

        Many short transactions: others write in between.
        """
        shelves = [shelf for part in self._parts.values() for shelf in part.shelves(now)]
        return sum(prune(self.reading, self.writing, shelf) for shelf in shelves)

    def verify(self, heads: Sequence[Head] = ()) -> Verification:
        """The journal as `JournalStore.verify` finds it; if it is sound, the projections compared with it."""
        found = self.journal.verify(heads)
        if not found.sound:
            return found  # there is nothing to compare with
        return replace(found, projections=tuple({each.projection: None for each in self.projections.compare()}))

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

    def _check_file(self) -> None:
        if self._files is not None:
            self._files.check()


def _shaped(place: StorePlace, *, read_only: bool) -> schema.Shape:
    """The schema's state, after bringing it to this program's if that was needed and allowed."""
    # Read without a write first: another program's database must stay as it is to the byte.
    reader = connections.connect(place, read_only=True)
    with _explained(place, connections.errors(reader)), reader.connect() as connection:
        found = schema.shape(connection, place.label)
    reader.dispose()
    engine = connections.connect(place, read_only=read_only)
    with _explained(place, connections.errors(engine)):
        if found in (schema.Shape.CURRENT, schema.Shape.NEWER):
            return found
        if read_only:
            if found is schema.Shape.EMPTY:
                raise StoreMissing.of(place.label, "nothing is stored yet; start once without --read-only")
            raise StoreOlder.of(place.label)
        try:
            with connections.writer(engine) as connection, connections.writing(connection), connection.begin():
                # Behind the lock again: another artisan-tui may have been quicker.
                if schema.shape(connection, place.label) in (schema.Shape.EMPTY, schema.Shape.OLDER):
                    schema.migrate(connection)
        except connections.errors(engine) as error:
            if place.sqlite_path is None and isinstance(found_wrong := explain(error, place), StoreReadOnly):
                raise StoreNotOurs.of(place.label, found_wrong.detail) from error
            raise
        return schema.Shape.CURRENT


@contextmanager
def _explained(place: StorePlace, errors: tuple[type[Exception], ...]) -> Iterator[None]:
    """These errors of the database and its driver as StoreError."""
    try:
        yield
    except errors as error:
        raise explain(error, place) from error
