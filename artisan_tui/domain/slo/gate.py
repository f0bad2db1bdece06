"""Whether new features may be deployed: the SRE guide's policy, failing closed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from artisan_tui.domain.slo.budget import BudgetStatus


class Verdict(StrEnum):
    ALLOWED = "allowed"
    BLOCKED = "blocked"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Override:
    """``actor`` lets deployments through ``until`` then, in spite of the budgets, and says why."""

    actor: str
    reason: str
    until: datetime


@dataclass(frozen=True, slots=True)
class Gate:
    """``verdict`` is what the budgets say; ``override`` is in force when it is not None.

    ``blocking`` and ``unknown`` are ids of SLOs, in file order.
    """

    verdict: Verdict
    blocking: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    override: Override | None = None

    @property
    def open(self) -> bool:
        return self.verdict is Verdict.ALLOWED or self.override is not None

    def passes(self, *, allow_unknown: bool = False) -> bool:
        """Whether to deploy; ``allow_unknown`` lets through what nobody knows, never what is exhausted."""
        return self.open or (allow_unknown and self.verdict is Verdict.UNKNOWN)


def gate(statuses: Iterable[tuple[str, BudgetStatus]], override: Override | None, now: datetime) -> Gate:
    """One exhausted budget blocks; one that is not known makes it unknown, and so does having none at all.

    An override holds until its time, and only while it is needed.
    """
    listed = list(statuses)
    blocking = tuple(name for name, status in listed if status is BudgetStatus.EXHAUSTED)
    unknown = tuple(name for name, status in listed if status is BudgetStatus.UNKNOWN)
    verdict = Verdict.BLOCKED if blocking else Verdict.UNKNOWN if unknown or not listed else Verdict.ALLOWED
    in_force = override is not None and now < override.until and verdict is not Verdict.ALLOWED
    return Gate(verdict, blocking, unknown, override if in_force else None)
