"""The calendar file: read back by two readers, the same bytes while nothing changes, counted up where something does."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import icalendar
import recurring_ical_events

from artisan_tui.domain.oncall.calendar_slots import Version, calendar_slots
from artisan_tui.domain.oncall.rotation import Rotation
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.shift import OnCallOverride, Swap, SwapState
from artisan_tui.reports.oncall.calendar import calendar_text
from support.calendar_reader import Entry, read_entries

SEOUL = ZoneInfo("Asia/Seoul")
NAMES = {
    "A": "앨리스; 김, \\가나다라마바사아자차카타파하 거너더러머버서어저처커터퍼허\n두 번째 줄",
    "B": "Bob",
    "C": "Carol",
}
START, END = datetime(2026, 11, 1, tzinfo=UTC), datetime(2027, 1, 10, tzinfo=UTC)
T0 = datetime(2026, 11, 1, 12, tzinfo=UTC)
T1, T2 = T0 + timedelta(days=1), T0 + timedelta(days=2)


def rotation(people: str = "ABC", handoff: time = time(17)) -> Rotation:
    return Rotation("primary", "L1", tuple(people), 7, handoff, date(2026, 11, 20), SEOUL)


def seoul(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SEOUL).astimezone(UTC)


def file(*versions: Version, person: str = "", end: datetime = END) -> bytes:
    slots = [("L1", each) for each in calendar_slots(versions, "L1", START, end)]
    return calendar_text(slots, "향수 Shop", lambda name: NAMES.get(name, name), person=person)


def at(entries: list[Entry], moment: str) -> list[str]:
    """Who has it at a moment of Seoul, by the file."""
    wanted = seoul(moment)
    return [
        each.summary.rpartition(": ")[2]
        for each in entries
        if each.status == "CONFIRMED" and each.start <= wanted < each.end
    ]


PLAN = Schedule((rotation(),), {}, frozenset("ABC"))
CALLED = "앨리스; 김, \\가나다라마바사아자차카타파하 거너더러머버서어저처커터퍼허"


def test_oncall_case_24_a_second_reader_gets_the_same_and_two_files_are_the_same_bytes() -> None:
    data = file((T0, PLAN))
    assert data == file((T0, PLAN))
    entries = read_entries(data)
    assert {each.summary.partition(":")[0] for each in entries} == {"향수 Shop L1"}
    assert any(CALLED in each.summary for each in entries)
    assert {each.stamp for each in entries} == {T0}
    assert at(entries, "2026-11-20T16:59:59") == ["Carol"]
    assert at(entries, "2026-11-20T17:00:00")[0].startswith(CALLED)
    assert at(entries, "2026-11-27T17:00:00") == ["Bob"]
    assert at(entries, "2026-12-04T17:00:00") == ["Carol"]
    assert at(entries, "2027-01-01T00:00:00") == ["Carol"]
    second = recurring_ical_events.of(icalendar.Calendar.from_ical(data)).between(START, END)
    assert [(each.start, each.end) for each in second] == [(each.start, each.end) for each in entries]


def test_oncall_case_24_the_file_has_the_instants_of_an_override_and_of_a_swap() -> None:
    night = OnCallOverride("o1", "L1", "C", seoul("2026-11-21T22:00"), seoul("2026-11-22T06:00"))
    overridden = read_entries(file((T0, PLAN), (T1, PLAN.changed((night,), ()))))
    assert at(overridden, "2026-11-21T22:00:00") == ["Carol"]
    assert [each.end - each.start for each in overridden if "o1" in each.description] == [timedelta(hours=8)]
    one, two, three = (rotation().start(turn) for turn in range(3))
    swap = Swap("s1", "primary", "A", "B", one, two, two, three, state=SwapState.ACCEPTED)
    swapped = read_entries(file((T0, PLAN), (T1, PLAN.changed((), (swap,)))))
    assert at(swapped, "2026-11-27T16:59:59") == ["Bob"]
    assert at(swapped, "2026-11-27T17:00:00")[0].startswith(CALLED)


def test_oncall_case_25_another_person_is_the_same_entry_of_a_higher_sequence() -> None:
    before = {each.uid: each for each in read_entries(file((T0, PLAN)))}
    other = Schedule((rotation("ADC"),), {}, frozenset("ADC"))
    after = {each.uid: each for each in read_entries(file((T0, PLAN), (T1, other)))}
    assert before.keys() == after.keys()
    changed = [uid for uid in before if before[uid].summary != after[uid].summary]
    assert changed
    for uid, each in after.items():
        assert each.sequence == (1 if uid in changed else 0)
        assert each.stamp == (T1 if uid in changed else T0)


def test_oncall_case_25_a_shift_that_is_gone_is_cancelled_and_comes_back_higher() -> None:
    night = OnCallOverride("o1", "L1", "C", seoul("2026-11-21T22:00"), seoul("2026-11-22T06:00"))
    with_it = PLAN.changed((night,), ())
    gone = {each.uid: each for each in read_entries(file((T0, PLAN), (T1, with_it), (T2, PLAN)))}
    cancelled = [each for each in gone.values() if each.status == "CANCELLED"]
    assert sorted(each.start for each in cancelled) == [night.start, night.end]
    assert {each.sequence for each in cancelled} == {1}
    week = next(each for each in gone.values() if each.start == rotation().start(0))
    assert (week.sequence, week.end, week.status) == (2, rotation().start(1), "CONFIRMED")
    again = read_entries(file((T0, PLAN), (T1, with_it), (T2, PLAN), (T2 + timedelta(days=1), with_it)))
    assert {each.sequence for each in again if each.start in (night.start, night.end)} == {2}


def test_oncall_case_25_shifts_at_17_00_and_17_30_are_different_entries() -> None:
    later = Schedule((rotation(handoff=time(17, 30)),), {}, frozenset("ABC"))
    one, two = ({each.uid for each in read_entries(file((T0, plan)))} for plan in (PLAN, later))
    assert not one & two
    moved = read_entries(file((T0, PLAN), (T1, later)))
    assert len({each.uid for each in moved}) == len(moved)
    assert {each.status for each in moved if each.uid in one and each.start > T1} == {"CANCELLED"}


def test_what_is_over_stays_as_it_was() -> None:
    late = seoul("2026-12-01T00:00")
    after = read_entries(file((T0, PLAN), (late, Schedule((rotation("CBA"),), {}, frozenset("ABC")))))
    assert {each.sequence for each in after if each.end <= late} == {0}
    assert 1 in {each.sequence for each in after if each.end > late}


def test_the_sequence_does_not_depend_on_the_window() -> None:
    other = Schedule((rotation("ADC"),), {}, frozenset("ADC"))
    versions = ((T0, PLAN), (T1, other))
    short = read_entries(file(*versions, end=datetime(2026, 12, 1, tzinfo=UTC)))
    every = {each.uid: each for each in read_entries(file(*versions))}
    assert all(every[each.uid] == each for each in short)


def test_the_file_of_one_person_cancels_what_went_to_another() -> None:
    one, two = rotation().start(0), rotation().start(1)
    swap = Swap("s1", "primary", "A", "B", one, two, state=SwapState.ACCEPTED)
    entries = read_entries(file((T0, PLAN), (T1, PLAN.changed((), (swap,))), person="A"))
    lost = next(each for each in entries if each.start == one)
    assert (lost.status, lost.sequence) == ("CANCELLED", 1)
    assert at(entries, "2026-11-21T00:00") == []
    mine = read_entries(file((T0, PLAN), (T1, PLAN.changed((), (swap,))), person="B"))
    assert at(mine, "2026-11-21T00:00") == ["Bob"]
