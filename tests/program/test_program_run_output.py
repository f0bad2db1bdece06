"""What steps print, at the command line: as it comes, masked, capped, and nothing that a terminal would act on."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.live_runs import CONFIG, book
from support.program import Opener, Runner
from support.stopwatch import Stopwatch

PROGRAM = [sys.executable, "-m", "artisan_tui"]
SECRET = "sW0rdf1sh-0123"
#: Prints, and goes on only when it is told to: what was printed before was told while it ran.
SLOW = (
    "printf 'one\\033]0;owned\\007\\033[2J\\n'; printf 'with %s\\n' \"$TOKEN\"; printf 'unended? '; "
    'while [ ! -e "$GO" ]; do sleep 0.02; done; echo two'
)


def step(script: str, name: str = "a") -> str:
    return (
        f'[[runbook.step]]\nid = "{name}"\ntitle = "{name}"\nkind = "command"\nmutates = false\n'
        f"run = ['sh', '-c', '''{script}''']\nenv = {{ TOKEN = \"env:TOKEN\" }}\n"
    )


@pytest.fixture
def go(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("TOKEN", SECRET)
    monkeypatch.setenv("GO", str(home / "go"))
    yield home / "go"
    (home / "go").touch()  # a step that was left waiting ends, too


def configured(home: Path, *steps: str) -> None:
    (home / "artisan.toml").write_text(CONFIG.format(environment="staging", more=""))
    (home / "runbooks.toml").write_text(book(*steps))


@pytest.mark.parametrize("more", [(), ("--json",)], ids=["text", "json"])
def test_in_a_pipe_a_line_is_there_before_the_step_goes_on(home: Path, go: Path, more: tuple[str, ...]) -> None:
    configured(home, step(SLOW))
    places = ["--config", str(home / "artisan.toml"), "--state", str(home / "state")]
    process = subprocess.Popen(
        [*PROGRAM, *places, "runbook", "run", "example", *more],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=home,
        text=True,
    )
    assert process.stderr is not None
    lines: list[str] = []
    patience = threading.Timer(30, process.kill)  # what is not told while the step waits never comes
    patience.start()
    for line in process.stderr:
        lines.append(line.rstrip("\n"))
        if lines[-1] == "    unended? ":
            go.touch()
    patience.cancel()
    assert process.wait(20) == 0
    begun = lines.index("    unended? ")
    printed = [line for line in lines if line.startswith("    ")]
    assert printed[-1] == "    two"
    assert len(printed) == 4  # nothing is said twice
    assert lines.index("    two") > begun
    assert "\x1b" not in "".join(lines)
    assert SECRET not in "".join(lines)
    assert process.stdout is not None
    assert "unended" in process.stdout.read() or not more


def test_on_a_terminal_too(home: Path, go: Path, board: Opener) -> None:
    configured(home, step(SLOW))
    with board("runbook", "run", "example") as terminal:
        terminal.wait_for("unended?", 20)
        assert "two" not in terminal.screen_text()
        go.touch()
        assert terminal.wait_exit(20) == 0
        assert "two" in terminal.screen_text()
        assert b"\x1b]0;owned" not in terminal.raw()
        assert b"\x1b[2J" not in terminal.raw()
        assert SECRET.encode() not in terminal.raw()


def test_a_flood_is_told_up_to_its_cap_and_its_last_lines(home: Path, go: Path, run: Runner) -> None:
    configured(home, step("yes flood-of-words | head -c 6000000; echo the last line"))
    clock = Stopwatch()
    done = run("runbook", "run", "example")
    assert done.returncode == 0
    assert done.stderr.count("the last line") == 1
    assert len(done.stderr) < 2_500_000
    assert clock.seconds < 20
