"""Several processes on one store, and processes that die."""

from __future__ import annotations

import signal
from contextlib import ExitStack
from typing import Any

from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.opening import last_known
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

APPEND = """
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from artisan_tui.domain.event import Entry
from artisan_tui.domain.checks.sample import CheckSample
from artisan_tui.domain.state import State
from artisan_tui.store.place import StorePlace
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.store import Store

folder, name, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
at = datetime(2026, 11, 21, tzinfo=UTC)
sys.stdin.readline()  # all start at once
store = Store.open(StorePlace(folder))
for number in range(count):
    (event,) = store.append([Entry(at, name, "note", body={"number": number})], at=at)
    store.part(CheckStore).record([CheckSample("shared", at + timedelta(microseconds=number), State.UP, "ok", 0.001)])
    print(event.seq, flush=True)
store.close()
"""


def started(python: Any, place: StorePlace, count: int, names: str) -> list[Any]:
    return [python(APPEND, place.state_dir, name, count) for name in names]


def test_many_processes_append_at_once(python: Any, place: StorePlace) -> None:
    # The store is not there yet: they also race to make it.
    processes = started(python, place, 100, "abcd")
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    said: dict[str, list[int]] = {}
    for name, process in zip("abcd", processes, strict=True):
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        said[name] = [int(line) for line in out.split()]
    with Store.open(place) as store:
        events = store.journal.page(1000)
        assert len(events) == 400
        assert store.verify().sound
        assert store.verify().events == 400
        for name, seqs in said.items():
            mine = [event for event in reversed(events) if event.actor == name]
            assert [event.body["number"] for event in mine] == list(range(100))
            assert [event.seq for event in mine] == seqs
        # The same hundred samples from each: recorded once, rolled up once.
        at = events[0].occurred_at
        assert len(store.part(CheckStore).samples("shared", at)) == 100
        assert store.part(CheckStore).roll_ups("shared", at)[0].total == 100


def test_what_was_appended_survives_kill_9(python: Any, place: StorePlace) -> None:
    written = 0
    for round_ in range(3):
        with ExitStack() as stack:
            (process,) = started(python, place, 1_000_000, "k")
            stack.enter_context(process)
            process.stdin.write("\n")
            process.stdin.flush()
            for _ in range(50 + 7 * round_):
                written = int(process.stdout.readline())
            process.send_signal(signal.SIGKILL)
            # What it still managed to say counts: every line follows a returned append().
            for line in process.stdout.read().splitlines(keepends=True):
                written = int(line) if line.endswith("\n") else written
            process.wait(timeout=10)
        opening = last_known(place)
        assert opening is not None
        assert opening.events[0].seq in (written, written + 1)
        with Store.open(place) as store:
            found = store.verify()
            assert found.sound
            assert found.events == opening.events[0].seq
            written = found.events
