"""A simulated team whose every published snapshot is kept, to compare the time machine with."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from artisan_tui.domain.alerts.listed import AlertState, SeenAlert, SourceKind, SourceReading
from artisan_tui.domain.alerts.silence import Silence
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.probe_result import Failure, ProbeResult
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.selector import Matcher
from artisan_tui.engine.access import Session
from artisan_tui.engine.alerts.reader import Gathered
from artisan_tui.engine.checks.slice import CheckSlice, CheckView, Uptime, UptimeSlice
from artisan_tui.engine.core import Engine
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.launch import Options
from artisan_tui.engine.maintenance.slice import MaintenanceSlice
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.store.place import StorePlace
from support.runbooks import HEAD, book, step
from support.virtual_time import VirtualClock

CONFIG = """
[artisan]
name = "Shop"
timezone = "Asia/Seoul"
environment = "staging"
[flapping]
begin = 4
[alerts]
alertmanager = ["http://127.0.0.1:9093"]
[escalation]
levels = { L2 = ["bob"] }
[[person]]
id = "alice"
contacts = { email = "alice@example.com" }
[[person]]
id = "bob"
contacts = { email = "bob@example.com" }
[[rotation]]
id = "primary"
level = "L1"
zone = "Asia/Seoul"
people = ["bob", "alice"]
shift = "1w"
handoff = "fri 17:00"
from = 2026-11-20
[[slo]]
id = "probes"
objective = "99%"
window = "7d"
sli = { kind = "checks", checks = ["api.web", "api.db"] }
[[maintenance]]
id = "nightly"
covers = ["host"]
from = "12:20"
to = "12:30"
reason = "backup"
"""
CHECK = """
[[service.check]]
id = "{id}"
kind = "memory"
every = "{every}"
timeout = "2s"
fall = 2
rise = 2
expect = ["value <= 90"]
degraded = ["value <= 70"]
{more}
"""


#: Checks by service: (id, every, more keys).
SERVICES: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "api": (("web", "30s", 'needs = ["api.db"]'), ("db", "20s", ""), ("cache", "30s", "")),
    "host": (("memory", "1m", ""), ("flip", "20s", ""), ("calm", "30s", "")),
}


def config_of(services: Mapping[str, tuple[tuple[str, str, str], ...]] = SERVICES) -> str:
    text = CONFIG
    for service, checks in services.items():
        text += f'[[service]]\nid = "{service}"\n'
        for id, every, more in checks:
            text += CHECK.format(id=id, every=every, more=more)
    return text


@dataclass
class World:
    """What probes and readings find, by the clock: many kinds of change, each more than once."""

    clock: VirtualClock
    chance: random.Random = field(default_factory=lambda: random.Random(14))

    @property
    def minute(self) -> float:
        return (self.clock.now() - datetime(2026, 11, 21, 3, 0, tzinfo=UTC)).total_seconds() / 60

    def probe(self, check: str) -> ProbeResult:
        minute, value, latency = self.minute, Decimal(40), Decimal("0.020")
        if check == "cache":
            value, latency = Decimal(self.chance.randint(30, 65)), Decimal(self.chance.randint(10, 400)) / 1000
        if check == "db" and (6 <= minute < 9 or 27 <= minute < 29):
            return ProbeResult(Failure(Reason.REFUSED, "connection refused"), latency=Decimal("0.001"))
        if check == "web" and (6.2 <= minute < 10 or 27 <= minute < 29.5):
            value = Decimal(95)
        if check == "memory" and 15 <= minute < 18:
            return ProbeResult(Failure(Reason.TIMEOUT, "no answer of ours", blind=True))
        if check == "memory" and 22 <= minute < 25:
            value = Decimal(self.chance.randint(71, 89))
        if check == "flip" and 12 <= minute < 22:
            value = Decimal(95 if int(minute * 60 / 45) % 2 else 20)
        remarks = ("warming up",) if check == "calm" and minute < 3 else ()
        return ProbeResult(
            latency=latency, answers={"value": value}, excerpt="hot" if value > 90 else "fine", remarks=remarks
        )

    def gathered(self) -> Gathered:
        minute, alerts = self.minute, []
        began = datetime(2026, 11, 21, 3, 5, tzinfo=UTC)
        if 5 <= minute < 14 or minute >= 30:
            state = AlertState.SILENCED if 8 <= minute < 11 else AlertState.FIRING
            labels = {"alertname": "HighErrorRate", "svc": "api", "severity": "critical"}
            sent = began + timedelta(minutes=int(minute - 5))
            times = {"updated_at": sent, "ends_at": sent + timedelta(minutes=4)}
            alerts.append(SeenAlert(labels, state, began, {"summary": "errors"}, **times))
        at = self.clock.now()
        broken = 18 <= minute < 20
        reading = SourceReading(
            "http://127.0.0.1:9093", SourceKind.ALERTMANAGER, at, "refused" if broken else "", tuple(alerts), began
        )
        silence = Silence("s1", (Matcher("svc", "=", "api"),), began, began + timedelta(minutes=6), "kim", "known")
        return Gathered((reading,), (silence,) if 8 <= minute < 11 else (), "", silences_whole=True)


#: Commands by the minute at which they are given. ``INC`` and ``WIN`` stand for the newest incident and window.
ACTS: tuple[tuple[float, str, dict[str, str]], ...] = (
    (2.0, "journal.note", {"text": "watching"}),
    (4.0, "check.mute", {"check": "api.cache", "for": "5m", "reason": "known"}),
    (6.8, "incident.declare", {"title": "Database gone", "severity": "Sev2", "services": "api"}),
    (7.5, "incident.acknowledge", {"incident": "INC"}),
    (8.1, "incident.note", {"incident": "INC", "text": "restarting it"}),
    (8.4, "runbook.start", {"runbook": "example", "incident": "INC", "yes": "yes"}),
    (8.6, "incident.status", {"incident": "INC", "status": "mitigating"}),
    (9.5, "slo.override", {"for": "10m", "reason": "the fix must go out"}),
    (10.3, "incident.resolve", {"incident": "INC", "resolution": "the database was restarted"}),
    (13.0, "maintenance.declare", {"covers": "api", "for": "4m", "reason": "upgrade"}),
    (15.2, "maintenance.end", {"window": "WIN"}),
    (16.0, "check.mute", {"check": "host.flip", "for": "1h", "reason": "it flips"}),
    (17.0, "oncall.take", {"to": "12:40", "reason": "bob is on a train"}),
    (19.0, "check.unmute", {"check": "host.flip"}),
    (21.0, "incident.reopen", {"incident": "INC", "reason": "again"}),
    (23.0, "incident.severity", {"incident": "INC", "severity": "Sev3", "reason": "few are hit"}),
    (24.0, "incident.declare", {"title": "Second one", "severity": "Sev4"}),
    (26.0, "incident.cancel", {"incident": "INC", "because": "false_positive", "reason": "a test"}),
    (32.0, "journal.note", {"text": "quiet now"}),
)
MINUTES = 36


class Recorded:
    """An engine in its own time, with everything that it published."""

    def __init__(self, folder: Path, clock: VirtualClock) -> None:
        (folder / "artisan.toml").write_text(config_of() + 'runbooks = ["runbooks.toml"]\n' * 0)
        (folder / "runbooks.toml").write_text(
            HEAD
            + book(
                step("look", kind='"manual"', instructions='"Is it up?"'),
                step("two", kind='"manual"', instructions='"Sure?"'),
            )
        )
        self.clock, self.snapshots = clock, []
        self.engine = Engine(
            Options(folder / "artisan.toml", StorePlace(folder / "state"), Session("alice")), self._publish, clock
        )

    snapshots: list[Snapshot]

    def _publish(self, snapshot: Snapshot) -> None:
        self.snapshots.append(snapshot)

    def at(self, moment: datetime) -> Snapshot:
        """What was on the screen then."""
        return [each for each in self.snapshots if each.at <= moment][-1]

    async def act(self) -> None:
        began = self.clock.now()
        for minute, command, arguments in ACTS:
            await asyncio.sleep(max(0.0, (began + timedelta(minutes=minute) - self.clock.now()).total_seconds()))
            incidents = self.snapshots[-1][IncidentSlice]
            newest = max((*(each.incident for each in incidents.open), *incidents.recent), key=declared, default=None)
            windows = [each.id for each in self.snapshots[-1][MaintenanceSlice].windows if each.declared]
            stand = {"INC": newest.id if newest else "", "WIN": windows[0] if windows else ""}
            given = {name: stand.get(value, value) for name, value in (*arguments.items(), ("confirm", "yes"))}
            reply = await self.engine.execute(command, given)
            assert reply.ok, (command, reply.text)
        await asyncio.sleep(max(0.0, (began + timedelta(minutes=MINUTES) - self.clock.now()).total_seconds()))


def declared(incident: Incident) -> datetime:
    return incident.declared_at


def near(one: datetime | None, other: datetime | None, seconds: float) -> bool:
    return one is other or (one is not None and other is not None and abs((one - other).total_seconds()) <= seconds)


def differences(then: Snapshot, past: Snapshot) -> list[str]:
    """Field by field."""
    found: list[str] = []

    def differ(name: str, one: object, other: object) -> None:
        if one != other:
            found.append(f"{name}: was {one!r}, is {other!r}")

    for kind in then.slices:
        one, other = then.slices[kind], past[kind]
        if isinstance(one, CheckSlice) and isinstance(other, CheckSlice):
            differ("checks", [view.id for view in one.views], [view.id for view in other.views])
            for a, b in zip(one.views, other.views, strict=False):
                for name in CheckView._fields:
                    x, y = getattr(a, name), getattr(b, name)
                    # The store keeps whole microseconds of latencies, and of what is computed from them.
                    if name == "well_at" and near(x, y, 2e-6):
                        continue
                    if isinstance(x, float) and isinstance(y, float) and abs(x - y) < 2e-6:
                        continue
                    differ(f"{a.id}.{name}", x, y)
            for name in ("answered_at", "late", "suspicion"):
                differ(f"checks.{name}", getattr(one, name), getattr(other, name))
        elif isinstance(one, UptimeSlice) and isinstance(other, UptimeSlice):
            differ("uptimes", sorted(one.checks), sorted(other.checks))
            for check in set(one.checks) & set(other.checks):
                for name in Uptime._fields:
                    differ(
                        f"uptime.{check}.{name}", getattr(one.checks[check], name), getattr(other.checks[check], name)
                    )
        elif isinstance(one, SloSlice) and isinstance(other, SloSlice):
            differ("slo.gate", one.gate, other.gate)
            differ("slo.reading", one.reading, other.reading)
            differ("slos", [each.id for each in one.slo_statuses], [each.id for each in other.slo_statuses])
            for a, b in zip(one.slo_statuses, other.slo_statuses, strict=False):
                for name in type(a).__dataclass_fields__:
                    if name == "evaluation":
                        for inner in type(a.evaluation).__dataclass_fields__:
                            differ(f"slo.{inner}", getattr(a.evaluation, inner), getattr(b.evaluation, inner))
                    else:
                        differ(f"slo.{name}", getattr(a, name), getattr(b, name))
        else:
            names = getattr(type(one), "_fields", None)
            if names is None or type(one) is not type(other):
                differ(kind.__name__, one, other)
            for name in names or ():
                if name != "ring":
                    differ(f"{kind.__name__}.{name}", getattr(one, name), getattr(other, name, None))
    return found
