"""Working through checklists without a running session: for the command line."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.checklists import ChecklistState
from artisan_tui.engine.access import Role, role_of
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.commands import permit
from artisan_tui.engine.launch import session_of, state_dir
from artisan_tui.engine.offline import with_journal
from artisan_tui.engine.oncall.checklist_acts import (
    chosen,
    looked_entries,
    mark_entries,
    opening,
    subject_of,
    tick_entries,
)
from artisan_tui.engine.oncall.checklist_rules import ChecklistRules
from artisan_tui.engine.oncall.checklists import checklists_at
from artisan_tui.engine.oncall.journal_reading import reading
from artisan_tui.engine.runbooks.rules import RunRules

if TYPE_CHECKING:
    from datetime import datetime

    from artisan_tui.domain.event import Entry
    from artisan_tui.domain.oncall.checklists import Checklist
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store


@dataclass(frozen=True, slots=True)
class ListedChecklists:
    """``states`` as they are open now, overdue first; ``checklists`` are all that are defined."""

    at: datetime
    states: tuple[ChecklistState, ...]
    checklists: tuple[Checklist, ...]


def listed(options: GlobalOptions, at: datetime | None = None) -> ListedChecklists:
    """``at``: as they stood then. Raises ConfigError and StoreError."""

    def work(present: Present, config: Config, store: Store) -> ListedChecklists:
        rules, moment = present.state(ChecklistRules), at or present.now
        states = checklists_at(rules, store, moment, past=at is not None)
        return ListedChecklists(moment, states, rules.checklists)

    return reading(options, work)


def begun(options: GlobalOptions, wanted: str) -> ChecklistState:
    """The checklist of this id or ID/KEY that is to be worked through; one that only people open is opened.

    Raises CommandRefused, ConfigError and StoreError.
    """
    permit("checklist.tick", {"checklist": wanted, "item": "-"}, session_of(options))

    def work(present: Present, config: Config, store: Store) -> ChecklistState:
        _entitled(present, config)
        state = chosen(present, store, wanted)
        store.append(opening(present, state), at=present.now)
        return _now(present, store, subject_of(state, present.now))

    return with_journal(options, work, read_only=False)


def verified(options: GlobalOptions, subject: str, only: Sequence[str] = ()) -> ChecklistState:
    """Look at what the program can verify, ``only`` at these items, and write down what was seen. Blocks.

    What a person skipped or ticked is not looked at again unless it is named.
    """

    def prepare(present: Present, config: Config, store: Store) -> tuple[Present, ChecklistState]:
        return present, chosen(present, store, subject)

    present, state = reading(options, prepare)
    items = [
        each
        for each in state.items
        if each.item.verify is not None and (each.id in only if only else not each.settled or _by_program(each))
    ]
    if not items:
        return state
    from artisan_tui.engine.oncall.checklist_verifying import VerifyPorts

    schedule = present.state(OnCallChanges).schedule
    ports = VerifyPorts(present.state(RunRules), state_dir(options), os.environ, present.actor, present.now, schedule)
    entries = looked_entries(ports, state, items)  # while no store is open: it may take a while
    return _written(options, subject, lambda present, state: tuple(entries))


def _by_program(item: object) -> bool:
    mark = getattr(item, "mark", None)
    return mark is not None and bool(mark.verified)


def ticked(
    options: GlobalOptions,
    subject: str,
    ticks: Mapping[str, str],
    failed: Mapping[str, str] | None = None,
    skipped: Mapping[str, str] | None = None,
) -> ChecklistState:
    """Mark items, each with its evidence or reason, in one transaction. Raises CommandRefused: then nothing is marked."""

    def entries(present: Present, state: ChecklistState) -> tuple[Entry, ...]:
        found: list[Entry] = []
        for item, evidence in ticks.items():
            found += tick_entries(present, state, item, evidence)
        for how, marks in (("failed", failed or {}), ("skipped", skipped or {})):
            for item, reason in marks.items():
                found += mark_entries(present, state, item, how, reason)
        return tuple(found)

    return _written(options, subject, entries)


def _written(
    options: GlobalOptions, subject: str, entries: Callable[[Present, ChecklistState], tuple[Entry, ...]]
) -> ChecklistState:
    def work(present: Present, config: Config, store: Store) -> ChecklistState:
        _entitled(present, config)
        state = chosen(present, store, subject)
        store.append(entries(present, state), at=present.now)
        return _now(present, store, subject_of(state, present.now))

    return with_journal(options, work, read_only=False)


def _entitled(present: Present, config: Config) -> None:
    if role_of(config.access, present.actor) < Role.RESPONDER:
        raise CommandRefused(f"[access] gives {present.actor} no right to tick a checklist")


def _now(present: Present, store: Store, subject: str) -> ChecklistState:
    """As it stands after what was written, at the moment that the act was decided at: the period may have ended since."""
    states = checklists_at(present.state(ChecklistRules), store, present.now)
    return next(each for each in states if each.subject == subject)
