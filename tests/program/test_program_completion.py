"""What Tab offers in real shells: verbs, ids of what the configuration and the journal know, options, words of a choice."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from artisan_tui.engine.identity import actor
from support.manual import furnish
from support.program import Runner
from support.servers import require
from support.terminal import Terminal

from .conftest import environment


@pytest.fixture
def incident(home: Path, run: Runner) -> str:
    furnish(home, 9, actor())
    return run("incident", "create", "--title", "x", "--severity", "Sev2").stdout.split()[0]


def shell_environment(home: Path, shell: str) -> dict[str, str]:
    """The shell finds this program, and the program this home."""
    path = f"{Path(sys.executable).parent}:/usr/local/bin:/usr/bin:/bin"
    found = {name: value for name, value in environment().items() if name in ("LANG", "TMPDIR")}
    return found | {
        "PATH": path,
        "HOME": str(home),
        "TERM": "xterm",
        "ARTISAN_CONFIG": str(home / "artisan.toml"),
        "ARTISAN_STATE": str(home / "state"),
        "INTRODUCES": f'eval "$(_ARTISAN_TUI_COMPLETE=source_{shell} artisan-tui)"',
    }


#: What is typed, and what is on the line after Tab.
TYPED = [
    ("artisan-tui runb", "artisan-tui runbook "),
    ("artisan-tui runbook run use", "artisan-tui runbook run use_spare "),
    ("artisan-tui check api.h", "artisan-tui check api.health "),
    ("artisan-tui incident ack IN", "artisan-tui incident ack {incident} "),
    ("artisan-tui incident status {incident} inv", "artisan-tui incident status {incident} investigating "),
    ("artisan-tui notify test l", "artisan-tui notify test log "),
    ("artisan-tui incident assign {incident} al", "artisan-tui incident assign {incident} alice "),
    ("artisan-tui help configurat", "artisan-tui help configuration "),
    ("artisan-tui runbook run use_spare --dry", "artisan-tui runbook run use_spare --dry-run "),
]
#: One of each kind, for the shells that go the same way behind their own script.
FEW = [TYPED[0], TYPED[3], TYPED[-1]]


@pytest.mark.parametrize(
    ("shell", "arguments", "before"),
    [
        ("bash", ["--norc", "--noprofile", "-i"], "PS1='> '; bind 'set enable-bracketed-paste off'"),
        ("zsh", ["-f", "-i"], "PS1='> '; unsetopt beep; autoload -U compinit; compinit -u -D"),
    ],
)
def test_tab_completes_in_a_shell(home: Path, incident: str, shell: str, arguments: list[str], before: str) -> None:
    env: dict[str, str | None] = dict(shell_environment(home, shell))
    with Terminal([require(shell), *arguments], size=(100, 30), cwd=home, env=env) as terminal:
        terminal.send(f'{before}; eval "$INTRODUCES"; echo rea""dy\r')
        # Its prompt, too: what is typed before it the terminal would show, and the shell read later.
        terminal.wait_for(re.compile(r"^ready *\n> *$", re.MULTILINE), timeout=20)
        for typed, wanted in TYPED if shell == "bash" else FEW:
            terminal.send(typed.format(incident=incident) + "\t")
            line = re.compile(rf"^> {re.escape(wanted.format(incident=incident).rstrip())} *$", re.MULTILINE)
            terminal.wait_for(line, timeout=20)
            terminal.send("\x15")  # the line is empty again
            terminal.wait_for(re.compile(r"^> *$", re.MULTILINE))


def test_fish_completes(home: Path, incident: str) -> None:
    fish = require("fish")
    asked = [typed.format(incident=incident) for typed, _wanted in FEW]
    script = "_ARTISAN_TUI_COMPLETE=source_fish artisan-tui | source\n" + "".join(
        f"echo '#'; complete -C '{line}'\n" for line in asked
    )
    done = subprocess.run(
        [fish, "--no-config", "-c", script],
        capture_output=True,
        text=True,
        env=shell_environment(home, "fish"),
        cwd=home,
        timeout=60,
        check=False,
    )
    offered = [[line.split("\t")[0] for line in part.split("\n") if line] for part in done.stdout.split("#\n")[1:]]
    wanted = [wanted.format(incident=incident).rstrip().split(" ")[-1] for _typed, wanted in FEW]
    assert [each for each, words in zip(wanted, offered, strict=True) if each not in words] == [], done.stderr


def test_a_broken_configuration_offers_nothing_and_says_nothing(home: Path) -> None:
    (home / "artisan.toml").write_text("[artisan\n", "utf-8")
    env = shell_environment(home, "bash") | {
        "_ARTISAN_TUI_COMPLETE": "complete_bash",
        "COMP_WORDS": "artisan-tui\ncheck\n",
        "COMP_CWORD": "2",
    }
    done = subprocess.run(["artisan-tui"], capture_output=True, text=True, env=env, cwd=home, check=False)
    assert (done.returncode, done.stdout.strip(), done.stderr) == (0, "", "")
