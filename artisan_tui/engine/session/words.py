"""Search by words: the query of a screen, and the index that follows the journal."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.search import Found
    from artisan_tui.store.store import Store

#: Pieces that one query asks for, each with others' work in between; then who asked goes on from what was reached.
PIECES = 50
#: Seconds after new events before they are indexed, and between two batches: others write in between.
REST, PAUSE = 5.0, 0.2


@dataclass(frozen=True, slots=True)
class WordsQuery:
    """The newest ``limit`` events with all ``words``, below the seq ``before``, of ``subject`` if it is given.

    LookupError while nothing can be read.
    """

    words: tuple[str, ...]
    subject: str = ""
    before: int | None = None
    limit: int = 100

    async def run(self, core: Core) -> Found:
        from artisan_tui.store.search import Found  # the store's libraries come with the store

        found = Found((), whole=False)
        before = self.before
        for _number in range(PIECES):
            piece = await core.ask(partial(_piece, query=self, before=before, limit=self.limit - len(found.events)))
            if piece is None:
                raise LookupError(_("the journal cannot be read at the moment"))
            found, before = Found(found.events + piece.events, piece.whole, piece.reached), piece.reached
            if piece.whole or len(found.events) >= self.limit:
                break
        return found


def _piece(store: Store, query: WordsQuery, before: int | None, limit: int) -> Found:
    from artisan_tui.store.search import SearchStore

    return store.part(SearchStore).find(query.words, subject=query.subject, before=before, limit=limit)


class WordIndex:
    """Indexes what this session wrote, and what others left, some seconds later."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._new = asyncio.Event()

    def wrote(self) -> None:
        self._new.set()

    async def run(self) -> None:
        """Until cancelled."""
        from artisan_tui.store.search import SearchStore

        while True:
            await self._new.wait()
            await asyncio.sleep(REST)
            self._new.clear()
            thread = self._core.writer.store_thread
            while thread.writable and (await self._core.ask(lambda store: store.part(SearchStore).behind()) or 0) > 0:
                if not await thread.change(lambda store: store.part(SearchStore).catch_up()):
                    break  # done, or it could not be written: the next event tries again
                await asyncio.sleep(PAUSE)
