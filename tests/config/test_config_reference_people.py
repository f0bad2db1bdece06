"""The shipped configuration has the people, deadlines and channels of the documents, ready to be filled in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from artisan_tui.config.load import load
from artisan_tui.config.models import Config
from artisan_tui.config.problems import ConfigError
from artisan_tui.sources.checks import KINDS

TOP = Path(__file__).parents[2]
REFERENCE = TOP / "artisan.toml"
_OFF = re.compile(r"^#(?=[\[a-z_]+[\] ])(?=\[|[a-z_]+ = )", re.MULTILINE)


def read(path: Path) -> Config:
    return load(path, {name: kind.spec for name, kind in KINDS.items()})


@pytest.fixture
def filled(tmp_path: Path) -> Config:
    """The shipped file with everything taken in that stands there behind a #, and the empty contacts filled."""
    text, found = re.subn(r'= ""(?=[ ,])', '= "+82 2 0000 0000"', _OFF.sub("", REFERENCE.read_text("utf-8")))
    assert found == 14  # what the documents leave open
    path = tmp_path / "artisan.toml"
    path.write_text(text, "utf-8")
    return read(path)


def test_s1_05_s2_27_the_deadlines_of_the_guide_are_written_in_the_file() -> None:
    escalation = read(REFERENCE).escalation
    assert escalation.ladder == ("L1", "L2", "L3", "L4")
    assert {name: span / 60 for name, span in dict(escalation.acknowledge).items()} == {
        "Sev1": 15, "Sev2": 30, "Sev3": 60, "Sev4": 240,
    }  # fmt: skip
    assert dict(escalation.updates)["Sev2"] == 30 * 60
    assert (escalation.business_hours.begins.hour, escalation.business_hours.ends.hour) == (9, 17)


def test_s2_26_s2_28_every_contact_of_the_documents_has_an_entry(filled: Config) -> None:
    roles = {each.role for each in filled.people}
    assert roles >= {"Platform Engineer", "Database Admin", "ML Engineer", "DevOps"}
    assert roles >= {"Team Lead", "Engineering Manager", "CTO"}
    assert roles >= {"Cloud Provider Support", "Database Vendor", "Monitoring Service", "Security Team"}
    assert all(each.contacts.any for each in filled.people)
    assert filled.escalation.levels == {"L2": ("team-lead",), "L3": ("manager",), "L4": ("cto",)}
    paged = {name for each in filled.rotations for name in each.people}
    assert paged == {"platform", "dba", "ml", "devops"}


def test_s1_09_the_turns_are_those_of_the_guide(filled: Config) -> None:
    weekdays, weekend = filled.rotations
    assert [each.handoff for each in filled.rotations] == [weekdays.handoff] * 2
    assert weekdays.handoff == "fri 17:00"
    assert weekdays.only is not None
    assert (weekdays.only.days, weekdays.only.begins.hour, weekdays.only.ends.hour) == (
        ("mon", "tue", "wed", "thu", "fri"), 9, 17,
    )  # fmt: skip
    assert weekend.only is not None
    assert weekend.only.days == ("sat", "sun")


def test_s0_07_s2_23_s1_21_channels_window_and_links_of_the_documents_are_there(filled: Config) -> None:
    assert {each.kind for each in filled.channels} == {"slack", "pagerduty"}
    (window,) = filled.maintenance
    assert (window.days, window.zone) == (("sun",), "UTC")
    api = next(each for each in filled.services if each.id == "api")
    assert {"http://grafana/d/slo", "http://grafana/d/error-budget", "http://grafana/d/incidents"} <= set(
        api.links.values()
    )


def test_a_contact_that_was_left_empty_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "artisan.toml"
    path.write_text(_OFF.sub("", REFERENCE.read_text("utf-8")), "utf-8")
    with pytest.raises(ConfigError) as refused:
        read(path)
    assert any("contacts" in str(each) for each in refused.value.problems)
