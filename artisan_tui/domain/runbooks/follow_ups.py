"""What a run that is over speaks for: the runbooks that go on from it, such as the way back after a mitigation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar, Final

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.runbooks.events import RunFinished, RunRollbackFinished, RunStarted
from artisan_tui.domain.runbooks.suggestions import Cause

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.definition import Runbook
    from artisan_tui.domain.runbooks.suggestions import Suggestion

#: ``suggest_on = ["run:ID"]``: a run of that runbook succeeded.
RUN: Final = "run:"
#: After this long nobody goes on from a run.
FORGOTTEN: Final = timedelta(hours=24)
#: Runs whose runbook is remembered; an older one can no longer be followed.
_MOST: Final = 1000


class RunbookOfRun:
    """Which runbook a run is of, a fold of the journal. Dry runs change nothing, so nothing follows from them."""

    KINDS: ClassVar[tuple[str, ...]] = (RunStarted.KIND,)

    def __init__(self) -> None:
        self._runbooks: dict[str, str] = {}

    def forget(self) -> None:
        self._runbooks.clear()

    def apply(self, entries: Iterable[Entry]) -> bool:
        for entry in entries:
            try:
                body = RunStarted.read(entry)
            except BodyError:
                continue
            if body.mode != "dry":
                self._runbooks[entry.subject] = body.runbook
                if len(self._runbooks) > _MOST:
                    del self._runbooks[next(iter(self._runbooks))]
        return False  # nothing is shown of it

    def __getitem__(self, run: str) -> str:
        """The id of the runbook, "" when it is not known."""
        return self._runbooks.get(run, "")


def follow_up_causes(
    events: Iterable[Entry],
    known: RunbookOfRun,
    runbooks: Mapping[str, Runbook],
    now: datetime,
    open_: Sequence[Suggestion],
) -> Iterator[Cause]:
    """What these events, and the time, begin and end.

    A success begins it. A rollback of such a run ends it, and so does a success of the runbook that goes on from it.
    """
    for event in events:
        runbook = known[event.subject]
        if not runbook or event.kind not in (RunFinished.KIND, RunRollbackFinished.KIND):
            continue
        try:
            if event.kind == RunRollbackFinished.KIND:
                if RunRollbackFinished.read(event).state != "failed":
                    yield Cause(f"{RUN}{runbook}", False)
                continue
            state = RunFinished.read(event).state
        except BodyError:
            continue
        if state != "succeeded":
            continue
        definition = runbooks.get(runbook)
        for name in () if definition is None else definition.suggest_on:
            if name.startswith(RUN):
                yield Cause(name, False, runbook=runbook)
        yield Cause(f"{RUN}{runbook}", True, f"{runbook} succeeded in {event.subject}")
    for each in open_:
        if each.cause.startswith(RUN) and now - each.since > FORGOTTEN:
            yield Cause(each.cause, False, runbook=each.runbook)
