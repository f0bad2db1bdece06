"""The time before a drill: its metrics move before tick 0, no counter falls when it begins, and the play is the same."""

from __future__ import annotations

import json
from pathlib import Path

from artisan_tui.drill import exposition
from artisan_tui.drill.before import PAST, TimeBefore
from artisan_tui.drill.clock import DrillClock
from artisan_tui.drill.conductor import Conductor
from artisan_tui.drill.record import RecordFile
from support.drill_folders import SEED, scenario


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def conducted(path: Path, time: Time, *, past: bool) -> Conductor:
    made = Conductor(scenario(), SEED, RecordFile(path / "record.jsonl"), DrillClock(0.0, 1.0, time, time))
    if past:
        made.before = TimeBefore(made.scenario, made.stack, time)
    return made


def counters(drill: Conductor) -> dict[str, float]:
    """Every counter on the page of metrics, as one number by name."""
    found: dict[str, float] = {}
    for labels, value in exposition.samples(exposition.registry(drill.stack)).items():
        name = dict(labels)["__name__"]
        if name.endswith(("_total", "_bucket", "_count")):
            found[name] = found.get(name, 0.0) + value
    return found


def test_the_first_page_has_a_past_and_goes_on_until_the_drill_begins(tmp_path: Path) -> None:
    time = Time()
    drill = conducted(tmp_path, time, past=True)
    first = counters(drill)
    assert first["api_requests_total"] > 15 * PAST
    time.now += 2
    drill.advance()
    second = counters(drill)
    assert drill.tick == 0
    moving = ("api_requests_total", "api_response_seconds_count", "cache_hits_total", "judgment_seconds_count")
    assert all(second[name] > first[name] for name in moving)
    drill.resume()
    time.now += 5
    drill.advance()
    third = counters(drill)
    assert drill.tick == 5
    assert all(third[name] >= second[name] for name in second)
    assert third["api_requests_total"] > second["api_requests_total"]
    time.now += 100
    drill.pause()
    at_pause = counters(drill)
    time.now += 100
    drill.advance()
    assert counters(drill) == at_pause


def test_drill_case_13_what_is_before_changes_nothing_of_the_play(tmp_path: Path) -> None:
    plays = []
    for name, past in (("with", True), ("without", False)):
        (tmp_path / name).mkdir()
        time = Time()
        drill = conducted(tmp_path / name, time, past=past)
        time.now += 30 if past else 0
        drill.advance()
        drill.resume()
        time.now += 200
        drill.advance()
        plays.append((json.dumps(drill.stack.world.state(), default=str), drill.play.lines))
    assert plays[0] == plays[1]
