"""The command kind with real programs: what they say, how they end, and that none is left behind."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import psutil
import pytest
from pydantic import ValidationError

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.checks.command import CommandProbe, CommandSpec
from artisan_tui.sources.probe_context import ProbeContext
from support.probing import reason, run_probe
from support.servers import until
from support.stopwatch import Stopwatch


def shell(script: str) -> list[str]:
    return ["sh", "-c", script]


def probe(**keys: object) -> CommandProbe:
    spec = CommandSpec.model_validate({"id": "x", "kind": "command", **keys})
    return CommandProbe(spec, ProbeContext.open(None, os.environ))


def alive(file: Path) -> Callable[[], bool]:
    """Whether any of the programs runs that wrote their process ids into ``file``, one a line."""

    def ask() -> bool:
        pids = [int(line) for line in file.read_text().split()] if file.exists() else []
        return any(psutil.pid_exists(pid) and psutil.Process(pid).status() != "zombie" for pid in pids)

    return ask


def written(file: Path, lines: int) -> Callable[[], bool]:
    return lambda: file.exists() and len(file.read_text().splitlines()) >= lines


async def until_true(condition: Callable[[], bool], seconds: float = 10.0) -> None:
    """`until` that lets the loop work meanwhile."""
    await asyncio.to_thread(until, condition, seconds)


async def test_exit_decides_when_nobody_says_otherwise() -> None:
    seen, outcome = await run_probe("command", run=["true"])
    assert outcome.verdict is State.UP
    assert seen.answers["exit"] == 0
    assert seen.latency is not None
    seen, outcome = await run_probe("command", run=shell("echo first >&2; echo disk is on fire >&2; exit 3"))
    assert (outcome.verdict, outcome.reason) == (State.DOWN, Reason.EXIT)
    assert outcome.detail == "exit 3, expected == 0"
    assert seen.remarks == ("stderr: disk is on fire",)
    assert (await run_probe("command", run=shell("exit 3"), expect=["exit == 3"]))[1].verdict is State.UP


async def test_what_it_prints_answers_conditions() -> None:
    run = shell("printf ' 41.50 \\n\\n'")
    seen, outcome = await run_probe("command", run=run, expect=["value > 41.4", "stdout ~ ^.41"])
    assert outcome.verdict is State.UP
    assert seen.answers["stdout"] == " 41.50 "
    assert seen.answers["value"] == Decimal("41.50")
    run = ["echo", '{"queue": {"length": 12}}']
    assert reason(await run_probe("command", run=run, expect=["body.queue.length <= 12"])) is Reason.OK
    assert reason(await run_probe("command", run=run, expect=["body.queue.length < 12"])) is Reason.BODY
    seen, outcome = await run_probe("command", run=["echo", "no json"], expect=["body.queue.length < 12"])
    assert outcome.reason is Reason.MISSING
    assert "not JSON" in seen.remarks[0]
    assert reason(await run_probe("command", run=["echo", "12 of 30"], expect=["value < 13"])) is Reason.MISSING


async def test_no_shell_reads_the_arguments() -> None:
    seen, _ = await run_probe("command", run=["printf", "%s|", "a b", "$HOME", ";", "*"])
    assert seen.answers["stdout"] == "a b|$HOME|;|*|"


async def test_a_signal_is_told_by_name() -> None:
    seen = await run_probe("command", run=shell("kill -SEGV $$"), expect=["exit != 0"])
    assert (seen[1].verdict, seen[1].reason, seen[1].detail) == (State.DOWN, Reason.EXIT, "killed by SIGSEGV")


async def test_what_cannot_be_started_is_unknown_with_the_mend(tmp_path: Path) -> None:
    plain, broken, lost = tmp_path / "plain", tmp_path / "broken", tmp_path / "lost"
    plain.write_text("#!/bin/sh\n")
    broken.write_text("echo no first line\n")
    lost.write_text("#!/no/such/interpreter\n")
    broken.chmod(0o755)
    lost.chmod(0o755)
    for run, cwd, why, said in (
        (["no-such-program-anywhere"], ".", Reason.ABSENT, "install it"),
        (["./no-such-program"], str(tmp_path), Reason.ABSENT, "fix its path"),
        (["true"], str(tmp_path / "gone"), Reason.ABSENT, "fix `cwd`"),
        ([str(plain)], ".", Reason.DENIED, "chmod +x"),
        ([str(tmp_path)], ".", Reason.DENIED, "fix its path"),
        ([str(broken)], ".", Reason.DENIED, "#!"),
        ([str(lost)], ".", Reason.ABSENT, "#!"),
    ):
        _, outcome = await run_probe("command", run=run, cwd=cwd)
        assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, why), (run, outcome)
        assert said in outcome.detail


async def test_its_folder_and_its_variables(tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("from-a-file\n")
    environ = {
        "HOME": "/home/x",
        "TZ": "Asia/Seoul",
        "PROM_TOKEN": "ours-alone",
        "SHARED": "s3cr3t",
        "PATH": os.defpath,
    }
    env = {"PLAIN": "a b", "PG_PASSWORD": "env:SHARED", "API_TOKEN": f"file:{token}"}
    seen, outcome = await run_probe(
        "command", run=["env"], cwd=str(tmp_path), env=env, environ=environ, expect=["stdout ~ PLAIN=a b"]
    )
    assert outcome.verdict is State.UP
    given = dict(line.split("=", 1) for line in str(seen.answers["stdout"]).splitlines())
    given.pop("PWD", None)
    assert given == {
        "HOME": "/home/x",
        "TZ": "Asia/Seoul",
        "PATH": os.defpath,
        "PLAIN": "a b",
        "PG_PASSWORD": "s3cr3t",
        "API_TOKEN": "from-a-file",
    }
    seen, _ = await run_probe("command", run=["pwd"], cwd=str(tmp_path))
    assert seen.answers["stdout"] == str(tmp_path)
    _, outcome = await run_probe("command", run=["true"], env={"X": "env:NOT_SET"}, environ={"PATH": os.defpath})
    assert (outcome.verdict, outcome.reason) == (State.UNKNOWN, Reason.INTERNAL)
    assert "NOT_SET" in outcome.detail


async def test_it_has_no_terminal_no_input_and_none_of_our_files(tmp_path: Path) -> None:
    script = (
        "import os, sys; os.listdir('/'); print(sys.stdin.read() == '', sorted(map(int, os.listdir('/dev/fd')))[:4])"
    )
    with (tmp_path / "held").open("w") as held:
        os.set_inheritable(held.fileno(), True)
        seen, outcome = await run_probe("command", run=[sys.executable, "-c", script])
        assert outcome.verdict is State.UP, seen
        assert str(seen.answers["stdout"]).startswith("True [0, 1, 2, 3]")  # 3 is the listing itself
        more = "import os; print(os.getsid(0) == os.getpid(), [n for n in os.listdir('/dev/fd') if int(n) > 3])"
        seen, _ = await run_probe("command", run=[sys.executable, "-c", more])
        assert seen.answers["stdout"] == "True []"
    _, outcome = await run_probe("command", run=shell("exec 3<>/dev/tty"), expect=["exit != 0"])
    assert outcome.verdict is State.UP


async def test_a_flood_is_drained_and_cut(tmp_path: Path) -> None:
    seen, outcome = await run_probe("command", run=shell("head -c 20000000 /dev/zero | tr '\\0' x; echo err >&2"))
    assert outcome.verdict is State.UP, outcome
    assert len(str(seen.answers["stdout"])) == 65536
    _, outcome = await run_probe("command", run=shell("head -c 70000 /dev/zero | tr '\\0' 1"), expect=["stdout ~ 1"])
    assert outcome.reason is Reason.TOO_LARGE
    seen, outcome = await run_probe("command", run=["printf", "\\033[31m\\377[bold]"], expect=["stdout ~ bold"])
    assert outcome.verdict is State.UP
    assert "\x1b" not in seen.excerpt


async def test_a_timeout_ends_the_whole_group(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    # The shell, and a grandchild in the background; neither listens to TERM.
    deaf = f"trap '' TERM; (trap '' TERM; sleep 60) & echo $! >> {pids}; echo $$ >> {pids}; sleep 61; sleep 62"
    looker = probe(run=shell(deaf), timeout="500ms")
    began, clock = time.monotonic(), Stopwatch()
    seen = await looker.probe()
    assert clock.seconds < 0.75
    assert seen.failure is not None
    assert (seen.failure.reason, seen.failure.blind) == (Reason.TIMEOUT, False)
    assert alive(pids)(), "TERM alone does not end these"
    await until_true(lambda: not alive(pids)(), 3)
    assert time.monotonic() - began > 1.2, "a second between TERM and KILL"
    assert clock.seconds < 2.5
    await looker.aclose()


async def test_one_that_listens_may_tidy_up(tmp_path: Path) -> None:
    tidy = tmp_path / "tidy"
    looker = probe(run=shell(f"trap 'echo done > {tidy}; exit 0' TERM; sleep 60 & wait"), timeout="500ms")
    await looker.probe()
    await until_true(written(tidy, 1))
    await looker.aclose()


@pytest.mark.parametrize("how", ["cancelled", "closed while it ends", "closed before that began"])
async def test_leaving_leaves_nothing_behind(tmp_path: Path, how: str) -> None:
    pids = tmp_path / "pids"
    deaf = f"trap '' TERM; (trap '' TERM; sleep 60) & echo $! >> {pids}; echo $$ >> {pids}; sleep 61; sleep 62"
    looker = probe(run=shell(deaf), timeout="60s" if how == "cancelled" else "800ms")
    if how == "cancelled":
        task = asyncio.create_task(looker.probe())
        await until_true(written(pids, 2))
        clock = Stopwatch()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        await looker.probe()
        clock = Stopwatch()
        if how == "closed while it ends":
            await asyncio.sleep(0)
        await looker.aclose()
    assert clock.seconds < 0.6, "quitting has less than a second"
    assert written(pids, 2)()
    # The signal is out; the loop stands still here, so nobody sends another.
    until(lambda: not alive(pids)(), 2, "the end of the group")


async def test_children_left_in_the_background_are_ended_with_the_probe(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    script = f"sleep 60 & echo $! >> {pids}; sleep 61 > /dev/null 2>&1 & echo $! >> {pids}; echo started"
    seen, outcome = await run_probe("command", run=shell(script))
    assert outcome.verdict is State.UP
    assert seen.answers["stdout"] == "started"
    until(lambda: not alive(pids)(), 2, "the end of the children")


async def test_the_next_probe_waits_for_the_end_of_the_last(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    looker = probe(run=shell(f"trap '' TERM; echo $$ >> {pids}; sleep 60; sleep 60"), timeout="400ms")
    await looker.probe()
    second = await looker.probe()
    assert second.failure is not None
    assert (second.failure.reason, second.failure.blind) == (Reason.BLOCKED, True)
    assert len(pids.read_text().split()) == 1, "no second one beside the first"
    await looker.aclose()
    until(lambda: not alive(pids)(), 2, "the end of the group")


def test_it_works_in_a_thread_that_is_not_the_main_one(tmp_path: Path) -> None:
    """The engine's loop runs in one; some of asyncio's child watchers need the main thread."""
    script = tmp_path / "host.py"
    script.write_text(
        "import sys\n"
        "from artisan_tui.engine.checks.slice import CheckSlice\n"
        "from artisan_tui.engine.host import EngineHost\n"
        "from artisan_tui.engine.launch import GlobalOptions, options_of\n"
        "from pathlib import Path\n"
        "import threading\n"
        "came, ended = threading.Event(), []\n"
        "def hear(snapshot):\n"
        "    for view in snapshot[CheckSlice].views:\n"
        "        if view.health.state.value == 'up' and view.value == '42':\n"
        "            came.set()\n"
        "host = EngineHost(options_of(GlobalOptions(Path(sys.argv[1]), Path(sys.argv[2]))), hear, ended.append)\n"
        "host.start()\n"
        "assert came.wait(20), ended\n"
        "assert host.stop(5)\n"
        "print('up', ended)\n"
    )
    config = tmp_path / "artisan.toml"
    config.write_text(
        '[[service]]\nid = "s"\n[[service.check]]\nid = "c"\nkind = "command"\nevery = "1s"\ntimeout = "1s"\nrise = 1\n'
        'run = ["echo", "42"]\nexpect = ["value == 42"]\n'
    )
    state = tmp_path / "state"
    state.mkdir(mode=0o700)
    done = subprocess.run(
        [sys.executable, "-X", "dev", str(script), str(config), str(state)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "up []\n", done.stderr
    assert "Error" not in done.stderr
    assert "Exception" not in done.stderr


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({"run": "pg_isready -h db"}, "not a shell command line"),
        ({}, "Field required"),
        ({"run": []}, "nothing to run"),
        ({"run": ["sleep", 1]}, "put it in quotes"),
        ({"run": [" "]}, "no name"),
        ({"run": ["a\0b"]}, "an argument is text"),
        ({"run": ["curl", "-H", "env:TOKEN"]}, "pass it by env"),
        ({"run": ["curl", "file:/run/secrets/t"]}, "pass it by env"),
        ({"run": ["psql", "--password=env:PGPASSWORD"]}, "pass it by env"),
        ({"run": ["psql", "--password=hunter2"]}, "pass it by env"),
        ({"run": ["true"], "env": ["A=1"]}, "env is a table"),
        ({"run": ["true"], "env": {"A-B": "1"}}, "letters, digits and _"),
        ({"run": ["true"], "env": {"A": 1}}, "put it in quotes"),
        ({"run": ["true"], "env": {"PGPASSWORD": "hunter2"}}, "literal secret"),
        ({"run": ["true"], "env": {"A": "env:"}}, "not followed by a variable's name"),
    ],
)
def test_mistakes_are_refused_with_the_mend(keys: dict[str, object], said: str) -> None:
    with pytest.raises(ValidationError) as refused:
        CommandSpec.model_validate({"id": "x", **keys})
    assert said in str(refused.value)
    assert "hunter2" not in str(refused.value)


def test_arguments_that_only_look_a_little_like_references() -> None:
    run = ["curl", "file:///etc/hosts", "--tags=env:prod", "--token-file=/run/t", "a=b"]
    spec = CommandSpec.model_validate({"id": "x", "run": run, "env": {"PGPASSFILE": "/x", "TOKEN_FILE": "/run/t"}})
    assert spec.query == "curl file:///etc/hosts --tags=env:prod --token-file=/run/t a=b"
    assert CommandSpec.model_validate(spec.model_dump(mode="json")) == spec


def test_without_cwd_it_runs_beside_the_configuration(tmp_path: Path) -> None:
    context = {"folder": str(tmp_path)}
    assert CommandSpec.model_validate({"id": "x", "run": ["./a"]}, context=context).cwd == str(tmp_path)
    spec = CommandSpec.model_validate(
        {"id": "x", "run": ["./a"], "cwd": "sub", "env": {"A": "file:t"}}, context=context
    )
    assert spec.cwd == str(tmp_path / "sub")
    assert str(spec.env["A"]) == f"file:{tmp_path / 't'}"


def test_the_kind_is_found() -> None:
    assert KINDS["command"].spec is CommandSpec
