"""A storm of kills over runs with real effects. ``ARTISAN_STORM=500`` for that many kills; ``ARTISAN_STORM_SEED`` repeats one."""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from artisan_tui.domain.runbooks.run import Run
from support.live_runs import House, book, effect_step
from support.postgres_server import postgres_server
from support.run_storm import Storm, check, settle

KILLS = int(os.environ.get("ARTISAN_STORM", "0"))
#: Seconds of a short storm.
SHORT = 11.0


def carried(run: Run) -> bool:
    return run.finished


def rolled(run: Run) -> bool:
    return run.rollback_state in ("done", "failed", "manual_done", "accepted")


@pytest.mark.timeout(120 + 12 * KILLS)
def test_no_kill_makes_a_step_happen_twice_or_a_record_untrue(tmp_path: Path) -> None:
    seed = int(os.environ.get("ARTISAN_STORM_SEED", time.time_ns() % 10**6))
    print(f"ARTISAN_STORM_SEED={seed}")
    rng, began, kills, runs = random.Random(seed), time.monotonic(), 0, 0
    while kills < KILLS if KILLS else time.monotonic() - began < SHORT:
        folder = tmp_path / str(runs)
        folder.mkdir()
        kills += one_run(folder, rng, most=8 if KILLS else 5)
        runs += 1
    print(f"{kills} kills over {runs} runs in {time.monotonic() - began:.0f} s")
    assert kills >= (KILLS or 4)


@pytest.mark.timeout(120 + 12 * KILLS)
def test_on_postgresql_a_storm_leaves_the_same(tmp_path: Path) -> None:
    rng, kills, runs = random.Random(int(os.environ.get("ARTISAN_STORM_SEED", "7"))), 0, 0
    with postgres_server() as running:
        running.sql("CREATE DATABASE artisan_runs")
        url = running.url("artisan_runs", driver="postgresql+psycopg")
        while not runs or kills < KILLS // 5:
            folder = tmp_path / str(runs)
            folder.mkdir()
            kills += one_run(folder, rng, 8 if KILLS else 4, url)
            runs += 1
    print(f"{kills} kills over {runs} runs")
    assert kills >= 1


def one_run(folder: Path, rng: random.Random, most: int, url: str | None = None) -> int:
    names = ["a", "b", "c"][: rng.randint(1, 3)]
    # Some have a verify, which is asked as evidence; of the others a person has to say what happened.
    look = f"verify = {{{{ kind = 'command', run = ['grep', '-qx', '{{0}}', '{folder}/effects'], within = '1s', every = '200ms' }}}}"
    steps = (effect_step(name, "sleep 0.05", keys=look.format(name) if rng.random() < 0.5 else "") for name in names)
    house = House(folder, book(*steps), url=url)
    with house.seat("first") as seat:
        storm = Storm(house, house.seat, rng)
        run = seat.start()
        storm.run(seat, run, carried, most)
        settle(house)
        check(house, seat, run)
        assert seat.run(run).state == "succeeded"
        assert house.done() == names
        seat.give("rollback", run=run)
        assert seat.run(run).undo == tuple(reversed(names))
        storm.run(seat, run, rolled, most * 2)
        settle(house)
        check(house, seat, run)
        assert seat.run(run).rollback_state == "done"
        assert house.done() == [*names, *(f"-{name}" for name in reversed(names))]
        assert seat.store.journal.verify().sound
        return storm.kills
