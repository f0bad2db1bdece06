"""Runs under a storm: whoever carries a run out, and the shims of its steps, are killed at random moments.

Steps append to one file, so what happened is known. Whoever decides what is unknown looks there.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import random
import signal
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass

from artisan_tui.domain.runbooks.run import Run
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.runbooks.shim import folder as files
from artisan_tui.engine.runbooks.spawner import attempt_folder
from support.live_runs import House, Seat
from support.servers import until

Opens = Callable[[str], AbstractContextManager[Seat]]


@dataclass
class Storm:
    """``opens`` gives a seat at the house to somebody by name. ``kills`` counts."""

    house: House
    opens: Opens
    rng: random.Random
    kills: int = 0

    def run(self, seat: Seat, run: str, ends: Callable[[Run], bool], most: int) -> None:
        """Until ``ends``; everybody is killed again and again, ``most`` times, and then left alone."""
        turns = 0
        while not ends(seat.run(run)):
            turns += 1
            assert turns < 60, seat.run(run)
            child = multiprocessing.get_context("fork").Process(target=self._carry_on, args=(run, f"op{turns}"))
            child.start()
            assert child.pid is not None
            if self.kills < most:
                child.join(self.rng.uniform(0.0, 0.45))
                self._kill(seat, run, child.pid)
            child.join(30)
            assert child.exitcode is not None
            self._decide(seat, run)

    def _kill(self, seat: Seat, run: str, pid: int) -> None:
        """The one who carries it out, a shim, or both, in any order."""
        self.kills += 1
        who = self.rng.choice(("carrier", "shim", "both", "both, shim first"))
        if who in ("shim", "both, shim first"):
            self._kill_shim(seat, run)
        if who != "shim":
            _killed(pid)
        if who == "both":
            self._kill_shim(seat, run)

    def _kill_shim(self, seat: Seat, run: str) -> None:
        current = seat.run(run).current
        if current is None:
            return
        try:
            begun = files.read_json(attempt_folder(self.house.state, run, current.name), files.START)
        except ValueError:
            return
        if begun is not None:
            _killed(int(begun["shim"]))

    def _carry_on(self, run: str, name: str) -> None:
        with self.opens(name) as seat:
            try:
                seat.give("adopt", run=run, reason="the storm")
                seat.go(run)
            except CommandRefused:
                os._exit(1)
        os._exit(0)

    def _decide(self, seat: Seat, run: str) -> None:
        """What nobody knows is decided by what is in the file."""
        found = seat.run(run)
        lost = found.unknown
        if lost is None or found.current is not None or not lost.evidence:
            return
        word = lost.step if lost.part == "do" else f"-{lost.step}"
        outcome = "done" if word in self.house.done() else "not_done"
        seat.give("decide-unknown", run=run, outcome=outcome, reason="I looked into the file")


def _killed(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def check(house: House, seat: Seat, run: str) -> None:
    """The promises, held against what happened."""
    found, effects = seat.run(run), house.done()
    assert len(effects) == len(set(effects)), effects
    intended = {(body["step"], body["part"]) for body in seat.bodies(run, "run.intended")}
    for word in effects:
        assert (word.removeprefix("-"), "undo" if word.startswith("-") else "do") in intended, word
    for step in found.steps:
        assert (step.state == "succeeded") == (step.id in effects), (step, effects)


def settle(house: House) -> None:
    """Wait until nothing that was started still runs."""
    folders = list((house.state / "runs").glob("*/*"))
    until(lambda: not any(files.is_locked(folder) for folder in folders), 20, "the end of every attempt")
