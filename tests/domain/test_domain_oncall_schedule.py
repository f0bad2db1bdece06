"""Who is on call: overrides, swaps and layers, hour by hour."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.oncall.balance import hours_by_person
from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.events import SwapAccepted, SwapAsked, SwapUndone
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.shift import Swap, SwapState, Why
from support.oncall_weeks import EVERYBODY, NEW_YORK, SEOUL, override, swap, wall, weekly


def hours(schedule: Schedule, start: datetime, end: datetime) -> dict[str, float]:
    return hours_by_person(schedule.shifts("L1", start, end))


@pytest.mark.parametrize(
    ("zone", "friday", "saturday", "taken"),
    [
        (SEOUL, date(2026, 11, 20), "2026-11-21", 8.0),
        (NEW_YORK, date(2027, 3, 12), "2027-03-13", 7.0),
        (NEW_YORK, date(2027, 11, 5), "2027-11-06", 9.0),
    ],
)
def test_oncall_case_10_a_night_by_override(zone: ZoneInfo, friday: date, saturday: str, taken: float) -> None:
    rotation = weekly(zone, friday)
    begin = wall(f"{saturday}T22:00", zone)
    end = datetime.combine(begin.date() + timedelta(days=1), time(6), zone)
    schedule = Schedule((rotation,), {}, EVERYBODY, (override("C", begin, end),))
    assert hours(schedule, rotation.start(0), rotation.start(1)) == {"A": 160.0, "C": taken}
    assert schedule.on_call("L1", begin) == ("C",)
    assert schedule.on_call("L1", end) == ("A",)
    parts = schedule.shifts("L1", rotation.start(0), rotation.start(1))
    assert [(each.person, each.why, each.instead_of) for each in parts] == [
        ("A", Why.LAYER, ""),
        ("C", Why.OVERRIDE, "A"),
        ("A", Why.LAYER, ""),
    ]


def test_oncall_case_11_an_override_over_a_hand_over_takes_from_both() -> None:
    change = override("C", wall("2026-11-26T12:00"), wall("2026-11-28T12:00"))
    schedule = Schedule((weekly(),), {}, EVERYBODY, (change,))
    parts = schedule.shifts("L1", wall("2026-11-20T17:00"), wall("2026-12-04T17:00"))
    assert hours_by_person(parts) == {"A": 139.0, "B": 149.0, "C": 48.0}
    taken = {each.instead_of: each for each in parts if each.why is Why.OVERRIDE}
    assert hours_by_person([taken["A"]]) == {"C": 29.0}
    assert hours_by_person([taken["B"]]) == {"C": 19.0}


def test_oncall_case_12_of_two_overrides_the_newer_counts_and_the_older_is_hidden_by_it() -> None:
    older = override("B", wall("2026-11-21T10:00"), wall("2026-11-21T14:00"), "o1")
    newer = override("C", wall("2026-11-21T12:00"), wall("2026-11-21T13:00"), "o2")
    schedule = Schedule((weekly(),), {}, EVERYBODY, (older, newer))
    assert schedule.on_call("L1", wall("2026-11-21T12:30")) == ("C",)
    assert schedule.on_call("L1", wall("2026-11-21T13:00")) == ("B",)
    (hidden,) = schedule.hidden()
    assert (hidden.id, hidden.by, hidden.start, hidden.end) == ("o1", "o2", newer.start, newer.end)


def test_oncall_case_13_a_swap_holds_when_it_was_accepted() -> None:
    rotation, schedule = weekly(), Schedule((weekly(),), {}, EVERYBODY)
    swapped = schedule.changed((), (swap(),))
    assert swapped.on_call("L1", wall("2026-11-27T16:59:59")) == ("B",)
    assert swapped.on_call("L1", wall("2026-11-27T17:00:00")) == ("A",)
    assert hours(swapped, rotation.start(0), rotation.start(3)) == hours(schedule, rotation.start(0), rotation.start(3))


def test_oncall_case_13_until_the_other_accepts_nothing_changes() -> None:
    changes = OnCallChanges()
    changes.configure(Schedule((weekly(),), {}, EVERYBODY))
    asked_at, accepted_at = wall("2026-11-18T10:00"), wall("2026-11-18T11:00")
    told = {
        "rotation": "primary",
        "giver": "A",
        "taker": "B",
        "start": weekly().start(0),
        "end": weekly().start(1),
        "back_start": weekly().start(1),
        "back_end": weekly().start(2),
    }
    first = wall("2026-11-21T12:00")
    assert changes.apply([SwapAsked(**told).entry(asked_at, "a", "s1")])
    assert changes.schedule.on_call("L1", first) == ("A",)
    assert [each.id for each in changes.pending(asked_at)] == ["s1"]
    accepted = SwapAccepted(**told).entry(accepted_at, "b", "s1")
    assert changes.apply([accepted])
    assert changes.schedule.on_call("L1", first) == ("B",)
    assert not changes.apply([accepted])  # the newest events may come again
    late = SwapUndone(**told).entry(first, "a", "s1")
    assert not changes.apply([late])  # its first shift has begun
    assert changes.apply([SwapUndone(**told).entry(accepted_at + timedelta(minutes=1), "a", "s1")])
    assert changes.schedule.on_call("L1", first) == ("A",)


def test_a_shift_that_was_taken_can_be_given_on_and_the_newer_of_two_swaps_counts() -> None:
    first, second = weekly().start(0), weekly().start(1)
    taken = Swap("s1", "primary", "A", "B", first, second, state=SwapState.ACCEPTED)
    given_on = Swap("s2", "primary", "B", "C", first, second, state=SwapState.ACCEPTED)
    at = wall("2026-11-21T12:00")
    plan = Schedule((weekly(),), {}, EVERYBODY)
    assert plan.changed((), (taken, given_on)).on_call("L1", at) == ("C",)
    newer = Swap("s2", "primary", "A", "C", first, second, state=SwapState.ACCEPTED)
    assert plan.changed((), (taken, newer)).on_call("L1", at) == ("C",)
    lies_over = override("B", wall("2026-11-21T00:00"), wall("2026-11-22T00:00"))
    both = plan.changed((lies_over,), (newer,))
    assert both.on_call("L1", at) == ("B",)
    assert [(each.id, each.by) for each in both.hidden()] == [("s2", "o1")]
