"""Good, slow, wrong and silent play, conducted live at 20x: each scores as it does without a clock, and as it should."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from artisan_tui.config.drills.load import load_scenarios
from artisan_tui.domain.drills.record import PlayRecord
from artisan_tui.domain.drills.scenario import PlannedAct, Scenario
from artisan_tui.domain.drills.score import PlayScore, score
from artisan_tui.drill.clock import DrillClock
from artisan_tui.drill.conductor import BY, Conductor
from artisan_tui.drill.live_play import compared_play
from artisan_tui.drill.playing import play_through
from artisan_tui.drill.record import RecordFile

(QWEN,) = load_scenarios([Path(__file__).parents[2] / "drills" / "quiet-creatives.toml"])
SEED, SPEED = 7, 20.0


class Time:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def later(acts: Sequence[PlannedAct], seconds: int) -> tuple[PlannedAct, ...]:
    return tuple(replace(each, at=each.at + seconds) for each in acts)


def conducted(folder: Path, scenario: Scenario, acts: Sequence[PlannedAct]) -> PlayRecord:
    """A live play whose people act at these ticks, looked at every half second of real time."""
    time = Time()
    drill = Conductor(scenario, SEED, RecordFile(folder / "record.jsonl"), DrillClock(0.0, SPEED, time, time))
    drill.resume()
    for act in sorted(acts, key=lambda each: each.at):
        while drill.tick < act.at:
            time.now += min(0.5, (act.at - drill.tick) / SPEED)
            drill.advance()
        if act.mutates:
            BY.set((act.runbook, "jieun"))
            outcome = getattr(drill.stack.world.operate, act.do)(**act.arguments)
            BY.set(("", ""))
        else:
            outcome = drill.act(act.do, act.arguments, "jieun")
        assert outcome.ok, (act.text, outcome.output)
    while not drill.ended:
        time.now += 0.5
        drill.advance()
    return compared_play(drill.play, SEED)


def levels(scored: PlayScore) -> dict[str, str]:
    return {each.objective: each.level for each in scored.objectives}


PLAYS = {
    "good": (QWEN.reference, {"owned": "P", "api": "P", "creative": "P", "support": "P", "over": "P"}),
    "slow": (
        later(QWEN.reference, 260),
        {"owned": "U", "api": "S", "creative": "S", "support": "S", "over": "S"},
    ),
    "wrong": (QWEN.wrong, {"owned": "P", "api": "P", "creative": "U", "support": "U", "over": "U"}),
    "silent": ((), {"owned": "U", "api": "U", "creative": "U", "support": "U", "over": "U"}),
}


@pytest.mark.parametrize("name", PLAYS)
def test_a_live_play_scores_as_it_should(tmp_path: Path, name: str) -> None:
    acts, wanted = PLAYS[name]
    live = conducted(tmp_path, QWEN, acts)
    scored = score(QWEN, live)
    assert levels(scored) == wanted
    dry = play_through(QWEN, acts, SEED)
    assert (live.lines, live.bad, live.nothing, live.reference, live.harms) == (
        dry.lines,
        dry.bad,
        dry.nothing,
        dry.reference,
        dry.harms,
    )
    assert live.runbooks == {each.runbook for each in acts if each.runbook}
    saved = {"good": (1.0, 1.0), "slow": (0.3, 0.95), "wrong": (0.3, 0.95), "silent": (0.0, 0.0)}[name]
    assert scored.saved is not None
    assert saved[0] <= round(scored.saved, 3) <= saved[1], scored.saved
