"""The deployment gate: the error budget policy of the SRE guide. Unknown budgets block too."""

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
    """``actor`` allows deployments from ``since`` until ``until`` despite the budgets, for ``reason``."""

    actor: str
    reason: str
    until: datetime
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Gate:
    """``verdict`` follows from the budgets alone. ``override`` is in force when it is not None.

    ``blocking`` and ``unknown`` are SLO ids, in file order.
    """

    verdict: Verdict
    blocking: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    override: Override | None = None

    @property
    def open(self) -> bool:
        return self.verdict is Verdict.ALLOWED or self.override is not None

    def passes(self, *, allow_unknown: bool = False) -> bool:
        """Whether deployments are allowed. ``allow_unknown`` also allows them with unknown budgets, not with exhausted ones."""
        return self.open or (allow_unknown and self.verdict is Verdict.UNKNOWN)


def gate(statuses: Iterable[tuple[str, BudgetStatus]], override: Override | None, now: datetime) -> Gate:
    """The gate for (SLO id, status) pairs. An exhausted budget blocks. An unknown one, or none at all, is unknown.

    An override is in force until its end, and only while the verdict is not ALLOWED.
    """
    listed = list(statuses)
    blocking = tuple(name for name, status in listed if status is BudgetStatus.EXHAUSTED)
    unknown = tuple(name for name, status in listed if status is BudgetStatus.UNKNOWN)
    verdict = Verdict.BLOCKED if blocking else Verdict.UNKNOWN if unknown or not listed else Verdict.ALLOWED
    in_force = override is not None and now < override.until and verdict is not Verdict.ALLOWED
    return Gate(verdict, blocking, unknown, override if in_force else None)
