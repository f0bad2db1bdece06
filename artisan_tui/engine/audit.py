"""The journal outside a running engine: read it, verify it."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Event
from artisan_tui.domain.heads import Head, Strayed, head_of, heads_in
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.launch import GlobalOptions, config_path, config_places, state_dir
from artisan_tui.store.errors import StoreError
from artisan_tui.store.place import StorePlace

if TYPE_CHECKING:
    from artisan_tui.config.session import Audit
    from artisan_tui.domain.journal_filter import JournalFilter
    from artisan_tui.store.journal import Verification
    from artisan_tui.store.journal_search import Accept
    from artisan_tui.store.store import Store


class AuditError(Exception):
    """There is no journal to look at, or it cannot be opened. The message says which."""


@dataclass(frozen=True, slots=True)
class AuditResult:
    holds: bool
    sentence: str
    document: dict[str, object]


def verify_journal(asked: GlobalOptions, head: str = "") -> AuditResult:
    """Whether the chain holds from the first event to the last, and is that of the heads kept elsewhere.

    ``head`` is one of them, ``N:HASH``; those in ``[audit] heads`` are compared too. Raises AuditError.
    """
    heads, earlier = kept_heads(asked)
    if head:
        try:
            heads.append(head_of(head))
        except ValueError as error:
            raise AuditError(f"{error}; give it as `artisan-tui audit head` prints it, NUMBER:HASH") from None
    store = _open(asked)
    try:
        result = store.verify(heads)
    except StoreError as error:
        raise AuditError(str(error)) from None
    finally:
        store.close()
    problems = journal_problems(result)
    sentence = f"{result.events} events, hash chain valid, head {result.head[:16]}"
    if heads:
        sentence += f", {len(heads)} heads kept elsewhere agree"
    if earlier:
        sentence += f"; {earlier} more are of journals before this one"
    if problems:
        sentence = f"JOURNAL VERIFICATION FAILED: {'; '.join(problems)} ({result.events} events read)"
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
        "heads_compared": len(heads),
        "broken_at": _broken_at(result),
        "problems": problems,
    }
    return AuditResult(holds, sentence, document)


def journal_problems(result: Verification) -> list[str]:
    """What is wrong with the journal and its file, a sentence each; nothing about the tables that follow from it."""
    problems = []
    if result.broken is not None:
        problems.append(f"event {result.broken.seq} {result.broken.what}")
    if not result.guards:
        problems.append("the append-only triggers are missing or were changed")
    if result.planted:
        problems.append(f"foreign in the database: {', '.join(printable(each, 120) for each in result.planted[:5])}")
    if result.strayed is not None:
        problems.append(_strayed(result.strayed))
    if result.integrity != "ok":
        problems.append(f"the file is damaged: {result.integrity}")
    return problems


def _broken_at(result: Verification) -> int | None:
    if result.broken is not None:
        return result.broken.seq
    return result.strayed.after + 1 if result.strayed is not None else None


def _strayed(found: Strayed) -> str:
    """Where the chain leaves the one that was kept elsewhere, as exactly as the heads tell."""
    events, first = found.expected.events, found.after + 1
    where = f"event {events}" if first >= events else f"one of the events {first} to {events}"
    if found.missing:
        return f"events are missing at the end: a head kept elsewhere is of event {events}"
    return f"{where} was changed and the chain hashed anew: it is not the one whose head was kept elsewhere"


def head_of_journal(asked: GlobalOptions) -> Head:
    """(events, hash of the last) as written with the last append. Raises AuditError."""
    store = _open(asked)
    try:
        with store.reading() as connection:
            return Head(*store.journal.head(connection))
    except StoreError as error:
        raise AuditError(str(error)) from None
    finally:
        store.close()


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


def search_journal(asked: GlobalOptions, where: JournalFilter, accept: Accept | None, limit: int) -> tuple[Event, ...]:
    """The newest ``limit`` events that ``where`` asks for and ``accept`` takes, newest first. Raises AuditError."""
    store = _open(asked)
    try:
        from artisan_tui.store.journal_search import search

        found: list[Event] = []
        before = None
        while True:
            piece = search(store, where, accept, limit - len(found), before=before)
            found += piece.events
            if piece.whole or len(found) >= limit:
                return tuple(found)
            before = piece.reached
    except StoreError as error:
        raise AuditError(str(error)) from None
    finally:
        store.close()


def find_words(
    asked: GlobalOptions, words: Sequence[str], subject: str, where: JournalFilter, limit: int
) -> tuple[Event, ...]:
    """The newest ``limit`` events with all ``words`` that ``where`` allows, of ``subject`` if it is given, newest first.

    Raises AuditError.
    """
    store = _open(asked)
    try:
        from artisan_tui.store.search import SearchStore

        index = store.part(SearchStore)
        found: list[Event] = []
        before = None
        while len(found) < limit:
            piece = index.find(words, subject=subject, where=where, before=before, limit=limit - len(found))
            found += piece.events
            if piece.whole:
                break
            before = piece.reached
        return tuple(found)
    except StoreError as error:
        raise AuditError(str(error)) from None
    finally:
        store.close()


def journal_zone(asked: GlobalOptions) -> tzinfo:
    """The team's zone, UTC without a configuration that can be read."""
    from artisan_tui.engine.settings import ConfigError, read

    try:
        return read(config_path(asked)).zone
    except ConfigError:
        return UTC


def _open(asked: GlobalOptions, *, read_only: bool = True) -> Store:
    from artisan_tui.store.store import Store  # heavy

    place = _place(asked)
    if place.sqlite_path is not None and not place.sqlite_path.exists():
        raise AuditError(f"no journal at {place.sqlite_path}; set its folder with --state")
    try:
        return Store.open(place, read_only=read_only)
    except StoreError as error:
        raise AuditError(str(error)) from None


def kept_heads(asked: GlobalOptions) -> tuple[list[Head], int]:
    """The heads in the file that ``[audit] heads`` names, and how many there are of journals before this one.

    A number of events that is lower than the one before it is of a journal that was begun anew. Raises AuditError.
    """
    audit = _audit(asked)
    if audit is None or audit.heads is None:
        return [], 0
    path = config_path(asked).parent / audit.heads
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            heads = list(heads_in(file))
    except FileNotFoundError:
        raise AuditError(
            f"[audit] heads: there is no file {path}; it is made when the journal is next written"
        ) from None
    except OSError as error:
        raise AuditError(f"[audit] heads: {path} cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise AuditError(f"[audit] heads: {path}: {error}") from None
    began = max((at for at in range(1, len(heads)) if heads[at].events < heads[at - 1].events), default=0)
    return heads[began:], began


def _audit(asked: GlobalOptions) -> Audit | None:
    if not any(place.exists() for place in config_places(asked)):
        return None
    from artisan_tui.engine.settings import ConfigError, read

    try:
        return read(config_path(asked)).audit
    except ConfigError as error:
        raise AuditError(f"the heads kept elsewhere are unknown: {error.problems[0]}") from None


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
