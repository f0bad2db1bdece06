"""The command line in Korean: help, doctor and sentences, when the configuration or the environment says so."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from rich.cells import cell_len

from artisan_tui.cli.app import app
from artisan_tui.cli.language import translate
from artisan_tui.i18n import use_language
from support.servers import free_port

HANGUL = re.compile("[가-힣]")
KOREAN = {"LANG": "ko_KR.UTF-8"}


@pytest.fixture(autouse=True)
def _english_afterwards() -> Iterator[None]:
    yield
    use_language("en")


def artisan(home: Path, *arguments: str, environ: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "artisan_tui", "--config", str(home / "artisan.toml"), "--state", str(home), *arguments],
        capture_output=True, text=True, timeout=60, cwd=home, check=False,
        env={"PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", **(environ or {})},
    )  # fmt: skip


def write(home: Path, language: str = "en") -> None:
    (home / "artisan.toml").write_text(
        f"""
[artisan]
name = "A"
environment = "staging"
language = "{language}"
[[service]]
id = "s"
[[service.check]]
id = "tcp"
kind = "tcp"
address = "127.0.0.1:{free_port()}"
""",
        encoding="utf-8",
    )


def commands(command: Any, context: Any) -> Iterator[tuple[Any, Any]]:
    yield command, context
    for name, each in getattr(command, "commands", {}).items():
        yield from commands(each, each.context_class(each, info_name=name, parent=context))


def test_d8_every_command_and_option_has_korean_help() -> None:
    use_language("ko")
    program = typer.main.get_command(app)
    translate(program)
    english = []
    for command, context in commands(program, program.context_class(program, info_name="artisan-tui")):
        page = command.get_help(context)
        english += [
            f"{context.command_path}: {line}"
            for line in page.splitlines()[1:]
            if re.search("[a-z]+ [a-z]+ [a-z]+ ", line)
        ]
        assert page.startswith("사용법: artisan-tui"), page
        assert "이 도움말을 출력하고 끝냅니다" in page
        assert all(cell_len(line) <= 100 for line in page.splitlines()), page
        for parameter in command.params:
            assert not parameter.help or HANGUL.search(parameter.help), (context.command_path, parameter.name)
        assert HANGUL.search(command.help or "") or not command.help
    assert english == []


def test_d8_english_help_is_untouched() -> None:
    program = typer.main.get_command(app)
    before = program.get_help(program.context_class(program, info_name="artisan-tui"))
    translate(program)
    assert program.get_help(program.context_class(program, info_name="artisan-tui")) == before
    assert before.startswith("Usage: ")


@pytest.mark.parametrize(("language", "environ"), [("ko", {}), ("en", KOREAN)], ids=["configuration", "environment"])
def test_d8_check_and_doctor_speak_korean(home: Path, language: str, environ: dict[str, str]) -> None:
    write(home, language)
    done = artisan(home, "check", environ=environ)
    assert done.stdout.splitlines()[0].split()[:2] == ["s.tcp", "장애"]
    assert "연결이 거부되었습니다" in done.stdout
    done = artisan(home, "doctor", environ=environ)
    assert "체크 1개" in done.stdout
    assert "보드를 처음 열 때 만들어집니다" in done.stdout
    assert not re.search("[a-z]+ [a-z]+ [a-z]+ [a-z]+", done.stdout), done.stdout
    assert "사용법:" in artisan(home, "check", "--help", environ=environ).stdout
    wrong = artisan(home, "check", "s.nothing", environ=environ)
    assert (wrong.returncode, wrong.stderr) == (
        2,
        "artisan-tui: 's.nothing' 체크나 서비스가 없습니다. 사용 가능: s.tcp\n",
    )
    assert "--nothing 옵션이 없습니다" in artisan(home, "check", "--nothing", environ=environ).stderr
    assert "저널이 없습니다" in artisan(home, "audit", "verify", environ=environ).stderr


@pytest.mark.parametrize("arguments", [("check", "--json"), ("doctor", "--json"), ("commands", "--json")])
def test_d8_json_is_english_whoever_asks(home: Path, arguments: tuple[str, ...]) -> None:
    write(home, "ko")
    done = artisan(home, *arguments, environ=KOREAN)
    assert json.loads(done.stdout)
    assert not HANGUL.search(done.stdout)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ('[artisan]\nlanguage = "ko"', "ko"),
        ("[artisan]\n# language = 'en'\n  language='ko' # team", "ko"),
        ('artisan.language = "ko"\n', "ko"),
        ('artisan = { name = "A", language = "ko" }', "ko"),
        ('[artisan]\nname = "language"\n[other]\nlanguage = "ko"', "en"),
        ("language = 'ko'", "en"),
        ("[artisan", "en"),
        ("\x00", "en"),
    ],
)
def test_d8_the_language_is_known_before_the_file_is_read(home: Path, text: str, language: str) -> None:
    from artisan_tui.engine.spoken import spoken_language

    file = home / "artisan.toml"
    file.write_text(text, encoding="utf-8")
    assert spoken_language(["--config", str(file), "check"], {}) == language
    assert spoken_language([f"--config={file}", "check", "--json"], {}) == "en"
    assert spoken_language(["--config"], {"HOME": str(home), "XDG_CONFIG_HOME": str(home)}) in ("en", "ko")


def test_a_team_that_writes_english_and_a_person_who_reads_korean(home: Path) -> None:
    """The configuration is the team's; it does not take the language from a person whose environment has another."""
    write(home, "en")
    (home / "runbooks.toml").write_text(
        '[[runbook]]\nid = "r"\ntitle = "R"\n[[runbook.step]]\nid = "a"\nkind = "command"\nrun = ["true"]\n'
    )
    assert "모든 단계를 실행할 수 있습니다" in artisan(home, "runbook", "verify", environ=KOREAN).stdout
    assert re.search("[가-힣]", artisan(home, "runbook", "lint", environ=KOREAN).stderr)
    write(home, "ko")
    assert not re.search("[가-힣]", artisan(home, "runbook", "verify", "--json").stdout)
