"""The hand-over review as a document: figures and tables in the reader's language, each value with its events.

Screen, Markdown and HTML are drawn from it, so they say the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """``text`` is printable. ``seqs`` are the events that it comes from. ``tone`` is that of `wording.Tone`, or "dim"."""

    text: str
    seqs: tuple[int, ...] = ()
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """``below``: on a narrow screen it stands under its row. ``wide``: only shown from this many columns on.

    ``flex``: takes the width that is left. ``number``: aligned to the right.
    """

    title: str
    below: bool = False
    wide: int = 0
    flex: bool = False
    number: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A cell per column. ``incident`` is the one that the row is about, "" for none."""

    cells: tuple[Cell, ...]
    incident: str = ""

    @property
    def seqs(self) -> tuple[int, ...]:
        return tuple(dict.fromkeys(seq for cell in self.cells for seq in cell.seqs))


@dataclass(frozen=True, slots=True)
class Section:
    """``empty`` is said where there are no rows; ``lead`` stands before them."""

    id: str
    title: str
    columns: tuple[Column, ...] = ()
    rows: tuple[Row, ...] = ()
    empty: str = ""
    lead: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A number of this shift beside that of the shift before."""

    label: str
    now: Cell
    before: Cell


@dataclass(frozen=True, slots=True)
class HandoffDocument:
    """``state`` says whether it is signed and accepted; ``verdicts`` what has to be known first."""

    title: str
    subtitle: str
    state: Cell
    verdicts: tuple[Cell, ...]
    figures: tuple[Figure, ...]
    sections: tuple[Section, ...]
    labels: tuple[str, str]

    def linked(self) -> Iterator[tuple[str, Cell]]:
        """Every value that has events, with what it is called, in the order of the document."""
        for figure in self.figures:
            for name, cell in zip(self.labels, (figure.now, figure.before), strict=True):
                if cell.seqs:
                    yield f"{figure.label}, {name}", cell
        for cell in (self.state, *self.verdicts):
            if cell.seqs:
                yield self.title, cell
        for section in self.sections:
            for cell in section.lead:
                if cell.seqs:
                    yield section.title, cell
            for row in section.rows:
                for column, cell in zip(section.columns, row.cells, strict=True):
                    if cell.seqs:
                        first = row.cells[0].text
                        yield (
                            f"{section.title}: {first}" + (f", {column.title}" if cell is not row.cells[0] else ""),
                            cell,
                        )
