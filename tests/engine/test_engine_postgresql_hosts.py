"""Two machines on one PostgreSQL, their clocks five minutes apart, and one of them loses its network and gets it back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.namespaces import Machine, machines
from support.postgres_server import Postgres, postgres_server
from support.processes import with_us
from support.servers import until
from support.services import config_text
from support.several_sessions import text_of

AHEAD = 300.0
PEOPLE = """
[[person]]
id = "alice"
[[person]]
id = "bob"
[escalation]
levels = { L1 = ["alice"], L2 = ["bob"] }
acknowledge = { Sev1 = "5s" }
[[notify]]
id = "log"
kind = "file"
path = "%s"
"""


class Remote:
    """A session on another machine."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def ask(self, **asked: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        found = json.loads(self._process.stdout.readline())
        assert isinstance(found, dict)
        return found

    def do(self, command: str, **arguments: str) -> None:
        reply = self.ask(do=command, **{"with": arguments})
        assert reply["ok"], reply["said"]

    def until(self, what: str, seconds: float = 20.0, **wanted: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def there() -> bool:
            found.update(self.ask())
            return all(value(found[key]) if callable(value) else found[key] == value for key, value in wanted.items())

        until(there, seconds, f"{what}, with {wanted}")
        return found


@contextmanager
def session(machine: Machine, server: Postgres, name: str, config: Path, ahead: float) -> Iterator[Remote]:
    url = f"postgresql://artisan@{machine.us}:{server.port}/postgres"
    command = machine.command(sys.executable, "-m", "support.remote_session", name, str(config), url, f"{ahead:g}")
    paths = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
    process = subprocess.Popen(
        with_us(command),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": paths},
    )
    try:
        yield Remote(process)
    finally:
        process.communicate(timeout=30)


def test_clocks_five_minutes_apart_and_a_leader_without_a_network(tmp_path: Path) -> None:
    config, messages = tmp_path / "artisan.toml", tmp_path / "messages.jsonl"
    check = config_text('id = "m"\nkind = "memory"\nevery = "2s"\ntimeout = "1s"\n')
    config.write_text('database = "env:ARTISAN_DB"\n' + check + PEOPLE % messages)

    def pages() -> Counter[str]:
        lines = messages.read_text("utf-8").splitlines() if messages.exists() else []
        return Counter(str(json.loads(line).get("purpose")) for line in lines)

    with machines(2) as (here, there), postgres_server(listen_addresses="*", max_connections="30") as server:
        hba = server.data / "pg_hba.conf"
        hba.write_text(hba.read_text() + "host all artisan 10.0.0.0/8 trust\n")
        server.sql("SELECT pg_reload_conf()")
        with session(here, server, "ann", config, 0.0) as ann:
            ann.until("the leader", role="leader", ready=True)
            with session(there, server, "bo", config, AHEAD) as bo:
                bo.until("the follower", role="follower", ready=True)
                bo.until("what is said of its clock", notice=lambda said: "300 s ahead" in said)
                assert ann.ask()["notice"] == ""
                bo.do("journal.note", text="from the future")
                ann.until("the note", seen=lambda seen: "from the future" in seen)
                ann.do("journal.note", text="from now")
                bo.until("the note", seen=lambda seen: "from now" in seen)
                # Two clocks are never compared: nobody takes the lease.
                assert (ann.ask()["role"], bo.ask()["role"]) == ("leader", "follower")
                bo.do("incident.declare", title="Declared ahead", severity="Sev1")
                told = "SELECT count(*) FILTER (WHERE state = 'sent') = 2 AND count(*) = 2 FROM outbox"
                until(lambda: server.sql(told) == "t", 20, "the news of it, and the page")
                sent = pages().total()
                assert sent >= 1

                here.pull()
                ann.do("journal.note", text="while cut off")
                bo.until("the lease", 20, role="leader")
                until(lambda: pages().total() > sent, 20, "the escalation, by the clock of whoever leads now")
                here.plug()
                ann.until("the lease of another", 30, role="follower", problem="")
                bo.until("what was said meanwhile", 30, seen=lambda seen: "while cut off" in seen)
                assert bo.ask()["role"] == "leader"
        with Store.open(StorePlace(tmp_path, server.url()), read_only=True) as store:
            assert store.verify().sound
            events = list(reversed(store.journal.page(10_000)))
        counted = Counter(text_of(event) for event in events)
        assert [counted[text] for text in ("from the future", "from now", "while cut off")] == [1, 1, 1]
        order = [text_of(event) for event in events if event.kind == "note"]
        assert order == ["from the future", "from now", "while cut off"], "the order in which they were written"
        kinds = Counter(event.kind for event in events)
        rungs = [event.body["rung"] for event in events if event.kind == "incident.rung"]
        assert len(set(rungs)) == len(rungs) > 0, "no timer fired twice"
        told = [each for event in events if event.kind == "notify.sent" for each in event.body["messages"]]
        assert len(set(told)) == len(told), "no page was sent twice"
        assert kinds["notify.failed"] == 0
