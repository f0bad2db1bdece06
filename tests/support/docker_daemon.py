"""A dockerd of our own for tests: private sockets and folders, and one tiny image, all gone afterwards.

Needs root. Where dockerd cannot run, such as in a sandbox, the test skips on a laptop and fails in CI.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docker
import pytest

from support import docker_remains
from support.processes import with_us
from support.servers import certificate, free_port, require, until

IMAGE = "artisan/busybox:test"
#: The applets of busybox that the tests' containers call.
_APPLETS = ("sh", "sleep", "echo", "cat", "test", "printf", "true")


@dataclass(frozen=True)
class Daemon:
    """A dockerd that runs. ``host`` is its unix socket, ``tls_host`` its TLS port, which wants ``cert`` and ``key``."""

    process: subprocess.Popen[bytes]
    host: str
    tls_host: str
    cert: Path
    key: Path
    client: Any

    def run(self, *command: str, **options: Any) -> Any:
        """A container of the SDK, started and not waited for."""
        options = {"detach": True, "network_mode": "none", "stop_signal": "SIGKILL", **options}
        return self.client.containers.run(IMAGE, list(command) or ["/bin/sleep", "3600"], **options)

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """Alive, and deaf: SIGSTOP."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)


@contextlib.contextmanager
def dockerd() -> Iterator[Daemon]:
    binary = require("dockerd")
    if os.geteuid() != 0:
        _cannot("dockerd needs root")
    # Short, because a unix socket's path has at most 107 bytes.
    folder = Path(tempfile.mkdtemp(prefix="artisan-dockerd-", dir="/tmp"))
    cleaner = [sys.executable, docker_remains.__file__, str(os.getpid()), str(folder)]
    waiting = subprocess.Popen(cleaner, stdin=subprocess.DEVNULL, start_new_session=True)
    try:
        with _daemon(binary, folder) as daemon:
            yield daemon
    finally:
        docker_remains.remove(folder)
        waiting.kill()
        waiting.wait(5)


@contextlib.contextmanager
def _daemon(binary: str, folder: Path) -> Iterator[Daemon]:
    cert, key = certificate(folder)
    host, tls_host, log = f"unix://{folder}/d.sock", f"tcp://127.0.0.1:{free_port()}", folder / "log"
    places = [f"--data-root={folder}/data", f"--exec-root={folder}/exec", f"--pidfile={folder}/pid"]
    plain = ["--bridge=none", "--iptables=false", "--ip6tables=false", "--storage-driver=vfs"]
    tls = ["--tlsverify", f"--tlscacert={cert}", f"--tlscert={cert}", f"--tlskey={key}"]
    with log.open("wb") as output:
        process = subprocess.Popen(
            with_us([binary, f"--host={host}", f"--host={tls_host}", *places, *plain, *tls, "--shutdown-timeout=2"]),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        socket = folder / "d.sock"
        until(lambda: process.poll() is not None or _serves(host, socket), 30.0, f"dockerd: {log}")
        if process.poll() is not None:
            _cannot(f"dockerd does not run here: {log.read_text('utf-8', 'replace')[-500:]}")
        client = docker.DockerClient(host, timeout=20)
        try:
            client.api.import_image_from_data(_image(), repository=IMAGE.partition(":")[0], tag="test")
            _can_run(client)
            yield Daemon(process, host, tls_host, cert, key, client)
        finally:
            if process.poll() is None:
                for container in client.containers.list(all=True, ignore_removed=True):
                    with contextlib.suppress(docker.errors.APIError):
                        container.remove(force=True)
            client.close()
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(5)


def _cannot(why: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(why)


def _serves(host: str, socket: Path) -> bool:
    if not socket.exists():
        return False
    client = docker.DockerClient(host, version="1.41", timeout=5)
    try:
        return bool(client.ping())
    except (docker.errors.DockerException, OSError):
        return False
    finally:
        client.close()


def _can_run(client: Any) -> None:
    """Serving is not all: a sandbox may forbid what a container needs."""
    try:
        client.containers.run(IMAGE, ["/bin/true"], network_mode="none", remove=True)
    except docker.errors.APIError as error:
        _cannot(f"dockerd cannot run containers here: {error}")


def _image() -> bytes:
    """A root file system: a static busybox and links to it."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.add(require("busybox"), "bin/busybox")
        for name in _APPLETS:
            link = tarfile.TarInfo(f"bin/{name}")
            link.type, link.linkname = tarfile.SYMTYPE, "busybox"
            tar.addfile(link)
    return buffer.getvalue()
