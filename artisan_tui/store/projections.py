"""The projections of every part: kept with the journal, rebuilt from it, compared with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import nullcontext

from sqlalchemy import Connection, delete, insert, select

from artisan_tui.domain.event import Event
from artisan_tui.store import dialect, projection
from artisan_tui.store.journal import JournalStore, as_read
from artisan_tui.store.model import Meta, table
from artisan_tui.store.part import Transactions
from artisan_tui.store.projection import Difference, Projection

_META = table(Meta)
#: Before the name of a projection, in `Meta`: the version whose rows its tables hold.
_VERSION = "projection."


class Projections:
    """``declared`` are those of every part."""

    def __init__(self, store: Transactions, journal: JournalStore, declared: Sequence[Projection]) -> None:
        self._store, self._journal, self.declared = store, journal, tuple(declared)
        self._kinds = tuple(kind for each in self.declared for kind in each.kinds)

    def follow(self, connection: Connection, events: Sequence[Event]) -> None:
        """In the transaction that appends ``events``. Applies what a rebuild would read: the stored bodies."""
        followed = [as_read(event) for event in events if event.kind.startswith(self._kinds)]
        projection.follow(connection, self.declared, followed)

    def refresh(self) -> None:
        """Rebuild what this program builds in another way than the one that wrote it last, or builds for the first time."""
        if not self.declared:
            return
        with self._store.reading() as connection:
            outdated = self._outdated(connection)
        if outdated:
            self._rebuild(outdated, unless_done=True)

    def rebuild(self) -> None:
        """Build every projection from the journal again, in one transaction."""
        self._rebuild(self.declared, unless_done=False)

    def compare(self) -> list[Difference]:
        """How the tables differ from what the journal says. Writes nothing; others may write meanwhile.

        The tables are rebuilt in a database in memory. A projection that `refresh` has yet to rebuild is left out.
        StoreCorrupt when an event cannot be read.
        """
        found: list[Difference] = []
        for each in self.declared:
            with self._store.reading() as connection:
                if each in self._outdated(connection):
                    continue
                count, _ = self._journal.head(connection)
                stored = projection.rows(connection, each)
            with dialect.scratch(each.tables) as scratch:
                projection.rebuild(scratch, each, self._journal.replay(self._store.reading, each.kinds, count))
                found += projection.differences(each, stored, projection.rows(scratch, each))
        return found

    def _rebuild(self, wanted: Sequence[Projection], *, unless_done: bool) -> None:
        with self._store.writing() as transaction:
            connection = transaction.connection
            # Read again behind the lock: another session may have been quicker.
            for each in self._outdated(connection) if unless_done else wanted:
                projection.rebuild(connection, each, self._events(connection, each))
                connection.execute(delete(_META).where(_META.c.key == _VERSION + each.name))
                connection.execute(insert(_META).values(key=_VERSION + each.name, value=str(each.version)))

    def _events(self, connection: Connection, wanted: Projection) -> Iterator[Event]:
        count, _ = self._journal.head(connection)
        return self._journal.replay(lambda: nullcontext(connection), wanted.kinds, count)

    def _outdated(self, connection: Connection) -> list[Projection]:
        query = select(_META.c.key, _META.c.value).where(_META.c.key.startswith(_VERSION))
        known = {key: version for key, version in connection.execute(query)}
        return [each for each in self.declared if known.get(_VERSION + each.name) != str(each.version)]
