"""People, access, escalation and rotations in the file: read, and refused with what mends it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.config.load import load
from artisan_tui.config.models import Config
from artisan_tui.config.problems import ConfigError, Problem
from config.config_stubs import KINDS

BASE = """
[artisan]
timezone = "Asia/Seoul"
[[service]]
id = "api"
[[service.check]]
id = "health"
kind = "http"
url = "http://127.0.0.1:8000/health"
"""
PEOPLE = """
[[person]]
id = "alice"
name = "앨리스"
logins = ["alice", "alice.kim"]
zone = "Asia/Seoul"
contacts = { slack = "U012AB3CD", email = "alice@example.com", pagerduty = "PXXXXXX", phone = "+82-10-0000-0000" }
[[person]]
id = "bob"
contacts = { phone = "+82-10-1111-1111" }
[[person]]
id = "carol"
"""
ROTATION = """
[[rotation]]
id = "primary"
level = "L1"
zone = "Asia/Seoul"
people = ["alice", "bob", "carol"]
shift = "1w"
handoff = "fri 17:00"
from = 2026-11-20
only = { days = ["mon", "tue", "wed", "thu", "fri"], from = "09:00", to = "17:00" }
"""
ESCALATION = """
[escalation]
ladder = ["L1", "L2", "L3", "L4"]
levels = { L2 = ["bob"], L3 = ["primary"], L4 = ["group:oncall"] }
acknowledge = { Sev1 = "15m", Sev2 = "20m" }
updates = { Sev1 = "10m" }
business_hours = { days = ["mon", "tue", "wed", "thu", "fri"], from = "09:00", to = "17:00", holidays = "KR" }
"""


def read(folder: Path, *parts: str) -> Config:
    path = folder / "artisan.toml"
    path.write_text("".join((BASE, *parts)))
    return load(path, KINDS)


def problems(folder: Path, *parts: str) -> list[Problem]:
    with pytest.raises(ConfigError) as caught:
        read(folder, *parts)
    return list(caught.value.problems)


def test_the_page_of_the_contract_is_read(tmp_path: Path) -> None:
    config = read(tmp_path, PEOPLE, ROTATION, ESCALATION)
    assert [person.id for person in config.people] == ["alice", "bob", "carol"]
    assert config.person_of("alice.kim") is config.people[0]
    assert config.person_of("bob") is config.people[1]
    assert config.person_of("alice@x") is None
    assert config.escalation.acknowledge_within == {"Sev1": 900.0, "Sev2": 1200.0, "Sev3": 3600.0, "Sev4": 14400.0}
    assert config.escalation.update_every == {"Sev1": 600.0, "Sev2": 1800.0, "Sev3": 3600.0}
    schedule = config.schedule()
    monday = datetime(2026, 11, 23, 1, tzinfo=UTC)  # 10:00 in Seoul
    assert schedule.on_call("L1", monday) == ("alice",)
    assert schedule.on_call("L1", monday - timedelta(days=1)) == ()  # Sunday is not covered
    assert schedule.on_call("L2", monday) == ("bob",)
    assert schedule.on_call("L3", monday) == ("alice",)
    # Carol has no contact: she counts as nobody.
    assert schedule.on_call("L1", monday + timedelta(days=14)) == ()


def test_working_hours_know_the_holidays_of_the_country(tmp_path: Path) -> None:
    business = read(tmp_path, PEOPLE, ESCALATION.replace('["primary"]', '["bob"]')).escalation.business_hours.business(
        ZoneInfo("Asia/Seoul")
    )
    eve = datetime(2026, 12, 24, 16, 30, tzinfo=ZoneInfo("Asia/Seoul"))
    assert business.after(eve, timedelta(hours=1)) == datetime(2026, 12, 28, 0, 30, tzinfo=UTC)
    listed = read(
        tmp_path, '[escalation]\nbusiness_hours = { from = "09:00", to = "17:00", holidays = [2026-12-25] }\n'
    )
    assert listed.escalation.business_hours.business(ZoneInfo("UTC")).holiday(date(2026, 12, 25))


def test_without_the_tables_the_seeds_hold(tmp_path: Path) -> None:
    config = read(tmp_path)
    assert config.access is None
    assert config.schedule().on_call("L1", datetime(2026, 11, 23, tzinfo=UTC)) == ()
    assert config.escalation.ladder == ("L1", "L2", "L3", "L4")
    hours = config.escalation.business_hours.business(config.zone).hours
    assert (hours.begin, hours.end, hours.days, str(hours.zone)) == (
        time(9),
        time(17),
        frozenset(range(5)),
        "Asia/Seoul",
    )


@pytest.mark.parametrize(("written", "days"), [("7", 7), ("14", 14), ('"2w"', 14), ('"14d"', 14)])
def test_a_shift_may_be_a_number_of_days(tmp_path: Path, written: str, days: int) -> None:
    (rotation,) = read(tmp_path, PEOPLE, ROTATION.replace('"1w"', written)).schedule().rotations
    assert rotation.days == days


@pytest.mark.parametrize(
    ("parts", "key", "what", "mend"),
    [
        ((PEOPLE, ROTATION.replace('"bob"', '"bobb"')), "rotation.people", "no person or rotation 'bobb'", "'bob'"),
        ((PEOPLE, ROTATION.replace("2026-11-20", "2026-11-21")), "rotation.from", "is a sat", "first hand-over"),
        ((PEOPLE, ROTATION.replace('"1w"', '"3d"')), "rotation.handoff", "3 days", "whole weeks"),
        ((PEOPLE, ROTATION.replace('"1w"', '"1 month"')), "rotation.shift", "whole days or weeks", '"1w"'),
        ((PEOPLE, ROTATION.replace('"1w"', "0")), "rotation.shift", "whole days or weeks", '"1w"'),
        ((PEOPLE, ROTATION.replace('"1w"', "-7")), "rotation.shift", "whole days or weeks", '"1w"'),
        ((PEOPLE, ROTATION.replace('"1w"', "367")), "rotation.shift", "whole days or weeks", '"1w"'),
        ((PEOPLE, ROTATION.replace('"1w"', "true")), "rotation.shift", "must be text", ""),
        ((PEOPLE, ROTATION.replace('"1w"', "1.5")), "rotation.shift", "must be text", ""),
        ((PEOPLE, ROTATION.replace('"fri 17:00"', '"friday 5pm"')), "rotation.handoff", "hand over", '"fri 17:00"'),
        ((PEOPLE, ROTATION, ROTATION), "rotation.id", "already used", "another id"),
        ((PEOPLE, ROTATION, ESCALATION.replace("L3 = ", "L9 = ")), "escalation.levels.L9", "not on the ladder", "L1"),
        ((PEOPLE, ROTATION, ESCALATION.replace('"bob"', '"dave"')), "escalation.levels.L2", "'dave'", "[[person]]"),
        ((PEOPLE, ROTATION, ESCALATION.replace('"KR"', '"KX"')), "escalation.business_hours.holidays", "'KX'", "KR"),
        ((PEOPLE, ROTATION.replace('"L1"', '"L7"'), ESCALATION), "rotation.level", "not on the ladder", "L1"),
        ((PEOPLE.replace('id = "bob"', 'id = "alice"'),), "person.id", "already used", "another id"),
        (
            (PEOPLE.replace('id = "bob"', 'id = "bob"\nlogins = ["alice"]'),),
            "person.logins",
            "already the person",
            "one",
        ),
        ((PEOPLE.replace("alice@example.com", "alice"),), "person.contacts.email", "not a mail address", "@"),
        ((PEOPLE.replace("U012AB3CD", "U0\\u000a1"),), "person.contacts.slack", "control characters", "one line"),
        (('[access]\nviewer = ["*"]\n',), "access", "nobody is commander", "commander"),
        (('[access]\ncommander = ["a b"]\n',), "access.commander", "", ""),
        (('[escalation]\nladder = ["L1", "L1"]\n',), "escalation.ladder", "twice", "take one out"),
        (('[escalation]\nacknowledge = { Sev5 = "1m" }\n',), "escalation.acknowledge", "", ""),
    ],
)
def test_a_mistake_is_named_with_its_mend(
    tmp_path: Path, parts: tuple[str, ...], key: str, what: str, mend: str
) -> None:
    found = problems(tmp_path, *parts)
    assert any(each.key.startswith(key) and what in each.what and mend in each.mend and each.line for each in found), (
        found
    )
