"""What a drill knows of the real world, and where drills are kept: where it cannot be told, no drill begins."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from artisan_tui.cli.drill_plays import drawn
from artisan_tui.domain.drills.wheel import WheelWeight
from artisan_tui.domain.incidents import acts
from artisan_tui.engine.drills.folders import drills_in, new_drill
from artisan_tui.engine.drills.running import DrillRefused, open_trouble
from artisan_tui.engine.drills.wheel import wheel_weights
from artisan_tui.engine.launch import GlobalOptions
from support.drill_folders import scenario
from support.handoff_week import PlayedWeeks
from support.services import config_text, http_check

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)


def test_a_configuration_that_cannot_be_read_does_not_say_that_nothing_is_open(tmp_path: Path) -> None:
    # It may name a store elsewhere: the one in the state folder is then an empty one.
    (tmp_path / "artisan.toml").write_text("[artisan\n")
    with pytest.raises(DrillRefused, match="cannot be read, so no drill begins"):
        open_trouble(GlobalOptions(tmp_path / "artisan.toml", tmp_path / "state"))


def test_without_a_configuration_the_store_is_in_the_state_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.delenv("ARTISAN_CONFIG", raising=False)
    assert open_trouble(GlobalOptions(None, tmp_path / "state")) == ""
    with pytest.raises(DrillRefused, match="there is no such file"):
        open_trouble(GlobalOptions(tmp_path / "moved.toml", tmp_path / "state"))


# -- the folder of a drill --------------------------------------------------------------------


def test_the_real_configuration_is_found_from_everywhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    # A second terminal joins from another folder, and looks after the real incidents from there.
    monkeypatch.chdir(tmp_path)
    (tmp_path / "artisan.toml").write_text("")
    real = GlobalOptions(Path("artisan.toml"), Path("state"))
    place = new_drill(scenario(), Path("state"), NOW, seed=1, speed=1.0, real=real)
    assert place.about["real"] == {"state": str(tmp_path / "state"), "config": str(tmp_path / "artisan.toml")}


def test_the_second_drill_of_a_second_is_not_the_newest_for_ever(tmp_path: Path) -> None:
    made = [
        new_drill(scenario(), tmp_path, at, seed=1, speed=1.0, real=None)
        for at in (NOW - timedelta(days=1), NOW - timedelta(days=1), NOW)
    ]
    assert [each.path for each in drills_in(tmp_path)] == [made[at].path for at in (2, 1, 0)]


# -- the wheel --------------------------------------------------------------------------------


def test_a_cancelled_incident_and_one_of_a_drill_add_nothing_to_the_wheel(tmp_path: Path) -> None:
    text = config_text(http_check("web", "http://127.0.0.1:1/"))
    (tmp_path / "artisan.toml").write_text(text)
    options = GlobalOptions(tmp_path / "artisan.toml", tmp_path / "state")
    week = PlayedWeeks.in_folder(tmp_path / "state")
    about = scenario().about or scenario().runbooks
    assert about
    practice = week.incident(-5, about[0], 1, drill=True)
    wrong = week.incident(-4, about[0], 1)
    week.act(-3, wrong, lambda found, by: acts.cancel(found, by, "false_positive"))
    week.store.close()
    assert practice != wrong
    (weight,) = wheel_weights(options, [scenario()])
    assert weight.incidents == 0.0


def test_without_a_seed_the_wheel_does_not_stop_at_the_same_place_each_time() -> None:
    weights = [WheelWeight(name, None, 0.0, 3.0, 0.25) for name in ("a", "b", "c", "d")]
    assert len({drawn(weights, None) for _ in range(60)}) > 1
    assert len({drawn(weights, 7) for _ in range(60)}) == 1
