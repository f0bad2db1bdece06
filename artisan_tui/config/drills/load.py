"""Reads scenario files: every problem of every file at once, with file, line, key and mend."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from artisan_tui.config.drills.rules import drill_findings
from artisan_tui.config.drills.spec import ActsDocument, DrillDocument, ordered_acts
from artisan_tui.config.explain import explain
from artisan_tui.config.load import MOST, decoded, located, parsed, read_bytes
from artisan_tui.config.locate import SourceLines, locate
from artisan_tui.config.problems import ConfigError, Problem
from artisan_tui.config.raw import Finding, duplicates, tables
from artisan_tui.domain.drills.scenario import PlannedAct, Scenario


@dataclass(frozen=True, slots=True)
class ScenarioFile:
    """One file, its scenario, and the lines of its keys."""

    path: Path
    scenario: Scenario
    lines: SourceLines | None = None

    def line(self, place: Sequence[str | int]) -> int | None:
        """The line of a key."""
        return self.lines.line(tuple(place)) if self.lines is not None else None


@dataclass(frozen=True, slots=True)
class ScenarioLibrary:
    """All scenarios, by their ids, in the order of the files."""

    files: dict[str, ScenarioFile] = field(default_factory=dict)

    def __iter__(self) -> Iterator[Scenario]:
        return (each.scenario for each in self.files.values())


def load_scenarios(paths: Iterable[Path]) -> ScenarioLibrary:
    """The scenarios of all files. Raises ConfigError with every problem of every file."""
    problems: list[Problem] = []
    files: dict[str, ScenarioFile] = {}
    for path in paths:
        try:
            file = load_scenario(path)
        except ConfigError as error:
            problems += error.problems
            continue
        other = files.get(file.scenario.id)
        if other is not None:
            what = f"the id {file.scenario.id!r} is already used in {other.path.name}"
            problems.append(Problem(str(path), file.line(("id",)), "id", what, "give one of the two another id"))
            continue
        files[file.scenario.id] = file
    if problems:
        raise ConfigError(problems)
    return ScenarioLibrary(files)


def load_scenario(path: Path) -> ScenarioFile:
    """The scenario of a file. Raises ConfigError with all of its problems."""
    return read_scenario(decoded(path, read_bytes(path)), path)


def read_scenario(text: str, path: Path = Path("scenario.toml")) -> ScenarioFile:
    """The scenario of a text, as of a file of that name. Raises ConfigError."""
    document = parsed(path, text)
    lines = locate(text)

    def line_of(place: Sequence[str | int]) -> int | None:
        return lines.line(tuple(place)) if lines is not None else None

    findings: list[Finding] = list(_duplicates(document, line_of))
    read: DrillDocument | None = None
    try:
        read = DrillDocument.model_validate(document, by_alias=True, by_name=False)
    except ValidationError as error:
        findings += explain(error.errors(include_url=False)[:MOST], document, {}, DrillDocument)
    else:
        findings += drill_findings(read)
    if read is None or findings:
        raise ConfigError(located(path, findings, line_of))
    return ScenarioFile(path, read.scenario(), lines)


def load_acts(path: Path) -> tuple[PlannedAct, ...]:
    """The acts of a file with ``[[act]]`` tables, in the order of their times. Raises ConfigError."""
    text = decoded(path, read_bytes(path))
    document = parsed(path, text)
    lines = locate(text)
    try:
        read = ActsDocument.model_validate(document, by_alias=True, by_name=False)
    except ValidationError as error:
        findings = list(explain(error.errors(include_url=False)[:MOST], document, {}, ActsDocument))
        raise ConfigError(
            located(path, findings, lambda place: lines.line(tuple(place)) if lines is not None else None)
        ) from None
    return ordered_acts(read.acts)


def _duplicates(document: dict[str, Any], line_of: Any) -> Iterator[Finding]:
    for name in ("objective", "inject", "red_herring"):
        yield from duplicates(tables(document, (), name), line_of)
