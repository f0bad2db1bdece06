"""Every wrong command line is answered by a sentence of ours with its mend, in the reader's language, and by exit 2."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from artisan_tui.cli import app as program
from artisan_tui.cli.language import to_person
from artisan_tui.cli.options import moved_to_front
from artisan_tui.i18n import language

TYPER = (
    "Got unexpected",
    "No such",
    "Missing ",
    "Invalid value",
    "Input should",
    "requires an argument",
    "Value error",
)


def verbs(command: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    below = getattr(command, "commands", {})
    if not below:
        yield path, command
    for name, each in below.items():
        yield from verbs(each, (*path, name))


ROOT = typer.main.get_command(program.app)
VERBS = dict(verbs(ROOT))


def answered(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    monkeypatch.setattr("sys.argv", ["artisan-tui", *words])
    code = program.run(lambda options: 0)
    said = capsys.readouterr()
    assert (code, said.out) == (2, ""), words
    (line,) = said.err.splitlines()
    assert line.startswith("artisan-tui: ")
    assert not any(each in line for each in TYPER), line
    return line.removeprefix("artisan-tui: ")


@pytest.mark.parametrize("verb", VERBS, ids=" ".join)
def test_every_verb_names_an_unknown_option_and_its_own_help(
    verb: tuple[str, ...], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = answered(monkeypatch, capsys, *verb, "--no-such-thing")
    assert said.startswith("there is no option --no-such-thing")
    assert said.endswith(f"see artisan-tui {' '.join(verb)} --help")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("incident show a b c", "this is too much: b c"),
        ("incident show", "the argument INCIDENT is missing"),
        ("incident lst", "there is no command lst; did you mean list?"),
        ("drill x)y", "there is no command x)y"),
        ("doctor --jsn", "there is no option --jsn; did you mean --json?"),
        ("doctor --json=3", "the option --json takes no value"),
        ("slo report --at", "the option --at needs a value"),
        ("incident search x --limit 0", "--limit / -n: write a number of at least 1"),
        ("incident search x --limit 99999", "--limit / -n: write a number of at most 10000"),
        ("incident search x --limit abc", "--limit / -n: write a whole number"),
        ("demo --shape x", "--shape: write one of app, small, kra, seeds"),
        ("alert silence x --for", "the option --for needs a value"),
        # What was typed is never taken for a sentence of ours or of typer's.
        ("incident (is)open:{id}", "there is no command (is)open:{id}"),
    ],
)
def test_what_is_wrong_is_said_with_what_mends_it(
    words: str, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert answered(monkeypatch, capsys, *words.split()).partition("; see artisan-tui")[0] == said


def test_it_is_said_in_the_person_s_language_whatever_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LC_ALL", "LC_MESSAGES", "LANGUAGE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "ko_KR.UTF-8")
    monkeypatch.setattr("sys.argv", ["artisan-tui", "incident", "list", "--json"])
    assert language() == "en"
    with to_person():
        assert language() == "ko"


@pytest.mark.parametrize(
    "words",
    [
        ("--config", "FILE", "--state", "STATE", "--read-only", "audit", "log", "--json"),
        ("audit", "--config", "FILE", "log", "--state=STATE", "--json", "--read-only"),
        ("audit", "log", "--json", "--read-only", "--state", "STATE", "--config=FILE"),
    ],
)
def test_a_global_option_is_heard_wherever_it_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    config, state = tmp_path / "other.toml", tmp_path / "state"
    config.write_text('[[service]]\nid = "a"\n[[service.check]]\nid = "c"\nkind = "command"\nrun = ["true"]\n')
    places = {"FILE": str(config), "STATE": str(state)}
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("sys.argv", ["artisan-tui", "--config", str(config), "--state", str(state), "note", "x"])
    assert program.run(lambda options: 0) == 0
    written = [each.replace("FILE", places["FILE"]).replace("STATE", places["STATE"]) for each in words]
    monkeypatch.setattr("sys.argv", ["artisan-tui", *written])
    code = program.run(lambda options: 0)
    said = capsys.readouterr()
    assert (code, said.err) == (0, "")
    assert json.loads(said.out)["events"][0]["text"] == "x"


def test_an_option_that_the_command_has_itself_stays_its_own_and_two_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert moved_to_front(["check", "--config"], "--config") is None, "its value is missing"
    assert moved_to_front(["note", "--", "--config", "x"], "--config") is None, "that is text"
    assert moved_to_front(["check", "--bogus", "x"], "--bogus") is None
    assert moved_to_front(["--config", "x", "check"], "--config") is None, "it stands there"
    monkeypatch.chdir(tmp_path)
    assert "no option --config" in answered(monkeypatch, capsys, "--config", "a", "check", "--config", "b")
    said = answered(monkeypatch, capsys, "--config", str(tmp_path / "none.toml"), "notify", "outbox", "--state", "sent")
    assert "none.toml" in said, "--state is what the outbox is filtered by"
