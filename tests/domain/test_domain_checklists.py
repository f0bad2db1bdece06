"""Checklists by the calendar: their periods, ticks, and what is overdue."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.domain.oncall.checklist_calendar import period_at, period_before
from artisan_tui.domain.oncall.checklist_states import ChecklistFacts
from artisan_tui.domain.oncall.checklists import (
    CalendarRule,
    Checklist,
    ChecklistState,
)
from artisan_tui.domain.oncall.events import (
    ChecklistDropped,
    ChecklistTicked,
    ChecklistUnticked,
    ChecklistVerified,
)
from support.checklist_entries import NOW, SEOUL, checklist, entry, states


def one(listed: Checklist, *entries: Entry, at: datetime = NOW) -> ChecklistState:
    (found,) = states(listed, *entries, at=at)
    return found


@pytest.mark.parametrize(
    ("rule", "key", "start", "due"),
    [
        (CalendarRule("day", 0, time(10)), "2026-11-30", "2026-11-30T00:00", "2026-11-30T10:00"),
        (CalendarRule("day"), "2026-11-30", "2026-11-30T00:00", "2026-12-01T00:00"),
        (CalendarRule("week", 4, time(16)), "2026-W49", "2026-11-30T00:00", "2026-12-04T16:00"),
        (CalendarRule("month", 9, time(17)), "2026-11", "2026-11-01T00:00", "2026-11-10T17:00"),
        (CalendarRule("quarter", 44, time(17)), "2026-Q4", "2026-10-01T00:00", "2026-11-14T17:00"),
        (CalendarRule("quarter"), "2026-Q4", "2026-10-01T00:00", "2027-01-01T00:00"),
    ],
)
def test_the_period_of_a_moment_is_in_local_days(rule: CalendarRule, key: str, start: str, due: str) -> None:
    found = period_at(rule, NOW, SEOUL)
    assert found.key == key
    assert found.start == datetime.fromisoformat(start).replace(tzinfo=SEOUL)
    assert found.due == datetime.fromisoformat(due).replace(tzinfo=SEOUL)


def test_a_local_day_is_as_long_as_the_clock_makes_it() -> None:
    new_york = ZoneInfo("America/New_York")
    spring = period_at(CalendarRule("day"), datetime(2027, 3, 14, 12, tzinfo=UTC), new_york)
    autumn = period_at(CalendarRule("day"), datetime(2027, 11, 7, 12, tzinfo=UTC), new_york)
    assert (spring.end - spring.start, autumn.end - autumn.start) == (timedelta(hours=23), timedelta(hours=25))


def test_periods_follow_each_other_without_a_gap_through_a_year() -> None:
    for every in ("day", "week", "month", "quarter"):
        rule, at = CalendarRule(every), datetime(2026, 1, 1, tzinfo=UTC)
        keys = set()
        while at < datetime(2027, 2, 1, tzinfo=UTC):
            period = period_at(rule, at, SEOUL)
            assert period_before(rule, period_at(rule, period.end, SEOUL), SEOUL) == period
            assert period.key not in keys
            keys.add(period.key)
            at = period.end


def test_a_daily_list_of_workdays_rests_at_the_weekend() -> None:
    rule = CalendarRule("day", 0, time(10), (0, 1, 2, 3, 4))
    saturday = datetime(2026, 11, 28, 3, tzinfo=UTC)
    period = period_at(rule, saturday, SEOUL)
    assert (period.key, period.end) == ("2026-11-27", datetime(2026, 11, 30, tzinfo=SEOUL))
    whole_day = period_at(CalendarRule("day", None, time(0), rule.days), saturday, SEOUL)
    assert whole_day.due == datetime(2026, 11, 28, tzinfo=SEOUL)


def test_who_ticked_what_and_when_with_the_evidence() -> None:
    daily = checklist(CalendarRule("day", 0, time(10)))
    ticks = (
        entry(ChecklistTicked(item="a", evidence="0.2 %"), "list/2026-11-30", 5, "alice"),
        entry(ChecklistTicked(item="b", state="skipped", evidence="no DLQ here"), "list/2026-11-30", 7, "bob"),
    )
    found = one(daily, *ticks, at=NOW + timedelta(minutes=10))
    assert (found.done, found.total, found.complete, found.who) == (2, 2, True, ("alice", "bob"))
    assert found.when == NOW + timedelta(minutes=7)
    assert [(each.state, each.evidence) for each in found.items] == [("done", "0.2 %"), ("skipped", "no DLQ here")]
    assert not found.overdue(NOW + timedelta(days=1))


def test_the_last_word_on_an_item_counts_however_often_the_journal_is_read() -> None:
    daily, subject = checklist(CalendarRule("day", 0, time(10))), "list/2026-11-30"
    words = [
        entry(ChecklistTicked(item="a"), subject, 1),
        entry(ChecklistUnticked(item="a"), subject, 2),
        entry(ChecklistTicked(item="a", state="failed", evidence="3 dead letters"), subject, 3),
        entry(ChecklistVerified(item="b", outcome="ok", seen="up"), subject, 4),
        entry(ChecklistVerified(item="b", outcome="failed", seen="down"), subject, 5),
    ]
    found = one(daily, *words, *words[2:], at=NOW + timedelta(minutes=9))
    assert [(each.state, each.said) for each in found.items] == [("failed", ""), ("failed", "down")]
    assert (found.failed, found.complete, found.done) == (True, False, 0)


def test_what_the_program_could_not_tell_takes_no_tick_away() -> None:
    daily, subject = checklist(CalendarRule("day", 0, time(10))), "list/2026-11-30"
    unsure = entry(ChecklistVerified(item="a", outcome="unknown", seen="no [alerts]"), subject, 1)
    found = one(daily, unsure, at=NOW + timedelta(minutes=9))
    assert (found.items[0].state, found.items[0].said) == ("open", "no [alerts]")
    ticked = entry(ChecklistTicked(item="a"), subject, 2)
    again = entry(ChecklistVerified(item="a", outcome="unknown", seen="no [alerts]"), subject, 3)
    assert one(daily, unsure, ticked, again, at=NOW + timedelta(minutes=9)).items[0].state == "done"


def test_entries_of_another_hand_are_no_ticks() -> None:
    broken = Entry(NOW, "x", "checklist.ticked", "list/2026-11-30", {"item": 5})
    assert one(checklist(CalendarRule("day", 0, time(10))), broken).done == 0


def test_overdue_from_the_minute_it_was_due() -> None:
    daily, due = checklist(CalendarRule("day", 0, time(10))), NOW + timedelta(hours=1)
    assert not one(daily).overdue(due - timedelta(microseconds=1))
    assert one(daily).overdue(due)


def test_nobody_could_have_done_what_was_due_before_the_store_began() -> None:
    facts = ChecklistFacts(SEOUL, NOW + timedelta(hours=2))
    (found,) = states(checklist(CalendarRule("day", 0, time(10))), at=NOW + timedelta(hours=3), facts=facts)
    assert (found.overdue(NOW + timedelta(hours=3)), found.missed) == (False, 0)


def test_periods_that_went_by_are_counted_back_to_the_last_that_was_done() -> None:
    daily = checklist(CalendarRule("day", 0, time(10)))
    done = [entry(ChecklistTicked(item=each), "list/2026-11-27", -4000) for each in ("a", "b")]
    found = one(daily, *done)
    assert (found.missed, found.last) == (2, NOW - timedelta(minutes=4000))


def test_one_that_was_late_says_so() -> None:
    daily = checklist(CalendarRule("day", 0, time(10)))
    late = [entry(ChecklistTicked(item=each), "list/2026-11-30", 90) for each in ("a", "b")]
    assert one(daily, *late, at=NOW + timedelta(hours=2)).late()


def test_what_is_not_needed_this_time_is_gone_and_missed_nothing() -> None:
    daily = checklist(CalendarRule("day", 0, time(10)))
    gone = entry(ChecklistDropped(reason="holiday"), "list/2026-11-30")
    assert states(daily, gone) == ()
    assert one(daily, entry(ChecklistDropped(), "list/2026-11-29"), at=NOW).missed == 0


def test_what_was_begun_before_midnight_can_be_completed_after_it() -> None:
    daily, facts = checklist(CalendarRule("day", 0, time(10))), ChecklistFacts(SEOUL, NOW - timedelta(hours=40))
    yesterday = entry(ChecklistTicked(item="a"), "list/2026-11-29", -60 * 9 - 5)  # 23:55 in Seoul
    left, today = states(daily, yesterday, at=NOW - timedelta(hours=8, minutes=55), facts=facts)  # 00:05
    assert (left.key, left.done, left.complete, left.overdue(NOW)) == ("2026-11-29", 1, False, True)
    assert (today.key, today.done, today.missed) == ("2026-11-30", 0, 0)
    late = entry(ChecklistTicked(item="b"), "list/2026-11-29", -60 * 8)
    today, done = states(daily, yesterday, late, facts=facts)
    assert (today.key, today.missed, done.key, done.complete) == ("2026-11-30", 0, "2026-11-29", True)
    # A day later it is one that went by, or was done.
    (after,) = states(daily, yesterday, at=NOW + timedelta(days=1), facts=facts)
    assert (after.key, after.missed) == ("2026-12-01", 2)
    (after,) = states(daily, yesterday, late, at=NOW + timedelta(days=1), facts=facts)
    assert (after.key, after.missed, after.last) == ("2026-12-01", 1, late.occurred_at)


def test_one_that_was_completed_in_time_or_dropped_or_never_begun_is_not_listed_again() -> None:
    daily = checklist(CalendarRule("day", 0, time(10)))
    in_time = [entry(ChecklistTicked(item=each), "list/2026-11-29", -60 * 20) for each in ("a", "b")]
    assert one(daily, *in_time).key == "2026-11-30"
    assert one(daily, in_time[0], entry(ChecklistDropped(reason="x"), "list/2026-11-29", -60)).key == "2026-11-30"
    assert one(daily).key == "2026-11-30"
