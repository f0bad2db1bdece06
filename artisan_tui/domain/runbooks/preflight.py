"""What was found when every step of a runbook was looked at, by reads alone, without carrying any of it out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from artisan_tui.domain.runbooks.events import RunbookVerified

#: How a part is: it could be carried out, it could not, nobody can tell before the run, or it is only good to know.
OK, FAILED, UNKNOWN, NOTE = FINDINGS = ("ok", "failed", "unknown", "note")
#: What only shows after a step, or after its undo, whether it helped: what it reads may be what is broken now.
AFTERWARDS: Final = frozenset({"verify", "undo-verify"})


@dataclass(frozen=True, slots=True)
class PreflightFinding:
    """``part`` is pre, do, verify, undo or undo-verify, "" for what concerns all of them. ``state`` is of `FINDINGS`."""

    part: str
    state: str
    what: str
    mend: str = ""
    #: It is waited for, or the run goes on without it: that it fails now keeps no run from being started.
    tolerated: bool = False

    @property
    def blocks(self) -> bool:
        """Whether a run that starts now would fail here."""
        return self.state == FAILED and not self.tolerated and self.part not in AFTERWARDS


@dataclass(frozen=True, slots=True)
class PreflightStep:
    """One step: its state is that of its worst finding."""

    id: str
    kind: str
    findings: tuple[PreflightFinding, ...] = ()

    @property
    def state(self) -> str:
        return _worst(self.findings)


@dataclass(frozen=True, slots=True)
class Preflight:
    """All steps of a runbook at a place. ``findings`` are those of the runbook itself; ``definition`` is its digest."""

    runbook: str
    target: str
    definition: str
    at: datetime
    steps: tuple[PreflightStep, ...] = ()
    findings: tuple[PreflightFinding, ...] = field(default=())

    @property
    def state(self) -> str:
        """ok, failed or unknown."""
        return _worst((*self.findings, *(each for step in self.steps for each in step.findings)))

    def failures(self, *, blocking: bool = False) -> Iterator[str]:
        """What cannot be carried out, a sentence each; ``blocking`` only what a run that starts now would fail at."""
        for name, found in (("", self.findings), *((step.id, step.findings) for step in self.steps)):
            for each in found:
                if each.blocks if blocking else each.state == FAILED:
                    where = ": ".join(part for part in (name, each.part if each.part != "do" else "") if part)
                    yield ": ".join(part for part in (where, each.what, each.mend) if part)

    def result(self, by: str) -> RunbookVerified:
        """As it is kept in the journal."""
        wrong = tuple(step.id for step in self.steps if step.state == FAILED)
        why = "; ".join(self.failures())
        if self.state == UNKNOWN:
            unknown = (each for step in self.steps for each in step.findings if each.state == UNKNOWN)
            why = next((each.what for each in unknown), "")
        return RunbookVerified(
            definition=self.definition,
            outcome=self.state,
            target=self.target,
            by=by,
            why=why[:1000],
            steps=len(self.steps),
            failed=wrong,
        )


def _worst(findings: tuple[PreflightFinding, ...]) -> str:
    states = {each.state for each in findings}
    return FAILED if FAILED in states else UNKNOWN if UNKNOWN in states else OK
