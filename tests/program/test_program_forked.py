"""What tests start by the fork server is what a real start is, and nothing of it is left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from support.forked import Forked, forkable, ordinary, run_program
from support.processes import with_us
from support.program import Runner
from support.servers import until
from support.services import config_text, http_check, service
from support.terminal import Terminal

PLACES = ["--config", "artisan.toml", "--state", "state"]


@pytest.mark.parametrize(
    "words",
    [("--version",), ("--help",), ("check",), ("check", "s.nope"), ("nonsense",), ("audit", "verify"), ()],
    ids=lambda words: " ".join(words),
)
def test_it_says_and_returns_what_a_real_start_does(
    home: Path, run: Runner, run_afresh: Runner, words: tuple[str, ...]
) -> None:
    (home / "artisan.toml").write_text(config_text('id = "disk"\nkind = "disk"\nevery = "0s"\n'), "utf-8")
    ours, real = run(*words), run_afresh(*words)
    named = real.stdout.replace("Usage: python -m artisan_tui ", "Usage: artisan-tui ")
    assert (ours.returncode, ours.stdout, ours.stderr) == (real.returncode, named, real.stderr)


def test_its_number_session_folder_and_environment_are_its_own(home: Path) -> None:
    with service() as one:
        (home / "artisan.toml").write_text(config_text(http_check("one", one.url)), "utf-8")
        environment = ordinary({**os.environ, "ARTISAN_TEST_MARK": "1"})
        watch = Forked(
            [*PLACES, "watch", "--json"], stdout=subprocess.PIPE, env=environment, cwd=home, text=True, session=True
        )
        try:
            assert watch.stdout is not None
            assert json.loads(watch.stdout.readline())["kind"] == "session.start"
            seen = psutil.Process(watch.pid)
            assert (os.getsid(watch.pid), os.getpgid(watch.pid)) == (watch.pid, watch.pid)
            assert seen.cwd() == str(home)
            assert seen.ppid() != os.getpid()
            watch.send_signal(signal.SIGSTOP)
            until(lambda: seen.status() == psutil.STATUS_STOPPED)
            assert watch.poll() is None
            watch.send_signal(signal.SIGCONT)
            watch.terminate()
            assert watch.wait(20) == 0
            assert json.loads(watch.stdout.readline())["kind"] == "session.stop"
        finally:
            watch.kill()
            watch.wait()


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT])
def test_a_signal_that_ends_it_is_told_as_subprocess_tells_it(home: Path, number: signal.Signals) -> None:
    with service() as one:
        (home / "artisan.toml").write_text(config_text(http_check("one", one.url)), "utf-8")
        watch = Forked([*PLACES, "watch"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd=home)
        assert watch.poll() is None
        with pytest.raises(subprocess.TimeoutExpired):
            watch.wait(0)
        watch.send_signal(number)
        assert watch.wait(20) == -number
        until(lambda: not psutil.pid_exists(watch.pid))


def test_in_a_terminal_it_leads_its_session_and_the_terminal_s_keys_reach_it(home: Path) -> None:
    with service() as one:
        (home / "artisan.toml").write_text(config_text(http_check("one", one.url)), "utf-8")
        with Terminal([*PLACES, "watch"], cwd=home, forked=True) as terminal:
            terminal.wait_for("opened the board", 20)
            assert os.getsid(terminal.process.pid) == terminal.process.pid
            terminal.press("ctrl+c")
            assert terminal.wait_exit(20) in (0, 130)


def test_an_environment_that_an_interpreter_reads_at_its_start_is_refused(home: Path) -> None:
    for name, value in (("LC_ALL", "C"), ("PYTHONDEVMODE", "1"), ("LANG", "ko_KR.UTF-8")):
        environment = ordinary(os.environ) | {name: value}
        assert not forkable(environment)
        with pytest.raises(AssertionError, match=name):
            run_program("--version", env=environment)


#: Starts a watch by the server, says their numbers, and waits to be killed.
PARENT = """
import subprocess, sys, time
sys.path[:0] = sys.argv[1:3]
from support.forked import Forked
watch = Forked(["--config", sys.argv[3], "--state", sys.argv[4], "watch"], stdout=subprocess.DEVNULL)
import psutil
print(watch.pid, psutil.Process(watch.pid).ppid(), flush=True)
time.sleep(100)
"""


def test_neither_the_server_nor_its_processes_outlive_tests_that_are_killed(home: Path) -> None:
    tests = Path(__file__).parents[1]
    with service() as one:
        (home / "artisan.toml").write_text(config_text(http_check("one", one.url)), "utf-8")
        arguments = [str(tests), str(tests.parent), str(home / "artisan.toml"), str(home / "state")]
        parent = subprocess.Popen(
            with_us([sys.executable, "-c", PARENT, *arguments]), stdout=subprocess.PIPE, text=True
        )
        assert parent.stdout is not None
        with parent.stdout:
            watch, server = map(int, parent.stdout.readline().split())
        until(lambda: one.requests > 0, 20)
        parent.kill()
        parent.wait()
    for pid in (watch, server):
        until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE, 20)  # noqa: B023
