"""`drill run`, `join`, `end`, `report` and `score` as a person uses them."""

from __future__ import annotations

import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import httpx
import pytest

from support.program import Opener, Runner
from support.servers import until
from support.terminal import Terminal

CONFIG = """
[artisan]
name = "Artisan"
environment = "production"
timezone = "Asia/Seoul"
[[service]]
id = "disk"
[[service.check]]
id = "room"
kind = "disk"
path = "/"
expect = ["value < 101"]
"""


@pytest.fixture
def drills(home: Path) -> Iterator[Path]:
    """The folder in which drills come to be; whatever conducts one is ended with the test."""
    (home / "artisan.toml").write_text(CONFIG)
    folder = home / "state" / "drills"
    yield folder
    for stack in folder.glob("*/stack.json"):
        with suppress(ProcessLookupError):
            os.kill(json.loads(stack.read_text())["pid"], signal.SIGKILL)


def pid_of(folder: Path) -> int:
    return int(json.loads((folder / "stack.json").read_text())["pid"])


def is_running(pid: int) -> bool:
    with suppress(FileNotFoundError):
        return "artisan_tui.drill" in Path(f"/proc/{pid}/cmdline").read_text()
    return False


def test_a_drill_is_run_and_ended_and_leaves_a_debrief_and_no_process(run: Runner, drills: Path) -> None:
    begun = run("drill", "run", "first-page", "--no-board", "--speed", "20")
    assert begun.returncode == 0, begun.stderr
    folder = Path(begun.stdout.strip())
    assert folder.parent == drills
    assert folder.name.startswith("first-page-20")
    assert (folder / "token").stat().st_mode & 0o777 == 0o600
    assert folder.stat().st_mode & 0o777 == 0o700
    assert is_running(pid_of(folder))
    checked = run("--config", str(folder / "artisan.toml"), "config", "check")
    assert checked.returncode == 0, checked.stderr
    config = (folder / "artisan.toml").read_text()
    assert 'environment = "drill"' in config
    assert 'timezone = "Asia/Seoul"' in config
    assert "127.0.0.1:8000" not in config + (folder / "runbooks.toml").read_text()

    ended = run("drill", "end")
    assert ended.returncode == 0, ended.stderr
    assert Path(ended.stdout.strip()) == folder / "debrief.md"
    report = run("drill", "report", str(folder))
    assert report.stdout.startswith("# DRILL: Your first page")
    assert "This was a drill." in report.stdout
    score = json.loads(run("drill", "score", "--json").stdout)["plays"][0]
    assert (score["scenario"], score["live"]) == ("first-page", True)
    assert run("drill", "score").stdout.startswith("DRILL first-page: Your first page")
    assert run("drill", "join", str(folder)).returncode == 1
    until(lambda: not is_running(pid_of(folder)), 30, what="the end of the process")


def test_drill_case_20_no_drill_begins_while_a_sev2_is_open(run: Runner, drills: Path) -> None:
    assert run("incident", "create", "--title", "Real trouble", "--severity", "Sev2").returncode == 0
    refused = run("drill", "run", "first-page", "--no-board")
    assert refused.returncode == 1
    assert "no drill now: INC-" in refused.stderr
    assert "Real trouble" in refused.stderr
    assert not drills.exists()


def test_a_sev3_and_a_drill_do_not_keep_a_drill_from_beginning(run: Runner, drills: Path) -> None:
    run("incident", "create", "--title", "Small", "--severity", "Sev3")
    run("incident", "create", "--title", "Practice", "--severity", "Sev1", "--drill", "yes")
    begun = run("drill", "run", "first-page", "--no-board")
    assert begun.returncode == 0, begun.stderr
    assert run("drill", "end").returncode == 0


def test_what_is_no_drill_is_said_in_one_line(run: Runner, drills: Path, tmp_path: Path) -> None:
    unknown = run("drill", "run", "first-pag", "--no-board")
    assert (unknown.returncode, unknown.stderr.count("\n")) == (2, 1)
    assert "no scenario 'first-pag'; known: " in unknown.stderr
    assert run("drill", "run", "first-page", "--speed", "40", "--no-board").returncode == 2
    for verb in ("join", "end", "report", "score"):
        nothing = run("drill", verb)
        assert (nothing.returncode, nothing.stdout) == (2, ""), verb
        assert nothing.stderr.startswith("artisan-tui: there is no drill that is"), verb
        wrong = run("drill", verb, str(tmp_path))
        assert wrong.stderr == f"artisan-tui: {tmp_path} is not the folder of a drill\n", verb


def test_drill_case_22_a_killed_drill_is_joined_where_it_was(run: Runner, drills: Path) -> None:
    folder = Path(run("drill", "run", "first-page", "--no-board", "--speed", "20").stdout.strip())
    url, token = json.loads((folder / "stack.json").read_text())["url"], (folder / "token").read_text()
    with httpx.Client(base_url=url, trust_env=False, headers={"authorization": f"Bearer {token}"}) as client:
        client.post("/admin/drill/resume")
        until(lambda: client.get("/admin/drill").json()["tick"] >= 30, 30, what="tick 30")
        tick = client.post("/admin/drill/pause").json()["tick"]
    os.kill(pid_of(folder), signal.SIGKILL)
    joined = run("drill", "join")  # its board needs a terminal; the stack is there again before that
    assert joined.returncode == 2
    assert "the board needs a terminal" in joined.stderr
    view = httpx.get(f"{url}/admin/drill", trust_env=False).json()
    assert (view["tick"], view["paused"]) == (tick, "reopened")
    assert run("drill", "end").returncode == 0


def test_a_drill_is_played_at_80x24_from_the_page_to_the_debrief(board: Opener, drills: Path, home: Path) -> None:
    (home / "state").chmod(0o700)
    with board("drill", "run", "first-page", "--speed", "20", cols=80, rows=24) as terminal:
        terminal.wait_for("TOUR 1 of 6", 30)
        assert "DRILL +00:00" in terminal.row(0)
        terminal.send("7")
        terminal.wait_for("[ Begin ]")
        terminal.send("\r")
        terminal.wait_for("[ Pause ]")
        terminal.send("1")
        terminal.wait_for("TOUR 2 of 6", 30)
        # The key acts on what is under the cursor; the journal names it earlier.
        terminal.wait_for("✖ Sev3 declared", 10)
        terminal.send("a")
        terminal.wait_for("TOUR 3 of 6", 20)
        terminal.send("7")
        terminal.wait_for("[ Read the debrief ]", 60)
        terminal.send("\r")
        terminal.wait_for("This was a drill.", 20)
        terminal.send("q")
        assert terminal.wait_exit(20) == 0
    (folder,) = drills.iterdir()
    report = (folder / "debrief.md").read_text()
    assert report.startswith("# DRILL: Your first page")
    assert " The page is yours | 1:00 | 2:00 | " in report
    assert " | acknowledge |" in report


def test_the_demo_offers_the_first_drill_and_comes_back_after_it(home: Path) -> None:
    program = [sys.executable, "-m", "artisan_tui", "demo"]
    with Terminal(program, size=(80, 24), env={"TMPDIR": str(home)}, cwd=home) as terminal:
        terminal.wait_for("W play: your first page", 30)
        terminal.wait_for(" live", 30)
        terminal.send("W")
        terminal.wait_for("Begin a drill?")
        terminal.send("\r")
        terminal.wait_for("TOUR 1 of 6", 30)
        (folder,) = home.glob("artisan-demo-*/drills/*")
        pid = pid_of(folder)
        terminal.send("7")
        terminal.wait_for("[ End the drill ]")
        terminal.send("\x1b[B\x1b[B\r")
        terminal.wait_for("DRILL End the drill")
        terminal.send("\r")
        terminal.wait_for("[ Read the debrief ]", 40)
        terminal.send("q")
        terminal.wait_for("W play: your first page", 30)
        assert (folder / "debrief.md").exists()
        terminal.send("q")
        assert terminal.wait_exit(20) == 0
    until(lambda: not is_running(pid), 30, what="the end of the drill's process")


def test_without_a_terminal_nothing_is_begun_and_nothing_is_left(run: Runner, drills: Path) -> None:
    refused = run("drill", "run", "first-page")
    assert refused.returncode == 2
    assert refused.stderr == "artisan-tui: the board needs a terminal; --no-board begins the drill without it\n"
    assert not drills.exists()
