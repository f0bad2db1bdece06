"""What the counts of a ledger leave open, by minute: events that were not counted, minutes that are estimated, and selectors
that match nothing.

It is kept in the store beside the counts. So a second process has the same doubts as the one that read the samples.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from artisan_tui.domain.slo.counts import Counts, Row
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.windows import Span

if TYPE_CHECKING:
    from artisan_tui.sources.slo import MinuteRows


class DoubtBook:
    """One kind of doubt. The store has it as a ledger of its own, under ``definition``; ``unkept`` it has not yet."""

    def __init__(self, definition: str) -> None:
        self.definition = definition
        self.rows = MinuteSeries()
        self.unkept: dict[int, Row] = {}
        self.known = 0

    def put(self, minutes: Collection[int], found: Iterable[Row], final: int) -> None:
        """``found`` is all that is open in ``minutes``. An earlier doubt about another one of them is settled."""
        new = {row[0]: row for row in found}
        span = Span(min(minutes), max(minutes) + 1)
        known = (row for row in self.rows.rows(span) if row[0] in minutes and (row[1] or row[2]))
        settled = {row[0]: (row[0], 0, 0, row[3]) for row in known}
        changed = settled | new
        self.rows.put(changed.values())
        self.unkept.update((minute, row) for minute, row in changed.items() if minute < final)

    def read(self, span: Span, excluded: Collection[Span]) -> Counts:
        return self.rows.read(span, excluded).burned


class LedgerDoubts:
    """The doubts about one ledger.

    - ``uncounted`` has (minute, 0, total, observed) rows: the events of a minute that were not counted. Without
      ``observed``, nothing was seen before them. They may be as old as the service, so none of them counts as bad. How
      many may be bad, which decides whether the status is known, is in the rows of the ledger itself.
    - ``estimated`` has (minute, 1, 1, 1) for a minute whose counts are estimated.
    - ``unmatched`` has (minute, code, code, 1) of the two selectors, see `matches`; the last row is in force.
    """

    def __init__(self, definition: str) -> None:
        self.uncounted = DoubtBook(f"{definition}:uncounted")
        self.estimated = DoubtBook(f"{definition}:estimated")
        self.unmatched = DoubtBook(f"{definition}:unmatched")

    @property
    def books(self) -> tuple[DoubtBook, ...]:
        return self.uncounted, self.estimated, self.unmatched

    def take(self, filled: MinuteRows, minutes: Collection[int], final: int) -> None:
        """The doubts about those ``minutes`` of a piece that count.

        A scraper that was started again goes on from the samples of the session before (`handover`). Where it has none,
        its first values are of unknown age: none of them counts as bad, and that they were not counted is said.
        """
        if not minutes:
            return
        self.uncounted.put(minutes, (row for row in filled.uncounted if row[0] in minutes), final)
        guessed = (row[0] for row in filled.rows if row[3] and row[0] in minutes) if filled.estimated else ()
        self.estimated.put(minutes, ((minute, 1, 1, 1) for minute in guessed), final)

    def match(self, codes: tuple[int, int], minute: int) -> None:
        self.unmatched.put({minute}, [(minute, *codes, 1)], minute + 1)

    @property
    def matches(self) -> tuple[int, ...]:
        """What was last found of the selectors; nothing while nobody has asked."""
        last = self.unmatched.rows.last
        return () if last is None else self.unmatched.rows.rows(Span(last, last + 1))[0][1:3]

    def follow(self, before: LedgerDoubts, *, following: bool) -> None:
        """Take over what is in memory already, after the configuration was read again."""
        for mine, theirs in zip(self.books, before.books, strict=True):
            mine.rows, mine.known = theirs.rows, theirs.known
            mine.unkept = {} if following else theirs.unkept

    def keep_again(self, whole: Span) -> None:
        """Another store was begun: it gets all doubts that are known."""
        for book in self.books:
            book.known = 0
            book.unkept = {row[0]: row for row in book.rows.rows(whole)}
