"""What an import gives back, and the notes it takes on the way: nothing of the file is dropped without a word."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from artisan_tui.config.slo.importing.yaml_tree import Node
from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.text.printable import printable

_MOST = 500


@dataclass(frozen=True, slots=True)
class ImportRefusal:
    """Something that has no place here. All texts are printable."""

    where: str
    what: str
    mend: str
    line: int

    def __str__(self) -> str:
        return f"{self.where}: {self.what} — {self.mend}"


@dataclass(frozen=True, slots=True)
class Imported:
    """``toml`` are the [[slo]] tables of ``slos``, ready to paste; ``format`` is "openslo/v1" or "sloth/v1".

    ``refused`` was not taken over, ``remarks`` were, but not quite as the file meant them, or need a look.
    """

    format: str
    toml: str
    slos: tuple[SloSpec, ...]
    refused: tuple[ImportRefusal, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class At:
    """A value and the way to it: ``document 2, spec.objectives[0]``."""

    node: Node
    document: int
    path: str = ""

    def get(self, key: str) -> At | None:
        """What is there under ``key``, None where there is nothing or null."""
        found = self.node.get(key)
        return None if found is None else At(found, self.document, f"{self.path}.{key}" if self.path else key)

    def follow(self, *keys: str) -> At | None:
        found: At | None = self
        for key in keys:
            found = None if found is None else found.get(key)
        return found

    def each(self) -> Iterator[At]:
        for index, item in enumerate(self.node.items):
            yield At(item, self.document, f"{self.path}[{index}]")

    def text(self, key: str) -> str:
        """The scalar under ``key``, "" where there is none."""
        found = self.node.get(key)
        return "" if found is None or found.text is None else found.text.strip()

    @property
    def where(self) -> str:
        path = f", {self.path}" if self.path else ""
        return f"line {self.node.line}, document {self.document}{path}"


@dataclass(slots=True)
class Notes:
    """Refusals and remarks in the order in which they came up, each once."""

    refused: dict[ImportRefusal, None] = field(default_factory=dict)
    remarks: dict[str, None] = field(default_factory=dict)

    def refuse(self, at: At, what: str, mend: str) -> None:
        if len(self.refused) < _MOST:
            self.refused[
                ImportRefusal(printable(at.where, 300), printable(what, 400), printable(mend, 400), at.node.line)
            ] = None

    def remark(self, at: At, what: str) -> None:
        if len(self.remarks) < _MOST:
            self.remarks[printable(f"{at.where}: {what}", 800)] = None

    def unknown(self, at: At | None, *known: str) -> None:
        """Name every field of a mapping that is none of ``known``."""
        if at is None:
            return
        for key in at.node.fields:
            if key not in known and (found := at.get(key)) is not None:
                self.remark(found, f"the field `{key[:80]}` is unknown and not imported")


@dataclass(slots=True)
class Draft:
    """An SLO on its way: the [[slo]] table, and lines to put above it as comments."""

    at: At
    table: dict[str, Any]
    comments: list[str]


class ImportRefused(Exception):
    """Raised inside one SLO: it cannot be represented. The way to it and the mend are with it."""

    def __init__(self, at: At, what: str, mend: str) -> None:
        super().__init__(what)
        self.at, self.what, self.mend = at, what, mend


def number(at: At, key: str) -> Decimal | None:
    """The number under ``key`` exactly as written, None where there is nothing. Raises Refused."""
    found = at.get(key)
    if found is None:
        return None
    value = found.node.number
    if value is None:
        raise ImportRefused(found, f"`{key}` is not a number: {(found.node.text or 'a table')[:40]!r}", "write digits")
    return value


def table(at: At, key: str) -> At:
    """The mapping under ``key``. Raises Refused."""
    found = at.get(key)
    if found is None:
        raise ImportRefused(at, f"`{key}` is missing", f"add {key}:")
    if found.node.kind != "mapping":
        raise ImportRefused(found, f"`{key}` is not a mapping", "write its fields below it, indented")
    return found


def required(at: At, key: str) -> str:
    """The text under ``key``. Raises Refused."""
    text = at.text(key)
    if not text:
        raise ImportRefused(at.get(key) or at, f"`{key}` is missing", f"add {key}: …")
    return text
