"""An act on a run in one transaction: read behind the write lock, guarded, decided, and written with its notices."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from artisan_tui.domain.event import GENESIS, Entry, seal
from artisan_tui.domain.runbooks import locks
from artisan_tui.domain.runbooks.acting import Entries, RunActor, RunRefused, RunUnconfirmed, check_seen
from artisan_tui.domain.runbooks.approval import guard
from artisan_tui.domain.runbooks.children import at_work, innermost, parent_of
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.fold import apply
from artisan_tui.domain.runbooks.run import Run
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.command import CommandRefused, Unconfirmed
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.runbooks.journaled import run_store
from artisan_tui.engine.runbooks.notices import with_notices
from artisan_tui.engine.runbooks.rules import RunRules

if TYPE_CHECKING:
    from artisan_tui.store.runbooks.part import RunView
    from artisan_tui.store.store import Store

#: What an act comes to, from the run and its definition at its target. Raises RunRefused.
DecideOnRun = Callable[["RunView", Run, Runbook, RunActor], Entries]


def rules_of(present: Present) -> RunRules:
    return present.state(RunRules)


def actor_of(present: Present) -> RunActor:
    return RunActor(present.actor, present.now, rules_of(present).session)


def on_run(
    present: Present,
    given: Mapping[str, Any],
    act: str,
    decide: DecideOnRun,
    said: Callable[[Run], str],
) -> Decision:
    """An act on the run ``given["run"]`` at the version that was seen. Every act passes the one guard of approvals."""
    wanted, seen = given["run"], given.get("seen")
    rules, by = rules_of(present), actor_of(present)

    def change(store: Store) -> Decision:
        about: list[str] = []

        def work(view: RunView) -> Sequence[Entry]:
            run = there(view, wanted)
            check_seen(run, None if seen is None else int(seen))
            run = meant(view, run, act)
            guard(run, act)
            about.append(run.id)
            definition = view.definition(run.definition)
            if definition is None:
                raise RunRefused(f"the definition of {run.id} is not in the store")
            entries = decide(view, run, definition.at(run.target), by)
            check_locks(view, run, entries, present.now)
            return with_notices(rules, run, entries)

        try:
            written = run_store(store).act(work, at=present.now)
        except RunUnconfirmed as refused:
            raise Unconfirmed(str(refused), refused.wanted) from None
        except RunRefused as refused:
            raise CommandRefused(str(refused)) from None
        after = run_store(store).get(about[-1])
        assert after is not None
        return Decision(said=said(after), written=written, subject=after.id)

    return Decision(change=change)


def check_locks(view: RunView, run: Run, entries: Entries, now: datetime) -> None:
    """Raise RunRefused where ``entries`` revive a run whose locks somebody else has by now.

    A run that failed before it changed anything gives its locks back, and can still be retried.
    """
    after = run
    for number, entry in enumerate(entries, run.last_seq + 1) if run.over else ():
        if entry.subject == run.id:
            after = apply(after, seal(entry, number, now, GENESIS)) or after
    if after.over:
        return
    wanted = [each for each in locks.held(after) if each not in locks.held(run)]
    holders = {lock: holder for lock, holder in view.holders(wanted).items() if holder.id != run.id}
    taken = locks.conflict(wanted, holders)
    if taken is not None:
        lock, holder = taken
        raise RunRefused(f"{lock} is locked by {holder.id} of {holder.started_by} ({holder.runbook}, {holder.state})")


#: Acts that answer what is asked: a parent's are its child's while it waits for that.
_ANSWERS = frozenset({"confirm", "answer", "approve", "deny", "decide-unknown"})
#: Acts that would revive a child whose parent went on, or undo it behind the parent's back.
_OF_PARENT = frozenset({"skip", "retry", "jump", "rollback start"})


def meant(view: RunView, run: Run, act: str) -> Run:
    """The run that an act is about, where runs are within each other. Raises RunRefused for what is the parent's."""
    if act in _ANSWERS and run.asked is None and (run.unknown is None or run.current is not None):
        return innermost(run, view.get)
    above = parent_of(run.id)
    if above and act in _OF_PARENT:
        parent = view.get(above)
        waits = parent is not None and at_work(parent, view.get) is not None
        theirs = parent is not None and waits and at_work(parent, view.get) == run
        if act == "rollback start":
            if parent is not None and not parent.over:
                raise RunRefused(f"{run.id} is a step of {parent.id}, which is not over: roll that back")
        elif run.finished or not theirs:
            raise RunRefused(f"{run.id} is a step of {above}, which went on: do it there")
    return run


def there(view: RunView, wanted: str) -> Run:
    """Raises RunRefused for a run that is not there."""
    run = view.get(wanted)
    if run is None:
        raise RunRefused(f"there is no run {printable(wanted, 60)}")
    return run
