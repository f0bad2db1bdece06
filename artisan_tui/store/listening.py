"""Hears at once that another session wrote: LISTEN on a connection of its own, which only PostgreSQL has.

Every transaction of `Store.writing` announces itself with its commit. What was written is not in the announcement: who
hears it reads the store. An announcement may be missed whenever this connection is down, so who listens reads once each
time it is made anew.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from artisan_tui.store.address import database_url, psycopg_options, several
from artisan_tui.store.dialect import CHANNEL
from artisan_tui.store.place import StorePlace

if TYPE_CHECKING:
    from psycopg import AsyncConnection

#: Seconds before the next try to connect: doubled with every failure, up to the second; the third after a refusal that
#: will most likely be repeated, as that of a standby.
_FIRST, _LAST, _REFUSED = 0.1, 2.0, 30.0
#: Seconds between two looks at the server's clock.
_CLOCK_EVERY = 300.0


class StoreListener:
    """``on_news`` is called on the loop for every announcement, with the `Store.voice` that made it.

    ``on_change`` is called when the connection was made or lost. ``place`` is asked before every connection.
    """

    def __init__(
        self,
        place: Callable[[], StorePlace],
        now: Callable[[], datetime],
        on_news: Callable[[str], None],
        on_change: Callable[[], None],
    ) -> None:
        self._place, self._now, self._on_news, self._on_change = place, now, on_news, on_change
        self.connected = False
        #: A pooler is in between: announcements come only where it leaves us one server session for good.
        self.pooled = False
        #: Seconds that this machine's clock is ahead of the server's; None while that is not known.
        self.ahead: float | None = None

    async def run(self) -> None:
        """Until cancelled, or at once where the store's database cannot announce anything."""
        wait = _FIRST
        while (options := _options(self._place())) is not None:
            try:
                await self._listen(options)
                wait = _FIRST
            except OSError:
                pass  # no descriptor, no route
            except Exception as error:
                if not _of_driver(error):
                    raise
                if (getattr(error, "sqlstate", None) or "57P")[:2] not in ("57", "08", "53"):
                    wait = _REFUSED
            if self.connected:
                self.connected, wait = False, _FIRST
                self._on_change()
            # Apart from each other: many sessions lost the same server at the same moment.
            await asyncio.sleep(wait * random.uniform(0.75, 1.25))
            wait = min(_LAST, 2 * wait)

    async def _listen(self, options: Mapping[str, Any]) -> None:
        """Until the connection breaks. Raises the driver's error."""
        from psycopg import AsyncConnection, sql

        connection = await AsyncConnection.connect(**options, autocommit=True, prepare_threshold=None)
        try:
            cursor = await connection.execute(f"SELECT pg_backend_pid(), {CHANNEL}")
            row = await cursor.fetchone()
            assert row is not None
            self.pooled = row[0] != connection.info.backend_pid
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(row[1])))
            await self._look_at_clock(connection)
            self.connected = True
            self._on_change()
            while True:
                async for heard in connection.notifies(timeout=_CLOCK_EVERY):
                    self._on_news(heard.payload.partition(".")[0])
                await self._look_at_clock(connection)
                self._on_change()
        finally:
            with contextlib.suppress(Exception):
                await connection.close()

    async def _look_at_clock(self, connection: AsyncConnection[Any]) -> None:
        before = self._now()
        cursor = await connection.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        row = await cursor.fetchone()
        after = self._now()
        if row is not None:
            there = datetime.fromtimestamp(row[0], UTC)
            self.ahead = ((before - there) + (after - there)).total_seconds() / 2


def _options(place: StorePlace) -> dict[str, Any] | None:
    """What psycopg connects with; None for a database or a driver that announces nothing, or an unusable address."""
    if place.sqlite_path is not None:
        return None
    try:
        url = database_url(place)
        options = psycopg_options(url, read_only=False)
        if not options or url.get_dialect().name != "postgresql":
            return None
        if several(url):
            options["target_session_attrs"] = "read-write"  # a standby announces nothing
        _, found = url.get_dialect()().create_connect_args(url)
    except Exception:  # noqa: BLE001 - whatever is wrong with it, `Store.open` says so
        return None
    return {**found, **options}


def _of_driver(error: Exception) -> bool:
    from psycopg import Error

    return isinstance(error, Error)
