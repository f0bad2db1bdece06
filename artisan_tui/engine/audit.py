"""The journal outside a running engine: read it, verify it."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Event
from artisan_tui.engine.launch import GlobalOptions, config_path, config_places, state_dir
from artisan_tui.store.errors import StoreError
from artisan_tui.store.place import StorePlace

if TYPE_CHECKING:
    from artisan_tui.store.store import Store


class AuditError(Exception):
    """There is no journal to look at, or it cannot be opened. The message says which."""


@dataclass(frozen=True, slots=True)
class AuditResult:
    holds: bool
    sentence: str
    document: dict[str, object]


def verify_journal(asked: GlobalOptions) -> AuditResult:
    """Whether the chain holds from the first event to the last. Raises AuditError."""
    store = _open(asked)
    try:
        result = store.verify()
    except StoreError as error:
        raise AuditError(str(error)) from None
    finally:
        store.close()
    problems = []
    if result.broken is not None:
        problems.append(f"event {result.broken.seq} {result.broken.what}")
    if not result.guards:
        problems.append("the append-only triggers are missing or were changed")
    if result.integrity != "ok":
        problems.append(f"the file is damaged: {result.integrity}")
    sentence = f"{result.events} events, hash chain valid, head {result.head[:16]}"
    if problems:
        sentence = f"JOURNAL VERIFICATION FAILED: {'; '.join(problems)} ({result.events} valid events before it)"
    elif result.projections:
        named = ", ".join(result.projections)
        differ = f"TABLES DIFFER FROM THE JOURNAL: {named}; rebuild them with `artisan-tui audit rebuild`"
        sentence = f"{sentence}; {differ}"
    problems += [f"the tables of {name} differ from the journal" for name in result.projections]
    holds = not problems
    document: dict[str, object] = {
        "holds": holds,
        "events": result.events,
        "head": result.head,
        "broken_at": result.broken.seq if result.broken else None,
        "problems": problems,
    }
    return AuditResult(holds, sentence, document)


def rebuild_tables(options: GlobalOptions) -> str:
    """Rebuild every table that follows from the journal; what was done, in a sentence. Raises AuditError."""
    if options.read_only:
        raise AuditError("nothing is rebuilt with --read-only")
    store = _open(options, read_only=False)
    try:
        if not store.journal.verify().sound:
            raise AuditError("the journal itself is not valid: see `artisan-tui audit verify`; nothing was rebuilt")
        store.projections.rebuild()
        names = ", ".join(each.name for each in store.projections.declared) or "none"
    except StoreError as error:
        raise AuditError(str(error)) from None
    finally:
        store.close()
    return f"tables rebuilt from the journal: {names}"


def read_journal(asked: GlobalOptions, limit: int) -> tuple[Event, ...]:
    """The newest ``limit`` events, newest first. Raises AuditError."""
    store = _open(asked)
    try:
        return store.journal.page(limit)
    except StoreError as error:
        raise AuditError(str(error)) from None
    finally:
        store.close()


def _open(asked: GlobalOptions, *, read_only: bool = True) -> Store:
    from artisan_tui.store.store import Store  # heavy

    place = _place(asked)
    if place.sqlite_path is not None and not place.sqlite_path.exists():
        raise AuditError(f"no journal at {place.sqlite_path}; set its folder with --state")
    try:
        return Store.open(place, read_only=read_only)
    except StoreError as error:
        raise AuditError(str(error)) from None


def _place(asked: GlobalOptions) -> StorePlace:
    """Where the journal is: as the configuration says, if there is one; a broken one must not lead to another journal."""
    folder = state_dir(asked)
    if not any(place.exists() for place in config_places(asked)):
        return StorePlace(folder)
    from artisan_tui.engine.settings import ConfigError, place_of, read

    try:
        return place_of(read(config_path(asked)), folder, os.environ)
    except ConfigError as error:
        raise AuditError(f"the location of the journal is unknown: {error.problems[0]}") from None
