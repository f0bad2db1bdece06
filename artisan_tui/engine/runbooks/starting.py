"""Starting a run: its definition, place and parameters, its locks, and the incident that it belongs to."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.event import Entry
from artisan_tui.domain.runbooks import acts, locks
from artisan_tui.domain.runbooks.acting import RunRefused
from artisan_tui.domain.runbooks.acts import StartRequest
from artisan_tui.domain.runbooks.children import runbooks_below
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.parameters import ParameterRefused, resolved
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import CommandMisused, CommandRefused, Unconfirmed
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.runbooks.before_run import BeforeRun
from artisan_tui.engine.runbooks.journaled import run_store
from artisan_tui.engine.runbooks.notices import with_notices
from artisan_tui.engine.runbooks.place_guard import wrong_place
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.runbooks.transaction import actor_of, rules_of

if TYPE_CHECKING:
    from artisan_tui.store.runbooks.part import RunView
    from artisan_tui.store.store import Store


def begin_run(present: Present, given: Mapping[str, Any]) -> Decision:
    rules, by = rules_of(present), actor_of(present)
    definition = _defined(rules, given["runbook"])
    target = target_of(rules, definition, given["target"] or "")
    stack = rules.stack(given["mode"] or "live", target)
    if given["mode"] == "drill" and not stack:
        raise CommandRefused(
            "a drill needs a simulated stack: run it in artisan-tui demo, or set stack on a [[target]] of artisan.toml"
        )
    wrong = "" if stack else wrong_place(definition.at(target), rules.place(target), os.environ)
    if wrong:
        raise CommandRefused(wrong)
    request = StartRequest(
        target=target,
        environment=rules.environment,
        mode=given["mode"] or "live",
        params=_placed(definition, _params(given["params"] or "")),
        yes=(given["yes"] or "").casefold() in ("yes", "y", "true", "1"),
        incident=given["incident"] or "",
        evidence=given["evidence"] or "",
        despite=given["despite"] or "",
    )

    try:
        resolved(definition.at(target), request.params)
    except ParameterRefused as refused:
        raise CommandMisused(str(refused)) from None

    wanted_name = target or rules.environment or definition.id
    if given["typed"] and given["typed"] != wanted_name:
        raise Unconfirmed(f"type {wanted_name} to confirm", wanted_name)
    before = BeforeRun(rules, definition, request, by)

    def change(store: Store) -> Decision:
        started: list[str] = []
        found = before.entries()
        refused_by = before.refusal(given["despite"] or "", typed=given["typed"] == wanted_name, name=wanted_name)
        if refused_by:
            store.append(found, at=present.now)
            raise CommandRefused(refused_by)
        severe = _severe(store) if request.mode == "drill" else ()
        linked = _incident_there(store, request.incident)

        below = runbooks_below(definition, rules.runbook)

        def work(view: RunView) -> Sequence[Entry]:
            run_id = view.free_id(present.now)
            started.append(run_id)
            complete = with_resources(definition, request, run_id)
            complete = replace(complete, children={name: each.digest for name, each in below.items()})
            wanted = locks.wanted(definition.id, target, complete.resources)
            entries = acts.start(
                run_id,
                definition,
                by,
                complete,
                holders=view.holders(wanted),
                known=view.definition(definition.digest) is not None,
                below=[each for each in below.values() if view.definition(each.digest) is None],
                severe=severe,
            )
            return (*found, *with_notices(rules, None, entries), *linked(run_id, definition.id, by.name, present))

        try:
            written = run_store(store).act(work, at=present.now)
        except RunRefused as refused:
            raise CommandRefused(str(refused)) from None
        return Decision(said=f"{started[-1]} started: {definition.id}", written=written, subject=started[-1])

    return Decision(change=change, ready=before.examine)


def _defined(rules: RunRules, wanted: str) -> Runbook:
    from artisan_tui.engine.settings import ConfigError

    try:
        found = rules.runbook(wanted)
    except ConfigError as error:
        raise CommandRefused(f"the runbooks cannot be read: {error.problems[0]}") from None
    if found is None:
        known = ", ".join(rules.library.runbooks) or "none"
        raise CommandMisused(f"there is no runbook {printable(wanted, 80)}; known: {known}")
    return found


def target_of(rules: RunRules, definition: Runbook, wanted: str) -> str:
    """The place of the run: what was asked for, else the configuration's, else the only one that the runbook has."""
    known = {each.id for each in rules.config.targets} | set(definition.targets)
    if wanted:
        if known and wanted not in known:
            raise CommandMisused(f"there is no target {printable(wanted, 80)}; known: {', '.join(sorted(known))}")
        return wanted
    chosen = rules.config.chosen or ""
    if chosen and (not definition.targets or chosen in definition.targets):
        return chosen
    return definition.targets[0] if len(definition.targets) == 1 else ""


def _params(text: str) -> Mapping[str, Any]:
    """A JSON object, or one NAME=VALUE in a line."""
    if not text.strip():
        return {}
    if text.lstrip().startswith("{"):
        try:
            found = json.loads(text)
        except ValueError:
            raise CommandMisused('the parameters are no JSON object: write {"name": "value"}') from None
        if isinstance(found, dict):
            return found
    values: dict[str, Any] = {}
    for line in filter(str.strip, text.splitlines()):
        name, equals, value = line.partition("=")
        if not equals or not name.strip():
            raise CommandMisused(f"{printable(line, 80)} is no parameter: write NAME=VALUE")
        values[name.strip()] = value.strip()
    return values


def _placed(definition: Runbook, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """With the files of secrets where whoever gave them is: the run may be carried on from another folder."""
    secret = {each.id for each in definition.params if each.secret}

    def place(name: str, value: Any) -> Any:
        kind, _, path = value.partition(":") if name in secret and isinstance(value, str) else ("", "", "")
        return f"file:{os.path.abspath(path)}" if kind == "file" and path.strip() and path[0] != "~" else value

    return {name: place(name, value) for name, value in given.items()}


def with_resources(definition: Runbook, request: StartRequest, run_id: str) -> StartRequest:
    """With the names of the locks filled in. Raises RunRefused."""
    from dataclasses import replace

    from artisan_tui.config.runbooks.rendering import UnrenderableAct, rendered_resources
    from artisan_tui.config.runbooks.templates import SecretValue, Values

    there = definition.at(request.target)
    try:
        found = resolved(there, request.params)
    except ParameterRefused as refused:
        raise RunRefused(str(refused)) from None
    secret = {each.id for each in there.params if each.secret}
    params = {name: SecretValue(str(value)) if name in secret else value for name, value in found.items()}
    values = Values(params, {}, there.vars, request.environment, request.target, run_id)
    try:
        return replace(request, resources=rendered_resources(there, values))
    except UnrenderableAct as error:
        raise RunRefused(f"the locks of {definition.id} cannot be named: {error}") from None


def _severe(store: Store) -> tuple[str, ...]:
    """Open incidents of Sev1 and Sev2 that are no drills."""
    from artisan_tui.engine.incidents.transaction import incident_store

    return tuple(each.id for each in incident_store(store).open() if each.severity <= 2 and not each.drill)


class _Linked:
    """Makes the entry that links a run to its incident, () for none."""

    def __init__(self, incident: str) -> None:
        self._incident = incident

    def __call__(self, run: str, runbook: str, actor: str, present: Present) -> tuple[Entry, ...]:
        from artisan_tui.domain.incidents.events import IncidentRunLinked

        if not self._incident:
            return ()
        return (IncidentRunLinked(run=run, runbook=runbook).entry(present.now, actor, self._incident),)


def _incident_there(store: Store, wanted: str) -> _Linked:
    """Raises CommandRefused for an incident that is not there, or is over."""
    if wanted:
        from artisan_tui.engine.incidents.transaction import incident_store

        found = incident_store(store).get(wanted)
        if found is None:
            raise CommandRefused(f"there is no incident {printable(wanted, 60)}")
        if not found.open:
            raise CommandRefused(f"{wanted} is {found.status}: reopen it, or start the run without it")
    return _Linked(wanted)
