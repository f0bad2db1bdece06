"""Finds and reads `artisan.toml`: bytes -> text -> document -> `Config`, or every problem at once."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from pathlib import Path
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError

from artisan_tui.config.check import CheckSpec
from artisan_tui.config.explain import explain
from artisan_tui.config.file_rules import Finding, file_findings
from artisan_tui.config.locate import locate
from artisan_tui.config.models import Config, Document
from artisan_tui.config.problems import ConfigError, Problem
from artisan_tui.config.readdress import readdress

#: Far above any configuration; a log file given by mistake is refused without reading it.
LARGEST = 4 * 1024 * 1024
#: Errors of one file that are told; whoever has more named the wrong file.
MOST = 500
_INIT = "run `artisan-tui config init` to write a starter"
_AT = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_NONE: Mapping[str, str] = MappingProxyType({})


def find(explicit: Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """The configuration to use: ``--config``, $ARTISAN_CONFIG, ./artisan.toml, then the XDG folder.

    A file that somebody named is not replaced by another: if it is missing, that is an error.
    """
    if explicit is not None:
        return _named(cwd / explicit.expanduser(), "--config", environ)
    if environ.get("ARTISAN_CONFIG"):
        return _named(cwd / Path(environ["ARTISAN_CONFIG"]).expanduser(), "$ARTISAN_CONFIG", environ)
    home = environ.get("XDG_CONFIG_HOME") or ""
    # The XDG specification: a relative path there is to be ignored.
    base = Path(home) if home.startswith("/") else Path(environ.get("HOME") or Path.home()) / ".config"
    places = [cwd / "artisan.toml", base / "artisan-tui" / "artisan.toml"]
    for place in places:
        if place.exists():
            return place
    looked = ", ".join(["--config (not given)", "$ARTISAN_CONFIG (not set)", *map(str, places)])
    raise ConfigError([Problem("artisan.toml", None, "", f"no configuration found; looked at {looked}", _INIT)])


def _named(path: Path, by: str, environ: Mapping[str, str]) -> Path:
    if path.exists():
        return path
    what = f"there is no such file, and {by} names it"
    raise ConfigError([Problem(str(path), None, "", what, f"correct the path, or {_INIT}")])


def load(path: Path, kinds: Mapping[str, type[CheckSpec]], *, addresses: Mapping[str, str] = _NONE) -> Config:
    """Read, check and freeze. ``kinds`` maps a check's kind to its model; ``addresses`` see `readdress`.

    Raises ConfigError with all problems, and nothing else.
    """
    data = _bytes(path)
    text = _text(path, data)
    document = readdress(_document(path, text), addresses)
    lines = locate(text)

    def line_of(place: Sequence[str | int]) -> int | None:
        return lines.line(place) if lines is not None else None

    config, findings = _validate(path, document, kinds, hashlib.sha256(data).hexdigest())
    problems = _problems(path, [*findings, *file_findings(document, kinds, line_of)], line_of)
    if config is None or problems:
        raise ConfigError(problems)
    return config


def _validate(
    path: Path, document: dict[str, Any], kinds: Mapping[str, type[CheckSpec]], digest: str
) -> tuple[Config | None, list[Finding]]:
    context = {"kinds": kinds, "folder": path.absolute().parent}
    try:
        read = Document.model_validate(document, context=context, by_alias=True, by_name=False)
        return Config(**dict(read), path=path, digest=digest), []
    except ValidationError as error:
        return None, list(explain(error.errors(include_url=False)[:MOST], document, kinds))


def _problems(
    path: Path, findings: Iterable[Finding], line_of: Callable[[Sequence[str | int]], int | None]
) -> list[Problem]:
    """In file order, each once."""
    found = [
        Problem(str(path), line_of(place) if place else None, _dotted(place), what, mend)
        for place, what, mend in findings
    ]
    return sorted(dict.fromkeys(found), key=lambda p: p.line or 0)


def _dotted(place: Sequence[str | int]) -> str:
    """The key as a person would name it; which of several tables is meant, the line tells."""
    return ".".join(step[:80] for step in place if isinstance(step, str))


def _refused(path: Path, what: str, mend: str, line: int | None = None) -> ConfigError:
    return ConfigError([Problem(str(path), line, "", what, mend)])


def _bytes(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise _refused(path, "this is a folder", f"name the file in it: {path / 'artisan.toml'}")
        with path.open("rb") as file:
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
        raise _refused(path, f"larger than {LARGEST // 1024**2} MB", "name a configuration, not a log or a database")
    return data


def _text(path: Path, data: bytes) -> str:
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise _refused(path, "not UTF-8 text", "save it as UTF-8", line) from None
    if not text.strip():
        raise _refused(path, "the file is empty", _INIT)
    return text


def _document(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text, parse_float=_number)
    except tomllib.TOMLDecodeError as error:
        what, line = _syntax(str(error), text)
        raise _refused(
            path, f"not TOML: {what}", "correct the line; the one before it may miss a quote or bracket", line
        ) from None
    except RecursionError:
        raise _refused(path, "lists or tables are nested too deeply", "write them flatter") from None
    except (ValueError, ArithmeticError):
        raise _refused(path, "a number in it is too long", "write a shorter one") from None


def _number(text: str) -> Decimal:
    """Exact, where tomllib would round: an objective or a quantile is compared as it is written."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise ValueError("not a number") from None


def _syntax(message: str, text: str) -> tuple[str, int]:
    """(what is wrong, line) from tomllib's message, which ends in the position."""
    match = _AT.search(message)
    if match is None or match[1] is None:
        return _AT.sub("", message) + ", at the end of the file", text.rstrip().count("\n") + 1
    return f"{_AT.sub('', message)}, column {match[2]}", int(match[1])
