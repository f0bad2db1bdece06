"""`runbook verify`: the preflight of runbooks at their places, and its result in the journal."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.runbooks.verifications import BY_PERSON, Verifications, Verified
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.access import Role, role_of
from artisan_tui.engine.clock import SystemClock
from artisan_tui.engine.command import CommandMisused
from artisan_tui.engine.launch import GlobalOptions, state_dir
from artisan_tui.engine.offline import with_journal
from artisan_tui.engine.runbooks.rules import RunRules
from artisan_tui.engine.runbooks.starting import target_of
from artisan_tui.store.errors import StoreError

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.definition import Runbook
    from artisan_tui.domain.runbooks.preflight import Preflight
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store


@dataclass(frozen=True, slots=True)
class VerifiedRunbooks:
    """``not_kept`` says why the results are not in the journal, "" when they are."""

    at: datetime
    found: tuple[Preflight, ...]
    not_kept: str = ""


def places_of(rules: RunRules, runbook: Runbook, wanted: str = "") -> tuple[str, ...]:
    """Where a runbook is verified: where a run would be, else everywhere it can run. Raises CommandRefused."""
    target = target_of(rules, runbook, wanted)
    return (target,) if target or not runbook.targets else runbook.targets


def verify(
    options: GlobalOptions, only: Sequence[str] = (), target: str = "", given: Mapping[str, Any] | None = None
) -> VerifiedRunbooks:
    """Look at these runbooks, all without ids, and keep what was found. Changes nothing but the journal.

    Raises CommandRefused for a runbook, target or parameter that is not there, ConfigError and StoreError.
    """
    from artisan_tui.domain.runbooks.parameters import ParameterRefused

    def work(present: Present, config: Config, store: Store) -> tuple[datetime, tuple[Preflight, ...], str]:
        rules = present.state(RunRules)
        found = []
        try:
            for runbook, place in _wanted(rules, only, target):
                found.append(_looked(rules, options, runbook, place, present.actor, given or {}))
        except ParameterRefused as refused:
            raise CommandMisused(str(refused)) from None
        return present.now, tuple(found), _kept(options, config, store, present, found)

    # A look needs no store that can be written, and not even one that is there.
    try:
        return VerifiedRunbooks(*with_journal(options, work, read_only=options.read_only))
    except StoreError as error:
        return _without_store(options, only, target, given or {}, str(error))


def _wanted(rules: RunRules, only: Sequence[str], target: str) -> Iterator[tuple[Runbook, str]]:
    library = rules.library.runbooks
    for name in only:
        if name not in library:
            known = ", ".join(library) or "none"
            raise CommandMisused(f"there is no runbook {printable(name, 80)}; known: {known}")
    for name in dict.fromkeys(only) if only else library:
        runbook = library[name]
        if target and runbook.targets and target not in runbook.targets and not only:
            continue  # it never runs there
        for place in places_of(rules, runbook, target):
            yield runbook, place


def _looked(
    rules: RunRules, options: GlobalOptions, runbook: Runbook, place: str, actor: str, given: Mapping[str, Any]
) -> Preflight:
    from artisan_tui.engine.runbooks.preflight import preflight
    from artisan_tui.engine.runbooks.preflight_values import PreflightPorts

    ports = PreflightPorts(rules, state_dir(options), os.environ, actor, SystemClock().now)
    return preflight(ports, runbook, place, given)


def _kept(options: GlobalOptions, config: Config, store: Store, present: Present, found: Sequence[Preflight]) -> str:
    if options.read_only:
        return "this session is read-only"
    if role_of(config.access, present.actor) < Role.RESPONDER:
        return f"[access] gives {printable(present.actor, 60)} no right to write it down"
    entries = [each.result(BY_PERSON).entry(each.at, present.actor, each.runbook) for each in found]
    try:
        store.append(entries, at=SystemClock().now())
    except StoreError as error:
        return str(error)
    return ""


def _without_store(
    options: GlobalOptions, only: Sequence[str], target: str, given: Mapping[str, Any], why: str
) -> VerifiedRunbooks:
    """The looks alone, where the store cannot be opened."""
    from artisan_tui.domain.runbooks.parameters import ParameterRefused
    from artisan_tui.engine.identity import actor
    from artisan_tui.engine.launch import config_path
    from artisan_tui.engine.settings import read

    rules = RunRules()
    rules.configure(read(config_path(options)))
    try:
        found = tuple(
            _looked(rules, options, each, place, actor(), given) for each, place in _wanted(rules, only, target)
        )
    except ParameterRefused as refused:
        raise CommandMisused(str(refused)) from None
    return VerifiedRunbooks(SystemClock().now(), found, why)


def verified_states(options: GlobalOptions) -> Mapping[str, Verified]:
    """How each runbook is verified where a run of it would be. Raises ConfigError and StoreError."""

    def work(present: Present, config: Config, store: Store) -> Mapping[str, Verified]:
        return states_of(present.state(RunRules), present.state(Verifications), present.now)

    return with_journal(options, work, read_only=True)


def states_of(rules: RunRules, known: Verifications, now: datetime) -> Mapping[str, Verified]:
    """By the id of the runbook. Raises ConfigError."""
    found = rules.library
    return {
        name: known.of(name, places_of(rules, each), found.digests[name], now) for name, each in found.runbooks.items()
    }
