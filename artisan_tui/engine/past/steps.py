"""From one change of the journal to the next, there and back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store

#: From an event to the moment at which a screen has shown what it led to. What is written within it is one change.
SETTLED = timedelta(seconds=0.5)


@dataclass(frozen=True, slots=True)
class ChangeBeside:
    """The query for the moment just after the change before ``moment``, or after it where ``forward``.

    None where there is none in that direction. LookupError while nothing can be read.
    """

    moment: datetime
    forward: bool = False

    async def run(self, core: Core) -> datetime | None:
        found = await core.ask(lambda store: (self._read(store),))
        if found is None:
            raise LookupError(_("the journal cannot be read at the moment"))
        return found[0]

    def _read(self, store: Store) -> datetime | None:
        from artisan_tui.store.journal_bounds import seq_at

        edge = self.moment if self.forward else self.moment - 2 * SETTLED
        with store.reading() as connection:
            count, _head = store.journal.head(connection)
            seq = seq_at(connection, count, edge)
            event = store.journal.one(connection, seq + 1 if self.forward else seq)
        return None if event is None else event.recorded_at + SETTLED
