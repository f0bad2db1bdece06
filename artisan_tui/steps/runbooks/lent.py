"""What other rooms do for a step: read a measure, write into our own journal. The program that starts steps lends them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol

from artisan_tui.domain.measure import Measure
from artisan_tui.steps.runbooks.protocol import StepChannel, StepRefused

#: Names in `StepChannel.lent`.
MEASURE, JOURNAL = "measure", "journal"


class NoValue(Exception):
    """There is no number; the message says why, and says nothing about the target."""


@dataclass(frozen=True, slots=True)
class MeasureValue:
    """``notes`` are limitations of the reading."""

    value: Decimal
    query: str = ""
    notes: tuple[str, ...] = ()


class MeasureReader(Protocol):
    def read(self, metrics: Mapping[str, Any], measure: Measure, seconds: float) -> MeasureValue:
        """The value by the backend of this ``[metrics]`` table. Raises NoValue and TimeoutError."""
        ...


class JournalWriter(Protocol):
    """Writes into our own journal. Each act has the mark of its step, and the same mark is written once."""

    def notify(self, request: Mapping[str, Any], mark: str) -> tuple[str, ...]:
        """Queue a message; the channels that take it. Raises StepRefused."""
        ...

    def channels(self, request: Mapping[str, Any], mark: str) -> tuple[str, ...]:
        """The channels that would take a message; nothing is written. Raises StepRefused."""
        ...

    def incident(self, request: Mapping[str, Any], mark: str) -> str:
        """Declare, update or resolve; the incident's id. Raises StepRefused."""
        ...

    def written(self, request: Mapping[str, Any], mark: str) -> bool:
        """Whether an act with this mark is in the journal."""
        ...


def lent(channel: StepChannel, name: str) -> Any:
    """Raises StepRefused where the program lends nothing of the sort."""
    found = channel.lent.get(name)
    if found is None:
        raise StepRefused(
            f"this program cannot do a step that needs the {name}", "start it with the dashboard's program"
        )
    return found
