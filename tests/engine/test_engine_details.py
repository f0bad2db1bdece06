"""What the details of checks and services ask a running session: outages from the journal, and logs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from artisan_tui.config.load import load
from artisan_tui.config.models import Config
from artisan_tui.domain.checks.log_tail import LogTail
from artisan_tui.domain.event import Entry
from artisan_tui.domain.maintenance.events import MaintenanceDeclared
from artisan_tui.engine.checks.about import about_check, about_service
from artisan_tui.engine.checks.logs import CheckLogs
from artisan_tui.engine.checks.outages import OutageQuery
from artisan_tui.engine.checks.slice import About
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.sources.checks import KINDS
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

NOW = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
TEXT = """
[artisan]
name = "Artisan"
environment = "drill"
timezone = "UTC"

[[service]]
id = "api"
owner = "platform"
tags = ["tier-1"]
links = { dashboard = "https://d.example/api", runbook = "api_down" }
logs = { journal = "api.service" }

[[service.check]]
id = "health"
kind = "tcp"
host = "127.0.0.1"
port = 80
owner = "edge"
tags = ["http", "tier-1"]
links = { dashboard = "https://d.example/health" }

[[service.check]]
id = "box"
kind = "docker"
container = "api"
host = "unix:///nowhere.sock"

[[service]]
id = "db"
[[service.check]]
id = "up"
kind = "tcp"
host = "127.0.0.1"
port = 81
"""


class Core:
    """What the queries ask of the engine, with a real store."""

    def __init__(
        self, store: Store | None, config: Config | None = None, environ: dict[str, str] | None = None
    ) -> None:
        self.store, self.config = store, config
        self.clock = self
        self.writer = SimpleNamespace(unwritten=())
        self.options = SimpleNamespace(environ=environ or dict(os.environ))
        self.windows = MaintenanceWindows()

    def now(self) -> datetime:
        return NOW

    async def ask(self, query: Callable[[Any], Any]) -> Any:
        return None if self.store is None else query(self.store)

    def state(self, kind: type) -> MaintenanceWindows:
        assert kind is MaintenanceWindows
        return self.windows


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(StorePlace(tmp_path / "state", None)) as opened:
        yield opened


@pytest.fixture
def config(tmp_path: Path) -> Config:
    path = tmp_path / "artisan.toml"
    path.write_text(TEXT, "utf-8")
    return load(path, {kind: each.spec for kind, each in KINDS.items()})


def changed(minutes: float, before: str, to: str, check: str = "api.health", **more: object) -> Entry:
    return Entry(NOW - timedelta(minutes=minutes), "artisan", "check.state", check, {"from": before, "to": to, **more})


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


# -- outages -----------------------------------------------------------------


async def test_e_outages_of_ninety_days_are_read_whatever_else_the_journal_holds(store: Store) -> None:
    day = 24 * 60
    store.append(
        [
            changed(100 * day, "up", "down"),
            changed(99 * day, "down", "up"),
            changed(91 * day, "up", "down", reason="timeout", detail="no answer"),
            changed(89 * day, "down", "up"),
        ],
        at=NOW,
    )
    # More than the journal slice holds, and more than a page.
    store.append([Entry(ago(60), "j.park", "note", "x", {"text": "x"}) for _ in range(600)], at=NOW)
    store.append([Entry(ago(60), "j.park", "check.muted", "api.health", {}) for _ in range(600)], at=NOW)
    store.append([changed(30, "up", "down", reason="status", detail="503", blamed="db.up")], at=NOW)
    found = await OutageQuery(("api.health",)).run(Core(store))  # type: ignore[arg-type]
    assert [(outage.start, outage.end) for outage in found.outages] == [
        (ago(30), None),
        (ago(91 * day), ago(89 * day)),
    ]
    assert found.outages[0].cause == "db.up"
    assert found.outages[1].detail == "no answer"


async def test_e_the_outages_of_a_service_are_united_and_maintenance_is_among_them(store: Store) -> None:
    store.append(
        [
            changed(60, "up", "down"),
            changed(59, "up", "down", "api.ready"),
            changed(50, "down", "up"),
            changed(40, "down", "up", "api.ready"),
        ],
        at=NOW,
    )
    core = Core(store)
    body = MaintenanceDeclared(covers=("api",), until=ago(5), reason="new disks")
    core.windows.apply([body.entry(ago(10), "j.park", "w1")])
    found = await OutageQuery(("api.health", "api.ready")).run(core)  # type: ignore[arg-type]
    assert [(each.start, each.end, each.planned) for each in found.outages] == [
        (ago(10), ago(5), True),
        (ago(60), ago(40), False),
    ]


async def test_e_what_cannot_be_written_yet_counts_and_a_store_that_cannot_be_read_is_said() -> None:
    core = Core(None)
    with pytest.raises(LookupError):
        await OutageQuery(("api.health",)).run(core)  # type: ignore[arg-type]


async def test_e_an_outage_that_is_not_saved_is_shown(store: Store) -> None:
    core = Core(store)
    core.writer.unwritten = (changed(3, "up", "down"), changed(2, "up", "down", "db.up"))
    found = await OutageQuery(("api.health",)).run(core)  # type: ignore[arg-type]
    assert [(each.start, each.end) for each in found.outages] == [(ago(3), None)]


# -- what the file says of services ---------------------------------------------------------


def test_e_a_check_has_what_its_service_says_and_its_own_first(config: Config) -> None:
    found = {check_id: about_check(service, spec) for check_id, service, spec in config.checks()}
    assert found["api.health"] == About(
        "edge",
        ("http", "tier-1"),
        (("dashboard", "https://d.example/health"), ("runbook", "api_down")),
        "journal api.service",
    )
    assert found["api.box"].owner == "platform"
    assert found["api.box"].logs == "docker api"  # its own container, not its service's unit
    assert found["db.up"] == About()
    assert about_service(config.services[0]).links == (("dashboard", "https://d.example/api"), ("runbook", "api_down"))


# -- logs ------------------------------------------------------------------------------------


async def test_e_a_check_s_log_is_its_service_s_where_it_has_none(config: Config, tmp_path: Path) -> None:
    program = tmp_path / "journalctl"
    program.write_text('#!/bin/sh\necho "$2 out of memory"\n', "utf-8")
    program.chmod(0o755)
    core = Core(None, config, {"PATH": f"{tmp_path}:{os.environ['PATH']}"})
    found = await CheckLogs("api.health").run(core)  # type: ignore[arg-type]
    assert found == LogTail("journal api.service", ("api.service out of memory",))
    own = await CheckLogs("api.box").run(core)  # type: ignore[arg-type]
    assert own is not None
    assert own.source == "docker api"
    assert "no such socket" in own.problem
    assert await CheckLogs("db.up").run(core) is None  # type: ignore[arg-type]
    assert await CheckLogs("gone.gone").run(core) is None  # type: ignore[arg-type]
