"""What the store keeps of a ledger: its rows, and those of its doubts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.windows import Span
from artisan_tui.engine.slo.doubts import DoubtBook
from artisan_tui.engine.slo.ledger import SloLedger

if TYPE_CHECKING:
    from artisan_tui.store.store import Store


def books_of(ledger: SloLedger) -> tuple[tuple[str, SloLedger | DoubtBook], ...]:
    """What the store keeps of ``ledger``: (definition, what holds its rows)."""
    return ((ledger.indicator.definition, ledger), *((book.definition, book) for book in ledger.doubts.books))


def read_book(
    store: Store, book: SloLedger | DoubtBook, slo_id: str, definition: str, span: Span | None
) -> tuple[int, MinuteSeries | None, list[Row]]:
    """(stamp, all minutes of ``span`` or None, those that changed). Runs in the store's thread."""
    from artisan_tui.store.slo.part import SloStore  # heavy

    if span is None:
        stamp, rows = store.part(SloStore).changes(slo_id, definition, book.known)
        return stamp, None, rows
    fresh = MinuteSeries(book.rows.grid)
    return store.part(SloStore).load(slo_id, definition, span, fresh), fresh, []
