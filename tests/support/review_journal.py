"""A journal that tests fill, and that SQL counts."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from artisan_tui.domain.event import Entry
from artisan_tui.domain.runbooks.events import (
    RunFinished,
    RunRetried,
    RunRollbackFinished,
    RunRollbackStarted,
    RunSkipped,
    RunStarted,
)
from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

CONFIG = """
[artisan]
name = "Test"
environment = "staging"
timezone = "Asia/Seoul"
[[service]]
id = "s"
[[service.check]]
id = "disk"
kind = "disk"
path = "/"
[[person]]
id = "alice"
name = "앨리스"
contacts = { email = "alice@example.com" }
[[person]]
id = "bob"
contacts = { email = "bob@example.com" }
[[rotation]]
id = "primary"
people = ["alice", "bob"]
from = 2026-11-20
"""
RUNBOOKS = """
[[runbook]]
id = "downshift"
title = "Downshift"
title_ko = "다운시프트"
expected = "5m"
drill_every = "30d"
[[runbook.step]]
id = "one"
kind = "manual"
instructions = "Do."
[[runbook.step]]
id = "two"
kind = "manual"
instructions = "Do."
[[runbook]]
id = "never"
title = "Never run"
drill_every = "30d"
[[runbook.step]]
id = "one"
kind = "manual"
instructions = "Do."
"""
CHECKLIST = '[[checklist]]\nid = "daily"\ntitle = "Daily"\nevery = "day"\ndue = "10:00"\n[[checklist.item]]\nid = "a"\ntitle = "A"\n'


@dataclass
class Journal:
    """A store that events are written into as if they happened at their time."""

    folder: Path
    entries: list[Entry] = field(default_factory=list)

    @property
    def options(self) -> GlobalOptions:
        return GlobalOptions(self.folder / "artisan.toml", self.folder / "state")

    def write(self) -> None:
        with Store.open(StorePlace(self.folder / "state"), read_only=False) as store:
            for each in sorted(self.entries, key=lambda entry: entry.occurred_at):
                store.append([each], at=each.occurred_at)

    def run(self, name: str, at: datetime, runbook: str, state: str, seconds: float, **given: object) -> None:
        mode = str(given.get("mode", "live"))
        started = RunStarted(
            runbook=runbook,
            title=runbook,
            definition="0",
            mode=mode,
            steps=("one", "two"),
            incident=str(given.get("incident", "")),
        )
        self.entries.append(started.entry(at, "alice", name))
        if given.get("skip"):
            reason = str(given.get("reason", "not needed"))
            self.entries.append(RunSkipped(step="two", reason=reason).entry(at + timedelta(seconds=1), "alice", name))
        if given.get("left_out"):
            body = RunSkipped(step="one", by="when", reason="not met")
            self.entries.append(body.entry(at + timedelta(seconds=1), "artisan", name))
        if given.get("retry"):
            self.entries.append(RunRetried(step="one", reason="again").entry(at + timedelta(seconds=2), "alice", name))
        if state:
            over = at + timedelta(seconds=seconds)
            self.entries.append(RunFinished(state=state).entry(over, "alice", name))
            if given.get("back"):
                self.entries.append(RunRollbackStarted(steps=("one",)).entry(over, "alice", name))
                later = over + timedelta(seconds=5)
                self.entries.append(RunRollbackFinished(state="done").entry(later, "alice", name))

    def sql(self, query: str, *values: object) -> list[tuple[object, ...]]:
        """Asked of the file itself, past the program."""
        (path,) = (self.folder / "state").glob("*.db")
        with sqlite3.connect(path) as connection:
            return connection.execute(query, values).fetchall()


def stamped(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")[:-6] + "Z"
