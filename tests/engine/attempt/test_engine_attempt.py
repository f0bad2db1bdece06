"""Attempts of steps, with real processes: started once, survived, ended."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path

import pytest

from artisan_tui.engine.runbooks.attempt import Action, Attempt, AttemptExists, AttemptFailed, AttemptState
from artisan_tui.engine.runbooks.shim import folder as files
from artisan_tui.engine.runbooks.shim.processes import start_of
from support.attempts import PYTHON, ended, python
from support.servers import until


def test_it_ends_with_its_code_and_what_it_printed(attempt: Attempt) -> None:
    assert attempt.state() is AttemptState.NOT_STARTED
    attempt.start(python("import sys; print('하나'); print('two', file=sys.stderr); sys.exit(7)"))
    ended(attempt)
    found = attempt.ended()
    assert found is not None
    assert (found.code, found.signal, found.survivors, found.ok) == (7, None, (), False)
    assert attempt.output() == "하나\ntwo\n"
    assert found.output["total"] == len("하나\ntwo\n".encode())
    assert oct(attempt.folder.stat().st_mode & 0o777) == "0o700"


def test_it_is_never_started_twice(attempt: Attempt) -> None:
    attempt.start(python("import time; time.sleep(30)"))
    with pytest.raises(AttemptExists):
        attempt.start(python("print('again')"))
    attempt.kill()
    ended(attempt)
    with pytest.raises(AttemptExists):
        Attempt(attempt.folder).start(python("print('again')"))


def test_exec_case_34_of_many_that_start_it_at_once_one_does(attempt: Attempt, tmp_path: Path) -> None:
    mark = tmp_path / "effects"
    code = "import os,sys; os.write(os.open(sys.argv[1], os.O_WRONLY|os.O_CREAT|os.O_APPEND), b'x')"
    refused: list[BaseException] = []

    def one() -> None:
        try:
            Attempt(attempt.folder).start(python(code, str(mark)))
        except AttemptExists as error:
            refused.append(error)

    threads = [threading.Thread(target=one) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ended(attempt)
    assert len(refused) == 7
    assert mark.read_text() == "x"


@pytest.mark.parametrize(("argv", "why"), [(("/no/such/program",), "No such file"), (("/etc/passwd",), "denied")])
def test_what_cannot_be_executed_says_why(attempt: Attempt, argv: tuple[str, ...], why: str) -> None:
    attempt.start(Action(argv))
    ended(attempt)
    found = attempt.ended()
    assert found is not None
    assert found.code is None
    assert why in found.error


def test_a_folder_that_cannot_be_written_starts_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(AttemptFailed, match="cannot be written"):
        Attempt(tmp_path / "file" / "step").start(python("print(1)"))


def dashboard(folder: Path, code: str) -> subprocess.Popen[str]:
    """A process that starts the attempt, says so, and waits."""
    text = (
        "import sys,time\nfrom pathlib import Path\n"
        "from artisan_tui.engine.runbooks.attempt import Action, Attempt\n"
        "import signal; signal.signal(signal.SIGINT, signal.SIG_DFL)\n"  # ignored where the tests run in the background
        "Attempt(Path(sys.argv[1])).start(Action((sys.executable, '-c', sys.argv[2])))\n"
        "print('started', flush=True)\ntime.sleep(60)\n"
    )
    process = subprocess.Popen(
        [PYTHON, "-c", text, str(folder), code], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    return process


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGINT])
def test_rb_case_8_the_step_outlives_the_dashboard(attempt: Attempt, number: signal.Signals) -> None:
    code = "import sys,time; print('begun', flush=True); sys.stdin.read(); time.sleep(1); print('done'); sys.exit(7)"
    process = dashboard(attempt.folder, code)
    os.killpg(process.pid, number)
    process.wait()
    assert process.stdout is not None
    process.stdout.close()
    assert attempt.state() is AttemptState.RUNNING
    ended(attempt)
    found = attempt.ended()
    assert found is not None
    assert found.code == 7
    assert attempt.output() == "begun\ndone\n"


def test_rb_case_9_a_killed_shim_leaves_an_orphan_then_nothing_is_known(attempt: Attempt) -> None:
    attempt.start(python("import time; print('begun', flush=True); time.sleep(30)"))
    until(lambda: attempt.output() == "begun\n", what="the program")
    begun = files.read_json(attempt.folder, files.START)
    assert begun is not None
    os.kill(begun["shim"], signal.SIGKILL)
    until(lambda: attempt.state() is AttemptState.ORPHANED, what="the orphan")
    assert attempt.ended() is None
    os.kill(begun["pid"], signal.SIGKILL)
    until(lambda: attempt.state() is AttemptState.LOST, what="the end of the orphan")


def test_another_boot_or_another_start_is_not_the_same_process(attempt: Attempt) -> None:
    attempt.start(python("import time; time.sleep(30)"))
    begun = files.read_json(attempt.folder, files.START)
    assert begun is not None
    files.write_json(attempt.folder, files.START, {**begun, "boot": "another"})
    assert attempt.state() is AttemptState.LOST
    assert not attempt.terminate()
    # Case 25 of execution: the number belongs to another process now.
    files.write_json(attempt.folder, files.START, {**begun, "shim_start": "1", "start": "1"})
    assert not attempt.terminate()
    assert not attempt.kill()
    assert start_of(begun["pid"]) != ""
    files.write_json(attempt.folder, files.START, begun)
    assert attempt.state() is AttemptState.RUNNING
