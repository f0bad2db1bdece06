"""Operators who log in by a real sshd: a dropped connection ends no step and starts none, and only another login approves.

Their logins are recorded by the kernel (pam_loginuid); both then work as the one account that owns the store.
"""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from artisan_tui.engine.runbooks.shim import folder as files
from support.live_runs import CONFIG, book, effect_step
from support.program import Runner
from support.servers import until
from support.ssh_server import SshServer, ssh_server


@pytest.fixture(scope="module")
def server() -> Iterator[SshServer]:
    with ssh_server({"alice": 41001, "bob": 41002}) as running:
        yield running


class Bastion:
    """``home`` has the configuration and the state that everybody shares; it is the account's that both become."""

    def __init__(self, server: SshServer, home: Path) -> None:
        self.server, self.home, self.effects = server, home, home / "effects"
        (home / "artisan.toml").write_text(CONFIG.format(environment="staging", more=""))

    def command(self, login: str, *arguments: str, options: tuple[str, ...] = (), environ: str = "") -> list[str]:
        places = ("--config", str(self.home / "artisan.toml"), "--state", str(self.home / "state"))
        program = shlex.join([sys.executable, "-m", "artisan_tui", *places, *arguments])
        line = f"cd {self.home} && {environ} EFFECTS={self.effects} exec {program}"
        return [
            "ssh",
            *options,
            *self.server.options(),
            f"{login}@127.0.0.1",
            f"{self.server.become} sh -c {shlex.quote(line)}",
        ]

    def run(self, login: str, *arguments: str, environ: str = "") -> subprocess.CompletedProcess[str]:
        command = self.command(login, *arguments, environ=environ)
        return subprocess.run(
            command, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL, check=False
        )

    def done(self) -> list[str]:
        return self.effects.read_text().split() if self.effects.exists() else []


@pytest.fixture
def bastion(server: SshServer, home: Path) -> Bastion:
    return Bastion(server, home)


@pytest.fixture(scope="module", autouse=True)
def _logins_are_recorded(server: SshServer) -> None:
    """Where the kernel records no logins there is nothing to test; a container may forbid it."""
    command = ["ssh", *server.options(), "alice@127.0.0.1", "cat /proc/self/loginuid"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, stdin=subprocess.DEVNULL, check=False)
    if done.stdout.strip() != "41001":
        why = f"sshd does not record logins here: {done.stdout.strip()} {done.stderr.strip()[-300:]}"
        pytest.fail(why) if os.environ.get("CI") else pytest.skip(why)


def test_a_connection_dropped_in_mid_step_ends_no_step_starts_none_and_another_login_adopts(
    bastion: Bastion, run: Runner
) -> None:
    (bastion.home / "runbooks.toml").write_text(
        book(effect_step("a", "sleep 1", "echo a-over >> $EFFECTS"), effect_step("b"))
    )
    begun = subprocess.Popen(
        bastion.command("alice", "runbook", "run", "example", options=("-tt",)),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until(lambda: bastion.done() == ["a"], 30, "the effect")
    assert bastion.server.drop()
    assert begun.wait(20) == 255
    folder = next((bastion.home / "state" / "runs").glob("*/a.1.do"))
    until(lambda: files.read_json(folder, files.EXIT) is not None, 20, "the end of the step")
    (listed,) = json.loads(run("runbook", "history", "--json").stdout)["runs"]
    left = json.loads(run("runbook", "status", listed["run"], "--json").stdout)
    assert (left["state"], left["orphaned"], bastion.done()) == ("running", True, ["a", "a-over"])
    adopted = bastion.run("bob", "runbook", "adopt", listed["run"], "--reason", "alice was cut off")
    assert (adopted.returncode, bastion.done()) == (0, ["a", "a-over", "b"]), adopted.stderr
    assert "bob        adopted: alice was cut off" in run("runbook", "history", listed["run"]).stdout


def test_rb_case_15_the_same_login_cannot_approve_whoever_it_becomes_and_another_can(bastion: Bastion) -> None:
    (bastion.home / "runbooks.toml").write_text(book(effect_step("a", keys="approval = true")))
    begun = bastion.run("alice", "runbook", "run", "example", "--json")
    assert begun.returncode == 4, begun.stderr
    name = json.loads(begun.stdout)["run"]
    # In bob's name by the environment, and as root: the kernel knows who logged in.
    disguise = "USER=bob LOGNAME=bob SUDO_USER=bob SUDO_UID=41002"
    own = bastion.run("alice", "runbook", "approve", name, environ=disguise)
    assert (own.returncode, "somebody else has to approve it" in own.stderr) == (1, True), own.stderr
    assert bastion.done() == []
    other = bastion.run("bob", "runbook", "approve", name)
    assert other.returncode == 0, other.stderr
    carried = bastion.run("alice", "runbook", "resume", name)
    assert (carried.returncode, bastion.done()) == (0, ["a"]), carried.stderr
