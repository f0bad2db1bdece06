"""Three boards and a `watch` on one store: one probes, all show the same, and losing it costs less than the lease."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from artisan_tui.domain.lease import TERM
from support.forked import Forked
from support.program import Opener
from support.servers import until
from support.services import Service, config_text, http_check, service
from support.terminal import Terminal

EVERY = 1.0
ROW = re.compile(r"^\S s +(up|UNKNOWN|DOWN)\b", re.MULTILINE)  # a service with one check: its name alone


def ask(home: Path, query: str) -> list[tuple[object, ...]]:
    with contextlib.closing(sqlite3.connect(f"file:{home}/state/artisan.db?mode=ro", uri=True, timeout=5)) as store:
        return store.execute(query).fetchall()


def leader(home: Path) -> int:
    """The process that polls; 0 for none."""
    try:
        ((found,),) = ask(home, "SELECT json_extract(NULLIF(holder, ''), '$.pid') FROM lease")
    except (sqlite3.Error, ValueError):
        return 0
    return int(str(found or 0))


def gaps(home: Path) -> list[float]:
    """Seconds between the samples of the one check, in order."""
    moments = [int(str(row[0])) / 1e6 for row in ask(home, "SELECT at FROM check_sample ORDER BY at")]
    return [after - before for before, after in pairwise(moments)]


@pytest.fixture
def target(home: Path) -> Iterator[Service]:
    with service() as served:
        check = http_check("web", served.url, every=f"{EVERY:g}s", more='expect = ["status == 200"]\n')
        (home / "artisan.toml").write_text(config_text(check), encoding="utf-8")
        yield served


@contextlib.contextmanager
def crowd(board: Opener, home: Path, boards: int = 3) -> Iterator[tuple[list[Terminal], Forked]]:
    """Boards, and a `watch` last of all."""
    with contextlib.ExitStack() as stack:
        opened = []
        for _ in range(boards):
            opened.append(stack.enter_context(board(cols=100, rows=30)))
            opened[-1].wait_for(ROW, 20)
            until(lambda: leader(home) != 0, 10, "a poller")
        arguments = ["--config", home / "artisan.toml", "--state", home / "state", "watch"]
        with (home / "watch.log").open("wb") as log:
            watch = Forked(arguments, stdout=log, stderr=log)
            stack.callback(watch.wait, 10)
            stack.callback(watch.terminate)
            yield opened, watch


def test_one_polls_and_all_show_the_same_within_a_second(home: Path, board: Opener, target: Service) -> None:
    with crowd(board, home) as (boards, _):
        first = leader(home)
        for each in boards:
            each.wait_for("1 up", 10)
        asked, began = target.requests, time.monotonic()
        time.sleep(4 * EVERY)  # how often the target is asked cannot be waited for
        rate = (target.requests - asked) / (time.monotonic() - began)
        assert rate <= 1.5 / EVERY, "more than one session polls"
        assert leader(home) == first
        target.status = 500
        shown = []
        for each in boards:
            each.wait_for("1 down", 10)
            shown.append(time.monotonic())
        assert max(shown) - min(shown) <= 1.0
        assert sum("@" in each.screen_text() for each in boards) == len(boards) - 1, "the others say who watches"


def test_a_poller_that_is_killed_is_replaced_and_nothing_is_recorded_twice(
    home: Path, board: Opener, target: Service
) -> None:
    with crowd(board, home) as (boards, _):
        until(lambda: len(gaps(home)) > 2, 15, "samples")
        killed = leader(home)
        next(each for each in boards if each.process.pid == killed).kill(signal.SIGKILL)
        began = time.monotonic()
        until(lambda: leader(home) not in (0, killed), TERM, "another poller")
        assert time.monotonic() - began < TERM
        recorded = len(gaps(home))
        until(lambda: len(gaps(home)) > recorded + 3, 15, "samples of the new poller")
        assert max(gaps(home)) <= TERM
        assert ask(home, "SELECT fence FROM lease") == [(2,)]
        # The others go on without a word about the past: nothing was down.
        survivor = next(each for each in boards if each.process.pid != killed)
        assert "1 up" in survivor.screen_text()
        assert ask(home, "SELECT count(*) FROM event WHERE kind = 'watch.taken'") == [(1,)]


def test_a_poller_that_stands_still_past_its_lease_adds_nothing_when_it_wakes(
    home: Path, board: Opener, target: Service
) -> None:
    with crowd(board, home) as (boards, _):
        until(lambda: len(gaps(home)) > 2, 15, "samples")
        stopped = leader(home)
        os.kill(stopped, signal.SIGSTOP)
        try:
            until(lambda: leader(home) not in (0, stopped), TERM + 2, "another poller")
            recorded = len(gaps(home))
            until(lambda: len(gaps(home)) > recorded + 3, 15, "samples of the new poller")
        finally:
            os.kill(stopped, signal.SIGCONT)
        second = leader(home)
        woken = next(each for each in boards if each.process.pid == stopped)
        woken.wait_for("@", 10)
        asked, began = target.requests, time.monotonic()
        time.sleep(4 * EVERY)
        assert (target.requests - asked) / (time.monotonic() - began) <= 1.5 / EVERY, "both poll"
        assert leader(home) == second
        assert ask(home, "SELECT fence FROM lease") == [(2,)]
        assert max(gaps(home)) <= TERM
        assert ask(home, "SELECT count(*) FROM event WHERE kind = 'session.stood-still'") == [(0,)]


def test_a_poller_that_leaves_hands_over_at_once(home: Path, board: Opener, target: Service) -> None:
    with crowd(board, home, boards=2) as (boards, _):
        until(lambda: len(gaps(home)) > 2, 15, "samples")
        leaving = next(each for each in boards if each.process.pid == leader(home))
        leaving.press("q")
        assert leaving.wait_exit(5) == 0
        until(lambda: leader(home) not in (0, leaving.process.pid), 3, "another poller")
        recorded = len(gaps(home))
        until(lambda: len(gaps(home)) > recorded + 2, 10, "samples")
        assert max(gaps(home)) <= 5.0


def test_a_follower_has_the_leader_probe_and_its_words_reach_everybody(
    home: Path, board: Opener, target: Service
) -> None:
    check = http_check("web", target.url, every="60s", more='expect = ["status == 200"]\n')
    (home / "artisan.toml").write_text(config_text(check), encoding="utf-8")
    with crowd(board, home, boards=2) as (boards, _):
        follower = next(each for each in boards if each.process.pid != leader(home))
        leading = next(each for each in boards if each.process.pid == leader(home))
        follower.wait_for("via ", 10)
        follower.wait_for("1 up", 10)
        asked = target.requests
        follower.press("c")
        follower.wait_for("to probe", 5)
        until(lambda: target.requests > asked, 5, "a probe")
        follower.press("n")
        follower.wait_for("Write a note", 5)
        follower.send("disk swapped\r")
        leading.wait_for("disk swapped", 3)


def test_a_reader_follows_and_probes_for_itself_when_nobody_does(home: Path, board: Opener, target: Service) -> None:
    with board("--read-only", cols=100, rows=30) as reader, crowd(board, home, boards=1) as (boards, _):
        reader.wait_for("@", 15)
        reader.wait_for("1 up", 10)
        fence = ask(home, "SELECT fence FROM lease")
        boards[0].press("q")
        boards[0].wait_exit(5)
        assert ask(home, "SELECT fence FROM lease") >= fence
