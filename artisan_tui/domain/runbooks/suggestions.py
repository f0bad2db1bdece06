"""Which runbooks something speaks for: checks, alerts and budgets, each once from its beginning to its end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.runbooks.definition import Runbook
from artisan_tui.domain.runbooks.events import RunbookSuggested, RunbookSuggestionOver

#: Who writes it down.
_BY: Final = "artisan"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """``cause`` as in ``suggest_on``, ``evidence`` is a sentence."""

    runbook: str
    cause: str
    evidence: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Cause:
    """Something that began (``bad``) or ended.

    ``runbook`` is one that an alert names itself, "" for none; of what ended, the only one for which it did.
    """

    name: str
    bad: bool
    evidence: str = ""
    runbook: str = ""


class Suggestions:
    """The suggestions in force, a fold of the journal."""

    KINDS: ClassVar[tuple[str, ...]] = (RunbookSuggested.KIND, RunbookSuggestionOver.KIND)

    def __init__(self) -> None:
        self._open: dict[tuple[str, str], Suggestion] = {}

    @property
    def open(self) -> tuple[Suggestion, ...]:
        """The newest first."""
        return tuple(sorted(self._open.values(), key=lambda each: each.since, reverse=True))

    def forget(self) -> None:
        self._open.clear()

    def apply(self, entries: Iterable[Entry]) -> bool:
        changed = False
        for entry in entries:
            try:
                if entry.kind == RunbookSuggested.KIND:
                    body = RunbookSuggested.read(entry)
                    made = Suggestion(entry.subject, body.cause, body.evidence, entry.occurred_at)
                    changed |= self._open.setdefault((entry.subject, body.cause), made) is made
                elif entry.kind == RunbookSuggestionOver.KIND:
                    over = RunbookSuggestionOver.read(entry)
                    changed |= self._open.pop((entry.subject, over.cause), None) is not None
            except BodyError:
                continue
        return changed

    def follow(self, causes: Sequence[Cause], runbooks: Mapping[str, Runbook], now: datetime) -> tuple[Entry, ...]:
        """What is to be written after these causes: a suggestion where an episode begins, its end where it ends."""
        found: list[Entry] = []
        written: set[tuple[str, str, bool]] = set()

        def write(runbook: str, cause: Cause) -> None:
            key = (runbook, cause.name, cause.bad)
            if key in written or ((runbook, cause.name) in self._open) == cause.bad:
                return
            written.add(key)
            body = RunbookSuggested(cause=cause.name, evidence=cause.evidence[:1000])
            over = RunbookSuggestionOver(cause=cause.name)
            found.append((body if cause.bad else over).entry(now, _BY, runbook))

        for cause in causes:
            if not cause.bad:
                for runbook, name in list(self._open):
                    if name == cause.name and cause.runbook in ("", runbook):
                        write(runbook, cause)
                continue
            for each in runbooks.values():
                if cause.name in each.suggest_on or each.id == cause.runbook:
                    write(each.id, cause)
        return tuple(found)
