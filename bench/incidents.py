"""An incident with a very long timeline: opened, scrolled through, and searched."""

from __future__ import annotations

import importlib
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from bench.report import Options, Row

AT = datetime(2026, 11, 21, tzinfo=UTC)
PAGE = 200


def incidents(options: Options) -> Iterator[Row]:
    """Reads as a screen does: the row of the incident with a page of its newest entries, then pages from anywhere."""
    place = importlib.import_module("artisan_tui.store.place")
    store_module = importlib.import_module("artisan_tui.store.store")
    part = importlib.import_module("artisan_tui.store.incidents.part")
    acts = importlib.import_module("artisan_tui.domain.incidents.acts")
    acting = importlib.import_module("artisan_tui.domain.incidents.acting")
    policy = importlib.import_module("artisan_tui.domain.incidents.policy")
    kinds = importlib.import_module("artisan_tui.domain.incidents.events")
    journal_filter = importlib.import_module("artisan_tui.domain.journal_filter")
    search = importlib.import_module("artisan_tui.store.search")
    folder = options.place / "incidents-state"
    folder.mkdir(parents=True, exist_ok=True)
    count = options.times(1_000_000, 20_000)
    by = acting.By("bench", AT)
    with store_module.Store.open(place.StorePlace(folder)) as store:
        found = store.part(part.IncidentStore)
        declared = {"title": "Long", "severity": 2, "policy": policy.IncidentPolicy()}
        (event,) = found.act(lambda view: acts.declare(view.free_id(AT), by, **declared), at=AT)
        wanted = event.subject
        for first in range(0, count, 5_000):
            notes = [
                kinds.IncidentNoted(text=_said(n, count)).entry(AT, "bench", wanted)
                for n in range(first, first + 5_000)
            ]
            with store.writing() as transaction:
                # Without its row: only the timeline's length matters here, and folding it would take minutes.
                store.journal.seal(transaction.connection, notes, AT)
        incident = found.get(wanted)

        def opened() -> None:
            again = found.get(wanted)
            assert len(found.timeline(again, PAGE)) == PAGE

        def scrolled() -> None:
            assert len(found.timeline(incident, PAGE, before=count // 2)) == PAGE

        index = store.part(search.SearchStore)
        while index.catch_up(20):
            pass

        def searched(*words: str, **asked: Any) -> Callable[[], None]:
            def find() -> None:
                index.find(words, limit=50, **asked)

            return find

        year = journal_filter.JournalFilter(
            kinds=("incident",), since=AT - timedelta(days=1), until=AT.replace(year=2027)
        )
        note = f"{count:,} events"
        yield Row("incident with a long timeline opens", _milliseconds(opened), "ms", 100, note=note)
        yield Row("a page further in that timeline", _milliseconds(scrolled), "ms", 16, note=note)
        here = {"subject": wanted}
        for name, find in (
            ("a rare word", searched(str(count // 3), **here)),
            ("a word in every entry", searched("note", **here)),
            ("a word that is nowhere", searched("absent", **here)),
            ("Korean in every entry", searched("결제장애", **here)),
            ("Korean that is rare", searched("희귀한 단어", **here)),
            ("two words that never meet", searched("odd", "even", **here)),
            ("a word of the older half", searched("before", **here)),
            ("a word in every entry, in all of the journal", searched("note")),
            ("the same, of some kinds and a time", searched("note", where=year, **here)),
        ):
            yield Row(f"search in it: {name}", _milliseconds(find), "ms", 200, note=note)


def _said(number: int, count: int) -> str:
    half, rare = "before" if number < count // 2 else "after", " 희귀한 단어" if number == count // 3 else ""
    return f"note {number} 결제장애가 있다 {'odd' if number % 2 else 'even'} {half}{rare}"


def _milliseconds(read: Callable[[], None]) -> float:
    """The median of twenty readings."""
    spans = []
    for _ in range(20):
        start = time.perf_counter()
        read()
        spans.append((time.perf_counter() - start) * 1000)
    return statistics.median(spans)
