"""What steps write into our own journal: messages and incidents, each with the mark of its step, and therefore once."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from artisan_tui.config.problems import ConfigError
from artisan_tui.domain.incidents.events import (
    IncidentDeclared,
    IncidentRunLinked,
    IncidentSeverityChanged,
    IncidentStatusChanged,
)
from artisan_tui.domain.json_value import from_json
from artisan_tui.domain.notify.notice import Notice
from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.runbooks.events import RunLinked, RunStarted
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.incidents.on_call import GROUP, OnCallPeople
from artisan_tui.engine.launch import GlobalOptions, config_path
from artisan_tui.engine.notify.routing import route
from artisan_tui.engine.offline import carry_out, with_journal
from artisan_tui.engine.runbooks.journaled import run_store
from artisan_tui.engine.settings import Overlay, read
from artisan_tui.steps.runbooks.protocol import StepRefused
from artisan_tui.store.errors import StoreError

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.event import Entry, Event
    from artisan_tui.domain.oncall.schedule import Schedule
    from artisan_tui.engine.decision import Present
    from artisan_tui.store.runbooks.part import RunView
    from artisan_tui.store.store import Store

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Marked:
    """The incident that has the mark of a step, "" for none, and the kinds of the entries with it."""

    incident: str
    kinds: frozenset[str]


class StepJournal:
    """Opens the store for each act, like a command of the command line; every session obeys within a second."""

    def notify(self, request: Mapping[str, Any], mark: str) -> tuple[str, ...]:
        def write(present: Present, config: Config, store: Store) -> tuple[str, ...]:
            asked_by = str(request.get("by") or present.actor)
            entries = _routed(config, request, mark, present.now, asked_by, present.state(OnCallChanges).schedule)
            if not _queued(store, entries):
                store.append(entries, at=present.now)
            return tuple(dict.fromkeys(str(each.body["channel"]) for each in entries))

        return self._within(request, write, read_only=False)

    def channels(self, request: Mapping[str, Any], mark: str) -> tuple[str, ...]:
        try:
            options = _options(request)
            config = read(config_path(options), options.overlay)
        except ConfigError as error:
            raise StepRefused(f"the configuration cannot be read: {printable(str(error), 300)}") from None
        entries = _routed(config, request, mark, SystemClock().now(), str(request.get("by") or ""))
        return tuple(dict.fromkeys(str(each.body["channel"]) for each in entries))

    def incident(self, request: Mapping[str, Any], mark: str) -> str:
        marked = self._within(request, lambda present, config, store: _marked(store, request, mark), read_only=False)
        left = _missing(request, marked)
        if marked.incident and not left:
            return self._linked(request, mark, marked.incident)
        fields, incident = request["fields"], str(request["incident"])
        signed = f"[{mark}]"
        match request["verb"]:
            case "create":
                given = {
                    "title": fields["title"],
                    "severity": fields["severity"],
                    "description": f"{fields.get('description', '')}\n{signed}".strip(),
                    "services": ", ".join(fields.get("services", ())),
                    "source": "runbook",
                    "drill": "yes" if request.get("options", {}).get("mode") == "drill" else "",
                }
                decided = self._carried("incident.declare", given, request)
                return self._linked(request, mark, decided) if decided else self.incident(request, mark)
            case "resolve":
                resolution = f"{fields['resolution']} {signed}"
                self._carried("incident.resolve", {"incident": incident, "resolution": resolution}, request)
            case _:
                text = f"{fields.get('text') or fields.get('description') or ''} {signed}".strip()
                if fields.get("severity") and (not left or "severity" in left):
                    given = {"incident": incident, "severity": fields["severity"], "reason": text}
                    self._carried("incident.severity", given, request)
                if fields.get("status") and (not left or "status" in left):
                    given = {"incident": incident, "status": fields["status"], "text": text}
                    self._carried("incident.status", given, request)
                elif not fields.get("severity"):
                    self._carried("incident.note", {"incident": incident, "text": text}, request)
        return incident

    def written(self, request: Mapping[str, Any], mark: str) -> bool:
        def find(present: Present, config: Config, store: Store) -> bool:
            if "to" in request:
                schedule = present.state(OnCallChanges).schedule
                return _queued(store, _routed(config, request, mark, present.now, present.actor, schedule))
            marked = _marked(store, request, mark)
            return bool(marked.incident) and not _missing(request, marked)

        return self._within(request, find, read_only=True)

    def _linked(self, request: Mapping[str, Any], mark: str, incident: str) -> str:
        """The run belongs to the incident that its step declared, and stands in its timeline; where it has none yet."""

        def write(present: Present, config: Config, store: Store) -> None:
            def decide(view: RunView) -> Sequence[Entry]:
                run = view.get(mark.partition("/")[0])
                if run is None or run.incident:
                    return ()
                by = str(request.get("by") or present.actor)
                linked = IncidentRunLinked(run=run.id, runbook=run.runbook).entry(present.now, by, incident)
                return RunLinked(incident=incident).entry(present.now, OBSERVER, run.id), linked

            run_store(store).act(decide, at=present.now)

        if request["verb"] == "create":
            self._within(request, write, read_only=False)
        return incident

    def _carried(self, command: str, given: Mapping[str, str], request: Mapping[str, Any]) -> str:
        """The subject of what was written, "" where it is not known."""
        try:
            decision = carry_out(_options(request), command, given)
        except CommandRefused as refused:
            raise StepRefused(printable(str(refused), 500)) from None
        except (ConfigError, StoreError) as error:
            raise StepRefused(f"the journal cannot be written: {printable(str(error), 300)}") from None
        return str(decision.subject or "")

    def _within(self, request: Mapping[str, Any], work: Callable[[Present, Config, Store], T], *, read_only: bool) -> T:
        try:
            return with_journal(_options(request), work, read_only=read_only)
        except (ConfigError, StoreError) as error:
            raise StepRefused(f"the journal cannot be opened: {printable(str(error), 300)}") from None


def _options(request: Mapping[str, Any]) -> GlobalOptions:
    told = request.get("options", {})
    place = {name: Path(str(told[name])) for name in ("config", "state") if told.get(name)}
    overlay = from_json(Overlay, json.loads(told["overlay"])) if told.get("overlay") else None
    return GlobalOptions(place.get("config"), place.get("state"), overlay=overlay)


def _routed(
    config: Config, request: Mapping[str, Any], mark: str, at: Any, actor: str, schedule: Schedule | None = None
) -> tuple[Entry, ...]:
    """The entries of a message: to the channels that are named, and to who is named, by id or by level, on all of them.

    ``schedule`` has the overrides and swaps of now; without it, levels mean whom the configuration names.
    """
    current = None if schedule is None else lambda: schedule
    on_call, channels = OnCallPeople(config, schedule=current), {each.id for each in config.channels}
    levels = tuple(dict.fromkeys((*config.escalation.ladder, *config.escalation.levels)))
    people: list[str] = []
    roles: list[str] = []
    named: list[str] = []
    for each in request["to"]:
        if each in channels:
            named.append(each)
        elif each in levels:
            roles.append(each)
            people += on_call(each, at)
        elif any(person.id == each for person in config.people):
            people.append(each)
        elif each.startswith(GROUP):
            people += on_call.of_group(each.removeprefix(GROUP))
        else:
            known = ", ".join((*sorted(channels), *levels, *(person.id for person in config.people)))
            what = f"{printable(each, 60)} is no channel, no level and no person"
            raise StepRefused(what, f"there are: {known}")
    title, _, _ = str(request["message"]).strip().partition("\n")
    to = tuple(dict.fromkeys(people))
    notice = Notice(
        "inform",
        str(request["incident"]),
        "",
        title[:200],
        str(request["message"]),
        to,
        dedup=mark,
        roles=tuple(roles),
    )
    found = [entry for each in named for entry in route(config, replace(notice, channel=each), at, actor)]
    if len(named) < len(request["to"]):
        found += route(config, notice, at, actor)
    if not found:
        raise StepRefused(f"no channel takes it: {', '.join(request['to'])}", "name one that is told of updates")
    return tuple({str(each.body["id"]): each for each in found}.values())


def _queued(store: Store, entries: tuple[Entry, ...]) -> bool:
    """Whether one of the messages is in the journal: they are written together, and who is on call may have changed."""
    wanted = {each.body.get("id") for each in entries}
    with store.reading() as connection:
        return any(
            event.kind == entries[0].kind and event.body.get("id") in wanted
            for subject in {each.subject for each in entries}
            for event in store.journal.about(connection, subject)
        )


def _marked(store: Store, request: Mapping[str, Any], mark: str) -> Marked:
    """What the step has written of an incident, by its mark."""
    signed, kinds, incident = f"[{mark}]", set[str](), ""
    for event in _candidates(store, request, mark):
        if any(isinstance(each, str) and each.endswith(signed) for each in event.body.values()):
            kinds.add(event.kind)
            incident = str(event.subject)
    return Marked(incident, frozenset(kinds))


def _candidates(store: Store, request: Mapping[str, Any], mark: str) -> Iterator[Event]:
    """The events of the step's incident; of one that is to be declared, the declarations since the run began."""
    if request["incident"]:
        with store.reading() as connection:
            yield from store.journal.about(connection, str(request["incident"]))
        return
    begun = store.journal.page(1, kind=RunStarted.KIND, subject=mark.partition("/")[0])
    since, before = begun[0].seq if begun else None, None
    while page := store.journal.page(500, kind=IncidentDeclared.KIND, after=since, before=before):
        yield from page
        before = page[-1].seq


def _missing(request: Mapping[str, Any], marked: Marked) -> tuple[str, ...]:
    """Which of the two changes of an update are not written yet; () for every other act, which is one entry."""
    parts = {"severity": IncidentSeverityChanged.KIND, "status": IncidentStatusChanged.KIND}
    if request["verb"] in ("create", "resolve") or not all(request["fields"].get(each) for each in parts):
        return ()
    return tuple(each for each, kind in parts.items() if kind not in marked.kinds)
