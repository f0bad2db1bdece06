"""Finds and reads `artisan.toml`: bytes -> text -> document -> `Config`, or all problems at once."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections.abc import Callable, Container, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from artisan_tui.config.access import check_access
from artisan_tui.config.checks import CheckSpec
from artisan_tui.config.checks_rules import emptiness
from artisan_tui.config.explain import explain
from artisan_tui.config.file_rules import file_findings
from artisan_tui.config.locate import locate
from artisan_tui.config.models import Config, Document
from artisan_tui.config.problems import ConfigError, Problem
from artisan_tui.config.raw import Finding
from artisan_tui.config.readdress import chosen_target, move, readdress
from artisan_tui.config.slo.for_each import expanded
from artisan_tui.config.slo.spec import ChecksSli, SloSpec
from artisan_tui.config.targets import no_target

#: Bytes. Larger than any configuration, so that a log file given by mistake is refused.
LARGEST = 4 * 1024 * 1024
#: The maximum number of reported errors. A file with more is probably not a configuration.
MOST = 500
_INIT = "run `artisan-tui config init` to write a starter"
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_NONE: Mapping[str, str] = MappingProxyType({})


def find(explicit: Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """The configuration to use: ``--config``, $ARTISAN_CONFIG, ./artisan.toml, then the XDG folder.

    A file that was named explicitly must exist.
    """
    if explicit is not None:
        return _named(cwd / explicit.expanduser(), "--config", environ)
    if environ.get("ARTISAN_CONFIG"):
        return _named(cwd / Path(environ["ARTISAN_CONFIG"]).expanduser(), "$ARTISAN_CONFIG", environ)
    home = environ.get("XDG_CONFIG_HOME") or ""
    # The XDG specification: a relative path is ignored.
    base = Path(home) if home.startswith("/") else Path(environ.get("HOME") or Path.home()) / ".config"
    places = [cwd / "artisan.toml", base / "artisan-tui" / "artisan.toml"]
    for place in places:
        if place.exists():
            return place
    searched = ", ".join(["--config (not given)", "$ARTISAN_CONFIG (not set)", *map(str, places)])
    raise ConfigError([Problem("artisan.toml", None, "", f"no configuration found; searched {searched}", _INIT)])


def _named(path: Path, by: str, environ: Mapping[str, str]) -> Path:
    if path.exists():
        return path
    what = f"there is no such file, and {by} names it"
    raise ConfigError([Problem(str(path), None, "", what, f"correct the path, or {_INIT}")])


def load(
    path: Path,
    kinds: Mapping[str, type[CheckSpec]],
    *,
    addresses: Mapping[str, str] = _NONE,
    target: str | None = None,
    if_known: bool = False,
) -> Config:
    """Read and validate a file. Raises only ConfigError, with all problems.

    ``kinds`` maps a check kind to its model. ``addresses`` is explained in `readdress`. ``target`` is the
    [[target]] to probe instead of the one in the file. With ``if_known``, an unknown ``target`` is ignored.
    """
    data = read_bytes(path)
    text = decoded(path, data)
    # First, because a target must not change these addresses: the demo must not reach the real services.
    document = readdress(parsed(path, text), addresses)
    place = chosen_target(document, target)
    if place is None and if_known:
        place, target = chosen_target(document, None), None
    document = move(document, place)
    lines = locate(text)
    empty = emptiness(document)
    made = expanded(document)
    document = made.document

    def line_of(place: Sequence[str | int]) -> int | None:
        return lines.line(made.place(tuple(place))) if lines is not None else None

    def line_in_file(place: Sequence[str | int]) -> int | None:
        return lines.line(place) if lines is not None else None

    read, findings = _validate(path, document, kinds)
    problems = located(path, [*findings, *empty, *file_findings(document, kinds, line_of)], line_of)
    problems += located(path, made.findings, line_in_file)
    if target and place is None:
        problems.insert(0, _no_such_target(path, document, target))
    if read is None or problems:
        raise ConfigError(problems)
    chosen = place["id"] if place is not None else None
    everywhere = frozenset(f"{service.id}.{spec.id}" for service in read.services for spec in service.checks)
    fields = _fields_of_target(read, chosen)
    digest = hashlib.sha256(data).hexdigest()
    return Config(**fields, path=path, digest=digest, chosen=chosen, everywhere=everywhere)


def _validate(
    path: Path, document: dict[str, Any], kinds: Mapping[str, type[CheckSpec]]
) -> tuple[Document | None, list[Finding]]:
    context = {"kinds": kinds, "folder": path.absolute().parent}
    try:
        return Document.model_validate(document, context=context, by_alias=True, by_name=False), []
    except ValidationError as error:
        return None, list(explain(error.errors(include_url=False)[:MOST], document, kinds))


def _no_such_target(path: Path, document: Mapping[str, Any], target: str) -> Problem:
    listed = document.get("target")
    known = [each.get("id") for each in listed if isinstance(each, Mapping)] if isinstance(listed, list) else []
    what, mend = no_target(target, [name for name in known if isinstance(name, str)])
    return Problem(str(path), None, "", f"{what}, and $ARTISAN_TARGET names it", mend)


def _fields_of_target(read: Document, target: str | None) -> dict[str, Any]:
    """The fields of a valid document without the checks of other targets and without references to them."""
    fields = dict(read)
    if target is None:
        return fields
    kept = {
        service.id: [spec for spec in service.checks if not spec.targets or target in spec.targets]
        for service in read.services
    }
    known = {f"{service}.{spec.id}" for service, specs in kept.items() for spec in specs}

    def needing(spec: CheckSpec) -> CheckSpec:
        needs = tuple(need for need in spec.needs if need in known)
        return spec if needs == spec.needs else spec.model_copy(update={"needs": needs})

    fields["services"] = tuple(
        service.model_copy(update={"checks": tuple(map(needing, kept[service.id]))})
        for service in read.services
        if kept[service.id]
    )
    fields["slos"] = tuple(slo for each in read.slos if (slo := _with_known_checks(each, known)) is not None)
    place = next(each for each in read.targets if each.id == target)
    there = {name: url for name in ("prometheus", "history") if (url := getattr(place, name)) is not None}
    if there and read.metrics is not None:
        fields["metrics"] = read.metrics.model_copy(update=there)
    return fields


def _with_known_checks(slo: SloSpec, known: Container[str]) -> SloSpec | None:
    """The SLO with ``known`` checks only, None when it has no check left."""
    if not isinstance(slo.sli, ChecksSli):
        return slo
    checks = tuple(name for name in slo.sli.checks if name in known)
    return slo.model_copy(update={"sli": slo.sli.model_copy(update={"checks": checks})}) if checks else None


def located(
    path: Path, findings: Iterable[Finding], line_of: Callable[[Sequence[str | int]], int | None]
) -> list[Problem]:
    """The problems in file order, without duplicates."""
    found = [
        Problem(str(path), line_of(place) if place else None, _dotted(place), what, mend)
        for place, what, mend in findings
    ]
    return sorted(dict.fromkeys(found), key=lambda p: p.line or 0)


def _dotted(place: Sequence[str | int]) -> str:
    """The dotted key without list positions. The line says which of several tables it is in."""
    return ".".join(step[:80] for step in place if isinstance(step, str))


def _refused(path: Path, what: str, mend: str, line: int | None = None) -> ConfigError:
    return ConfigError([Problem(str(path), line, "", what, mend)])


def read_bytes(path: Path) -> bytes:
    """The file as it is, unless others could have written it. Raises ConfigError."""
    try:
        if path.is_dir():
            raise _refused(path, "this is a directory", f"name the file in it: {path / 'artisan.toml'}")
        with path.open("rb") as file:
            unsafe = check_access(path, os.fstat(file.fileno()))
            if unsafe is not None:
                raise ConfigError([unsafe])
            data = file.read(LARGEST + 1)
    except FileNotFoundError:
        raise _refused(path, "there is no such file", f"correct the path, or {_INIT}") from None
    except OSError as error:
        raise _refused(
            path, f"cannot be read: {error.strerror or 'input/output error'}", "let this user read it"
        ) from None
    except ValueError:
        raise _refused(path, "this is not a path", "correct it") from None
    if len(data) > LARGEST:
        raise _refused(
            path, f"larger than {LARGEST // 1024**2} MB", ("use a configuration file, not a log or a database")
        )
    return data


def decoded(path: Path, data: bytes) -> str:
    """The file as text. Raises ConfigError."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(path, "not UTF-8 text", "save it as UTF-8", line) from None
    if not text.strip():
        raise _refused(path, "the file is empty", _INIT)
    return text


def parsed(path: Path, text: str) -> dict[str, Any]:
    """The TOML document; its numbers are exact. Raises ConfigError."""
    try:
        return tomllib.loads(text, parse_float=_number)
    except tomllib.TOMLDecodeError as error:
        what, line = _syntax(str(error), text)
        raise _refused(
            path, f"not TOML: {what}", "correct the line; the one before it may miss a quote or bracket", line
        ) from None
    except RecursionError:
        raise _refused(path, "lists or tables are nested too deeply", "use fewer nesting levels") from None
    except (ValueError, ArithmeticError):
        raise _refused(path, "a number has too many digits", "write a shorter one") from None


def _number(text: str) -> Decimal:
    """An exact number instead of tomllib's float, because objectives and quantiles are compared exactly."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("not a number") from None


def _syntax(message: str, text: str) -> tuple[str, int]:
    """(what is wrong, line) from a message of tomllib, which ends with the position."""
    match = _AT.search(message)
    if match is None or match[1] is None:
        return _AT.sub("", message) + ", at the end of the file", text.rstrip().count("\n") + 1
    return f"{_AT.sub('', message)}, column {match[2]}", int(match[1])
