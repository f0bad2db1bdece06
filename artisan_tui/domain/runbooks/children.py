"""Runs within a run: the id of a child says whose step it carries out, so that it is started once and found again.

``RUN-20261130-103000.2.1`` is the first attempt of the second step of RUN-20261130-103000, ``….2.u1`` the first of its undo.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.run import InFlight, Run

#: Characters of an id; a child below the fifth level would be longer.
LONGEST_ID: Final = 40

FindRun = Callable[[str], Run | None]
FindRunbook = Callable[[str], Runbook | None]


def runbooks_below(top: Runbook, find: FindRunbook) -> dict[str, Runbook]:
    """The runbooks that the steps of one run, directly or through others, by id; those that there are."""
    below: dict[str, Runbook] = {}
    todo = [top]
    while todo:
        named = (str(step.action.body["runbook"]["id"]) for step in todo.pop().steps if step.kind == "runbook")
        for name in named:
            found = None if name in below else find(name)
            if found is not None:
                below[name] = found
                todo.append(found)
    return below


def child_id(run: Run, step: str, number: int, part: str = "do") -> str:
    """The id of the child that this attempt starts. KeyError for a step that the run does not have."""
    index = [each.id for each in run.steps].index(run.step(step).id) + 1
    return f"{run.id}.{index}.{'u' if part == 'undo' else ''}{number}"


def parent_of(run: str) -> str:
    """The id of the run that a run is a step of, "" for one that a person started."""
    return run.rsplit(".", 2)[0] if "." in run else ""


def root_of(run: str) -> str:
    """The id of the run that a person started."""
    return run.partition(".")[0]


def ancestors(run: str) -> Iterator[str]:
    """The ids of the runs above, the nearest first."""
    while run := parent_of(run):
        yield run


def same_family(one: str, other: str) -> bool:
    return root_of(one) == root_of(other)


def children_of(run: Run, step: str, find: FindRun) -> tuple[Run, ...]:
    """The children that the attempts of a step started, the newest first."""
    found = (find(child_id(run, step, number)) for number in range(run.step(step).attempt, 0, -1))
    return tuple(each for each in found if each is not None)


def at_work(run: Run, find: FindRun) -> Run | None:
    """The child that the act in flight waits for; None where it is no child's."""
    current: InFlight | None = run.current
    if current is None or current.part not in ("do", "undo"):
        return None
    own = find(child_id(run, current.step, current.number, current.part))
    if own is not None or current.part == "do":
        return own
    return next((each for each in children_of(run, current.step, find) if not each.over), None)


def innermost(run: Run, find: FindRun) -> Run:
    """The run that is waited for in the end: itself, or the child of a child."""
    while (child := at_work(run, find)) is not None:
        run = child
    return run


def line_of(run: Run, find: FindRun) -> tuple[Run, ...]:
    """The run and the children at work below it."""
    found = [run]
    while (child := at_work(found[-1], find)) is not None:
        found.append(child)
    return tuple(found)
