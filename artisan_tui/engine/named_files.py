"""What `doctor` says of every file that the configuration names: lists of runbooks, drills and checklists are read as
they are in use, single files are opened, and references to secrets are resolved."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, get_args

from pydantic import BaseModel

from artisan_tui.config.base import MADE_MARK, PATH_MARK
from artisan_tui.config.load import decoded, read_bytes
from artisan_tui.config.locate import SourceLines, locate
from artisan_tui.config.secret import Secret, SecretMissing
from artisan_tui.engine.settings import ConfigError
from artisan_tui.i18n import N_

if TYPE_CHECKING:
    from artisan_tui.config.models import Config

#: (what, whether it is well, what is said, what mends it)
Said = tuple[str, bool | None, str, str]
Key = tuple[str | int, ...]
#: Bytes of a file that are looked at.
_LOOK: Final = 1 << 20
_PEM: Final = frozenset({"ca_file", "cert_file", "key_file"})
#: Their own findings say more of these.
_SAID_ELSEWHERE: Final = frozenset({"notify"})


def list_findings(config: Config) -> Iterator[Said]:
    """Of runbooks, drills and checklists: every problem of every file, with its line; else how many there are."""
    for what, read in _LISTS.items():
        try:
            count = read(config)
        except ConfigError as error:
            for each in error.problems:
                yield what, False, _place(each.file, each.line, each.key, each.what), each.mend
            continue
        if count and what != "runbooks":  # of those their verification says how they stand
            yield what, True, f"{count} read without a problem", ""


def _runbooks(config: Config) -> int:
    from artisan_tui.engine.runbooks.library import library

    return len(library(config).runbooks)


def _drills(config: Config) -> int:
    from artisan_tui.engine.drills.library import scenarios

    return len(scenarios(config).files)


def _checklists(config: Config) -> int:
    from artisan_tui.engine.oncall.checklist_rules import ChecklistRules

    rules = ChecklistRules()
    rules.configure(config)
    return len(rules.checklists)


_LISTS: Final[Mapping[str, Callable[[Config], int]]] = {
    N_("runbooks"): _runbooks,
    N_("drills"): _drills,
    N_("checklists"): _checklists,
}


def file_findings(config: Config, environ: Mapping[str, str]) -> Iterator[Said]:
    """Of single files and secrets: only what cannot be used. Nothing of a secret is said."""
    lines: SourceLines | None = None
    for key, value, marks in _leaves(config, ()):
        if key and key[0] in _SAID_ELSEWHERE and isinstance(value, Secret):
            continue
        found = _trouble(key, value, marks, environ)
        if found is None:
            continue
        lines = lines or locate(decoded(config.path, read_bytes(config.path)))
        line = None if lines is None else lines.line(key)
        what, mend = found
        yield N_("files"), False, _place(str(config.path), line, _named(key), what), mend


def _trouble(key: Key, value: object, marks: tuple[object, ...], environ: Mapping[str, str]) -> tuple[str, str] | None:
    """(what is wrong, what mends it) of one value, None when all is well or it names no file."""
    if isinstance(value, Secret):
        try:
            value.reveal(environ)
        except SecretMissing as missing:
            return str(missing), "provide it where this program runs, or correct the reference"
        return None
    if PATH_MARK not in marks or not isinstance(value, str):
        return None
    path = Path(value).expanduser()
    if MADE_MARK in marks:
        if path.parent.is_dir():
            return None
        return f"{path} cannot be made: there is no folder {path.parent}", "make the folder, or correct the path"
    try:
        if path.is_dir():
            return None
        with path.open("rb") as file:
            begin = file.read(_LOOK)
    except OSError as error:
        return f"{path} cannot be read: {error.strerror}", "correct the path, or give this user the right to read it"
    if key[-1] in _PEM and b"-----BEGIN" not in begin:
        return f"{path} is not PEM", "name a file that begins with -----BEGIN; convert others with openssl"
    return None


def _leaves(
    value: object, key: Key, marks: tuple[object, ...] = ()
) -> Iterator[tuple[Key, object, tuple[object, ...]]]:
    """Every value of the configuration, with its key in the file and what its type is marked with."""
    if isinstance(value, BaseModel):
        for name, field in type(value).model_fields.items():
            inner = getattr(value, name)
            if inner is not None and (key or name not in _LIST_KEYS):
                yield from _leaves(inner, (*key, field.alias or name), (*field.metadata, *_marks(field.annotation)))
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _leaves(inner, (*key, str(name)), marks)
    elif isinstance(value, tuple | list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, (*key, index), marks)
    else:
        yield key, value, marks


#: Lists of files, which `list_findings` reads, and what is not from the file.
_LIST_KEYS: Final = frozenset({"runbooks", "drills", "checklists", "path"})


def _marks(annotation: Any) -> tuple[object, ...]:
    """The marks of a type and of what it is made of, such as those in ``PathText | None``."""
    found = tuple(getattr(annotation, "__metadata__", ()))
    for each in get_args(annotation):
        found += _marks(each)
    return found


def _named(key: Key) -> str:
    """As in errors of the configuration: the line says which of several tables it is in."""
    return ".".join(each for each in key if isinstance(each, str))


def _place(file: str, line: int | None, key: str, what: str) -> str:
    where = f"{file}:{line}" if line else file
    return f"{where}: {key}: {what}" if key else f"{where}: {what}"
