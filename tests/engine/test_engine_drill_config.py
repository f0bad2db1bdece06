"""The configuration of a drill's sessions: a page finds whoever plays, and what is sent stays in the drill's folder."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from artisan_tui.engine.drills.drill_config import write_config
from artisan_tui.engine.settings import read


def test_whoever_plays_is_on_call_and_is_reached_by_a_file_of_the_drill(tmp_path: Path) -> None:
    config = read(write_config(tmp_path, "http://127.0.0.1:4000", zone="Asia/Seoul", language="en"))
    assert config.schedule().on_call("L1", datetime(2026, 12, 1, 3, tzinfo=UTC)) == ("players",)
    assert [(each.id, each.kind) for each in config.channels] == [("messages", "file")]
    assert str(tmp_path / "messages.jsonl") in config.channels[0].model_dump_json()
    assert config.artisan.environment == "drill"
