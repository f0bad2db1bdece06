"""Budgets of a running session: on the board, in the journal, over several sessions and a kill -9."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from support.forked import Forked, ordinary
from support.program import Opener, Runner
from support.prom_fake import fake_prometheus

CONFIG = """
[artisan]
name = "Shop"
environment = "staging"
[metrics]
prometheus = "{url}"
every = "60s"
timeout = "3s"
[[service]]
id = "api"
[[service.check]]
id = "memory"
kind = "memory"
every = "5s"
timeout = "5s"
expect = ["value <= 100"]
[[slo]]
id = "api-availability"
name = "API availability"
objective = "99.9%"
window = "7d"
sli = {{ kind = "events", total = 'requests_total', bad = 'requests_total{{status=~"5.."}}' }}
"""


def write(home: Path, url: str) -> None:
    (home / "artisan.toml").write_text(CONFIG.format(url=url), encoding="utf-8")


def events(run: Runner) -> list[dict[str, object]]:
    """The journal, oldest first."""
    done = run("audit", "log", "--json", "--limit", "1000")
    return list(reversed(json.loads(done.stdout)["events"])) if done.returncode == 0 and done.stdout.strip() else []


def kinds(run: Runner) -> list[str]:
    return [str(event["kind"]) for event in events(run)]


def written(home: Path) -> list[str]:
    """The kinds of the journal's events, oldest first, without starting a program for each question."""
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(f"file:{home / 'state' / 'artisan.db'}?mode=ro", uri=True)) as store,
    ):
        return [kind for (kind,) in store.execute("SELECT kind FROM event ORDER BY seq")]
    return []


def until(true: Callable[[], bool], seconds: float = 30.0) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.1)


@contextmanager
def watching(home: Path) -> Iterator[Forked]:
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("ARTISAN", "XDG"))}
    arguments = ["--config", home / "artisan.toml", "--state", home / "state", "watch"]
    process = Forked(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ordinary(environment))
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_the_board_says_what_is_left_and_pages_for_an_outage(home: Path, board: Opener, run: Runner) -> None:
    with fake_prometheus(100_000, 10, outage=8) as (url, _):
        write(home, url)
        with board() as terminal:
            terminal.wait_for("EXHAUSTED", timeout=30)
            terminal.wait_for("DEPLOYS BLOCKED", timeout=10)
            shown = terminal.screen_text()
            assert "API availability" in shown
            assert "page 1" in shown
            assert terminal.bells >= 1
            terminal.send("2")
            terminal.wait_for("Burn rate", timeout=10)
            terminal.send("x")
            terminal.wait_for("bad*den", timeout=10)
            terminal.press("escape")
            terminal.press("escape")
            terminal.wait_for("Services", timeout=10)
            terminal.send("q")
            assert terminal.wait_exit() == 0
    assert kinds(run).count("alert.raised") == 1


def test_an_alert_outlives_a_kill_and_is_not_raised_again(home: Path, run: Runner) -> None:
    with fake_prometheus(100_000, 10, outage=8) as (url, fake):
        write(home, url)
        with watching(home) as first:
            until(lambda: "alert.raised" in written(home))
            first.send_signal(signal.SIGKILL)
            first.wait()
        asked = len(fake.asked)
        with watching(home):
            until(lambda: len(fake.asked) > asked and written(home).count("session.start") == 2)
            until(lambda: "watch.taken" in written(home))
            gate = run("slo", "gate", "--json")
        assert json.loads(gate.stdout)["blocking"] == ["api-availability"]
    assert kinds(run).count("alert.raised") == 1
    (raised,) = [event for event in events(run) if event["kind"] == "alert.raised"]
    body = raised["body"]
    assert isinstance(body, dict)
    assert (raised["subject"], body["severity"], body["labels"]) == (
        "api-availability",
        "page",
        {"slo": "api-availability"},
    )


def test_one_session_asks_and_the_other_shows_the_same(home: Path, board: Opener) -> None:
    with fake_prometheus(100_000, 85) as (url, fake):
        write(home, url)
        with board() as one:
            one.wait_for("WARNING", timeout=30)
            with board() as other:
                other.wait_for("WARNING", timeout=30)
                time_of = len(fake.asked)
                other.wait_for("API availability", timeout=5)
                assert "15%" in other.screen_text().replace(" ", "").replace("15.0%", "15%")
                assert len(fake.asked) - time_of <= 4
                other.send("q")
                assert other.wait_exit() == 0
            one.send("q")
            assert one.wait_exit() == 0


def test_a_server_that_goes_down_under_the_board_is_said_and_its_budget_unknown(home: Path, board: Opener) -> None:
    with fake_prometheus(100_000, 85, fault="busy") as (url, fake):
        write(home, url)
        with board() as terminal:
            terminal.wait_for("DEPLOYS UNKNOWN", timeout=30)
            terminal.wait_for("503", timeout=10)
            fake.fault = ""
            terminal.wait_for("WARNING", timeout=30)
            terminal.wait_for("DEPLOYS ALLOWED", timeout=40)
            terminal.send("q")
            assert terminal.wait_exit() == 0


def test_the_gate_s_override_is_given_on_the_board_too(home: Path, board: Opener, run: Runner) -> None:
    with fake_prometheus(1000, 5) as (url, _):
        write(home, url)
        with board() as terminal:
            terminal.wait_for("DEPLOYS BLOCKED", timeout=30)
            terminal.send("O")
            terminal.wait_for("Allow deployments", timeout=10)
            terminal.send("2h")
            terminal.press("enter")
            terminal.send("rollback")
            terminal.press("enter")
            terminal.wait_for("override", timeout=15)
            assert run("slo", "gate").returncode == 0
            terminal.send("q")
            assert terminal.wait_exit() == 0
    assert "slo.override" in kinds(run)
