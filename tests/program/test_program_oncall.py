"""``artisan-tui oncall``: who, schedule, override, swap, take, calendar files; and what the lint says of the hours."""

from __future__ import annotations

import json
import os
import pwd
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from support.calendar_reader import read_entries
from support.program import Runner
from support.services import config_text, http_check

LOGIN = pwd.getpwuid(os.getuid()).pw_name
PEOPLE = "".join(
    f'[[person]]\nid = "{name}"\nlogins = ["{login}"]\ncontacts = {{ phone = "1" }}\n'
    for name, login in (("alice", LOGIN), ("bob", "bob"), ("carol", "carol"))
)
PRIMARY = """
[[rotation]]
id = "primary"
zone = "{zone}"
people = ["alice", "bob", "carol"]
handoff = "fri 17:00"
from = 2026-11-20
"""
OFFICE = 'only = { days = ["mon", "tue", "wed", "thu", "fri"], from = "09:00", to = "17:00" }\n'
WEEKEND = PRIMARY.replace('"primary"', '"weekend"') + 'only = { days = ["sat", "sun"] }\n'


def write(home: Path, *parts: str, zone: str = "Asia/Seoul") -> None:
    text = config_text(http_check("web", "http://127.0.0.1:1/")) + PEOPLE + "".join(parts).replace("{zone}", zone)
    text = re.sub(r'timezone = "[^"]*"', f'timezone = "{zone}"', text)
    assert f'timezone = "{zone}"' in text
    (home / "artisan.toml").write_text(text, "utf-8")


@pytest.fixture
def weekly(home: Path) -> None:
    write(home, PRIMARY)


@pytest.mark.usefixtures("weekly")
def test_who_is_on_call_at_a_moment(run: Runner) -> None:
    done = run("oncall", "who", "--at", "2026-11-20T16:59:59")
    assert (done.returncode, "carol  until Fri 20 Nov 17:00, then alice" in done.stdout) == (0, True), done.stdout
    found = json.loads(run("oncall", "who", "--at", "2026-11-20T17:00:00+09:00", "--json").stdout)
    assert found["levels"][0] == {
        "level": "L1",
        "people": [{"id": "alice", "name": "alice", "contacts": {"phone": "1"}}],
        "why": ["layer"],
        "until": "2026-11-27T08:00:00.000000Z",
        "next": ["bob"],
    }
    nobody = run("oncall", "who", "--level", "L2")
    assert (nobody.returncode, "NOBODY" in nobody.stdout) == (1, True)
    wrong = run("oncall", "who", "--level", "L7")
    assert (wrong.returncode, "there is no level L7: write one of L1, L2, L3, L4" in wrong.stderr) == (2, True)
    soon = run("oncall", "who", "--at", "soonish")
    assert (soon.returncode, "--at 'soonish' is no time" in soon.stderr) == (2, True)


def test_s2_26_everybody_has_a_role_and_a_way_to_be_reached_on_call_or_not(home: Path, run: Runner) -> None:
    dba = '[[person]]\nid = "vendor"\nname = "데이터베이스"\nrole = "Database Vendor"\n[person.contacts]\nphone = "+82 2 1"\n'
    write(home, PRIMARY, dba, '[escalation]\nlevels = { L3 = ["bob"] }\n')
    lines = run("oncall", "people").stdout.splitlines()
    assert len(lines) == 4
    assert lines[3] == "      데이터베이스  Database Vendor  phone +82 2 1"
    assert any(line.startswith(("L3    bob ", "L1,L3 ")) for line in lines)
    found = json.loads(run("oncall", "people", "--json").stdout)["people"]
    assert found[3] == {
        "id": "vendor", "name": "데이터베이스", "role": "Database Vendor", "contacts": {"phone": "+82 2 1"}, "levels": [],
    }  # fmt: skip
    (home / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")), "utf-8")
    assert "nobody is named: add [[person]]" in run("oncall", "people").stdout


def test_oncall_case_09_a_time_that_occurs_twice_is_refused_with_both_offsets(home: Path, run: Runner) -> None:
    write(home, PRIMARY, zone="America/New_York")
    done = run("oncall", "who", "--at", "2027-11-07T01:30")
    assert (done.returncode, done.stdout) == (2, "")
    for part in ("2027-11-07T01:30-04:00", "05:30Z", "2027-11-07T01:30-05:00", "06:30Z", "America/New_York"):
        assert part in done.stderr
    assert run("oncall", "who", "--at", "2027-11-07T01:30-05:00").returncode == 0
    never = run("oncall", "who", "--at", "2027-03-14T02:30")
    assert (never.returncode, "does not occur in America/New_York" in never.stderr) == (2, True)


def test_oncall_case_14_the_hours_that_nobody_has_are_named(home: Path, run: Runner) -> None:
    write(home, PRIMARY + OFFICE, WEEKEND)
    checked = run("config", "check")
    assert checked.returncode == 0
    assert "nobody is on call for 80 of the 168 h of a week: Mon 00:00 - 09:00 (9 h); " in checked.stderr
    assert "Mon 17:00 - Tue 09:00 (16 h)" in checked.stderr
    assert "Fri 17:00 - 24:00 (7 h)" in checked.stderr
    found = json.loads(run("oncall", "schedule", "--from", "2026-11-23", "--level", "L1", "--json").stdout)
    assert found["levels"][0]["uncovered_hours"] == 80.0
    assert [each["hours"] for each in found["levels"][0]["gaps"]] == [9.0, 16.0, 16.0, 16.0, 16.0, 7.0]
    shown = run("oncall", "schedule", "--from", "2026-11-23", "--level", "L1").stdout
    assert "80 h of 168 h are not covered:" in shown
    doctor = json.loads(run("doctor", "--json").stdout)["findings"]
    assert any("80 of the 168 h" in each["said"] and each["ok"] is False for each in doctor)


def test_oncall_case_17_without_people_the_lint_says_168_hours(home: Path, run: Runner) -> None:
    (home / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")), "utf-8")
    assert "nobody is on call for 168 of the 168 h of a week" in run("config", "check").stderr
    assert "168 h of 168 h are not covered" in run("oncall", "schedule").stdout


@pytest.mark.usefixtures("weekly")
def test_override_undo_swap_and_take(home: Path, run: Runner) -> None:
    put = json.loads(run("oncall", "override", "carol", "--from", "2099-01-03T22:00", "--to", "2099-01-04T06:00",
                         "--reason", "결혼식", "--json").stdout)  # fmt: skip
    assert (put["person"], put["start"], put["hidden"]) == ("carol", "2099-01-03T13:00:00.000000Z", [])
    newer = run("oncall", "override", "bob", "--from", "2099-01-03T23:00", "--to", "2099-01-04T00:00")
    assert f"it hides {put['id']} for some of that time" in newer.stdout
    shown = run("oncall", "schedule", "--from", "2099-01-03", "--level", "L1").stdout
    assert f"override {put['id']}: carol for L1, Sat 03 Jan 22:00 - Sun 04 Jan 06:00: 결혼식" in shown
    assert "  hidden by ovr-" in shown
    assert run("oncall", "undo", put["id"]).returncode == 0
    assert put["id"] not in run("oncall", "schedule", "--from", "2099-01-03", "--level", "L1").stdout
    again = run("oncall", "undo", put["id"])
    assert (again.returncode, "no override in force" in again.stderr) == (1, True)
    write(home, PRIMARY.replace('"alice", "bob", "carol"', '"bob"'))
    assert "you are on call for L1" in run("oncall", "take").stdout
    assert "alice  until" in run("oncall", "who").stdout
    assert "already" in run("oncall", "take").stderr
    asked = run("oncall", "swap", "2099-01-02", "--with", "bob")
    assert (asked.returncode, "alice has no shift then: primary: bob, " in asked.stderr) == (1, True)
    read_only = run("--read-only", "oncall", "take")
    assert (read_only.returncode, "read-only" in read_only.stderr) == (1, True)
    assert run("audit", "verify").returncode == 0


@pytest.mark.usefixtures("weekly")
def test_oncall_case_24_25_calendar_files_from_the_command_line(home: Path, run: Runner) -> None:
    window = ("--from", "2099-01-01", "--days", "30", "--level", "L1")
    first = run("--read-only", "oncall", "ics", *window)
    assert first.returncode in (0, 3)  # there is no store to read yet
    for name in ("one", "two"):
        assert run("oncall", "ics", *window, "-o", str(home / name)).returncode == 0
    one = (home / "one").read_bytes()
    assert one == (home / "two").read_bytes()
    before = {each.uid: each for each in read_entries(one)}
    assert run("oncall", "override", "carol", "--from", "2099-01-10T22:00", "--to", "2099-01-11T06:00").returncode == 0
    assert run("oncall", "ics", *window, "-o", str(home / "three")).returncode == 0
    after = {each.uid: each for each in read_entries((home / "three").read_bytes())}
    assert {uid for uid in before if after[uid].sequence == 1} == {
        each.uid
        for each in before.values()
        if each.start <= after[max(after)].start and each.end != after[each.uid].end
    }
    assert len(after) == len(before) + 2
    write(home, PRIMARY.replace('"alice", "bob", "carol"', '"alice", "carol"'))
    assert run("oncall", "ics", *window, "-o", str(home / "four")).returncode == 0
    assert (home / "four").read_bytes() != (home / "three").read_bytes()
    assert run("--read-only", "oncall", "ics", *window, "-o", str(home / "five")).returncode == 0
    assert (home / "four").read_bytes() == (home / "five").read_bytes()
    wrong = run("oncall", "ics", "--person", "eve")
    assert (wrong.returncode, "there is no [[person]] eve" in wrong.stderr) == (2, True)


@pytest.mark.usefixtures("weekly")
def test_a_calendar_of_another_tool_is_shown_first_and_then_written(home: Path, run: Runner) -> None:
    path = home / "other.ics"

    def write_calendar(summary: str, start: datetime) -> None:
        times = (f"DTSTART:{start:%Y%m%dT000000Z}", f"DTEND:{start + timedelta(days=1):%Y%m%dT000000Z}")
        event = ("BEGIN:VEVENT", "UID:1", f"SUMMARY:{summary}", *times, "END:VEVENT")
        lines = ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:x", *event, "END:VCALENDAR", "")
        path.write_bytes("\r\n".join(lines).encode())

    soon = datetime.now(UTC) + timedelta(days=3)
    write_calendar("[L1] bob", soon + timedelta(days=200))
    assert run("oncall", "import", str(path)).stdout == ""  # beyond the 90 days
    write_calendar("[L1] bob", soon)
    shown = run("oncall", "import", str(path))
    assert (shown.returncode, shown.stdout.startswith("+ L1  ")) == (0, True), shown.stderr
    assert "add --apply" in shown.stderr
    found = json.loads(run("oncall", "import", str(path), "--apply", "--json").stdout)
    assert (found["written"], len(found["put"])) == (True, 1)
    assert run("oncall", "import", str(path)).stdout.startswith("= L1  ")
    listed = json.loads(run("oncall", "schedule", "--days", "7", "--json").stdout)
    assert [each["person"] for each in listed["overrides"]] == ["bob"]
    write_calendar("Nobody We Know", soon)
    refused = run("oncall", "import", str(path), "--apply")
    assert (refused.returncode, "is nobody of ours" in refused.stderr) == (1, True)
    missing = run("oncall", "import", str(home / "nothing.ics"))
    assert (missing.returncode, "cannot be read" in missing.stderr) == (2, True)
