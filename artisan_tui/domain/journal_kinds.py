"""Every kind of journal entry that this program knows, found in `domain/<wing>/events.py`.

The word before the first dot of a kind is its prefix, and belongs to one wing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import Body, BodyError, declared_in
from artisan_tui.wings import modules


class UnknownKind(BodyError):
    """A newer program, or another hand, wrote an entry of this kind."""


@cache
def kinds() -> Mapping[str, type[Body]]:
    """By the kind's own name."""
    return {
        body.KIND: body for module in modules("domain", "events") for body in declared_in(vars(module), module.__name__)
    }


def kinds_of(wanted: Iterable[str]) -> tuple[str, ...]:
    """The kinds that are ``wanted``; ``alert.`` stands for all that begin so."""
    listed = tuple(wanted)
    return tuple(kind for kind in kinds() if any(kind == w or (w[-1:] == "." and kind.startswith(w)) for w in listed))


def routine_kinds() -> frozenset[str]:
    """The kinds that lists fold: see `Body.ROUTINE`."""
    return frozenset(kind for kind, body in kinds().items() if body.ROUTINE)


def is_routine(kind: str) -> bool:
    body = kinds().get(kind)
    return body is not None and body.ROUTINE


def read_body(entry: Entry) -> Body:
    """Raises BodyError: UnknownKind, NewerBody, or the body does not have the form of its kind."""
    body = kinds().get(entry.kind)
    if body is None:
        raise UnknownKind(entry.kind)
    return body.read(entry)
