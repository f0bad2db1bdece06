"""What a snapshot says about runs."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    # Names of types only: their modules are not needed before the first frame.
    from datetime import datetime

    from artisan_tui.domain.runbooks.run import Run


class ActiveRun(NamedTuple):
    """A run that is not over. ``mine``: this session carries it out. ``orphaned``: the process of its owner has ended.

    ``waits`` is why nothing goes on: person, settle, owner, or "" while something runs. ``drifted``: the definition on
    disk is another one than the run began with. ``trouble`` is why this session cannot go on with it now.
    """

    run: Run
    mine: bool = False
    orphaned: bool = False
    waits: str = ""
    drifted: bool = False
    trouble: str = ""

    @property
    def id(self) -> str:
        return self.run.id

    @property
    def step(self) -> str:
        """The id of the step that is at work, asked about or next; "" after the last."""
        run = self.run
        if run.current is not None:
            return run.current.step
        if run.unknown is not None:
            return run.unknown.step
        at = run.next_undo if run.rolling_back or run.rollback_state == "failed" else run.position
        return "" if at is None else at.id


class SuggestedRun(NamedTuple):
    """A runbook that something speaks for. ``cause`` as in ``suggest_on``, ``evidence`` is a sentence."""

    runbook: str
    cause: str
    evidence: str
    since: datetime


class LostRun(NamedTuple):
    """A run that the database lost. ``step`` was under way, "" for none; ``folder`` on ``host`` has what it printed."""

    run: str
    runbook: str
    step: str = ""
    host: str = ""
    folder: str = ""


class RunSlice(NamedTuple):
    """``active`` the newest change first. ``suggested`` the newest first. ``problem``: the runbooks cannot be read."""

    active: tuple[ActiveRun, ...] = ()
    suggested: tuple[SuggestedRun, ...] = ()
    problem: str = ""
    #: SHA-256 by id of the runbooks as they are on disk now.
    definitions: Mapping[str, str] = MappingProxyType({})
    #: Grows with every verification: what the catalogue says of them is another one.
    verified: int = 0
    #: Those that the database lost, until a person has acknowledged it.
    lost: tuple[LostRun, ...] = ()


def waits_of(run: Run, orphaned: bool) -> str:
    """Why nothing goes on with a run: "person", "settle", "owner", or "" while something does."""
    if run.unknown is not None and run.current is None and run.unknown.evidence:
        return "settle"
    if run.asked is not None:
        return "person"
    if run.finished and run.rollback_state in ("offered", "failed"):
        return "person"
    return "owner" if orphaned else ""
