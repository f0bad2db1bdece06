"""Open hours, overlaps and hand-overs of a schedule, and moments as people write them."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.oncall.balance import balance, deviations, hours_by_person
from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.events import OnCallOverridden, OnCallOverrideEnded
from artisan_tui.domain.oncall.handover import last_handover, next_handover
from artisan_tui.domain.oncall.lint import gap_spans, in_the_clocks_way, never_counts, overlap_spans, unreachable_people
from artisan_tui.domain.oncall.moments import parse_moment
from artisan_tui.domain.oncall.rotation import Rotation
from artisan_tui.domain.oncall.rotation_text import read_rotations, rotations_text
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.shift import Gap, OnCallOverride
from artisan_tui.domain.oncall.wall_time import Hours
from artisan_tui.domain.when import NotOneMoment
from support.oncall_weeks import EVERYBODY, NEW_YORK, SEOUL, override, swap, wall, weekly

OFFICE = frozenset(range(5))


def layer(name: str, days: frozenset[int], begin: time, end: time, zone: ZoneInfo = SEOUL) -> Rotation:
    return Rotation(name, "L1", ("A", "B", "C"), 7, time(17), date(2026, 11, 20), zone, Hours(days, begin, end, zone))


WEEKDAYS = layer("weekday", OFFICE, time(9), time(17))
WEEK = (wall("2026-11-23T00:00"), wall("2026-11-30T00:00"))


def gap_hours(gaps: tuple[Gap, ...]) -> list[float]:
    return [each.hours for each in gaps]


def test_oncall_case_14_the_rule_of_the_seeds_leaves_80_of_168_hours_open() -> None:
    seeds = Schedule((WEEKDAYS, layer("weekend", frozenset({5, 6}), time(), time())), {}, EVERYBODY)
    assert gap_hours(seeds.gaps("L1", *WEEK)) == [9.0, 16.0, 16.0, 16.0, 16.0, 7.0]
    spans = gap_spans(seeds, "L1", wall("2026-11-20T12:00"), SEOUL)
    assert spans.weekly_hours == 80.0
    assert not spans.single
    assert [f"{each.start:%a %H:%M}-{each.end:%a %H:%M}" for each in spans.weekly][::5] == [
        "Mon 00:00-Mon 09:00",
        "Fri 17:00-Sat 00:00",
    ]
    friday = layer("friday", frozenset({4}), time(17), time())
    saturday = layer("rest", frozenset({5, 6}), time(), time())
    monday = layer("monday", frozenset({0}), time(), time(9))
    longer = Schedule((WEEKDAYS, friday, saturday, monday), {}, EVERYBODY)
    assert sum(gap_hours(longer.gaps("L1", *WEEK))) == 64.0


@pytest.mark.parametrize(
    ("day", "gap", "overlap"),
    [
        ("2027-01-13", ["08-09"], ["00-01"]),
        ("2027-03-22", ["16-17"], ["16-17"]),
        ("2027-07-14", [], []),
    ],
)
def test_oncall_case_15_following_the_sun(day: str, gap: list[str], overlap: list[str]) -> None:
    zones = ("Asia/Seoul", "Europe/London", "America/Los_Angeles")
    sunward = Schedule(
        tuple(layer(zone, frozenset(), time(9), time(17), ZoneInfo(zone)) for zone in zones), {}, EVERYBODY
    )
    start = datetime.fromisoformat(day).replace(tzinfo=UTC)
    end = start + timedelta(days=1)
    gaps, overlaps = sunward.gaps("L1", start, end), sunward.overlaps("L1", start, end)
    if day == "2027-03-22":
        # The clocks of London change later than those of Los Angeles: each 1 h.
        assert (sum(gap_hours(gaps)), sum(each.hours for each in overlaps)) == (1.0, 1.0)
    else:
        assert [f"{each.start:%H}-{each.end:%H}" for each in gaps] == gap
        assert [f"{each.start:%H}-{each.end:%H}" for each in overlaps] == overlap


def test_oncall_case_16_43_open_hours_of_a_year_are_43_hours_with_their_dates() -> None:
    base = weekly()
    # Nobody can reach Z, who has 43 hours by override.
    changes = (
        override("Z", wall("2027-01-01T00:00"), wall("2027-01-02T00:00"), "o1"),
        override("Z", wall("2027-06-06T05:00"), wall("2027-06-07T00:00"), "o2"),
    )
    plan = Schedule((base,), {}, EVERYBODY, changes)
    spans = gap_spans(plan, "L1", wall("2026-11-20T12:00"), SEOUL)
    assert not spans.weekly
    assert spans.single_hours == 43.0
    assert [f"{each.start:%Y-%m-%d %H:%M}" for each in spans.single] == ["2027-01-01 00:00", "2027-06-06 05:00"]
    assert spans.single[0].about == ("Z",)


def test_open_hours_of_some_weeks_are_dates_and_not_a_rule() -> None:
    """The same night of two weeks is no habit: each is named with its date."""
    nights = tuple(
        override("Z", wall(f"2027-02-{day:02}T00:00"), wall(f"2027-02-{day:02}T06:00"), f"o{day}") for day in (6, 13)
    )
    spans = gap_spans(Schedule((weekly(),), {}, EVERYBODY, nights), "L1", wall("2026-11-20T12:00"), SEOUL)
    assert not spans.weekly
    assert [each.start.day for each in spans.single] == [6, 13]


def test_oncall_case_17_without_people_a_week_is_168_open_hours() -> None:
    assert gap_hours(Schedule().gaps("L1", *WEEK)) == [168.0]
    assert gap_spans(Schedule(), "L1", WEEK[0], SEOUL).weekly_hours == 168.0
    unreachable = Schedule((weekly(),), {}, frozenset())
    assert (
        gap_spans(unreachable, "L1", WEEK[0], SEOUL).weekly_hours
        + gap_spans(unreachable, "L1", WEEK[0], SEOUL).single_hours
        >= 168.0
    )
    assert unreachable_people(unreachable) == {"A": ["primary"], "B": ["primary"], "C": ["primary"]}


def test_oncall_case_18_how_even_hours_are_shared() -> None:
    shares = {"A": 168.0, "B": 168.0, "C": 84.0}
    assert f"{balance(shares):.1%}" == "66.7%"
    assert {person: f"{over:+.0%}" for person, over in deviations(shares).items()} == {
        "A": "+20%",
        "B": "+20%",
        "C": "-40%",
    }
    assert balance({}) == balance({"A": 3.0}) == balance({"A": 0.0, "B": 0.0}) == 1.0


def test_somebody_without_a_contact_is_a_gap_that_names_them() -> None:
    plan = Schedule((weekly(),), {}, frozenset("AC"))
    gaps = plan.gaps("L1", weekly().start(0), weekly().start(3))
    assert [(each.hours, each.unreachable) for each in gaps] == [(168.0, ("B",))]


def test_an_override_of_a_level_without_rotation_stands_for_whom_it_names() -> None:
    change = OnCallOverride("o1", "L2", "C", WEEK[0].astimezone(UTC), WEEK[1].astimezone(UTC))
    plan = Schedule((weekly(),), {"L2": ("A", "B"), "L3": ("primary",)}, EVERYBODY, (change,))
    assert plan.on_call("L2", wall("2026-11-25T00:00")) == ("C",)
    assert plan.on_call("L2", wall("2026-12-01T00:00")) == ("A", "B")
    assert plan.on_call("L3", wall("2026-11-25T00:00")) == ("A",)
    first = OnCallOverride("o2", "L1", "B", WEEK[0].astimezone(UTC), WEEK[1].astimezone(UTC))
    assert plan.changed((first,), ()).on_call("L3", wall("2026-11-25T00:00")) == ("B",)


def test_overlaps_hidden_layers_and_hand_overs_at_night_are_found() -> None:
    base, over = weekly(), Rotation("all", "L1", ("A",), 7, time(17), date(2026, 11, 20), SEOUL)
    now = wall("2026-11-20T12:00")
    assert [each.id for each in never_counts(Schedule((base, over), {}, EVERYBODY), "L1")] == ["primary"]
    assert not overlap_spans(Schedule((base, WEEKDAYS), {}, EVERYBODY), "L1", now, SEOUL)
    assert not never_counts(Schedule((base, WEEKDAYS), {}, EVERYBODY), "L1")
    two = Schedule((WEEKDAYS, layer("lunch", OFFICE, time(12), time(13))), {}, EVERYBODY)
    spans = overlap_spans(two, "L1", now, SEOUL)
    assert (spans.weekly_hours, spans.weekly[0].about) == (5.0, ("lunch", "weekday"))
    night = Rotation("n", "L1", ("A",), 1, time(2, 30), date(2026, 11, 20), NEW_YORK)
    assert in_the_clocks_way(night, now)
    assert not in_the_clocks_way(Rotation("n", "L1", ("A",), 1, time(2, 30), date(2026, 11, 20), SEOUL), now)
    assert not in_the_clocks_way(weekly(NEW_YORK), now)


def test_a_hand_over_has_its_people_and_the_shift_that_ends() -> None:
    plan = Schedule((weekly(),), {}, EVERYBODY)
    at = wall("2026-12-01T12:00")
    last, coming = last_handover(plan, at), next_handover(plan, at)
    assert last is not None
    assert coming is not None
    assert (last.at, last.outgoing, last.incoming) == (weekly().start(1), ("A",), ("B",))
    assert (last.since, last.until) == (weekly().start(0), weekly().start(2))
    assert (coming.at, coming.outgoing, coming.incoming) == (weekly().start(2), ("B",), ("C",))
    assert last_handover(plan, last.at) == last
    assert next_handover(plan, last.at) == coming
    swapped = last_handover(plan.changed((), (swap(),)), at)
    assert swapped is not None
    assert (swapped.outgoing, swapped.incoming) == (("B",), ("A",))
    late = override("C", wall("2026-11-27T12:00"), wall("2026-11-27T18:00"))
    taken = last_handover(plan.changed((late,), ()), at)
    assert taken is not None
    assert (taken.outgoing, taken.incoming) == (("A", "C"), ("B", "C"))
    assert last_handover(Schedule(), at) is None


def test_an_override_can_be_ended_early_and_one_that_never_began_is_gone() -> None:
    changes = OnCallChanges()
    changes.configure(Schedule((weekly(),), {}, EVERYBODY))
    made, start, end = wall("2026-11-21T00:00"), wall("2026-11-21T10:00"), wall("2026-11-21T20:00")
    made_entry = OnCallOverridden(level="L1", person="C", start=start, end=end).entry(made, "x", "o1")
    changes.apply([made_entry])
    ended = OnCallOverrideEnded(level="L1", person="C").entry(wall("2026-11-21T12:00"), "x", "o1")
    changes.apply([ended])
    assert changes.schedule.on_call("L1", wall("2026-11-21T11:00")) == ("C",)
    assert changes.schedule.on_call("L1", wall("2026-11-21T12:00")) == ("A",)
    assert not changes.apply([made_entry, ended])
    changes.forget()
    changes.apply([made_entry, OnCallOverrideEnded().entry(wall("2026-11-21T09:00"), "x", "o1")])
    assert changes.overrides == ()


@given(st.integers(0, 500), st.integers(1, 300), st.sampled_from("ABC"))
def test_an_override_moves_hours_and_loses_none(start: int, length: int, person: str) -> None:
    rotation = weekly(NEW_YORK, date(2027, 3, 5))
    begin, end = rotation.start(0), rotation.start(4)
    change = override(person, begin + timedelta(hours=start), begin + timedelta(hours=start + length))
    plan = Schedule((rotation,), {}, EVERYBODY, (change,))
    parts = plan.shifts("L1", begin, end)
    assert sum(hours_by_person(parts).values()) == (end - begin).total_seconds() / 3600
    assert [each.start for each in parts[1:]] == [each.end for each in parts[:-1]]
    for each in parts:
        assert plan.on_call("L1", each.start) == (each.person,)


def test_rotations_come_back_from_the_journal_as_they_were() -> None:
    plan = Schedule((weekly(), WEEKDAYS), {"L2": ("A", "primary")})
    assert read_rotations(rotations_text(plan)) == plan
    with pytest.raises(ValueError, match="no rotations"):
        read_rotations('{"rotations": [{}]}')


NOW = wall("2026-11-18T12:00")


@pytest.mark.parametrize(
    ("text", "ahead", "found"),
    [
        ("2h", True, "2026-11-18T14:00"),
        ("2h", False, "2026-11-18T10:00"),
        ("fri 17:00", True, "2026-11-20T17:00"),
        ("Friday 17:00", True, "2026-11-20T17:00"),
        ("wed 12:00", True, "2026-11-25T12:00"),
        ("wed 13:00", True, "2026-11-18T13:00"),
        ("17:00", True, "2026-11-18T17:00"),
        ("9:00", True, "2026-11-19T09:00"),
        ("17:00", False, "2026-11-17T17:00"),
        ("2026-11-21", True, "2026-11-21T00:00"),
        ("2026-11-21 22:00", True, "2026-11-21T22:00"),
        ("tomorrow", True, "2026-11-19T00:00"),
        ("now", True, "2026-11-18T12:00"),
    ],
)
def test_moments_as_people_write_them(text: str, ahead: bool, found: str) -> None:
    assert parse_moment(text, NOW, SEOUL, ahead=ahead) == wall(found)


@pytest.mark.parametrize("text", ["", "soon", "fry 17:00", "frisbee", "25:00", "fri 25:00", "99999999999d"])
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        parse_moment(text, NOW, SEOUL)


def test_oncall_case_09_a_wall_time_that_occurs_twice_or_never_is_refused_with_both_instants() -> None:
    with pytest.raises(NotOneMoment) as twice:
        parse_moment("2027-11-07T01:30", NOW, NEW_YORK)
    assert [f"{each:%H:%MZ}" for each in twice.value.offsets] == ["05:30Z", "06:30Z"]
    assert parse_moment("2027-11-07T01:30-05:00", NOW, NEW_YORK) == datetime(2027, 11, 7, 6, 30, tzinfo=UTC)
    with pytest.raises(NotOneMoment) as never:
        parse_moment("2027-03-14 02:30", NOW, NEW_YORK)
    assert never.value.offsets == ()
