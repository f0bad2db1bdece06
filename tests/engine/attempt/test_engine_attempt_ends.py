"""Attempts of steps, with real processes: killed, recorded and masked."""

from __future__ import annotations

import base64
import json
import multiprocessing
import os
import shutil
import signal
import subprocess
import threading
import time
from pathlib import Path

import psutil
import pytest

from artisan_tui.engine.runbooks.attempt import Action, Attempt, AttemptFailed, AttemptState, Secrets
from artisan_tui.engine.runbooks.shim import folder as files
from artisan_tui.engine.runbooks.shim.masking import ShortSecret
from artisan_tui.engine.runbooks.shim.processes import ProcessId, start_of
from support.attempts import PYTHON, ended, python
from support.servers import until

FORK = multiprocessing.get_context("fork")
_FAMILY = """
import os, signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
own = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('child', flush=True); time.sleep(60)"
subprocess.Popen([sys.executable, "-c", own])
subprocess.Popen([sys.executable, "-c", own], start_new_session=True)
time.sleep(60)
"""


def test_rb_case_18_who_traps_term_is_killed_at_the_second_press(attempt: Attempt) -> None:
    attempt.start(python(_FAMILY, grace=30.0))
    until(lambda: attempt.output().count("child") == 2, what="the family")
    begun = files.read_json(attempt.folder, files.START)
    assert begun is not None
    family = psutil.Process(begun["shim"]).children(recursive=True)
    assert len(family) == 3
    assert attempt.terminate()
    assert attempt.kill()
    ended(attempt)
    found = attempt.ended()
    assert found is not None
    assert (found.aborted, found.signal, found.survivors) == (True, signal.SIGKILL, ())
    assert [each for each in family if each.is_running() and each.status() != psutil.STATUS_ZOMBIE] == []


def test_after_the_grace_it_is_killed_without_a_second_press(attempt: Attempt) -> None:
    attempt.start(python(_FAMILY, grace=0.3))
    until(lambda: attempt.output().count("child") == 2, what="the family")
    assert attempt.terminate()
    ended(attempt)
    found = attempt.ended()
    assert found is not None
    assert (found.aborted, found.survivors) == (True, ())


def test_time_is_up(attempt: Attempt) -> None:
    attempt.start(python("import time; print('x', flush=True); time.sleep(60)", timeout=0.5, grace=5.0))
    ended(attempt)
    found = attempt.ended()
    assert found is not None
    assert (found.timed_out, found.aborted, found.signal, found.ok) == (True, False, signal.SIGTERM, False)
    assert 0.5 <= found.lasted < 5


_DAEMON = """
import os, sys, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        for descriptor in range(64):
            try: os.close(descriptor)
            except OSError: pass
        time.sleep(60)
    os._exit(0)
os.wait()
"""


def test_exec_case_24_a_daemon_that_closes_everything_is_a_survivor(attempt: Attempt) -> None:
    attempt.start(python(_DAEMON))
    ended(attempt)
    found = attempt.ended()
    assert found is not None
    assert found.ok
    (survivor,) = found.survivors
    assert survivor.lives()
    assert attempt.kill()
    until(lambda: not survivor.lives(), what="the end of the daemon")


def test_a_grandchild_that_holds_the_pipe_does_not_hold_the_end(attempt: Attempt) -> None:
    attempt.start(python("import subprocess,sys; print('said'); subprocess.Popen(['sleep', '60'])"))
    ended(attempt)
    found = attempt.ended()
    assert found is not None
    assert found.ok
    assert found.lasted < 5
    assert len(found.survivors) == 1
    assert attempt.output() == "said\n"


def test_exec_case_26_the_step_lives_on_when_the_thread_that_started_it_ends(attempt: Attempt) -> None:
    thread = threading.Thread(target=lambda: attempt.start(python("import time; time.sleep(1); print('done')")))
    thread.start()
    thread.join()
    ended(attempt)
    assert attempt.output() == "done\n"


def test_exec_case_28_an_unflushed_program_is_heard_at_once(attempt: Attempt) -> None:
    code = "import time\nfor n in range(50):\n    print('line', n)\n    time.sleep(0.5)"
    began = time.monotonic()
    attempt.start(python(code))
    until(lambda: "line 0" in attempt.output(), what="the first line")
    assert time.monotonic() - began < 5
    attempt.kill()


def test_exec_case_29_much_output_keeps_the_last_line_and_is_bounded(attempt: Attempt) -> None:
    code = "import sys\nfor n in range(200000):\n    sys.stdout.write('x' * 99 + '\\n')\nprint('the last line')"
    attempt.start(python(code, cap=1024 * 1024))
    ended(attempt, 60.0)
    found = attempt.ended()
    assert found is not None
    assert found.output["total"] == 200_000 * 100 + 14
    assert sum(file.stat().st_size for file in attempt.folder.glob("out.*")) == found.output["kept"] <= 1024 * 1024
    assert attempt.output(200).endswith("x\nthe last line\n")


def test_input_and_environment_come_from_the_secrets_and_are_nowhere_on_disk(attempt: Attempt, tmp_path: Path) -> None:
    secret = "s3cr3t-väl/ue+0"
    code = "import os,sys; print(os.environ['TOKEN'] == sys.stdin.read(), os.environ['PLAIN'], os.environ['TOKEN'])"
    secrets = Secrets({"TOKEN": secret}, [secret], secret)
    attempt.start(Action((PYTHON, "-c", code), {"PLAIN": "yes"}), secrets)
    ended(attempt)
    assert attempt.output() == "True yes •••\n"
    everything = b"".join(file.read_bytes() for file in attempt.folder.iterdir())
    assert secret.encode() not in everything
    assert json.dumps(secret)[1:-1].encode() not in everything


def follows_and_stops(folder: Path, action: Action) -> None:
    """A screen: it starts the attempt, reads what comes, and stands still."""
    seen = Attempt(folder)
    seen.start(action)
    until(lambda: seen.output(200), 30, "the first output")
    os.kill(os.getpid(), signal.SIGSTOP)


def test_exec_case_29_a_screen_that_stands_still_slows_no_step_down(tmp_path: Path) -> None:
    code = "import sys\nfor n in range(1000):\n    sys.stdout.write(('x' * 99 + '\\n') * 1000)\nprint('the last line')"
    action = python(code, cap=1024 * 1024)
    lasted = []
    for name in ("alone", "watched", "alone again"):
        folder = tmp_path / "RUN-1" / f"{name}.1.do"
        attempt = Attempt(folder)
        screen = None
        if name == "watched":
            screen = FORK.Process(target=follows_and_stops, args=(folder, action))
            screen.start()
            until(lambda attempt=attempt: attempt.state() is not AttemptState.NOT_STARTED, 30, "the start")  # type: ignore[misc]
        else:
            attempt.start(action)
        try:
            ended(attempt, 120.0)
            if screen is not None:
                assert psutil.Process(screen.pid).status() == psutil.STATUS_STOPPED, "it stood still"
        finally:
            if screen is not None:
                screen.kill()
                screen.join()
        found = attempt.ended()
        assert found is not None
        assert found.output["total"] == 100_000_000 + 14
        assert attempt.output(200).endswith("x\nthe last line\n")
        lasted.append(found.lasted)
    alone, watched, again = lasted
    print(f"{alone:.2f} s, watched {watched:.2f} s, {again:.2f} s")
    assert watched <= 1.2 * max(alone, again) + 0.2


def test_rb_case_16_a_secret_in_two_pieces_is_masked(attempt: Attempt) -> None:
    secret = base64.b64encode(os.urandom(24)).decode()
    code = "import os,sys,time; s=sys.stdin.read()\nfor c in s: print(c, end='', flush=True); time.sleep(0.01)"
    attempt.start(python(code), Secrets(masks=[secret], input=secret))
    ended(attempt)
    assert attempt.output() == "•••"


@pytest.mark.parametrize("secret", ["", "short77"])
def test_exec_case_30_a_secret_that_cannot_be_masked_starts_nothing(attempt: Attempt, secret: str) -> None:
    with pytest.raises(ShortSecret):
        attempt.start(python("print(1)"), Secrets(masks=[secret]))
    assert attempt.state() is AttemptState.NOT_STARTED


def test_a_terminal_is_one_and_its_end_is_no_error(attempt: Attempt) -> None:
    attempt.start(python("import sys; print(sys.stdout.isatty(), flush=True)", pty=True))
    ended(attempt)
    assert attempt.output() == "True\n"


@pytest.mark.skipif(shutil.which("mount") is None or os.geteuid() != 0, reason="needs root to mount a small disk")
def test_rb_case_17_a_full_disk_starts_nothing_or_keeps_how_it_ended(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        attempt = Attempt(disk / "step.1.do")
        attempt.start(python("import sys\nfor n in range(40000): print('x' * 99)\nsys.exit(5)"))
        ended(attempt)
        found = attempt.ended()
        assert found is not None
        assert found.code == 5
        assert found.output["lost"]
        full = Attempt(disk / "step.2.do")
        with pytest.raises(AttemptFailed):
            full.start(python("print(1)"))
        assert full.state() is AttemptState.NOT_STARTED
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_a_process_is_told_apart_by_its_start() -> None:
    mine = ProcessId(os.getpid(), start_of(os.getpid()))
    assert mine.lives()
    assert not ProcessId(os.getpid(), "1").lives()
    assert not ProcessId(2**22 + 1, "1").send(signal.SIGTERM)
