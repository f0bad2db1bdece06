"""Incidents on a screen without an engine: made from acts as the engine makes them, and a host that knows their events."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents import acts
from artisan_tui.domain.incidents.incident import Incident
from artisan_tui.domain.incidents.timers import Surroundings
from artisan_tui.engine.incidents.queries import OneIncident, PendingIncidents, TimelinePage, TimelinePiece
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.incidents.views import open_views
from support.incidents import Timeline
from support.snapshots import NOW, FakeHost


class Incidents(Timeline):
    """A `Timeline` whose clock is that of the screen; minutes are counted from the screen's ``NOW``."""

    def __init__(self) -> None:
        super().__init__(NOW)

    def at(self, minutes: float) -> Incidents:
        self.now = NOW + timedelta(minutes=minutes)
        return self

    def slice(self, *, unattended: bool = False) -> IncidentSlice:
        known = list(self.incidents.values())
        over = sorted((each for each in known if not each.open), key=lambda each: -each.last_seq)
        return IncidentSlice(
            open_views((each for each in known if each.open), Surroundings()), tuple(over), unattended=unattended
        )


def worked_on() -> Incidents:
    """Three open ones and one that is over: a Sev1 that nobody has, a Sev2 that alice works on, a mild one."""
    made = Incidents()
    made.at(-600).declare(3, "INC-20261120-234210", title="디스크 사용량 증가", actor="bob")
    one = made.incidents["INC-20261120-234210"]
    made.at(-560).write(acts.resolve(one, made.by("bob"), "old files deleted"))
    made.at(-75).declare(
        2, "INC-20261121-082710", title="Qwen LLM failure", description="creative jobs fail", services=("llm",)
    )
    two = made.incidents["INC-20261121-082710"]
    made.at(-70).write(acts.acknowledge(two, made.by("alice")))
    made.at(-40).write(acts.note(made.incidents[two.id], made.by("alice"), "모델 서버 로그에 CUDA OOM이 보입니다"))
    made.at(-20).write(acts.set_status(made.incidents[two.id], made.by("alice"), "mitigating", "restarting on node 3"))
    made.at(-30).declare(4, "INC-20261121-091210", title="Queue grows slowly", actor="carol")
    made.at(-3).declare(1, "INC-20261121-093910", title="API answers 503 to every request", services=("api",))
    made.at(0)
    return made


@dataclass
class IncidentHost(FakeHost):
    """Answers what the store would answer about incidents, from ``held``; says which pages it was asked for."""

    held: Incidents = field(default_factory=Incidents)
    pages: list[TimelinePage] = field(default_factory=list)
    broken: str = ""

    def ask(self, query: Any) -> Future[Any]:
        if not isinstance(query, OneIncident | PendingIncidents | TimelinePage):
            return super().ask(query)
        future: Future[Any] = Future()
        if self.broken:
            future.set_exception(LookupError(self.broken))
        elif isinstance(query, TimelinePage):
            self.pages.append(query)
            future.set_result(_page(query, self.held.events))
        elif isinstance(query, OneIncident):
            future.set_result(self.held.incidents.get(query.id))
        else:
            future.set_result(tuple(_pending(self.held.incidents.values())))
        return future


def _page(query: TimelinePage, events: Iterable[Event]) -> TimelinePiece:
    found = [
        each
        for each in events
        if each.subject in query.parts and each.seq < (query.before or 10**9) and each.seq > (query.after or 0)
    ]
    newest = sorted(found, key=lambda each: -each.seq)[: query.limit]
    return TimelinePiece(tuple(newest), len(found) < query.limit)


def _pending(incidents: Iterable[Incident]) -> Iterable[Incident]:
    return (each for each in incidents if each.postmortem.pending or any(item.state == "open" for item in each.items))
