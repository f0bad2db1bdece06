"""Drills as a past moment knew them: for the hand-over of a shift that is long over."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.config.models import Config
from artisan_tui.domain.drills.record import ACT, PlayLine, PlayRecord
from artisan_tui.domain.drills.scenario import Scenario
from artisan_tui.domain.json_value import as_json
from artisan_tui.domain.oncall.handoff_review import ShiftSpan
from artisan_tui.engine.drills.library import scenarios
from artisan_tui.engine.drills.queries import known_drills
from artisan_tui.engine.oncall.handoff_query import drill_facts
from artisan_tui.engine.settings import read
from support.drill_folders import drill_folder
from support.services import config_text, http_check

#: Friday 17:00 in Seoul, and the one before.
END = datetime(2026, 11, 27, 8, tzinfo=UTC)
START = END - timedelta(days=7)
SHIFT = ShiftSpan(START, END)


@pytest.fixture
def config(tmp_path: Path) -> Config:
    (tmp_path / "artisan.toml").write_text(config_text(http_check("web", "http://127.0.0.1:1/")))
    return read(tmp_path / "artisan.toml")


def played(state: Path, config: Config, at: datetime) -> Scenario:
    """A live play of a shipped scenario in which its runbook was run."""
    found = next(each for each in scenarios(config) if each.runbooks)
    folder = drill_folder(state / "drills" / f"{found.id}-{at:%Y%m%d-%H%M%S}", found)
    (folder / "drill.json").write_text(json.dumps({"scenario": found.id, "title": f"play {at:%d %H:%M}"}))
    ran = PlayLine(1, 10, ACT, "downshift", {"ok": True, "runbook": found.runbooks[0]})
    play = PlayRecord(found.id, found.digest, 7, found.ends, (ran,), 100, 0, 0, 0, live=True)
    (folder / "play.json").write_text(json.dumps(as_json(play)))
    return found


def test_what_was_played_later_was_not_played_then(tmp_path: Path, config: Config) -> None:
    later = END + timedelta(days=3)
    scenario = played(tmp_path, config, later)
    runbook = scenario.runbooks[0]

    def last(at: datetime | None) -> date | None:
        known = known_drills(config, tmp_path, {runbook: 30 * 86400.0}, END.date(), at)
        return next(each.due.last for each in known.coverage if each.runbook == runbook)

    assert last(None) == later.date()
    assert last(END) is None
    assert drill_facts(config, tmp_path, SHIFT, END).played == ()


def test_a_play_belongs_to_the_shift_in_which_it_began_by_the_minute(tmp_path: Path, config: Config) -> None:
    """The folder's name is in UTC, and both shifts have a part of the day of the hand-over."""
    for at in (START - timedelta(minutes=1), START, END - timedelta(minutes=1), END):
        played(tmp_path, config, at)
    now = END + timedelta(hours=1)
    this = drill_facts(config, tmp_path, SHIFT, now).played
    assert [title for title, _korean in this] == ["play 27 07:59", "play 20 08:00"]
    following = drill_facts(config, tmp_path, ShiftSpan(END, END + timedelta(days=7)), now).played
    assert [title for title, _korean in following] == ["play 27 08:00"]
