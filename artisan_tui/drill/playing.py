"""Plays scenarios from beginning to end without a clock, and compares plays on the same seed."""

from __future__ import annotations

from collections.abc import Sequence

from artisan_tui.domain.drills.record import ACT, HarmDone, PlayLine, PlayRecord
from artisan_tui.domain.drills.scenario import PlannedAct, Scenario
from artisan_tui.domain.drills.score import HARMLESS
from artisan_tui.drill.play import Play, bad_requests


def play_through(
    scenario: Scenario,
    acts: Sequence[PlannedAct],
    seed: int,
    *,
    compared: tuple[int, int] | None = None,
    with_harm: bool = True,
) -> PlayRecord:
    """The record of a play with these acts.

    ``compared`` are the failed requests of doing nothing and of the reference on this seed, where they are known.
    """
    play = Play(scenario, seed)
    play.play(acts)
    nothing, reference = compared or baselines(scenario, seed)
    counters = play.world.counters
    harms = harms_of(scenario, play.lines, seed, counters.bad) if with_harm else ()
    return PlayRecord(
        scenario.id,
        scenario.digest,
        seed,
        play.tick,
        tuple(play.lines),
        counters.fresh,
        counters.bad,
        nothing,
        reference,
        harms,
    )


def baselines(scenario: Scenario, seed: int) -> tuple[int, int]:
    """The requests that fail on this seed when nobody does anything, and in the reference play."""
    return bad_requests(scenario, (), seed), bad_requests(scenario, scenario.reference, seed)


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
