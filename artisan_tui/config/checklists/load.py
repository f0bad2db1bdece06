"""Reads files with checklists: every problem of every file at once, with file, line, key and mend."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from artisan_tui.config.checklists.spec import ChecklistDocument
from artisan_tui.config.explain import explain
from artisan_tui.config.load import MOST, decoded, located, parsed, read_bytes
from artisan_tui.config.locate import locate
from artisan_tui.config.problems import ConfigError, Problem
from artisan_tui.config.raw import Finding, LineOf, Place, duplicates, tables
from artisan_tui.config.readdress import readdress
from artisan_tui.config.suggest import closest
from artisan_tui.domain.oncall.checklists import Checklist


@dataclass(frozen=True, slots=True)
class ChecklistNames:
    """What items can name, by the key that names it; None: not known, and not held against anything."""

    checks: Collection[str] | None = None
    channels: Collection[str] | None = None
    slos: Collection[str] | None = None
    runbooks: Collection[str] | None = None
    targets: Collection[str] | None = None


def load_checklists(
    paths: Iterable[Path],
    names: ChecklistNames | None = None,
    *,
    addresses: Mapping[str, str] = MappingProxyType({}),
) -> tuple[Checklist, ...]:
    """The checklists of all files, in their order. Raises ConfigError with every problem of every file."""
    problems: list[Problem] = []
    found: dict[str, Checklist] = {}
    where: dict[str, Path] = {}
    for path in paths:
        try:
            text = decoded(path, read_bytes(path))
            listed, line_of = _read(path, text, names or ChecklistNames(), addresses)
        except ConfigError as error:
            problems += error.problems
            continue
        for index, each in enumerate(listed):
            if each.id in found:
                what = f"the id {each.id!r} is already used in {where[each.id].name}"
                line = line_of(("checklist", index, "id"))
                problems.append(Problem(str(path), line, "checklist.id", what, "give one of the two another id"))
                continue
            found[each.id], where[each.id] = each, path
    if problems:
        raise ConfigError(problems)
    return tuple(found.values())


def read_checklists(text: str, path: Path, names: ChecklistNames | None = None) -> tuple[Checklist, ...]:
    """The checklists of a text, as of a file of that name. Raises ConfigError."""
    return _read(path, text, names or ChecklistNames(), {})[0]


def _read(
    path: Path, text: str, names: ChecklistNames, addresses: Mapping[str, str]
) -> tuple[tuple[Checklist, ...], LineOf]:
    document = readdress(parsed(path, text), addresses)
    lines = locate(text)

    def line_of(place: Sequence[str | int]) -> int | None:
        return lines.line(tuple(place)) if lines is not None else None

    findings: list[Finding] = list(_structure(document, line_of))
    findings += _named(document, names)
    read: ChecklistDocument | None = None
    try:
        context = {"folder": path.absolute().parent}
        read = ChecklistDocument.model_validate(document, context=context, by_alias=True, by_name=False)
    except ValidationError as error:
        findings += explain(error.errors(include_url=False)[:MOST], document, {}, ChecklistDocument)
    if read is None or findings:
        raise ConfigError(located(path, findings, line_of))
    return tuple(each.checklist() for each in read.checklists), line_of


def _structure(document: Mapping[str, Any], line_of: LineOf) -> Iterator[Finding]:
    checklists = tables(document, (), "checklist")
    if not document.get("checklist"):
        yield (), "there is no checklist in this file", "add a [[checklist]] with its items, or remove the file"
    yield from duplicates(checklists, line_of)
    for at, checklist in checklists:
        items = tables(checklist, at, "item")
        yield from duplicates(items, line_of)
        if not checklist.get("item"):
            yield at, "this checklist has no item, so there is nothing to do", "add a [[checklist.item]] below it"
        for place, item in items:
            verify = item.get("verify")
            if (
                isinstance(verify, Mapping)
                and verify.get("kind") == "incident"
                and checklist.get("on") != "incident.resolved"
            ):
                what = "this checklist is not about an incident"
                yield (*place, "verify"), what, 'write on = "incident.resolved", or remove this verify'


def _named(document: Mapping[str, Any], names: ChecklistNames) -> Iterator[Finding]:
    """What is named and is not there."""
    for at, checklist in tables(document, (), "checklist"):
        yield from _missing((*at, "runbooks"), checklist.get("runbooks"), names.runbooks, "runbook")
        for place, item in tables(checklist, at, "item"):
            yield from _missing((*place, "runbook"), item.get("runbook"), names.runbooks, "runbook")
            verify = item.get("verify")
            if not isinstance(verify, Mapping):
                continue
            kind, inner = verify.get("kind"), (*place, "verify")
            if kind == "check":
                yield from _missing((*inner, "checks"), verify.get("checks"), names.checks, "check or service")
            elif kind == "channel":
                yield from _missing((*inner, "channels"), verify.get("channels"), names.channels, "channel")
            elif kind == "gate":
                yield from _missing((*inner, "slos"), verify.get("slos"), names.slos, "SLO")
            elif kind == "runbook":
                yield from _missing((*inner, "runbook"), verify.get("runbook"), names.runbooks, "runbook")
                yield from _missing((*inner, "target"), verify.get("target"), names.targets, "target")


def _missing(at: Place, named: object, known: Collection[str] | None, what: str) -> Iterator[Finding]:
    listed = [(at, named)] if isinstance(named, str) else []
    if isinstance(named, list):
        listed = [((*at, index), each) for index, each in enumerate(named)]
    for place, name in listed:
        if known is not None and isinstance(name, str) and name not in known:
            near = closest(name, list(known))
            mend = f"did you mean {near!r}?" if near else "remove it, or add one"
            if known and not near:
                mend = f"write one of {', '.join(sorted(known)[:12])}"
            yield place, f"there is no {what} {name[:130]!r}", mend
