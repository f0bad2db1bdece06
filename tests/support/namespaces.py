"""Machines of their own for tests: network namespaces, each with one cable to us that can be pulled."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Machine:
    """``us`` is our address as it is seen from there."""

    name: str
    cable: str
    us: str

    def command(self, *words: str) -> list[str]:
        """So started, a program runs there."""
        return ["ip", "netns", "exec", self.name, *words]

    def pull(self) -> None:
        """Packets get lost from now on, and nobody is told."""
        _ip("link", "set", self.cable, "down")

    def plug(self) -> None:
        _ip("link", "set", self.cable, "up")


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True)


@contextlib.contextmanager
def machines(count: int) -> Iterator[list[Machine]]:
    """Skips where this user may not make any."""
    if shutil.which("ip") is None or os.geteuid() != 0:
        pytest.skip("network namespaces need root and iproute2")
    made: list[Machine] = []
    try:
        for number in range(count):
            name, net = (
                f"artisan-{os.getpid()}-{number}",
                f"10.{200 + os.getpid() % 50}.{(os.getpid() // 50) % 80 * 3 + number}",
            )
            each = Machine(name, f"at{os.getpid()}n{number}", f"{net}.1")
            try:
                _ip("netns", "add", name)
            except subprocess.CalledProcessError as refused:
                pytest.skip(f"no network namespace: {refused.stderr.decode('utf-8', 'replace').strip()}")
            made.append(each)
            _ip("link", "add", each.cable, "type", "veth", "peer", "name", "eth0", "netns", name)
            _ip("addr", "add", f"{net}.1/24", "dev", each.cable)
            _ip("link", "set", each.cable, "up")
            _ip("-n", name, "addr", "add", f"{net}.2/24", "dev", "eth0")
            _ip("-n", name, "link", "set", "eth0", "up")
            _ip("-n", name, "link", "set", "lo", "up")
        yield made
    finally:
        for each in made:
            subprocess.run(["ip", "netns", "del", each.name], check=False, capture_output=True)
