"""A store as weeks on call leave it: incidents, pages, runs, silences, alerts, written with the times of a clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from artisan_tui.domain.alerts.events import AlertOver, AlertSeen, SilenceCreated
from artisan_tui.domain.checks.events import CheckFlapping
from artisan_tui.domain.event import Entry
from artisan_tui.domain.incidents import acts, closing
from artisan_tui.domain.incidents.acting import By
from artisan_tui.domain.incidents.events import IncidentRungReached
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.policy import IncidentPolicy
from artisan_tui.domain.runbooks.events import RunAsked, RunIntended, RunLost, RunStarted
from artisan_tui.domain.slo.events import DeploymentsOverridden
from artisan_tui.store.incidents.part import IncidentStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

#: What a person does about an incident.
Decide = Callable[[Incident, By], Iterable[Entry]]
#: Friday 17:00 in Seoul: the hand-over that is reviewed.
HANDOVER = datetime(2026, 11, 27, 8, 0, tzinfo=UTC)
PEOPLE = """
[[person]]
id = "alice"
name = "Alice Kim"
contacts = { slack = "U1", email = "alice@example.com" }

[[person]]
id = "bob"
name = "Bob Lee"
contacts = { slack = "U2", email = "bob@example.com" }

[[person]]
id = "carol"
zone = "Europe/London"
contacts = { email = "carol@example.com" }

[[rotation]]
id = "primary"
people = ["alice", "bob", "carol"]
shift = "1w"
handoff = "fri 17:00"
from = 2026-11-20
"""


@dataclass
class PlayedWeeks:
    """Writes into the store in ``folder``. Moments are hours before (negative) or after `HANDOVER`."""

    store: Store
    ids: list[str] = field(default_factory=list)

    @classmethod
    def in_folder(cls, folder: Path) -> PlayedWeeks:
        folder.mkdir(parents=True, exist_ok=True)
        return cls(Store.open(StorePlace(folder)))

    def write(self, hours: float, *entries: Entry) -> None:
        self.store.append(entries, at=moment(hours))

    def act(self, hours: float, incident: str, decide: Decide, actor: str = "alice") -> None:
        """An act of a person on an incident, as the engine writes it."""
        at = moment(hours)

        def work(view: object) -> Sequence[Entry]:
            found = view.get(incident)  # type: ignore[attr-defined]  # an IncidentView
            assert found is not None
            return tuple(decide(found, By(actor, at)))

        assert self.store.part(IncidentStore).act(work, at=at)  # type: ignore[arg-type]  # as above

    def page(self, hours: float, incident: str, *people: str, rung: int = 1) -> None:
        self.write(
            hours, IncidentRungReached(rung=rung, level="L1", persons=people).entry(moment(hours), "artisan", incident)
        )

    def incident(
        self, hours: float, title: str, severity: int = 3, *, drill: bool = False, paged: Sequence[str] = ("alice",)
    ) -> str:
        """Declared and paged at once; its id."""
        by, policy = By("artisan", moment(hours)), IncidentPolicy()
        (event,) = self.store.part(IncidentStore).act(
            lambda view: acts.declare(
                view.free_id(by.now), by, title=title, severity=severity, policy=policy, drill=drill
            ),
            at=by.now,
        )
        self.ids.append(event.subject)
        if paged:
            self.page(hours, event.subject, *paged)
        return event.subject


def moment(hours: float) -> datetime:
    return HANDOVER + timedelta(hours=hours)


def run_entries(run: str, hours: float, *, unknown: bool) -> list[Entry]:
    """A live run that waits for a person, or of which nobody knows how its step ended."""
    at = moment(hours)
    started = RunStarted(
        runbook="qwen_failure_downshift",
        title="Qwen LLM failure: downshift",
        definition="d" * 64,
        steps=("open", "check"),
    ).entry(at, "alice", run)
    if not unknown:
        return [started, RunAsked(step="open", what="confirm").entry(at, "artisan", run)]
    intended = RunIntended(step="open", part="do", number=1, mutates=1).entry(at, "artisan", run)
    return [
        started,
        intended,
        RunLost(step="open", part="do", number=1, why="the host went away").entry(at, "artisan", run),
    ]


def silence_entry(name: str, hours: float, until: float, matchers: str, comment: str) -> Entry:
    body = SilenceCreated(matchers=matchers, comment=comment, until=moment(until), hits=1)
    return body.entry(moment(hours), "alice", name)


def alert_seen(fingerprint: str, name: str, hours: float, severity: str = "critical") -> Entry:
    labels = {"alertname": name, "severity": severity}
    return AlertSeen(labels=labels, name=name, since=moment(hours)).entry(moment(hours), "artisan", fingerprint)


def alert_over(fingerprint: str, name: str, hours: float) -> Entry:
    return AlertOver(labels={"alertname": name}, name=name, lasted=60.0).entry(moment(hours), "artisan", fingerprint)


def played_week(folder: Path) -> PlayedWeeks:
    """Two weeks before the hand-over of 2026-11-27 17:00 in Seoul, as a person would remember them."""
    week = PlayedWeeks.in_folder(folder)
    for _hours, happen in sorted(_plan(week), key=lambda each: each[0]):
        happen()
    return week


def _plan(week: PlayedWeeks) -> Iterator[tuple[float, Callable[[], None]]]:
    """What happens when: (hours from the hand-over, what)."""
    known: dict[str, str] = {}

    def incident(
        name: str, hours: float, title: str, severity: int = 3, **more: Any
    ) -> tuple[float, Callable[[], None]]:
        def happen() -> None:
            known[name] = week.incident(hours, title, severity, **more)

        return hours, happen

    def act(hours: float, name: str, decide: Decide, actor: str = "alice") -> tuple[float, Callable[[], None]]:
        return hours, lambda: week.act(hours, known[name], decide, actor)

    def acknowledged(hours: float, name: str, actor: str = "alice") -> tuple[float, Callable[[], None]]:
        return act(hours, name, acts.acknowledge, actor)

    def resolved(hours: float, name: str, actor: str = "alice") -> tuple[float, Callable[[], None]]:
        return act(hours, name, lambda found, by: acts.resolve(found, by, "done"), actor)

    def written(hours: float, *entries: Entry) -> tuple[float, Callable[[], None]]:
        return hours, lambda: week.write(hours, *entries)

    def flaps(hours: float, check: str) -> tuple[float, Callable[[], None]]:
        return written(hours, CheckFlapping(changes=7, seconds=600.0).entry(moment(hours), "artisan", check))

    # The week before, carol's.
    yield incident("old", -200, "Redis latency above 20 ms", paged=("carol",))
    yield acknowledged(-199.8, "old", "carol")
    yield resolved(-198, "old", "carol")
    yield flaps(-190, "cache.redis")
    # Alice's week.
    yield incident("api", -100, "API answers 503", 2)
    yield acknowledged(-99.9, "api")
    yield act(-99.5, "api", lambda found, by: closing.inform(found, by, "update", "We are investigating."))
    yield resolved(-98, "api")
    yield act(-97.9, "api", lambda found, by: closing.required_postmortem(found, by))
    yield act(
        -97,
        "api",
        lambda found, by: closing.put_item(
            found, by, text="Add a readiness probe to the API", owner="bob", due=moment(-24)
        ),
    )
    for name, hours in (("disk-1", -62.5), ("disk-2", -61.5)):  # Wed 02:30 and 03:30 in Seoul
        yield incident(name, hours, "Disk of pg-1 above 85 %")
        yield acknowledged(hours + 0.2, name)
        yield resolved(hours + 0.5, name)
    yield incident("test", -50, "Test alert")
    yield act(-49.5, "test", lambda found, by: acts.cancel(found, by, "false_positive"))
    yield incident("drill", -45, "Drill: Qwen down", 2, drill=True)
    yield incident("qwen", -6, "Qwen LLM failure", 2)
    yield -5.4, lambda: week.page(-5.4, known["qwen"], "alice", "bob", rung=2)
    yield acknowledged(-5.2, "qwen")
    yield act(-5, "qwen", lambda found, by: acts.set_status(found, by, "mitigating", "downshifted to balanced"))
    yield written(-5, *run_entries("RUN-20261127-030000", -5, unknown=True))
    yield written(-4, *run_entries("RUN-20261127-040000", -4, unknown=False))
    qwen, old = 'alertname="QwenModelUnhealthy"', 'alertname="Old"'
    yield written(-5, silence_entry("5f0c0f6e-1111-4222-8333-444455556666", -5, 20, qwen, "Qwen is being restarted"))
    yield written(-5, silence_entry("6f0c0f6e-1111-4222-8333-444455556666", -5, -1, old, "over before"))
    yield written(-6, alert_seen("aa11", "QwenModelUnhealthy", -6))
    yield written(-30, alert_seen("bb22", "DiskFull", -30, "warning"))
    yield written(-29, alert_over("bb22", "DiskFull", -29))
    for hours in (-80, -40, -39):
        yield flaps(hours, "db.pool")
    yield written(-20, DeploymentsOverridden(until=moment(-18), reason="fix for the pool").entry(moment(-20), "alice"))
