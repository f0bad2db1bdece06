"""Rotations of a week, overrides and moments, for tests."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from artisan_tui.domain.oncall.rotation import Rotation
from artisan_tui.domain.oncall.shift import OnCallOverride, Swap, SwapState

SEOUL, NEW_YORK = ZoneInfo("Asia/Seoul"), ZoneInfo("America/New_York")
EVERYBODY = frozenset("ABC")


def weekly(zone: ZoneInfo = SEOUL, first: date = date(2026, 11, 20)) -> Rotation:
    return Rotation("primary", "L1", ("A", "B", "C"), 7, time(17), first, zone)


def wall(text: str, zone: ZoneInfo = SEOUL) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


def override(person: str, start: datetime, end: datetime, name: str = "o1") -> OnCallOverride:
    return OnCallOverride(name, "L1", person, start.astimezone(UTC), end.astimezone(UTC))


def swap(state: SwapState = SwapState.ACCEPTED, name: str = "s1", giver: str = "A", taker: str = "B") -> Swap:
    one, two, three = (weekly().start(turn) for turn in range(3))
    return Swap(name, "primary", giver, taker, one, two, two, three, state=state)
