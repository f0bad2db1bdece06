"""The folder of a live drill: what the stack's process finds in it, and what it leaves there."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from artisan_tui.domain.drills.files import ABOUT, PLAY, SCENARIO, STACK, TOKEN, TRACE
from artisan_tui.domain.drills.record import PlayRecord
from artisan_tui.domain.drills.scenario import Scenario
from artisan_tui.domain.json_value import as_json, from_json


class FolderDamaged(Exception):
    """The folder is not that of a drill. The message names the file."""


class DrillFolder:
    """One drill's folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def about(self) -> Mapping[str, Any]:
        """``scenario``, ``seed``, ``speed``. Raises FolderDamaged."""
        found = self._read(ABOUT)
        if not isinstance(found.get("seed"), int) or not isinstance(found.get("scenario"), str):
            raise FolderDamaged(f"{self.path / ABOUT} does not name a scenario and a seed")
        return found

    @property
    def scenario(self) -> Scenario:
        """Raises FolderDamaged."""
        try:
            return from_json(Scenario, self._read(SCENARIO))
        except (ValueError, TypeError, KeyError) as error:
            raise FolderDamaged(f"{self.path / SCENARIO} is no scenario: {error}") from None

    @property
    def token(self) -> str:
        """Raises FolderDamaged."""
        try:
            return (self.path / TOKEN).read_text(encoding="ascii").strip()
        except (OSError, ValueError):
            raise FolderDamaged(f"{self.path / TOKEN} cannot be read") from None

    def keep_play(self, play: PlayRecord, trace: list[tuple[int, Any]]) -> None:
        """Write the play and its trace, the play last: where it is, the drill is over."""
        self._write(TRACE, trace)
        self._write(PLAY, as_json(play))

    def keep_stack(self, url: str) -> None:
        """Write where the stack listens."""
        self._write(STACK, {"url": url, "pid": os.getpid()})

    @property
    def port(self) -> int:
        """The port of the last process, 0 if there was none: boards that are open look for it there."""
        try:
            return int(str(self._read(STACK)["url"]).rpartition(":")[2])
        except (FolderDamaged, KeyError, ValueError):
            return 0

    def _read(self, name: str) -> dict[str, Any]:
        try:
            found = json.loads((self.path / name).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise FolderDamaged(f"{self.path / name} cannot be read") from None
        if not isinstance(found, dict):
            raise FolderDamaged(f"{self.path / name} is no object")
        return found

    def _write(self, name: str, value: Any) -> None:
        beside = self.path / f".{name}.new"
        with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(value, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self.path / name)
