"""Ids of runs: RUN-YYYYMMDD-HHMMSS in UTC, and -2 for the second of one second."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime


def run_id(at: datetime, taken: Callable[[str], bool]) -> str:
    """An id that is not taken."""
    base = f"RUN-{at.astimezone(UTC):%Y%m%d-%H%M%S}"
    name, number = base, 1
    while taken(name):
        number += 1
        name = f"{base}-{number}"
    return name
