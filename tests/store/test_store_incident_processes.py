"""Ten processes act on incidents at once and three of them are killed: nothing that was answered is lost, nothing is twice."""

from __future__ import annotations

import signal
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.incidents.fold import fold
from artisan_tui.store.incidents.part import IncidentStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.postgres_server import postgres_server

#: Acts at random for some seconds. What it prints was answered with success.
WORK = """
import random, sys, time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from artisan_tui.domain.event import Entry
from artisan_tui.engine.alerts.journaled import OutsideAlerts
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import COMMANDS, decide
from artisan_tui.engine.decision import Present
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.incidents.transaction import fire_due, incident_store
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

folder, url, name, seconds = Path(sys.argv[1]), sys.argv[2] or None, sys.argv[3], float(sys.argv[4])
random.seed(name)
rules = IncidentRules()
rules.policy = replace(rules.policy, acknowledge=dict.fromkeys(range(1, 5), 1))
rules.surround(on_call=lambda level, at: (level.lower(),))
rules.route = lambda notice, at, actor: (
    Entry(at, actor, "notify.queued", notice.incident, {"purpose": notice.purpose, "dedup": notice.dedup}),)

def give(store, command, **arguments):
    now = datetime.now(UTC)
    present = Present(now, name, {}, {IncidentRules: rules, OutsideAlerts: OutsideAlerts()})
    try:
        done = decide(COMMANDS[f"incident.{command}"], present, arguments).change(store)
    except CommandRefused:
        return
    for event in done.written:
        print(event.seq, event.kind, event.subject, flush=True)

store = Store.open(StorePlace(folder, url))
print("ready", flush=True)
sys.stdin.readline()
end = time.monotonic() + seconds
while time.monotonic() < end:
    known = [each.id for each in incident_store(store).open()]
    act = random.choice(("declare", "acknowledge", "note", "merge", "escalate", "fire", "fire"))
    if act == "declare" or not known:
        give(store, "declare", title=f"by {name}", severity=f"Sev{random.randint(1, 4)}")
    elif act == "fire":
        for wanted in known:
            for event in fire_due(store, wanted, datetime.now(UTC), rules, None):
                print(event.seq, event.kind, event.subject, flush=True)
    elif act == "note":
        give(store, act, incident=random.choice(known), text=f"note of {name}")
    elif act == "merge":
        give(store, act, incident=random.choice(known), into=random.choice(known))
    else:
        give(store, act, incident=random.choice(known))
store.close()
"""
SECONDS = 3.0


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgres_server() as running:
        running.sql("CREATE DATABASE artisan_incidents")
        yield running.url("artisan_incidents", driver="postgresql+psycopg")


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_ten_processes_act_at_once_and_some_are_killed(
    kind: str, python: Any, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    url = request.getfixturevalue("database") if kind == "postgresql" else ""
    place = StorePlace(tmp_path / "state", url or None)
    Store.open(place).close()
    # The first three work until they are killed.
    lasts = [60.0] * 3 + [SECONDS] * 7
    processes = [python(WORK, place.state_dir, url, f"p{number}", each) for number, each in enumerate(lasts)]
    for process in processes:
        assert process.stdout.readline() == "ready\n", process.stderr.read()
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    answered: list[str] = []
    for victim in processes[:3]:
        # In the middle of its work, whatever that is.
        answered += [line for _ in range(4) if (line := victim.stdout.readline())]
        victim.send_signal(signal.SIGKILL)
    for number, process in enumerate(processes):
        # Not `communicate`: it reads past what `readline` has buffered, and begins in the middle of a line.
        answered += [line for line in process.stdout.readlines() if line.endswith("\n")]
        assert process.wait(60) == (-signal.SIGKILL if number < 3 else 0), process.stderr.read()
    with Store.open(place) as store:
        assert store.verify().sound
        events = tuple(reversed(store.journal.page(1_000_000)))
        written = {(event.seq, event.kind, event.subject) for event in events}
        said = [line.split() for line in answered]
        assert {(int(seq), what, subject) for seq, what, subject in said} <= written
        declared = [event.subject for event in events if event.kind == "incident.declared"]
        assert len(declared) == len(set(declared)) > 5
        incidents = store.part(IncidentStore)
        for wanted in declared:
            assert fold(event for event in events if event.subject == wanted) == incidents.get(wanted)
        pages = Counter((event.subject, event.body["dedup"]) for event in events if event.body.get("purpose") == "page")
        assert set(pages.values()) == {1}
        rungs = Counter(event.subject for event in events if event.kind == "incident.rung")
        assert max(rungs.values()) >= 2
