"""What came of an operation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

Value = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """``output`` is what a terminal would show, ``values`` what can be captured. A refusal is an outcome too."""

    ok: bool
    output: str
    values: Mapping[str, Value] = field(default_factory=dict)


def refused(why: str) -> Outcome:
    """An operation that changed nothing."""
    return Outcome(False, f"error: {why}")
