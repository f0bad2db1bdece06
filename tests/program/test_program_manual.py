"""The manual tells the truth: every command in it is run, every line of output and every screen in it is the program's."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from artisan_tui.engine.identity import actor
from support.manual import (
    DOCS,
    Asked,
    Block,
    ExampleServer,
    Ids,
    as_written,
    blocks,
    commands,
    extended,
    furnish,
    not_said,
)
from support.program import Opener, Runner
from support.terminal import Terminal

from .conftest import environment, places

#: The incident that is open in the pages.
WRITTEN = "INC-20261127-030412"
PAGES = sorted(page for page in DOCS.rglob("*.md") if page.name != "seeds.md")


def named(page: Path) -> str:
    return str(page.relative_to(DOCS).with_suffix(""))


def with_a(kind: str) -> list[Path]:
    return [page for page in PAGES if any(block.kind == kind and "later" not in block.words for block in blocks(page))]


@pytest.fixture
def example(home: Path, run: Runner, request: pytest.FixtureRequest) -> Iterator[Ids]:
    """The example in this home: its service is broken, and its incident is open. Gives the incident's id by its name."""
    page: Path = request.param
    server = ExampleServer()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    furnish(home, server.server_port, actor(), language=page.parent.name if page.parent != DOCS else "en")
    created = run("incident", "create", "--title", "API answers 503", "--severity", "Sev2").stdout.split()[0]
    yield Ids({WRITTEN: created})
    server.shutdown()
    server.server_close()
    thread.join()


def wrong_with(asked: Asked, ids: Ids, run: Runner) -> list[str]:
    """What the program does otherwise than the page says."""
    assert asked.words[0] == "artisan-tui", f"line {asked.line}: only this program is run"
    done = run(*(ids.put_into(word) for word in asked.words[1:]))
    shown = f"line {asked.line}: {' '.join(asked.words)}"
    wrong = (
        [] if done.returncode == asked.code else [f"{shown}: exit {done.returncode}, not {asked.code}: {done.stderr}"]
    )
    out = as_written(done.stdout, actor())
    missing = not_said(asked.said, out, ids)
    if missing and not_said(asked.said, as_written(done.stderr, actor()), ids):
        wrong += [f"{shown}: does not print {line!r}, but\n{out}{done.stderr}" for line in missing]
    return wrong


@pytest.mark.parametrize(
    ("example", "page"), [(page, page) for page in with_a("console")], ids=named, indirect=["example"]
)
def test_every_command_of_a_page_does_what_the_page_says(example: Ids, page: Path, home: Path, run: Runner) -> None:
    wrong: list[str] = []
    for block in blocks(page):
        if block.value("file"):
            (home / block.value("file")).write_text(block.text, "utf-8")
        if block.kind == "console" and not {"later", "live"} & set(block.words):
            for asked in commands(block):
                wrong += wrong_with(asked, example, run)
    assert not wrong, "\n\n".join(wrong)


def test_commands_that_need_a_terminal_of_their_own_exist(run: Runner) -> None:
    live = [
        asked
        for page in PAGES
        for block in blocks(page)
        if "live" in block.words and "later" not in block.words
        for asked in commands(block)
    ]
    verbs = {tuple(word for word in asked.words[1:3] if not word.startswith("-")) for asked in live}
    assert [verb for verb in verbs if run(*verb, "--help").returncode] == []


def check_screen(terminal: Terminal, block: Block) -> None:
    keys = [key for key in block.value("press").split(",") if key]
    if keys:
        terminal.press(*keys)
    said = tuple(line for line in block.text.splitlines() if line.strip())
    missing: list[str] = list(said)

    def there() -> bool:
        nonlocal missing
        missing = not_said(said, as_written(terminal.screen_text(), actor()), Ids())
        return not missing

    try:
        terminal.wait_for(there, timeout=20)
    except AssertionError:
        raise AssertionError(f"line {block.line}: {missing} is not on\n{terminal.screen_text()}") from None


@pytest.mark.parametrize(
    ("example", "page"), [(page, page) for page in with_a("screen")], ids=named, indirect=["example"]
)
def test_every_screen_of_a_page_is_what_the_board_shows(example: Ids, page: Path, board: Opener) -> None:
    with board(cols=100, rows=30) as terminal:
        terminal.wait_for(re.compile(" live | 실시간 "), timeout=20)
        for block in blocks(page):
            if block.kind == "screen" and "later" not in block.words:
                check_screen(terminal, block)
        terminal.press("q")
        assert terminal.wait_exit() == 0


def test_the_examples_of_the_page_about_extending_are_loaded_and_used(home: Path, tmp_path: Path) -> None:
    """A copy of the program with the page's files: a check, a step, a channel and a screen of their own."""
    furnish(home, 9, actor())
    package = tmp_path / "package"
    extended(DOCS / "extend.md", package, home)
    (home / "export.csv").touch()
    (home / "wall").mkdir()
    base = [sys.executable, "-m", "artisan_tui", *places(home)]
    env = environment() | {"PYTHONPATH": str(package), "PYTHONDONTWRITEBYTECODE": "1", "PYTHONSAFEPATH": "1"}

    def call(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*base, *words], capture_output=True, text=True, cwd=home, env=env, timeout=60, check=False
        )

    checked = call("check", "api.export")
    assert (checked.returncode, checked.stdout.split()[:2]) == (0, ["api.export", "up"]), checked.stderr
    ran = call("runbook", "run", "stop_export", "--yes")
    assert (ran.returncode, (home / "stop-export").exists()) == (0, True), ran.stderr
    tested = call("notify", "test", "wall")
    assert (tested.returncode, len(list((home / "wall").iterdir()))) == (0, 1), tested.stderr
    with Terminal(
        base, size=(100, 30), cwd=home, env={name: env[name] for name in ("PYTHONPATH", "PYTHONSAFEPATH")}
    ) as terminal:
        terminal.wait_for("live", timeout=20)
        terminal.press("9")
        terminal.wait_for("Counts")
        terminal.wait_for(re.compile(r" 1  (up|unknown)"))
        terminal.press("q")
        assert terminal.wait_exit() == 0


def test_help_lists_the_pages_and_shows_one_by_any_of_its_names(run: Runner) -> None:
    listed = run("help")
    assert listed.returncode == 0
    topics = [line.split()[0] for line in listed.stdout.splitlines()[:-2]]
    assert topics == sorted(page.stem for page in PAGES if page.parent == DOCS)
    page = run("help", "paged")
    assert page.stdout.startswith("# Paged at 03:00\n")
    assert "<!--" not in page.stdout
    assert "press=" not in page.stdout
    assert run("help", "night").stdout == page.stdout


def test_help_shows_how_a_command_is_used_and_suggests(run: Runner) -> None:
    assert run("help", "incident", "ack").stdout.splitlines()[0].startswith("Usage: artisan-tui incident ack ")
    wrong = run("help", "confguration")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "there is no topic confguration; did you mean configuration? `artisan-tui help` lists them" in wrong.stderr
    assert run("help", "xyzzy").stderr == "artisan-tui: there is no topic xyzzy; `artisan-tui help` lists them\n"


def test_help_speaks_korean_where_there_is_a_page(home: Path, run: Runner) -> None:
    furnish(home, 9, actor(), language="ko")
    assert run("help", "paged").stdout.startswith("# 새벽 3시")
    assert run("help", "호출").stdout.startswith("# 새벽 3시")
    assert run("help", "configuration").stdout.startswith("# artisan.toml")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_a_page_on_a_terminal_is_shown_by_the_pager(home: Path, size: tuple[int, int]) -> None:
    pager = home / "pager"
    pager.write_text("#!/bin/sh\necho the pager begins\nhead -n 8\n", "utf-8")
    pager.chmod(0o755)
    env = {"PAGER": str(pager), "HOME": str(home)}
    with Terminal(["help", "paged"], size=size, cwd=home, env=env, forked=True) as terminal:
        assert terminal.wait_exit(20) == 0
        assert "the pager begins" in terminal.screen_text()
        assert "Paged at 03:00" in terminal.screen_text()


def test_a_pager_that_is_not_there_hides_nothing(home: Path) -> None:
    with Terminal(
        ["help", "drill"], size=(80, 24), cwd=home, env={"PAGER": "/nowhere/pager", "PATH": "/nowhere"}, forked=True
    ) as terminal:
        assert terminal.wait_exit(20) == 0
        assert "first-page" in terminal.screen_text()
