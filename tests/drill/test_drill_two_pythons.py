"""The same plays are the same bytes on every Python that is installed here."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from artisan_tui.config.drills.load import load_scenarios
from artisan_tui.domain.json_value import as_json

TOP = Path(__file__).parents[2]


def pythons() -> list[str]:
    """One interpreter for each version that the program supports, found on the path or beside our own."""
    versions = Path(os.path.realpath(sys.executable)).parents[2]
    beside = [str(each) for each in versions.glob("*/bin/python3")]
    listed = [found for name in ("python3.11", "python3.12", "python3.13") if (found := shutil.which(name))]
    found: dict[str, str] = {}
    for each in (sys.executable, *listed, *beside):
        asked = [each, "-c", "import sys; print(*sys.version_info[:2])"]
        said = subprocess.run(asked, capture_output=True, text=True, check=False)
        version = said.stdout.strip()
        if said.returncode == 0 and version in ("3 11", "3 12", "3 13", "3 14"):
            found.setdefault(version, each)
    return list(found.values())


def test_drill_case_12_plays_are_the_same_bytes_on_two_versions_of_python() -> None:
    interpreters = pythons()
    if len(interpreters) < 2:
        pytest.skip("one version of Python only")
    files = [TOP / "drills" / f"{name}.toml" for name in ("first-page", "strange-reward", "small-share")]
    scenarios = as_json(tuple(load_scenarios(files)))
    asked = json.dumps({"do": "play", "scenarios": scenarios, "acts": "wrong", "seed": 5})
    environment = {**os.environ, "PYTHONPATH": str(TOP), "PYTHONDONTWRITEBYTECODE": "1"}
    answers = {
        subprocess.run(
            [each, "-m", "artisan_tui.drill.dry"],
            input=asked,
            capture_output=True,
            text=True,
            env=environment,
            check=True,
        ).stdout
        for each in interpreters[:2]
    }
    assert len(answers) == 1
    assert len(json.loads(answers.pop())["records"]) == 3
