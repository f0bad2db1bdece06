"""Plays without a clock: they run in the process of the simulated stack, and their records come back as values."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from artisan_tui.config.problems import Problem
from artisan_tui.domain.drills.record import PlayRecord, read_play_record
from artisan_tui.domain.drills.scenario import PlannedAct, Scenario
from artisan_tui.domain.drills.validity import ScenarioFinding
from artisan_tui.domain.json_value import as_json, from_json

if TYPE_CHECKING:
    from artisan_tui.config.drills.load import ScenarioFile

#: The seed where nobody says one.
DEFAULT_SEED = 20251014
#: Seconds that a play may take. One of four hours takes some seconds.
TAKES_AT_MOST = 600.0
_LARGEST = 64 * 1024 * 1024


class PlayFailed(Exception):
    """A play came to no end, or what was read is no record of one. The message says why."""


def play_dry(scenarios: Iterable[Scenario], acts: str | Sequence[PlannedAct], seed: int) -> list[PlayRecord]:
    """The records of plays with ``acts``: ``reference``, ``wrong``, ``nothing``, or these acts. Raises PlayFailed."""
    wanted = acts if isinstance(acts, str) else as_json(tuple(acts))
    answered = _ask({"do": "play", "scenarios": as_json(tuple(scenarios)), "acts": wanted, "seed": seed})
    return [from_json(PlayRecord, each) for each in answered["records"]]


def lint_by_playing(files: Sequence[ScenarioFile], seed: int) -> dict[str, list[Problem]]:
    """What playing them finds, by the scenario's id, with file, line and key. Raises PlayFailed."""
    answered = _ask({"do": "lint", "scenarios": as_json(tuple(each.scenario for each in files)), "seed": seed})
    found: dict[str, list[Problem]] = {each.scenario.id: [] for each in files}
    by_id = {each.scenario.id: each for each in files}
    for each in answered["findings"]:
        finding = from_json(ScenarioFinding, each)
        file = by_id[finding.scenario]
        place = tuple(int(step) if step.isdigit() else step for step in finding.place)
        key = ".".join(step for step in finding.place if not step.isdigit())
        found[finding.scenario].append(Problem(str(file.path), file.line(place), key, finding.what, finding.mend))
    return found


def read_record(path: Path) -> PlayRecord:
    """The record that a play was saved as. Raises PlayFailed."""
    try:
        with path.open("rb") as file:
            text = file.read(_LARGEST + 1)
    except OSError as error:
        raise PlayFailed(f"{path} cannot be read: {error.strerror or 'input/output error'}") from None
    try:
        return read_play_record(json.loads(text))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise PlayFailed(f"{path} is no record of a play: write one with drill run --save FILE") from None


def record_text(record: PlayRecord) -> str:
    """The text that `read_record` reads. The same play is the same text."""
    return json.dumps(as_json(record), ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def _ask(document: dict[str, Any]) -> Any:
    command = [sys.executable, "-m", "artisan_tui.drill.dry"]
    try:
        done = subprocess.run(
            command,
            check=False,
            input=json.dumps(document),
            capture_output=True,
            encoding="utf-8",
            timeout=TAKES_AT_MOST,
        )
    except subprocess.TimeoutExpired:
        raise PlayFailed(f"the play came to no end within {TAKES_AT_MOST:.0f} s") from None
    except OSError as error:
        raise PlayFailed(f"the play did not start: {error.strerror}") from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise PlayFailed(f"the play failed: {said[-1] if said else done.returncode}")
    return json.loads(done.stdout)
