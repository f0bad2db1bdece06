"""Plays scenarios from beginning to end without a clock, and compares plays on the same seed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from artisan_tui.domain.drills.record import ACT, HarmDone, PlayLine, PlayRecord
from artisan_tui.domain.drills.scenario import PlannedAct, Scenario
from artisan_tui.domain.drills.score import HARMLESS
from artisan_tui.drill.play import Play, bad_requests


def play_through(scenario: Scenario, acts: Sequence[PlannedAct], seed: int) -> PlayRecord:
    """The record of a play with these acts, compared with the same seed without any, and with the reference."""
    played = play_alone(scenario, acts, seed)
    return replace(
        played,
        nothing=bad_requests(scenario, (), seed),
        reference=bad_requests(scenario, scenario.reference, seed),
        harms=harms_of(scenario, played.lines, seed, played.bad),
    )


def play_alone(scenario: Scenario, acts: Sequence[PlannedAct], seed: int) -> PlayRecord:
    """The record of a play that is compared with none yet: as if nobody could save anybody, and nothing did harm."""
    play = Play(scenario, seed)
    play.play(acts)
    counters = play.world.counters
    bad = counters.bad
    lines = tuple(play.lines)
    return PlayRecord(scenario.id, scenario.digest, seed, play.tick, lines, counters.fresh, bad, bad, bad)


def harms_of(scenario: Scenario, lines: Sequence[PlayLine], seed: int, bad: int) -> tuple[HarmDone, ...]:
    """The acts without which fewer requests fail, each found by playing without it.

    An act moves no draw, so the difference is what the act did. One that follows a red herring is always named.
    """
    acts = [
        (each.seq, PlannedAct(each.tick, each.name, each.data["arguments"]))
        for each in lines
        if each.kind == ACT and each.data["ok"]
    ]
    found = []
    for index, (seq, act) in enumerate(acts):
        if not act.mutates:
            continue
        without = [other for number, (_seq, other) in enumerate(acts) if number != index]
        more = bad - bad_requests(scenario, without, seed)
        herring = next((each.id for each in scenario.red_herrings if each.tempts(act)), "")
        if more >= HARMLESS or herring:
            found.append(HarmDone(seq, act.at, max(0, more), herring))
    return tuple(found)
