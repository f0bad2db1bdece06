"""A clock that only moves when the test says so."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class Hands:
    """A clock whose hands are turned by the test."""

    def __init__(self) -> None:
        self.wall = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
        self.mono = 1000.0

    def now(self) -> datetime:
        return self.wall

    def monotonic(self) -> float:
        return self.mono

    def turn(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.mono += seconds
