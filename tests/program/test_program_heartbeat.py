"""Heartbeats of jobs, from the call to the verdict: restarts, several sessions, and a port that is taken."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.processes import with_us
from support.program import Opener
from support.servers import free_port, until

CHECK = """
[heartbeat]
listen = "127.0.0.1:{port}"
{token}
[[service]]
id = "jobs"
[[service.check]]
id = "backup"
kind = "heartbeat"
push = true
within = "{within}"
every = "1s"
timeout = "1s"
"""

#: How often the journal says that a first call is waited for.
_WAITS = "SELECT count(*) FROM event WHERE body LIKE '%no call yet%'"
#: Where the journal says that a job reports a failure.
_DOWN = "SELECT seq FROM event WHERE kind LIKE 'check.%' AND body LIKE '%disk full%'"


@dataclass
class Jobs:
    """A configuration with one heartbeat check, its store, and the sessions on it."""

    folder: Path
    port: int
    within: str = "10m"
    token: str = ""

    def write(self) -> None:
        text = CHECK.format(port=self.port, within=self.within, token=self.token)
        (self.folder / "artisan.toml").write_text(text, encoding="utf-8")

    @property
    def command(self) -> list[str]:
        options = ["--config", str(self.folder / "artisan.toml"), "--state", str(self.folder / "state")]
        return [sys.executable, "-m", "artisan_tui", *options]

    @contextlib.contextmanager
    def watch(self, name: str = "watch") -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(with_us([*self.command, "watch"]), stdout=output, stderr=output)
        try:
            yield process, log
        finally:
            if process.poll() is None:
                process.terminate()
            process.wait(20)

    def call(self, query: str = "", check: str = "jobs.backup", token: str = "") -> int:
        """The status of the answer; 0 when nobody answers."""
        url = f"http://127.0.0.1:{self.port}/heartbeat/{check}{query}"
        request = urllib.request.Request(url, data=b"", method="POST")
        if token:
            request.add_header("Authorization", f"Bearer {token}")
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=5) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code
        except OSError:
            return 0

    def state(self) -> tuple[str, str]:
        """(state, detail) by the command line, which reads the store."""
        done = subprocess.run(
            [*self.command, "check", "--json"], capture_output=True, text=True, check=False, timeout=60
        )
        ((check,),) = (json.loads(done.stdout)["checks"],)
        return check["state"], check["detail"]

    def ask(self, query: str) -> list[tuple[object, ...]]:
        """What the store says; nothing while there is none."""
        place = f"file:{self.folder}/state/artisan.db?mode=ro"
        try:
            with contextlib.closing(sqlite3.connect(place, uri=True, timeout=5)) as store:
                return store.execute(query).fetchall()
        except sqlite3.Error:
            return []

    def doctor(self) -> dict[str, object]:
        done = subprocess.run(
            [*self.command, "doctor", "--json"], capture_output=True, text=True, check=False, timeout=60
        )
        found: dict[str, object] = next(
            each for each in json.loads(done.stdout)["findings"] if each["what"] == "heartbeat"
        )
        return found


@pytest.fixture
def jobs(home: Path) -> Jobs:
    made = Jobs(home, free_port())
    made.write()
    return made


def test_a_call_is_known_to_the_next_session(jobs: Jobs) -> None:
    assert jobs.state() == ("unknown", "no call is known: a board or `artisan-tui watch` must be open to hear them")
    with jobs.watch() as (process, _):
        until(lambda: jobs.call() == 200, 20, "the listener")
        assert jobs.call(check="jobs.other") == 404
        assert jobs.state()[0] == "up"
        assert jobs.call("?status=fail&message=disk+full") == 200
        # Killed at once: what was answered is written.
        process.send_signal(signal.SIGKILL)
        process.wait(10)
    assert jobs.state() == ("down", "the job reports a failure: disk full")
    assert subprocess.run([*jobs.command, "audit", "verify"], capture_output=True, check=False).returncode == 0
    with jobs.watch():
        # The killed session may have journaled it already; then it is no news to this one.
        until(lambda: jobs.ask(_DOWN) != [], 40, "the memory of the call")
        until(lambda: jobs.call() == 200, 20, "the listener")
        until(lambda: jobs.state()[0] == "up", 20, "the recovery")


def test_silence_is_down_also_after_a_restart(jobs: Jobs) -> None:
    jobs.within = "3s"
    jobs.write()
    with jobs.watch() as (_, log):
        until(lambda: jobs.call() == 200, 20, "the listener")
        until(lambda: "no call for" in log.read_text("utf-8"), 20, "the silence")
    assert jobs.state()[0] == "down"
    assert ", expected every 3s" in jobs.state()[1]
    with jobs.watch("again") as (_, log):
        until(lambda: jobs.call("?status=ok") == 200, 20, "the listener")
        until(lambda: "up" in log.read_text("utf-8"), 20, "the recovery")


def test_a_job_that_never_called_is_waited_for_once(jobs: Jobs) -> None:
    jobs.within = "5s"
    jobs.write()
    said = "SELECT detail FROM check_state"
    with jobs.watch():
        until(lambda: jobs.ask(said) == [("no call yet, expected every 5s",)], 20, "the first wait")
    # The time of its first wait is remembered, so a restart does not begin anew.
    until(lambda: "it never came" in jobs.state()[1], 20, "the silence")
    before = jobs.ask(_WAITS)
    with jobs.watch("again"):
        until(lambda: "it never came" in str(jobs.ask(said)), 20, "the silence")
        assert jobs.ask(_WAITS) == before


def test_the_leader_listens_and_the_next_one_remembers(jobs: Jobs) -> None:
    with jobs.watch("first") as (first, first_log):
        until(lambda: jobs.call("?status=fail&message=from+the+first") == 200, 20, "the listener")
        with jobs.watch("second") as (_, second_log):
            until(lambda: jobs.ask("SELECT audience > 0 FROM lease") == [(1,)], 20, "the follower")
            first.terminate()
            first.wait(20)
            assert "cannot listen" not in first_log.read_text("utf-8") + second_log.read_text("utf-8")
            # Known without another call, and heard by the new leader.
            assert jobs.state() == ("down", "the job reports a failure: from the first")
            until(lambda: jobs.call() == 200, 30, "the new leader")
            until(lambda: jobs.state()[0] == "up", 20, "the recovery")


def test_a_port_that_is_taken_is_a_sentence(jobs: Jobs) -> None:
    assert jobs.doctor()["ok"] is None
    with socket.create_server(("127.0.0.1", jobs.port)) as taken, jobs.watch() as (process, log):
        said = f"heartbeats are not heard: cannot listen on 127.0.0.1:{jobs.port}: another program or session listens"
        until(lambda: said in log.read_text("utf-8"), 20, "the notice")
        assert process.poll() is None
        assert "Traceback" not in log.read_text("utf-8")
        found = jobs.doctor()
        assert found["ok"] is False
        assert "another program listens" in str(found["said"])
        # When the port is free again, it is heard without a restart.
        taken.close()
        until(lambda: jobs.call() == 200, 30, "the listener")
        until(lambda: "heartbeats are heard" in log.read_text("utf-8"), 10, "the end of the notice")
        assert jobs.doctor()["ok"] is True


def test_the_board_hears_too_and_says_when_it_cannot(jobs: Jobs, board: Opener) -> None:
    with socket.create_server(("127.0.0.1", jobs.port)) as taken, board(cols=100, rows=30) as screen:
        screen.wait_for("heartbeats are not heard", 20)
        screen.wait_for("no call yet", 20)
        taken.close()
        until(lambda: jobs.call("?status=fail&message=disk+full") == 200, 30, "the listener")
        screen.wait_for("disk full", 10)
        screen.wait_gone("heartbeats are not heard", 10)


def test_the_token_is_asked_for(jobs: Jobs) -> None:
    secret = jobs.folder / "token"
    jobs.token = f'token = "file:{secret}"'
    jobs.write()
    with jobs.watch() as (_, log):
        until(lambda: "heartbeats are refused" in log.read_text("utf-8"), 20, "the notice")
        assert jobs.call(token="s3cret") == 503
        secret.write_text("s3cret\n")
        secret.chmod(0o600)
        until(lambda: jobs.call(token="s3cret") == 200, 10, "the token")
        assert jobs.call() == 401
        assert jobs.call(token="other") == 401
    assert "s3cret" not in log.read_text("utf-8")


@pytest.mark.parametrize(
    ("line", "said", "mend"),
    [
        ('listen = "0.0.0.0:9095"', "heartbeat.listen", "add token"),
        ('listten = "127.0.0.1:9095"', "heartbeat.listten", "listen"),
        ('token = "abc"', "heartbeat.token", "env:NAME"),
    ],
)
def test_mistakes_name_the_line(line: str, said: str, mend: str, jobs: Jobs) -> None:
    text = (jobs.folder / "artisan.toml").read_text("utf-8").replace(f'listen = "127.0.0.1:{jobs.port}"', line)
    (jobs.folder / "artisan.toml").write_text(text, encoding="utf-8")
    done = subprocess.run([*jobs.command, "config", "check"], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 2
    assert f"artisan.toml:3: {said}" in done.stdout + done.stderr
    assert mend in done.stdout + done.stderr


def test_a_call_at_the_end_of_a_session_is_not_lost(jobs: Jobs) -> None:
    with jobs.watch() as (process, _):
        until(lambda: jobs.call() == 200, 20, "the listener")
        assert jobs.call("?status=fail&message=last") == 200
        os.kill(process.pid, signal.SIGTERM)
        assert process.wait(20) == 0
    assert jobs.state()[1].endswith("last")
