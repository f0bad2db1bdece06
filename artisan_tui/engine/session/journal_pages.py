"""The journal as a person scrolls through it: a page at a time, of what a filter asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.domain.event import Event
    from artisan_tui.domain.journal_filter import JournalFilter
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.journal_search import Accept, JournalPiece

#: Seconds after which a search answers with what it has: the screen says how far it is, and goes on.
PATIENCE = 0.1


@dataclass(frozen=True, slots=True)
class JournalPage:
    """The query for ``limit`` entries, newest first below ``before``, or oldest first above ``after``.

    ``accept`` is asked about each entry besides the filter, in the store's thread. LookupError while nothing can be read.
    """

    where: JournalFilter
    accept: Accept | None = None
    limit: int = 200
    before: int | None = None
    after: int | None = None

    async def run(self, core: Core) -> JournalPiece:
        from artisan_tui.store.journal_search import JournalPiece, search  # the store's libraries come with the store

        found: list[Event] = []
        before, after = self.before, self.after
        until = core.clock.monotonic() + PATIENCE
        while True:
            left = self.limit - len(found)
            # A question at a time: what is to be written meanwhile comes in between.
            piece = await core.ask(
                lambda store, left=left, before=before, after=after: search(  # type: ignore[misc]  # lambda with defaults
                    store, self.where, self.accept, left, before=before, after=after
                )
            )
            if piece is None:
                raise LookupError(_("the journal cannot be read at the moment"))
            found += piece.events
            if piece.whole or len(found) >= self.limit or core.clock.monotonic() > until:
                return JournalPiece(tuple(found), piece.reached, piece.whole)
            before, after = (None, piece.reached) if after is not None else (piece.reached, None)
