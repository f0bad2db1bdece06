"""The folders of live drills: made, found, and read."""

from __future__ import annotations

import json
import os
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from artisan_tui.domain.drills import files
from artisan_tui.domain.drills.record import PlayRecord
from artisan_tui.domain.drills.scenario import Scenario
from artisan_tui.domain.json_value import as_json, from_json
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.engine.launch import GlobalOptions

#: Where drills are in a state folder.
DRILLS: Final = "drills"
#: Days before a drill that the error budgets know.
HISTORY: Final = 30


#: How the name of a drill's folder ends: day, time, and a number for the second and later ones of a second.
_BEGUN: Final = re.compile(r"-(\d{4})(\d{2})(\d{2})-(\d{6})(?:-(\d+))?$")


class NoDrill(Exception):
    """There is no drill where one was looked for. The message is a sentence."""


@dataclass(frozen=True, slots=True)
class DrillPlace:
    """One drill's folder. ``real`` are the state folder and the configuration that it was started from."""

    path: Path

    @property
    def about(self) -> Mapping[str, Any]:
        """Raises NoDrill."""
        return _object(self.path / files.ABOUT)

    @property
    def scenario(self) -> Scenario:
        """Holds the truth: for the facilitator, and for the debrief. Raises NoDrill."""
        try:
            return from_json(Scenario, _object(self.path / files.SCENARIO))
        except (ValueError, TypeError, KeyError):
            raise NoDrill(_("{path} cannot be read").format(path=self.path / files.SCENARIO)) from None

    @property
    def play(self) -> PlayRecord | None:
        """The whole play, None while it is not over."""
        try:
            return from_json(PlayRecord, _object(self.path / files.PLAY))
        except (NoDrill, ValueError, TypeError, KeyError):
            return None

    @property
    def url(self) -> str:
        """Where its stack listened last, "" if it never did."""
        try:
            return str(_object(self.path / files.STACK).get("url", ""))
        except NoDrill:
            return ""

    @property
    def token(self) -> str:
        """The facilitator's, "" for who may not read it."""
        try:
            return (self.path / files.TOKEN).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            return ""

    @property
    def over(self) -> bool:
        """Whether it was played to its end."""
        return (self.path / files.PLAY).exists()

    @property
    def played_on(self) -> str:
        """The day, as in the folder's name; "" for a folder that was given another."""
        found = _BEGUN.search(self.path.name)
        return "-".join(found.groups()[:3]) if found else ""

    @property
    def began(self) -> datetime | None:
        """When it was made, as in the folder's name; None for a folder that was given another."""
        found = _BEGUN.search(self.path.name)
        try:
            return datetime.strptime("".join(found.groups()[:4]), "%Y%m%d%H%M%S").replace(tzinfo=UTC) if found else None
        except ValueError:
            return None


def drill_place(path: Path) -> DrillPlace:
    """The drill of a folder. Raises NoDrill."""
    place = DrillPlace(path)
    if not (path / files.ABOUT).exists():
        raise NoDrill(_("{path} is not the folder of a drill").format(path=path))
    return place


def in_drill(config: Path) -> bool:
    """Whether a configuration is that of a live drill, whoever reads it."""
    return (config.parent / files.ABOUT).exists()


def drills_in(state: Path) -> tuple[DrillPlace, ...]:
    """The drills of a state folder, newest first."""
    try:
        found = [each for each in (state / DRILLS).iterdir() if (each / files.ABOUT).exists()]
    except OSError:
        return ()
    return tuple(DrillPlace(each) for each in sorted(found, key=_begun, reverse=True))


def _begun(path: Path) -> tuple[str, int]:
    """When the drill of a folder began, and which one of that second it is; first those with a name of another kind."""
    found = _BEGUN.search(path.name)
    return ("", 0) if found is None else ("".join(found.groups()[:4]), int(found[5] or 1))


def new_drill(
    scenario: Scenario,
    state: Path,
    now: datetime,
    *,
    seed: int,
    speed: float,
    real: GlobalOptions | None,
    history: int = HISTORY,
) -> DrillPlace:
    """Make the folder of a new drill, whose Prometheus knows the ``history`` days before it. Raises OSError."""
    name, number = f"{scenario.id}-{now:%Y%m%d-%H%M%S}", 1
    path = state / DRILLS / name
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    while True:
        try:
            path.mkdir(mode=0o700)
            break
        except FileExistsError:
            number += 1
            path = state / DRILLS / f"{name}-{number}"
    about = {
        "scenario": scenario.id,
        "title": scenario.title,
        "title_ko": scenario.title_ko,
        "digest": scenario.digest,
        "runbooks": list(scenario.runbooks),
        "seed": seed,
        "speed": speed,
        "history": history,
        # Whoever looks after the real incidents may have come from another folder.
        "real": real
        and {"state": str(state.absolute()), "config": str(real.config.absolute()) if real.config else None},
    }
    _write(path / files.SCENARIO, json.dumps(as_json(scenario), ensure_ascii=False))
    _write(path / files.TOKEN, secrets.token_urlsafe(24))
    _write(path / files.ABOUT, json.dumps(about, ensure_ascii=False))
    return DrillPlace(path)


def _write(path: Path, text: str) -> None:
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)


def _object(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise NoDrill(_("{path} cannot be read").format(path=path)) from None
    if not isinstance(found, dict):
        raise NoDrill(_("{path} cannot be read").format(path=path))
    return found
