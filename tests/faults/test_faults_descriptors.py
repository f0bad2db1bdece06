"""No more files may be opened: that is our fault, said so, never a target's; and it passes when files come back."""

from __future__ import annotations

import contextlib
import json
import resource
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import pytest

from support.processes import with_us
from support.servers import until
from support.services import Service, config_text, http_check, service
from support.terminal import Terminal

SENTENCE = "artisan-tui has too many files open: raise `ulimit -n`"
#: More probes that each hold a connection than any limit below allows files.
HOLDING = 50


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "state").mkdir(mode=0o700)
    return tmp_path


@pytest.fixture
def slow() -> Iterator[Service]:
    """Accepts and does not answer before the end of the test: whoever asks holds a connection."""
    with service(delay=threading.Event()) as held:
        yield held


def command(home: Path, *arguments: str, limit: int | None = None) -> list[str]:
    """The program; ``limit`` bounds its open files, for good."""
    places = ["--config", str(home / "artisan.toml"), "--state", str(home / "state")]
    program = [sys.executable, "-m", "artisan_tui", *places, *arguments]
    return program if limit is None else ["sh", "-c", f'ulimit -n {limit} && exec "$@"', "sh", *program]


def tcp_check(name: str, url: str, every: str) -> str:
    address = url.removeprefix("http://")
    return f'id = "{name}"\nkind = "tcp"\naddress = "{address}"\nevery = "{every}"\ntimeout = "{every}"\nfall = 1\nrise = 1\n'


def own_check(kind: str, more: str = "") -> str:
    return f'id = "{kind}"\nkind = "{kind}"\nevery = "1s"\ntimeout = "1s"\nfall = 1\nrise = 1\n{more}\n'


def write(home: Path, one: Service, slow: Service, every: str = "1s") -> None:
    """``every``: how often what is well is probed, and how long that may take at most."""
    checks = [http_check(f"slow{n}", slow.url, fall=1, rise=1) for n in range(HOLDING)]
    checks += [
        http_check("http", one.url, every=every, fall=1, rise=1),
        tcp_check("tcp", one.url, every),
        tcp_check("name", one.url.replace("127.0.0.1", "localhost"), every),
        own_check("command", 'run = ["true"]'),
        own_check("disk", 'expect = ["value <= 100"]'),
        own_check("memory", 'expect = ["value <= 100"]'),
    ]
    (home / "artisan.toml").write_text(config_text(*checks), encoding="utf-8")


def expect_reason(subject: str, state: str, reason: str, detail: str) -> None:
    """Nothing that is well may be called down, and what is unknown must say why."""
    if state == "down":
        assert subject.startswith("s.slow"), f"{subject} is up, and was said to be down: {reason} {detail}"
        assert reason == "timeout", (subject, detail)
    if state == "unknown":
        assert (reason, detail) == ("internal", SENTENCE), subject


@pytest.mark.parametrize("limit", [20, 24, 32, 40])
def test_a_single_round_with_few_files(home: Path, slow: Service, limit: int) -> None:
    with service() as one:
        write(home, one, slow, every="20s")  # a busy machine is no reason to be down
        done = subprocess.run(
            command(home, "check", "--json", limit=limit), capture_output=True, text=True, timeout=60, check=False
        )
    assert done.stderr == ""
    document = json.loads(done.stdout)
    assert document["summary"]["unknown"] > 0, "the limit was not felt: this test shows nothing"
    for check in document["checks"]:
        expect_reason(check["id"], check["state"], check["reason"], check["detail"])


class Watch:
    """``watch --json``, its events read as they come."""

    def __init__(self, home: Path, limit: int | None = None) -> None:
        self.process = subprocess.Popen(
            with_us(command(home, "watch", "--json", limit=limit)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.events: list[dict[str, object]] = []
        self.complaints: list[str] = []
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._read, self._hear)]
        for thread in self._threads:
            thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.process.kill()
        self.process.wait()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.events.append(json.loads(line))

    def _hear(self) -> None:
        assert self.process.stderr is not None
        self.complaints.extend(self.process.stderr)

    def states(self) -> list[tuple[str, str, str, str]]:
        """(check, state, reason, detail) of every change so far."""
        found = []
        for event in list(self.events):
            body = event["body"]
            if event["kind"] == "check.state" and isinstance(body, dict):
                found.append((str(event["subject"]), body["to"], body["reason"], body["detail"]))
        return found

    def state(self, subject: str) -> str:
        """The last that was told; "" for nothing."""
        return next((state for check, state, *_ in reversed(self.states()) if check == subject), "")

    def end(self) -> None:
        assert self.process.poll() is None, "".join(self.complaints)
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(10) == 0, "".join(self.complaints)
        for thread in self._threads:
            thread.join(5)


@pytest.mark.parametrize("limit", [24, 40])
def test_watching_with_few_files(home: Path, slow: Service, limit: int) -> None:
    with service() as one:
        write(home, one, slow)
        with Watch(home, limit) as watch:
            until(lambda: sum(state == "unknown" for _, state, *_ in watch.states()) >= 3, 30, "three unknown")
            # It goes on: whoever gets a file is looked at, and the journal grows.
            seen = len(watch.states())
            until(lambda: len(watch.states()) > seen, 30, "one more change")
            watch.end()
    for told in watch.states():
        expect_reason(*told)
    assert all(line.startswith("artisan-tui: ") for line in watch.complaints), watch.complaints
    kinds = [event["kind"] for event in watch.events if event["kind"] != "check.state"]
    assert kinds == ["session.start", "session.stop"]
    verified = subprocess.run(command(home, "audit", "verify", "--json"), capture_output=True, text=True, check=False)
    assert verified.returncode == 0, verified.stdout
    assert json.loads(verified.stdout)["events"] >= len(watch.events), "the store has what was told"


@contextlib.contextmanager
def starved(pid: int) -> Iterator[None]:
    """No new file for this process: less than it has open. Only the soft limit, so that it needs no rights."""
    soft, hard = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (4, hard))
    try:
        yield
    finally:
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (soft, hard))


def journal(home: Path) -> int:
    """Events in the store so far."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{home}/state/artisan.db?mode=ro", uri=True)) as db:
            return int(db.execute("SELECT count(*) FROM event").fetchone()[0])
    except sqlite3.Error:
        return 0


OWN = ("s.tcp", "s.name", "s.command", "s.disk", "s.memory")


def test_it_passes_when_files_come_back(home: Path, slow: Service) -> None:
    if not hasattr(resource, "prlimit"):
        pytest.skip("prlimit() is Linux's alone")
    with service() as one:
        write(home, one, slow)
        with Watch(home) as watch:
            until(lambda: watch.state("s.slow0") == "down", 30, "the first round")
            assert not [told for told in watch.states() if told[1] == "unknown"], "there were files enough"
            with starved(watch.process.pid):
                until(lambda: all(watch.state(check) == "unknown" for check in OWN), 30, "unknown")
            until(lambda: all(watch.state(check) == "up" for check in OWN), 30, "up again")
            watch.end()
    for told in watch.states():
        expect_reason(*told)
    assert watch.complaints == [], "the store was open and stays writable"


def test_the_board_says_it_and_recovers(home: Path) -> None:
    if not hasattr(resource, "prlimit"):
        pytest.skip("prlimit() is Linux's alone")
    with service() as one:
        (home / "artisan.toml").write_text(config_text(tcp_check("tcp", one.url, "1s")), encoding="utf-8")
        with Terminal(command(home), size=(160, 40)) as board:
            board.wait_for("1 up", 20)
            until(lambda: journal(home) >= 1, 20, "the store")
            with starved(board.process.pid):
                board.wait_for("1 unknown", 20)
                board.wait_for("artisan-tui has too many", 5)
            board.wait_for("1 up", 20)
            board.press("q")
            assert board.wait_exit(10) == 0
            assert not board.left_behind()


def test_the_board_opens_with_few_files(home: Path, slow: Service) -> None:
    with service() as one:
        write(home, one, slow)
        with Terminal(command(home, limit=40), size=(160, 40)) as board:
            board.wait_for("artisan-tui has too many", 30)
            board.press("q")
            assert board.wait_exit(10) == 0
            assert not board.left_behind()


def test_every_probe_by_itself_says_so_and_recovers(slow: Service) -> None:
    """Without the reserve our loop keeps: asyncio's own, and every last file taken."""
    program = """
import asyncio, os, sys
from artisan_tui.sources.checks import KINDS
from artisan_tui.sources.probe_context import ProbeContext

async def main(url):
    context, address = ProbeContext.open(None, os.environ), url.removeprefix("http://")
    keys = {"tcp": {"address": address}, "command": {"run": ["true"]}, "disk": {}, "memory": {}}
    probes = {}
    for kind, more in keys.items():
        spec = KINDS[kind].spec.model_validate({"id": "x", "kind": kind, "timeout": "2s", **more})
        probes[kind] = KINDS[kind].open(spec, context)
    for files in ("enough", "none", "enough"):
        held = []
        while files == "none":
            try:
                held.append(os.open(os.devnull, os.O_RDONLY))
            except OSError:
                break
        seen = {kind: (await probe.probe()).failure for kind, probe in probes.items()}
        for each in held:
            os.close(each)
        for kind, failure in seen.items():
            print(files, kind, failure and (failure.detail, failure.blind))

asyncio.run(main(sys.argv[1]), debug=True)
"""
    done = subprocess.run(
        ["sh", "-c", 'ulimit -n 40 && exec "$@"', "sh", sys.executable, "-X", "dev", "-c", program, slow.url],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    kinds = ("tcp", "command", "disk", "memory")
    expected = [
        (files, kind, None if files == "enough" else (SENTENCE, True))
        for files in ("enough", "none", "enough")
        for kind in kinds
    ]
    assert done.stdout.splitlines() == [f"{files} {kind} {failure}" for files, kind, failure in expected]
    assert "Warning" not in done.stderr, done.stderr
    assert "Traceback" not in done.stderr, done.stderr
