"""Changes of who is on call: each is decided upon what the journal says in the transaction that writes it down.

Two people may take the pager at once, and each session has read the journal up to some moment before. Whoever is second
is decided upon the first one's change, and tells them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.engine.decision import Decide, Decision, Present

if TYPE_CHECKING:
    from artisan_tui.store.store import Store


def upon_the_journal(decide: Callable[[Present, Mapping[str, Any]], Decision]) -> Decide:
    """``decide`` is given the overrides and swaps as they are when it writes."""

    @wraps(decide)
    def wrapped(present: Present, given: Mapping[str, Any]) -> Decision:
        def change(store: Store) -> Decision:
            with store.writing() as transaction:
                changes = present.state(OnCallChanges).anew(
                    store.journal.replay(store.reading, OnCallChanges.KINDS, store.journal.count())
                )
                decision = decide(replace(present, states={**present.states, OnCallChanges: changes}), given)
                written = transaction.append(decision.entries, present.now)
            return replace(decision, entries=(), written=written)

        return Decision(change=change)

    return wrapped
