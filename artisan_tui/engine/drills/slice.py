"""What a snapshot says about the simulated stack."""

from __future__ import annotations

from typing import NamedTuple


class StackFault(NamedTuple):
    """Something the simulated stack can break, as its panel shows it."""

    id: str
    title: str
    description: str
    active: bool


class DrillSlice(NamedTuple):
    """What the simulated stack can break; empty without one."""

    faults: tuple[StackFault, ...] = ()
