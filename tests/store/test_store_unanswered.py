"""A connection that breaks while the server commits: what was written is not written again, what was not is."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.event import Entry, Event
from artisan_tui.store.errors import StoreUncertain
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from artisan_tui.store.unanswered import UnansweredCommit
from support.postgres_server import Postgres, postgres_server
from support.servers import until

AT = datetime(2026, 11, 21, 9, 40, tzinfo=UTC)


@pytest.fixture
def server() -> Iterator[Postgres]:
    with postgres_server() as running:
        yield running


def broken_off(server: Postgres, store: Store, entries: list[Entry]) -> None:
    """Append them; the server is shut down after it committed them and before it could say so."""
    server.sql("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    server.sql("SELECT pg_reload_conf()")
    raised: list[BaseException] = []

    def append() -> None:
        try:
            store.append(entries, at=AT)
        except StoreUncertain as error:
            raised.append(error)

    thread = threading.Thread(target=append)
    thread.start()
    waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    until(lambda: server.sql(waits) == "1", 10, "a commit that waits")
    server.stop(signal.SIGQUIT)
    thread.join(10)
    assert len(raised) == 1
    assert "whether it was written is not known" in str(raised[0])
    server.start(synchronous_standby_names="")


def test_what_was_committed_without_an_answer_is_not_written_again(
    server: Postgres, entries: Callable[[int], Entry], tmp_path: Path
) -> None:
    with Store.open(StorePlace(tmp_path, server.url())) as store, Store.open(store_place(server, tmp_path)) as other:
        (first,) = store.append([entries(1)], at=AT)
        waiting = [entries(2), entries(3)]
        broken_off(server, store, waiting)
        # Somebody else writes, and this session writes something else, before it comes back to what waits.
        (foreign,) = other.append([entries(7)], at=AT)
        (own,) = store.append([entries(8)], at=AT)
        again = store.append([*waiting, entries(4)], at=AT)
        assert [event.seq for event in (first, *again[:2], foreign, own, again[2])] == [1, 2, 3, 4, 5, 6]
        assert store.journal.count() == 6
        assert store.verify().sound
        # The same words said anew are another entry.
        assert store.append([entries(2)], at=AT)[0].seq == 7


def store_place(server: Postgres, folder: Path) -> StorePlace:
    return StorePlace(folder, server.url())


def sealed(first: int, entries: list[Entry]) -> tuple[Event, ...]:
    return tuple(
        Event(each.occurred_at, each.actor, each.kind, each.subject, each.body, seq=first + n, hash=f"h{first + n}")
        for n, each in enumerate(entries)
    )


@pytest.mark.parametrize("there", [None, "another's"])
def test_what_was_not_committed_is_written(entries: Callable[[int], Entry], there: str | None) -> None:
    doubt, waiting = UnansweredCommit(), [entries(1), entries(2)]
    doubt.about(waiting, sealed(5, waiting))
    at_its_place = None if there is None else Event(AT, "x", "note", "", {}, seq=6, hash=there)
    nothing: Any = None
    events, new = doubt.settled(
        nothing, waiting, lambda connection, seq: at_its_place, lambda left: sealed(5, list(left))
    )
    assert events == new
    assert [event.seq for event in new] == [5, 6]


def test_what_was_found_written_and_is_lost_since_is_written_again(entries: Callable[[int], Entry]) -> None:
    """The answer was lost twice, and in between a standby was promoted that has not got it."""
    doubt, waiting = UnansweredCommit(), [entries(1), entries(2)]
    journal = {event.seq: event for event in sealed(5, waiting)}
    nothing: Any = None
    doubt.about(waiting, sealed(5, waiting))
    assert doubt.settled(nothing, waiting, lambda connection, seq: journal.get(seq), lambda left: ())[1] == ()
    del journal[6]
    events, new = doubt.settled(
        nothing, waiting, lambda connection, seq: journal.get(seq), lambda left: sealed(6, list(left))
    )
    assert [event.seq for event in new] == [6]
    assert [event.seq for event in events] == [5, 6]
