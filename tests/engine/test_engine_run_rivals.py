"""Two operators at one run or one lock, each a process of its own: who starts, and who was stopped and replaced.

``ARTISAN_STORM=500`` makes more rounds of what is left to chance; ``ARTISAN_STORM_SEED`` repeats one.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import os
import random
import signal
import time
from multiprocessing.synchronize import Barrier
from pathlib import Path

import psutil
import pytest

from artisan_tui.domain.runbooks.effects import Wait
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.runbooks.shim import folder as files
from artisan_tui.store.errors import StoreError
from support.live_runs import House, Seat, begun, book, effect_step, shim_of
from support.run_storm import settle
from support.servers import until

STORM = int(os.environ.get("ARTISAN_STORM", "0"))
FORK = multiprocessing.get_context("fork")
ROUNDS = 100


def rival(house: House, name: str, rounds: int, barrier: Barrier, said: Path) -> None:
    """Start the same runbook at the same moment as the other, again and again; what came of it goes into ``said``."""
    heard: list[tuple[str, str]] = []
    with house.seat(name) as seat:
        for _ in range(rounds):
            barrier.wait(60)
            try:
                heard.append(("started", seat.start()))
            except CommandRefused as refused:
                heard.append(("refused", str(refused)))
            barrier.wait(60)
            if heard[-1][0] == "started":
                seat.give("abort", run=heard[-1][1])
                seat.go(heard[-1][1])
    said.write_text(json.dumps(heard))


def test_rb_case_11_of_two_processes_that_start_at_once_a_hundred_times_exactly_one_does(tmp_path: Path) -> None:
    house = House(tmp_path, book(effect_step("a", keys='confirm = "ask"')))
    with house.seat() as seat:
        assert seat.store.journal.verify().sound  # the tables are there before the two open it
    barrier = FORK.Barrier(2)
    files = [tmp_path / "alice.json", tmp_path / "bob.json"]
    both = [FORK.Process(target=rival, args=(house, each.stem, ROUNDS, barrier, each)) for each in files]
    for each in both:
        each.start()
    for each in both:
        each.join(120)
        assert each.exitcode == 0
    heard = [[tuple(one) for one in json.loads(each.read_text())] for each in files]
    for alice, bob in zip(*heard, strict=True):
        assert {alice[0], bob[0]} == {"started", "refused"}
        (_, run), (_, why), name = (alice, bob, "alice") if alice[0] == "started" else (bob, alice, "bob")
        assert f"locked by {run} of {name}" in why
        assert " at a" in why
    runs = {one[1] for each in heard for one in each if one[0] == "started"}
    assert (len(runs), house.done()) == (ROUNDS, [])


def carry_out(house: House, run: str, result: Path) -> None:
    """Adopt and carry out, as somebody whose machine may be suspended at any moment."""
    with house.seat("alice") as seat:
        try:
            seat.give("adopt", run=run, reason="mine")
        except CommandRefused:
            return  # stopped before it began, and the run was over when it went on
        result.write_text(repr(seat.go(run)))


@pytest.mark.timeout(120 + STORM)
def test_rb_case_13_who_was_stopped_past_the_adoption_changes_nothing_when_it_goes_on(tmp_path: Path) -> None:
    seed = int(os.environ.get("ARTISAN_STORM_SEED", time.time_ns() % 10**6))
    print(f"ARTISAN_STORM_SEED={seed}")
    rng, replaced = random.Random(seed), 0
    rounds = max(3, STORM // 10)
    for number in range(rounds):
        folder = tmp_path / str(number)
        folder.mkdir()
        # The first is stopped while its step runs; the others whenever that is, also between intent and start.
        replaced += one_round(folder, None if number == 0 else rng.uniform(0.0, 0.5))
    print(f"{replaced} of {rounds} were replaced while they were stopped")
    assert replaced >= 1


def one_round(folder: Path, after: float | None) -> bool:
    """Whether bob took the run while alice was stopped."""
    house, result = House(folder, book(effect_step("a", "sleep 0.3"), effect_step("b"))), folder / "result"
    with house.seat("bob") as bob:
        run, journal = bob.start(), bob.store.journal
        alice = FORK.Process(target=carry_out, args=(house, run, result))
        alice.start()
        assert alice.pid is not None
        try:
            if after is None:
                until(lambda: house.done() == ["a"], 20, "the step")
            else:
                alice.join(after)
            took = alice.exitcode is None and stopped_and_replaced(psutil.Process(alice.pid), bob, run)
            if took:
                settle(house)
            before = journal.page(500)
            if alice.exitcode is None:
                os.kill(alice.pid, signal.SIGCONT)
            alice.join(30)
            assert alice.exitcode == 0
        finally:
            alice.kill()  # nobody stays behind, stopped
            alice.join()
        bob.go(run)
        settle(house)
        found = bob.run(run)
        assert (found.state, house.done()) == ("succeeded", ["a", "b"])
        assert journal.verify().sound
        if took:
            assert journal.page(500) == before  # not one row
            assert not result.exists() or result.read_text() == repr(Wait("other"))
        return took


def stopped_and_replaced(process: psutil.Process, bob: Seat, run: str) -> bool:
    """Stop her, take the run, and carry it out; whether that could be done while she was stopped."""
    process.send_signal(signal.SIGSTOP)
    until(lambda: process.status() in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE), 10, "the stop")
    if bob.run(run).over:
        return False
    try:
        if bob.run(run).owner != bob.rules.session:  # else she was stopped before she adopted it
            bob.give("adopt", run=run, reason="alice's laptop sleeps")
        ends = time.monotonic() + 12
        while not bob.run(run).over:
            if bob.drive.turn(run) == Wait("process"):
                time.sleep(0.02)
            if time.monotonic() > ends:
                return False  # stopped between claiming an attempt and starting it: it may begin yet, so bob waits
    except StoreError:
        return False  # stopped in the middle of a transaction: nobody can write until it goes on
    return True


@pytest.mark.timeout(120 + STORM)
def test_a_supervisor_that_is_stopped_at_any_moment_loses_nothing_and_does_its_step_once(tmp_path: Path) -> None:
    seed = int(os.environ.get("ARTISAN_STORM_SEED", time.time_ns() % 10**6))
    print(f"ARTISAN_STORM_SEED={seed}")
    rng, stopped = random.Random(seed), 0
    for number in range(max(2, STORM // 10)):
        folder = tmp_path / f"shim{number}"
        folder.mkdir()
        house = House(folder, book(effect_step("a", "sleep 0.3; echo over"), effect_step("b")))
        with house.seat() as seat:
            run = seat.start()
            begun(seat, run)
            stopped += stopped_shim(seat, run, 0.0 if number == 0 else rng.uniform(0.0, 0.5))
            seat.go(run)
            step = seat.run(run).step("a")
            assert (seat.run(run).state, step.attempt, step.tail.strip()) == ("succeeded", 1, "over")
            assert house.done() == ["a", "b"]
            assert seat.store.journal.verify().sound
    print(f"{stopped} were stopped")
    assert stopped >= 1


def stopped_shim(seat: Seat, run: str, after: float) -> bool:
    """Stop the supervisor of the first step, look at the run meanwhile, and let it go on; whether it was still there."""
    shim = psutil.Process(shim_of(seat, run, "a.1.do"))
    try:
        with contextlib.suppress(psutil.TimeoutExpired):
            shim.wait(after)
        shim.send_signal(signal.SIGSTOP)
        until(lambda: shim.status() in (psutil.STATUS_STOPPED, psutil.STATUS_ZOMBIE), 10, "the stop")
        if shim.status() != psutil.STATUS_STOPPED:
            return False
        ended = (seat.house.state / "runs" / run / "a.1.do" / files.EXIT).exists()
        # What its command does meanwhile is its own; that it ended nobody says, and nobody calls it lost.
        for _ in range(3):
            effect = seat.drive.turn(run)
            assert ended or effect == Wait("process")
        assert seat.run(run).state == "running"
        shim.send_signal(signal.SIGCONT)
    except psutil.NoSuchProcess:
        return False
    finally:
        with contextlib.suppress(psutil.Error):
            shim.send_signal(signal.SIGCONT)  # nobody stays behind, stopped
    return True
