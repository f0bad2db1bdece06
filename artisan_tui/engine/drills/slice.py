"""What a snapshot says about the simulated stack."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StackFault:
    """Something the simulated stack can break, as its panel shows it."""

    id: str
    title: str
    description: str
    active: bool


@dataclass(frozen=True, slots=True)
class DrillSlice:
    """What the simulated stack can break; empty without one."""

    faults: tuple[StackFault, ...] = ()
