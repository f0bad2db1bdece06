"""``doctor`` opens every file that the configuration names: each finding has file, line, key and mend."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from support.program import Runner
from support.services import config_text, http_check

LIST = """[[checklist]]
id = "daily"
title = "Every morning"
evry = "1d"

[[checklist.item]]
id = "look"
title = "Look at the board"
"""
RUNBOOK = """[[runbook]]
id = "restart"
title = "Restart"

[[runbook.step]]
id = "one"
title = "One"
kind = "htpp"
"""
SCENARIO = """id = "quiet"
title = "Quiet night"
endss = 900
"""
CHECK = http_check("web", "http://127.0.0.1:1/")


def findings(run: Runner) -> list[dict[str, Any]]:
    found = run("doctor", "--json")
    assert found.returncode == 1, found.stderr
    assert "Traceback" not in found.stderr
    listed: list[dict[str, Any]] = json.loads(found.stdout)["findings"]
    return listed


def said_of(run: Runner, what: str) -> list[tuple[str, str]]:
    return [(each["said"], each["mend"]) for each in findings(run) if each["what"] == what and each["ok"] is False]


@pytest.mark.parametrize(
    ("what", "file", "text", "line", "key"),
    [
        ("checklists", "checklists/daily.toml", LIST, 4, "evry"),
        ("runbooks", "runbooks.toml", RUNBOOK, 8, "kind"),
        ("drills", "drills/quiet.toml", SCENARIO, 3, "endss"),
    ],
)
def test_a_broken_file_of_a_list_is_named_with_its_line_and_key(
    run: Runner, home: Path, what: str, file: str, text: str, line: int, key: str
) -> None:
    (home / "artisan.toml").write_text(config_text(CHECK))
    (home / file).parent.mkdir(exist_ok=True)
    (home / file).write_text(text)
    said = said_of(run, what)
    assert any(each.startswith(f"{home / file}:{line}: ") and key in each for each, _mend in said), said
    assert all(mend for _said, mend in said)


@pytest.mark.parametrize("key", ["checklists", "drills", "runbooks"])
def test_a_list_that_names_nothing_is_said_where_it_stands(run: Runner, home: Path, key: str) -> None:
    pattern = f"{key}/none.toml" if key == "runbooks" else f"{key}/*.toml"
    (home / "artisan.toml").write_text(f'{key} = ["{pattern}"]\n' + config_text(CHECK))
    said = said_of(run, key)
    assert len(said) == 1, said
    assert "none" in said[0][0] or f"{home / 'artisan.toml'}:1: {key}: " in said[0][0]


def test_single_files_and_secrets_are_opened_and_nothing_of_a_secret_is_said(run: Runner, home: Path) -> None:
    (home / "token").write_bytes(b"hush-\xff")
    (home / "key.pem").write_text("no key at all")
    more = """
[metrics]
prometheus = "https://127.0.0.1:1"
bearer_token = "file:token"
ca_file = "missing-ca.pem"
cert_file = "key.pem"
key_file = "key.pem"

[audit]
heads = "nowhere/heads.log"

[[target]]
id = "compose"
compose_file = "docker-compose.yml"
"""
    text = config_text(CHECK) + more
    (home / "artisan.toml").write_text(text)
    lines = text.splitlines()

    def at(begin: str) -> str:
        return f"{home / 'artisan.toml'}:{next(n for n, each in enumerate(lines, 1) if each.startswith(begin))}: "

    said = dict(said_of(run, "files"))
    for begin, key, words in (
        ("bearer_token", "metrics.bearer_token", "is not UTF-8 text"),
        ("ca_file", "metrics.ca_file", "cannot be read"),
        ("cert_file", "metrics.cert_file", "is not PEM"),
        ("heads", "audit.heads", "there is no folder"),
        ("compose_file", "target.compose_file", "cannot be read"),
    ):
        found = [each for each in said if each.startswith(f"{at(begin)}{key}: ") and words in each]
        assert found, (key, said)
        assert said[found[0]]
    assert "hush" not in json.dumps(said)


def test_files_that_are_well_are_counted(run: Runner, home: Path) -> None:
    (home / "artisan.toml").write_text(config_text(CHECK))
    (home / "checklists").mkdir()
    (home / "checklists" / "daily.toml").write_text(LIST.replace('evry = "1d"', 'every = "day"'))
    found = [each for each in findings(run) if each["what"] == "checklists"]
    assert [(each["ok"], each["said"]) for each in found] == [(True, "1 read without a problem")]
