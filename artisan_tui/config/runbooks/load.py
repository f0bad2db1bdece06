"""Reads `runbooks.toml`: every problem of every file at once, with file, line, key and mend."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from artisan_tui.config.explain import explain
from artisan_tui.config.load import MOST, decoded, located, parsed, read_bytes
from artisan_tui.config.locate import SourceLines, locate
from artisan_tui.config.problems import ConfigError, Problem
from artisan_tui.config.raw import Finding, Place, duplicates, tables
from artisan_tui.config.readdress import readdress
from artisan_tui.config.runbooks.spec import RunbookDocument
from artisan_tui.domain.runbooks.definition import LARGEST, Runbook


@dataclass(frozen=True, slots=True)
class RunbookFile:
    """One file: its runbooks in their order, and the lines of its keys."""

    path: Path
    runbooks: tuple[Runbook, ...]
    #: SHA-256 of the file's bytes, hexadecimal.
    digest: str
    lines: SourceLines | None = None
    document: RunbookDocument | None = None

    def line(self, place: Sequence[str | int]) -> int | None:
        return self.lines.line(tuple(place)) if self.lines is not None else None


@dataclass(frozen=True)
class Library:
    """All runbooks of a configuration."""

    files: tuple[RunbookFile, ...] = ()
    #: The runbooks by their id, in the order of the files.
    runbooks: dict[str, Runbook] = field(default_factory=dict)
    #: Files and folders that have to be looked at to know whether anything changed.
    watched: tuple[Path, ...] = ()

    def __iter__(self) -> Iterator[Runbook]:
        return iter(self.runbooks.values())

    @cached_property
    def digests(self) -> Mapping[str, str]:
        """The digest of each definition, by its id. Worked out once: of hundreds of steps it takes many milliseconds."""
        return {name: each.digest for name, each in self.runbooks.items()}


def load_library(
    paths: Iterable[Path], *, optional: bool = False, addresses: Mapping[str, str] = MappingProxyType({})
) -> Library:
    """The runbooks of all files. Raises ConfigError with every problem of every file.

    ``optional``: a file that is not there has no runbooks. ``addresses`` see `config.readdress`.
    """
    problems: list[Problem] = []
    files: list[RunbookFile] = []
    watched: dict[Path, None] = {}
    for path in paths:
        watched[path] = None
        if optional and not path.exists():
            continue
        try:
            first = load_file(path, addresses)
        except ConfigError as error:
            problems += error.problems
            continue
        files.append(first)
        named = _named_in(first, problems, watched)
        watched |= dict.fromkeys(named)
        for other in named:
            try:
                files.append(load_file(other, addresses, above=first))
            except ConfigError as error:
                problems += error.problems
    runbooks: dict[str, Runbook] = {}
    where: dict[str, RunbookFile] = {}
    for file in files:
        for index, runbook in enumerate(file.runbooks):
            if runbook.id in runbooks:
                what = f"the id {runbook.id!r} is already used in {where[runbook.id].path.name}"
                line = file.line(("runbook", index, "id"))
                problems.append(Problem(str(file.path), line, "runbook.id", what, "give one of the two another id"))
            else:
                runbooks[runbook.id], where[runbook.id] = runbook, file
    if problems:
        raise ConfigError(problems)
    return Library(tuple(files), runbooks, tuple(watched))


def _named_in(first: RunbookFile, problems: list[Problem], watched: dict[Path, None]) -> list[Path]:
    """The files that a file names, in its order, those of a pattern in the order of their names."""
    found: dict[Path, None] = {}
    for index, name in enumerate(first.document.others if first.document is not None else ()):
        folder = first.path.parent
        pattern = any(sign in name for sign in "*?[")
        try:
            matching = sorted(folder.glob(name)) if pattern else [folder / os.path.expanduser(name)]
        except (ValueError, NotImplementedError) as error:
            matching, name = [], f"{name}: {error}"
        if pattern:
            watched[(folder / name).parent] = None  # a file may be added there
        there = [each for each in matching if each.is_file()]
        if not there:
            line = first.line(("runbooks", index))
            what = f"no file is {name[:200]!r}" if pattern else f"there is no file {name[:200]!r}"
            problems.append(Problem(str(first.path), line, "runbooks", what, "correct it, or remove it"))
        found |= dict.fromkeys(each for each in there if each.resolve() != first.path.resolve())
    return list(found)


def load_file(
    path: Path, addresses: Mapping[str, str] = MappingProxyType({}), *, above: RunbookFile | None = None
) -> RunbookFile:
    """The runbooks of one file. ``above`` is the file that names it. Raises ConfigError with all of its problems."""
    data = read_bytes(path)
    text = decoded(path, data)
    return _read(path, text, hashlib.sha256(data).hexdigest(), addresses, above)


def read_text(text: str, name: str = "runbooks.toml") -> RunbookFile:
    """The runbooks of a text, as of a file of that name. Raises ConfigError."""
    return _read(Path(name), text, hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest())


def _read(
    path: Path,
    text: str,
    digest: str,
    addresses: Mapping[str, str] = MappingProxyType({}),
    above: RunbookFile | None = None,
) -> RunbookFile:
    document = readdress(parsed(path, text), addresses)
    lines = locate(text)

    def line_of(place: Sequence[str | int]) -> int | None:
        return lines.line(tuple(place)) if lines is not None else None

    findings: list[Finding] = []
    try:
        read = RunbookDocument.model_validate(
            document, context={"folder": path.absolute().parent}, by_alias=True, by_name=False
        )
    except ValidationError as error:
        errors = error.errors(include_url=False)[:MOST]
        findings += explain(errors, document, {}, RunbookDocument)
        read = None
    findings += _structure(document, line_of)
    if above is not None and document.get("runbooks"):
        what = f"{above.path.name} names this file, and only that one names others"
        findings.append((("runbooks",), what, f"move it to {above.path.name}"))
    if read is None or findings:
        raise ConfigError(located(path, findings, line_of))
    runbooks = read.definitions(None if above is None else above.document)
    for index, runbook in enumerate(runbooks):
        size = len(runbook.to_json())
        if size > LARGEST:
            what = f"the runbook {runbook.id} has {size} characters, more than {LARGEST}"
            findings.append((("runbook", index), what, "divide it, and run the second with a runbook step"))
    if findings:
        raise ConfigError(located(path, findings, line_of))
    return RunbookFile(path, runbooks, digest, lines, read)


def _structure(document: dict[str, Any], line_of: Any) -> Iterator[Finding]:
    runbooks = tables(document, (), "runbook")
    yield from duplicates(runbooks, line_of)
    for place, runbook in runbooks:
        at: Place = place
        yield from duplicates(tables(runbook, at, "step"), line_of)
        if not runbook.get("step"):
            yield at, "this runbook has no step, so there is nothing to run", "add a [[runbook.step]] below it"
