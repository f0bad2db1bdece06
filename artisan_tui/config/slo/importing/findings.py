"""The result of an import: the tables, and the refusals and remarks about everything that was not converted exactly."""

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
    """A part of the file that was not imported. All texts are printable."""

    where: str
    what: str
    mend: str
    line: int

    def __str__(self) -> str:
        return f"{self.where}: {self.what} — {self.mend}"


@dataclass(frozen=True, slots=True)
class Imported:
    """``toml`` has the [[slo]] tables of ``slos``. ``format`` is "openslo/v1" or "sloth/v1".

    ``refused`` are parts that were not imported. ``remarks`` are about parts that were imported with a
    different meaning, or that need a review.
    """

    format: str
    toml: str
    slos: tuple[SloSpec, ...]
    refused: tuple[ImportRefusal, ...]
    remarks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class At:
    """A value and its path: ``document 2, spec.objectives[0]``."""

    node: Node
    document: int
    path: str = ""

    def get(self, key: str) -> At | None:
        """The value of ``key``, None when it is missing or null."""
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
        """The text of the scalar ``key``, "" when it is missing."""
        found = self.node.get(key)
        return "" if found is None or found.text is None else found.text.strip()

    @property
    def where(self) -> str:
        path = f", {self.path}" if self.path else ""
        return f"line {self.node.line}, document {self.document}{path}"


@dataclass(slots=True)
class Notes:
    """Refusals and remarks in the order in which they were found, without duplicates."""

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
        """Add a remark for every field of a mapping that is not in ``known``."""
        if at is None:
            return
        for key in at.node.fields:
            if key not in known and (found := at.get(key)) is not None:
                self.remark(found, f"the field `{key[:80]}` is unknown and not imported")


@dataclass(slots=True)
class Draft:
    """An [[slo]] table before validation, and the comment lines above it."""

    at: At
    table: dict[str, Any]
    comments: list[str]


class ImportRefused(Exception):
    """An SLO cannot be converted. It has the place, the reason and the correction."""

    def __init__(self, at: At, what: str, mend: str) -> None:
        super().__init__(what)
        self.at, self.what, self.mend = at, what, mend


def number(at: At, key: str) -> Decimal | None:
    """The exact number of ``key``, None when it is missing. Raises ImportRefused."""
    found = at.get(key)
    if found is None:
        return None
    value = found.node.number
    if value is None:
        raise ImportRefused(found, f"`{key}` is not a number: {(found.node.text or 'a table')[:40]!r}", "write digits")
    return value


def table(at: At, key: str) -> At:
    """The mapping ``key``. Raises ImportRefused."""
    found = at.get(key)
    if found is None:
        raise ImportRefused(at, f"`{key}` is missing", f"add {key}:")
    if found.node.kind != "mapping":
        raise ImportRefused(found, f"`{key}` is not a mapping", "write its fields below it, indented")
    return found


def required(at: At, key: str) -> str:
    """The text of ``key``, which must not be empty. Raises ImportRefused."""
    text = at.text(key)
    if not text:
        raise ImportRefused(at.get(key) or at, f"`{key}` is missing", f"add {key}: …")
    return text
