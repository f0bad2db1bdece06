"""Acts on a run that hold for the runs below it too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.domain.runbooks import acts, acts_undo
from artisan_tui.domain.runbooks.acting import Entries, RunActor
from artisan_tui.domain.runbooks.children import ancestors, children_of, line_of
from artisan_tui.domain.runbooks.run import Run

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.children import FindRun
    from artisan_tui.store.runbooks.part import RunView


def adopt_line(find: FindRun, run: Run, by: RunActor, reason: str) -> Entries:
    """Adopt a run with the runs above it, and those at work below it: whoever carries one out carries out all."""
    above = [each for each in map(find, ancestors(run.id)) if each is not None and not each.over]
    others = [each for each in (*above, *line_of(run, find)[1:]) if each.owner != by.session and not each.over]
    own = acts.adopt(run, by, reason)
    return (*own, *(entry for each in others for entry in acts.adopt(each, by, reason)))


def with_family(view: RunView, run: Run, by: RunActor, reason: str) -> Entries:
    return adopt_line(view.get, run, by, reason)


def decline_family(view: RunView, run: Run, by: RunActor, reason: str) -> Entries:
    """Leave everything as it is, also what the runs below were offered: nobody else would answer that."""
    own = acts_undo.decline_rollback(run, by, reason)
    return (*own, *(entry for each in _offered(view, run) for entry in acts_undo.decline_rollback(each, by, reason)))


def _offered(view: RunView, run: Run) -> list[Run]:
    found: list[Run] = []
    for step in run.steps:
        for child in children_of(run, step.id, view.get) if step.attempt else ():
            found += [*([child] if child.rollback_state == "offered" else []), *_offered(view, child)]
    return found
