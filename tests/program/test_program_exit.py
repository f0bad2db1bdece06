"""The end of the process: its own exit code and nothing left behind, whatever still waits in a library's thread."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from support.processes import with_us
from support.program import Opener, Runner
from support.servers import until

PROGRAM = [sys.executable, "-m", "artisan_tui"]
HEAD = b"HTTP/1.1 200 OK\r\nX-Slow: "
#: The begin of a TLS record of 16 KiB with a ServerHello.
HELLO = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc"


@contextlib.contextmanager
def trickling(first: bytes) -> Iterator[int]:
    """A server whose answers never end: each byte wakes the thread that reads it, also while the process ends."""
    over = threading.Event()

    def drip(caller: socket.socket) -> None:
        with caller, contextlib.suppress(OSError):
            caller.sendall(first)
            while not over.wait(0.001):
                caller.sendall(b"x")

    def accept() -> None:
        while not over.is_set():
            with contextlib.suppress(TimeoutError):
                talks.append(threading.Thread(target=drip, args=(server.accept()[0],)))
                talks[-1].start()

    talks: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.05)
        accepting = threading.Thread(target=accept)
        accepting.start()
        try:
            yield server.getsockname()[1]
        finally:
            over.set()
            for thread in (accepting, *talks):
                thread.join()


@pytest.fixture
def http() -> Iterator[int]:
    with trickling(HEAD) as port:
        yield port


@pytest.fixture
def tls() -> Iterator[int]:
    with trickling(HELLO) as port:
        yield port


def kubeconfig(home: Path, server: str, user: str = "{token: x}") -> Path:
    file = home / "kubeconfig"
    file.write_text(
        f'apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{{name: c, cluster: {{server: "{server}"}}}}]\n'
        f"contexts: [{{name: c, context: {{cluster: c, user: u}}}}]\nusers: [{{name: u, user: {user}}}]\n"
    )
    return file


def write(home: Path, *checks: str, more: str = "", timeout: str = "3s") -> None:
    """A configuration of checks whose libraries are given time to be loaded."""
    tables = "".join(
        f'[[service.check]]\nid = "c{n}"\nfall = 1\nevery = "{timeout}"\ntimeout = "{timeout}"\n{check}\n'
        for n, check in enumerate(checks)
    )
    (home / "artisan.toml").write_text(
        f'[artisan]\nname = "x"\nenvironment = "staging"\n{more}\n[[service]]\nid = "s"\n{tables}'
    )


def checks(home: Path, kind: str, http: int, tls: int) -> None:
    match kind:
        case "kubernetes":
            file = kubeconfig(home, f"http://127.0.0.1:{http}")
            write(home, f'kind = "kubernetes"\ndeployment = "api"\nkubeconfig = "{file}"')
        case "kubernetes-tls":
            file = kubeconfig(home, f"https://127.0.0.1:{tls}")
            write(home, f'kind = "kubernetes"\ndeployment = "api"\nkubeconfig = "{file}"')
        case "docker":
            write(home, f'kind = "docker"\ncontainer = "api"\nhost = "tcp://127.0.0.1:{http}"')
        case "docker-tls":
            write(
                home, f'kind = "docker"\ncontainer = "api"\nhost = "tcp://127.0.0.1:{tls}"\ntls = true\nverify = false'
            )
        case "prometheus":
            metrics = f'[metrics]\nprometheus = "https://127.0.0.1:{tls}"\ntimeout = "1s"\n'
            write(home, 'kind = "measure"\nmeasure = { value = "up" }\nexpect = ["value == 1"]', more=metrics)
        case "ca":
            os.mkfifo(home / "ca.pem")  # opening it blocks for ever, as a dead NFS does
            write(home, f'kind = "tcp"\naddress = "127.0.0.1:{tls}"\ntls = true\nca_file = "{home}/ca.pem"')


KINDS = ["kubernetes", "kubernetes-tls", "docker", "docker-tls", "prometheus", "ca"]


@pytest.mark.parametrize("kind", KINDS)
def test_a7_check_ends_with_its_own_code(home: Path, run: Runner, http: int, tls: int, kind: str) -> None:
    checks(home, kind, http, tls)
    done = run("check", timeout=20)
    said, code = ("1 down", 1) if kind == "ca" else ("1 unknown", 3)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (code, said), done.stderr
    assert "Fatal" not in done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_a7_watch_ends_with_its_own_code(home: Path, http: int, tls: int, kind: str) -> None:
    checks(home, kind, http, tls)
    with watching(home) as watch:
        # Its first probe has ended, and its thread reads on.
        assert watch.stdout is not None
        while '"check.state"' not in watch.stdout.readline():
            assert watch.poll() is None
        watch.terminate()
        told, complaints = watch.communicate(timeout=20)
    assert watch.returncode == 0, (told, complaints)
    assert complaints == ""


@pytest.mark.parametrize("kind", ["kubernetes", "docker"])
def test_a7_the_board_ends_with_its_own_code(home: Path, board: Opener, http: int, tls: int, kind: str) -> None:
    checks(home, kind, http, tls)
    with board() as terminal:
        terminal.wait_for("waiting for the API server" if kind == "kubernetes" else "did not respond within 3s", 30)
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert not terminal.left_behind()


@pytest.mark.parametrize("how", ["check", "watch"])
def test_a7_a_credential_plugin_ends_with_us(home: Path, run: Runner, how: str) -> None:
    pid = home / "pid"
    script = home / "plugin"
    # Of its children none outlives it, either.
    script.write_text(f"#!/bin/sh\nsleep 300 &\necho $$ $! > {pid}.new && mv {pid}.new {pid}\nwait\n")
    script.chmod(0o755)
    user = f"{{exec: {{apiVersion: client.authentication.k8s.io/v1, command: {script}, interactiveMode: Never}}}}"
    file = kubeconfig(home, "http://127.0.0.1:1", user)
    timeout = "10s" if how == "check" else "100s"  # the package must be loaded before, on a busy machine, too
    write(home, f'kind = "kubernetes"\ndeployment = "api"\nkubeconfig = "{file}"', timeout=timeout)
    if how == "check":
        assert run("check", timeout=40).returncode == 3
    else:
        with watching(home) as watch:
            until(pid.exists, 30, "the plugin")
            watch.terminate()
            assert watch.wait(20) == 0
    left = [int(each) for each in pid.read_text().split()]
    until(lambda: not any(psutil.pid_exists(each) for each in left), 2.0, "the end of the plugin")


@contextlib.contextmanager
def watching(home: Path) -> Iterator[subprocess.Popen[str]]:
    command = [*PROGRAM, "--config", str(home / "artisan.toml"), "--state", str(home / "state"), "watch", "--json"]
    watch = subprocess.Popen(with_us(command), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield watch
    finally:
        watch.kill()
        watch.communicate()
