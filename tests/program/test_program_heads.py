"""The head of the journal, kept outside the store: printed, appended to a file, given to a program, and compared."""

from __future__ import annotations

import contextlib
import json
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from artisan_tui.domain.event import GENESIS, chain_hash
from artisan_tui.store.dialect import guards
from support.processes import with_us
from support.program import Runner
from support.services import Service, config_text, http_check, service
from support.terminal import Terminal


@pytest.fixture
def target() -> Iterator[Service]:
    with service() as one:
        yield one


def write(home: Path, target: Service, more: str) -> None:
    (home / "artisan.toml").write_text(config_text(http_check("one", target.url)) + more, encoding="utf-8")


def hash_anew(home: Path, seq: int) -> None:
    """Change an event and hash everything after it, the recorded head too, as one who knows the rule would."""
    with contextlib.closing(sqlite3.connect(home / "state" / "artisan.db", isolation_level=None)) as raw:
        columns = "seq, occurred_at, recorded_at, actor, kind, subject, body, supersedes"
        rows = raw.execute(f"SELECT {columns} FROM event ORDER BY seq").fetchall()
        for name in guards("sqlite"):
            raw.execute(f"DROP TRIGGER {name}")
        head = GENESIS
        for at, occurred, recorded, actor, *rest in rows:
            who = "mallory" if at == seq else actor
            digest = chain_hash(head, at, occurred, recorded, who, *rest)
            raw.execute("UPDATE event SET actor = ?, prev_hash = ?, hash = ? WHERE seq = ?", (who, head, digest, at))
            head = digest
        raw.execute("UPDATE meta SET value = ? WHERE key = 'journal'", (f"{len(rows)}:{head}",))
        for statement in guards("sqlite").values():
            raw.execute(statement)


def test_f5_the_head_is_printed_and_a_chain_hashed_anew_is_named(home: Path, run: Runner, target: Service) -> None:
    write(home, target, "")
    assert run("audit", "head").returncode == 3
    for text in ("one", "two", "three"):
        assert run("note", text).returncode == 0
    first = run("audit", "head").stdout.strip()
    events, _, digest = first.partition(":")
    assert json.loads(run("audit", "head", "--json").stdout) == {"events": int(events), "hash": digest, "head": first}
    assert json.loads(run("audit", "log", "--json").stdout)["head"] == first
    assert run("note", "four").returncode == 0
    assert run("audit", "verify", "--head", first).returncode == 0
    hash_anew(home, 2)
    assert run("audit", "verify").returncode == 0, "from inside it cannot be seen"
    done = run("audit", "verify", "--head", first)
    assert done.returncode == 1
    assert f"one of the events 1 to {events} was changed" in done.stdout
    assert json.loads(run("audit", "verify", "--json", "--head", first).stdout)["broken_at"] == 1
    for wrong in ("3", "3:zz", f"x:{digest}", ""):
        assert run("audit", "verify", f"--head={wrong or ' '}").returncode == 2


def test_f5_a_file_of_heads_grows_and_names_the_break_as_near_as_it_can(
    home: Path, run: Runner, target: Service
) -> None:
    kept, given = home / "heads.log", home / "given"
    program = home / "tell"
    program.write_text(f"#!{sys.executable}\nimport sys\nopen({str(given)!r}, 'a').write(sys.stdin.read())\n", "utf-8")
    program.chmod(0o755)
    write(home, target, f'\n[audit]\nheads = "heads.log"\ncommand = [{json.dumps(str(program))}]\n')
    for _ in range(2):
        watched(home, run)
    lines = kept.read_text("utf-8").splitlines()
    assert len(lines) >= 2
    assert given.read_text("utf-8").splitlines() == lines
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    heads = [line.split()[1] for line in lines]
    assert heads[-1] == run("audit", "head").stdout.strip(), "the last event of a session is kept too"
    done = run("audit", "verify")
    assert done.returncode == 0
    assert f"{len(lines)} heads kept elsewhere agree" in done.stdout
    before, after = (int(head.partition(":")[0]) for head in heads[-2:])
    hash_anew(home, after)
    done = run("audit", "verify", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["broken_at"] == before + 1
    kept.write_text("nonsense\n", "utf-8")
    done = run("audit", "verify")
    assert done.returncode == 3
    assert "line 1: not a head" in done.stderr
    kept.unlink()
    assert "there is no file" in run("audit", "verify").stderr


def watched(home: Path, run: Runner) -> None:
    """A session of `watch` that has written something and ended."""
    command = [
        sys.executable,
        "-m",
        "artisan_tui",
        "--config",
        str(home / "artisan.toml"),
        "--state",
        str(home / "state"),
    ]
    with subprocess.Popen(with_us([*command, "watch", "--json"]), stdout=subprocess.PIPE, text=True, cwd=home) as one:
        assert one.stdout is not None
        one.stdout.readline()
        one.send_signal(signal.SIGTERM)
        assert one.wait(20) == 0


@pytest.mark.parametrize(
    "more", ['heads = "no/such/folder/heads.log"', 'command = ["/no/such/program"]', 'command = ["false"]']
)
def test_f5_a_head_that_cannot_be_kept_is_said(home: Path, run: Runner, target: Service, more: str) -> None:
    write(home, target, f"\n[audit]\n{more}\n")
    command = [
        sys.executable,
        "-m",
        "artisan_tui",
        "--config",
        str(home / "artisan.toml"),
        "--state",
        str(home / "state"),
    ]
    with Terminal(command, size=(120, 30)) as terminal:
        terminal.wait_for("the head of the journal cannot be", 20)
        terminal.press("q")
        assert terminal.wait_exit() == 0
