"""Stand-ins for command lines that are not installed: they record what they were told, and answer from a file."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_TEXT = """#!{python}
import json, os, sys, runpy
words = sys.argv[1:]
with open({log!r}, "a") as log:
    log.write(json.dumps(words) + "\\n")
for prefix, answer in json.load(open({answers!r})):
    if words[: len(prefix)] == prefix or (prefix[0] == "*" and all(each in words for each in prefix[1:])):
        sys.stdout.write(answer.get("out", ""))
        sys.stderr.write(answer.get("err", ""))
        if answer.get("run"):
            sys.stdout.flush()
            sys.argv = [answer["run"], *words]
            runpy.run_path(answer["run"], run_name="__main__")
        sys.exit(answer.get("code", 0))
sys.stderr.write("the stand-in has no answer\\n")
sys.exit(64)
"""


@dataclass
class StandIn:
    """A program ``name`` in ``folder``."""

    name: str
    folder: Path

    def answer(self, *prefix: str, out: Any = "", err: str = "", code: int = 0, run: Path | None = None) -> None:
        """What it answers to words that begin so, or (after ``*``) that are all there. The newest answer counts."""
        told = [[list(prefix), {"out": out if isinstance(out, str) else json.dumps(out), "err": err, "code": code}]]
        if run is not None:
            told[0][1]["run"] = str(run)  # type: ignore[call-overload]
        self._answers.write_text(json.dumps([*told, *json.loads(self._answers.read_text())]))

    @property
    def calls(self) -> list[list[str]]:
        log = self.folder / f"{self.name}.log"
        return [json.loads(line) for line in log.read_text().splitlines()] if log.exists() else []

    @property
    def _answers(self) -> Path:
        return self.folder / f"{self.name}.json"


def stand_in(name: str, folder: Path) -> StandIn:
    """Made, executable, and without any answer yet."""
    folder.mkdir(exist_ok=True)
    program, log, answers = folder / name, folder / f"{name}.log", folder / f"{name}.json"
    program.write_text(_TEXT.format(python=sys.executable, log=str(log), answers=str(answers)))
    program.chmod(0o755)
    answers.write_text("[]")
    return StandIn(name, folder)


def first_on_path(folder: Path) -> str:
    return f"{folder}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
