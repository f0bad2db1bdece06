"""A host that has a journal: it answers the journal screen as the store does, from a list."""

from __future__ import annotations

from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from artisan_tui.domain.event import Event
from artisan_tui.engine.session.journal_pages import JournalPage
from artisan_tui.store.journal_search import JournalPiece
from support.snapshots import FakeHost, event


def history(count: int) -> list[Event]:
    """Oldest first: a note every minute, every third entry a session's."""
    return [
        event("session.start", actor="j.park", minutes=count - n, seq=n)
        if n % 3 == 0
        else event("note", actor="kim" if n % 2 else "j.park", minutes=count - n, seq=n, text=f"note {n}")
        for n in range(1, count + 1)
    ]


@dataclass
class JournalHost(FakeHost):
    """Answers for the journal as the store does, from a list; says what it was asked for."""

    held: list[Event] = field(default_factory=list)
    pages: list[JournalPage] = field(default_factory=list)
    broken: str = ""

    def ask(self, query: Any) -> Future[Any]:
        if not isinstance(query, JournalPage):
            return super().ask(query)
        self.pages.append(query)
        future: Future[Any] = Future()
        if self.broken:
            future.set_exception(LookupError(self.broken))
            return future
        forward = query.after is not None
        listed = self.held if forward else self.held[::-1]
        inside = [
            each
            for each in listed
            if (each.seq > (query.after or 0) if forward else each.seq < (query.before or 10**9))
        ]
        found = [each for each in inside if query.where.allows(each) and (query.accept is None or query.accept(each))]
        kept = tuple(found[: query.limit])
        whole = len(found) <= query.limit
        reached = kept[-1].seq if not whole else (inside[-1].seq if inside else 1)
        future.set_result(JournalPiece(kept, reached, whole))
        return future
