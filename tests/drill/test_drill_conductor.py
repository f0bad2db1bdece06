"""The conductor of a live drill: ticks, acts, what is recorded, and what a restart makes of it."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from artisan_tui.domain.drills.record import ENDED, INJECT
from artisan_tui.drill.clock import DrillClock
from artisan_tui.drill.conductor import REOPENED, Conductor
from artisan_tui.drill.live_play import DrillActRefused, compared_play
from artisan_tui.drill.record import RecordDamaged, RecordFile
from support.drill_folders import SEED, scenario


class Time:
    """A steady clock that a test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def conducted(path: Path, time: Time, speed: float = 1.0, **changes: Any) -> Conductor:
    return Conductor(scenario(**changes), SEED, RecordFile(path / "record.jsonl"), DrillClock(0.0, speed, time, time))


def go(conductor: Conductor, time: Time, tick: int) -> None:
    """Let real time pass until the drill is at a tick, read every now and then."""
    while conductor.tick < tick:
        time.now += (tick - conductor.tick) / conductor.clock.speed
        conductor.advance()


def injects(conductor: Conductor) -> list[tuple[str, int]]:
    return [(each.name, each.tick) for each in conductor.play.lines if each.kind == INJECT]


def test_a_drill_stands_still_until_it_begins_and_while_it_is_paused(tmp_path: Path) -> None:
    time = Time()
    drill = conducted(tmp_path, time)
    time.now += 50
    drill.advance()
    assert drill.tick == 0
    drill.resume()
    time.now += 30.5
    drill.advance()
    assert drill.tick == 30
    drill.pause()
    time.now += 1000
    drill.advance()
    assert drill.tick == 30
    drill.resume()
    drill.change_speed(20)
    time.now += 2
    drill.advance()
    assert drill.tick == 70


def test_an_operation_takes_effect_only_after_it_is_on_the_disk(tmp_path: Path) -> None:
    time = Time()
    drill = conducted(tmp_path, time)
    drill.resume()
    go(drill, time, 90)
    drill.stack.world.operate.downshift("creative", "balanced")
    written = [json.loads(line) for line in (tmp_path / "record.jsonl").read_text().splitlines()]
    assert written[-1] == {
        "tick": 90,
        "kind": "act",
        "name": "downshift",
        "data": {"arguments": {"mode": "creative", "to": "balanced"}},
    }

    def full(*_: Any) -> None:
        raise OSError("no space left")

    drill._record.write = full  # type: ignore[method-assign]
    with pytest.raises(OSError, match="no space"):
        drill.stack.world.operate.restore_mode("creative")
    assert drill.stack.world.routing.downshifts == {"creative": "balanced"}


@pytest.mark.parametrize("cut", [0, 7])
def test_drill_case_22_after_a_kill_at_tick_300_it_is_at_tick_300_and_nothing_fires_twice(
    tmp_path: Path, cut: int
) -> None:
    time = Time()
    drill = conducted(tmp_path, time)
    drill.resume()
    go(drill, time, 60)
    drill.act("acknowledge", {}, "alice")
    go(drill, time, 90)
    drill.stack.world.operate.downshift("creative", "balanced")
    drill.facilitate("inject", {"inject": "late"})
    go(drill, time, 300)
    before, state = injects(drill), drill.stack.world.state()
    assert [name for name, _tick in before] == ["customer", "support", "late"]
    record = (tmp_path / "record.jsonl").read_bytes()
    if cut:  # a line that the kill cut off
        (tmp_path / "record.jsonl").write_bytes(record + b'{"tick":301,"kind":"tick"}'[:cut])

    later = Time()
    again = conducted(tmp_path, later)
    assert (again.tick, again.why) == (300, REOPENED)
    assert injects(again) == before
    assert again.stack.world.state() == state
    assert (tmp_path / "record.jsonl").read_bytes() == record
    again.resume()
    go(again, later, 700)
    go(drill, time, 700)
    assert injects(again) == before
    assert again.stack.world.state() == drill.stack.world.state()


def test_a_line_that_the_full_disk_cut_off_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk has room again later: the drill goes on, and its record can still be read."""
    record = RecordFile(tmp_path / "record.jsonl")
    record.write(1, "tick")
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 7:
            return write(descriptor, data[:7])
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("artisan_tui.drill.record.os.write", full)
        with pytest.raises(OSError, match="No space"):
            record.write(2, "act", "downshift")
    record.write(3, "tick")
    record.close()
    assert [each["tick"] for each in RecordFile(tmp_path / "record.jsonl").before] == [1, 3]


def test_an_act_that_the_disk_refused_is_not_carried_out_after_a_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = RecordFile(tmp_path / "record.jsonl")
    record.write(1, "tick")

    def refused(descriptor: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patched:
        patched.setattr("artisan_tui.drill.record.os.fsync", refused)
        with pytest.raises(OSError, match="Input/output"):
            record.write(2, "act", "downshift")
    record.close()
    assert [each["tick"] for each in RecordFile(tmp_path / "record.jsonl").before] == [1]


def test_a_record_has_one_process(tmp_path: Path) -> None:
    """Two terminals that join at once after a kill start two: the second finds the record taken."""
    path = tmp_path / "record.jsonl"
    program = "import sys; from pathlib import Path; from artisan_tui.drill.record import RecordFile; RecordFile(Path(sys.argv[1]))"
    other = [sys.executable, "-c", program, str(path)]
    record = RecordFile(path)
    record.write(1, "tick")
    refused = subprocess.run(other, capture_output=True, text=True, check=False)
    assert "another process conducts this drill" in refused.stderr
    record.close()
    assert subprocess.run(other, capture_output=True, check=False).returncode == 0


def test_a_damaged_record_is_refused_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "record.jsonl").write_text('{"tick":1,"kind":"tick"}\nnonsense\n{"tick":2,"kind":"tick"}\n')
    with pytest.raises(RecordDamaged, match="line 2"):
        conducted(tmp_path, Time())


def test_drill_case_12_the_pace_and_the_reads_do_not_change_the_play(tmp_path: Path) -> None:
    plays = []
    for name, speed, step in (("slow", 1.0, 1.0), ("fast", 20.0, 0.05), ("read", 20.0, 7.3)):
        folder = tmp_path / name
        folder.mkdir()
        time = Time()
        drill = conducted(folder, time, speed)
        drill.resume()
        done = set()
        while not drill.ended:
            left = min([tick for tick in (60, 90, 900) if tick > drill.tick])
            time.now += min(step * 10, left - drill.tick) / speed
            drill.advance()
            if drill.tick == 60 and 60 not in done:
                done.add(60)
                drill.act("acknowledge", {}, "alice")
            if drill.tick == 90 and 90 not in done:
                done.add(90)
                drill.stack.world.operate.downshift("creative", "balanced")
        plays.append(compared_play(drill.play, SEED))
    assert plays[0] == plays[1] == plays[2]
    assert plays[0].live
    assert plays[0].nothing > plays[0].bad


def test_a_drill_that_is_ended_early_is_compared_over_the_same_ticks(tmp_path: Path) -> None:
    time = Time()
    drill = conducted(tmp_path, time)
    drill.resume()
    go(drill, time, 200)
    drill.end()
    play = compared_play(drill.play, SEED)
    assert play.ticks == 200
    assert play.lines[-1].kind == ENDED
    assert play.bad == play.nothing > play.reference
    assert conducted(tmp_path, time).ended
    with pytest.raises(DrillActRefused, match="over"):
        drill.resume()


def test_a_held_inject_waits_and_one_that_is_sent_comes_at_once(tmp_path: Path) -> None:
    time = Time()
    drill = conducted(tmp_path, time)
    drill.resume()
    drill.facilitate("hold", {"inject": "customer"})
    go(drill, time, 100)
    assert injects(drill) == []
    drill.facilitate("release", {"inject": "customer"})
    go(drill, time, 110)
    assert injects(drill) == [("customer", 101)]
    drill.facilitate("inject", {"inject": "support"})
    assert injects(drill) == [("customer", 101), ("support", 110)]
    with pytest.raises(DrillActRefused, match="arrived"):
        drill.facilitate("inject", {"inject": "support"})
    with pytest.raises(DrillActRefused, match="no such inject"):
        drill.facilitate("hold", {"inject": "nothing"})


def test_who_was_taken_out_cannot_act_any_more(tmp_path: Path) -> None:
    time = Time()
    drill = conducted(tmp_path, time)
    drill.resume()
    go(drill, time, 30)
    drill.facilitate("remove", {"player": "jieun"})
    with pytest.raises(DrillActRefused, match="took you out"):
        drill.act("acknowledge", {}, "jieun")
    drill.facilitate("return", {"player": "jieun"})
    drill.act("acknowledge", {}, "jieun")


def test_nothing_can_be_done_while_it_stands_still(tmp_path: Path) -> None:
    drill = conducted(tmp_path, Time())
    assert "stands still" in drill.stack.world.operate.scale("app", 4).output
    with pytest.raises(DrillActRefused, match="stands still"):
        drill.act("acknowledge", {})
    with pytest.raises(DrillActRefused, match="from 1 to 20"):
        drill.change_speed(40)
