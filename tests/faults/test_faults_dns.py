"""A name server that never answers: the names hang, nothing else does, and leaving is quick.

The program runs in a mount namespace of its own, whose ``/etc/resolv.conf`` names a UDP socket that
we hold and never read: what the system's resolver then does is the real thing.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from support.processes import with_us
from support.servers import require, until
from support.services import config_text, http_check, service
from support.stopwatch import Stopwatch
from support.terminal import Terminal

#: They take the same port of the same address.
pytestmark = pytest.mark.xdist_group("dns")
#: Another address than the machine's own resolver, if it has one.
SILENT = "127.53.53.53"
HANGING = 20
#: Seconds in which the program must have ended once it may.
QUICK = 2.0


@dataclass(frozen=True)
class Deaf:
    """How to run a command where no name server answers, and the socket that is asked in vain."""

    prefix: Sequence[str]
    asked: socket.socket

    def questions(self) -> int:
        """Datagrams that came since the last call."""
        count = 0
        with contextlib.suppress(BlockingIOError):
            while self.asked.recv(2048):
                count += 1
        return count


@pytest.fixture
def deaf(tmp_path: Path) -> Iterator[Deaf]:
    unshare = require("unshare")
    resolv = tmp_path / "resolv.conf"
    resolv.write_text(f"nameserver {SILENT}\noptions timeout:5 attempts:3\n")
    place = os.path.realpath("/etc/resolv.conf")
    prefix = [unshare, "--mount", "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"', str(resolv), place]
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.bind((SILENT, 53))
        except OSError as error:
            pytest.skip(f"port 53 of {SILENT} is not ours to have: {error.strerror}")
        asked.setblocking(False)
        tried = subprocess.run([*prefix, "cat", "/etc/resolv.conf"], capture_output=True, text=True, check=False)
        if tried.stdout != resolv.read_text():
            pytest.skip(f"a mount namespace is not allowed here: {tried.stderr.strip()}")
        yield Deaf(prefix, asked)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir(mode=0o700)
    return tmp_path


def command(deaf: Deaf, home: Path, *arguments: str) -> list[str]:
    places = ["--config", str(home / "artisan.toml"), "--state", str(home / "state")]
    return [*deaf.prefix, sys.executable, "-m", "artisan_tui", *places, *arguments]


def hanging(number: int) -> str:
    """Half of them http, half tcp: they look up names in different ways."""
    where = f"hang{number}.example."
    if number % 2:
        return http_check(f"hang{number}", f"http://{where}/", fall=1)
    return f'id = "hang{number}"\nkind = "tcp"\naddress = "{where}:80"\nevery = "1s"\ntimeout = "1s"\nfall = 1\n'


def write(home: Path, *checks: str) -> None:
    (home / "artisan.toml").write_text(config_text(*checks), encoding="utf-8")


def test_check_tells_who_hangs_and_returns(home: Path, deaf: Deaf) -> None:
    with service() as one:
        names = http_check("name", one.url.replace("127.0.0.1", "localhost"))
        write(home, *(hanging(n) for n in range(HANGING)), http_check("loopback", one.url), names)
        clock = Stopwatch()
        done = subprocess.run(
            command(deaf, home, "check", "--json"), capture_output=True, text=True, timeout=60, check=False
        )
        took = clock.seconds
    assert deaf.questions() >= HANGING, "nobody asked: this test shows nothing"
    # Nearly everything at once: this machine's name server is the likelier cause.
    assert done.returncode == 3, done.stderr
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["unreached"] is True
    seen = {check["id"]: (check["state"], check["reason"]) for check in document["checks"]}
    assert seen.pop("s.loopback") == ("up", "ok")
    assert seen.pop("s.name") == ("up", "ok")
    assert len(seen) == HANGING
    assert set(seen.values()) <= {("down", "timeout"), ("down", "dns")}
    # A second for the probes; the resolver itself would take fifteen.
    assert took < 1 + QUICK + 5, f"it took {took:.1f} s"


def test_watch_goes_on_beside_it_and_ends_at_once(home: Path, deaf: Deaf) -> None:
    with service() as one:
        write(home, *(hanging(n) for n in range(HANGING)), http_check("loopback", one.url, rise=1))
        process = subprocess.Popen(
            with_us(command(deaf, home, "watch", "--json")), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        try:
            until(lambda: one.requests >= 1, 20, "the first probe")
            clock = Stopwatch()
            until(lambda: one.requests >= 6, 20, "five more probes")
            took = clock.seconds
            assert took < 6.5, f"five probes, one a second, took {took:.1f} s"
            process.send_signal(signal.SIGTERM)
            clock = Stopwatch()
            said, complaints = process.communicate(timeout=20)
            ended = clock.seconds
        finally:
            process.kill()
            process.wait()
    assert process.returncode == 0, complaints
    assert ended < QUICK, f"it took {ended:.1f} s to end"
    assert complaints == ""
    events = [json.loads(line) for line in said.splitlines()]
    assert [events[0]["kind"], events[-1]["kind"]] == ["session.start", "session.stop"]
    told = {(e["subject"], e["body"]["to"], e["body"]["reason"]) for e in events if e["kind"] == "check.state"}
    assert {subject for subject, _, _ in told} == {f"s.hang{n}" for n in range(HANGING)}
    assert {(to, reason) for _, to, reason in told} <= {("down", "timeout"), ("down", "dns")}
    # One question a name: without that a thread and four datagrams a probe would pile up.
    assert deaf.questions() < HANGING * 2 * 4


def test_the_board_shows_it_and_quits_at_once(home: Path, deaf: Deaf) -> None:
    with service() as one:
        write(home, *(hanging(n) for n in range(HANGING)), http_check("loopback", one.url, rise=1))
        with Terminal(command(deaf, home), size=(120, 40)) as board:
            board.wait_for(f"{HANGING} down", 20)
            board.wait_for("1 up", 5)
            clock = Stopwatch()
            board.press("q")
            assert board.wait_exit(20) == 0
            took = clock.seconds
            assert took < QUICK, f"it took {took:.1f} s to quit"
            assert not board.left_behind()
