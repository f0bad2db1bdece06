"""The lines of screen 6: the document of the review, laid out for a width, each line with what Enter opens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from rich.cells import cell_len

from artisan_tui.reports.oncall.handoff_document import Cell, Column, Figure, HandoffDocument, Row, Section
from artisan_tui.tui.cells import Run, fit, wrapped

#: From this width on, what stands below a row on a narrow screen has columns of its own.
_WIDE = 130
#: Of a cell that is longer than its column.
_MOST_LINES = 4
#: The least width of a column that takes what is left.
_LEAST = 16


class ReviewLine(NamedTuple):
    """A line. ``key`` tells the selected one, "" for a line that cannot be; ``about`` is what its events are called."""

    runs: list[Run]
    key: str = ""
    seqs: tuple[int, ...] = ()
    incident: str = ""
    about: str = ""
    #: The id of the section whose head this is, "" for any other line.
    head: str = ""


def review_lines(document: HandoffDocument, width: int) -> list[ReviewLine]:
    """The whole review, from what is known first to the drills."""
    lines = [
        *_text(document.title, width, "-strong", head="top"),
        *_text(document.subtitle, width, "-dim"),
        *_cell_lines(document.state, width, "state", document.title),
        ReviewLine([]),
    ]
    for index, each in enumerate(document.verdicts):
        lines += _cell_lines(each, width, f"verdict {index}", document.title, mark="* ")
    lines.append(ReviewLine([]))
    lines += _figures(document, width)
    for section in document.sections:
        lines += _section(section, width)
    return lines


def _role(tone: str) -> str:
    return f"-{tone}" if tone else ""


def _text(text: str, width: int, role: str, head: str = "") -> list[ReviewLine]:
    found = [ReviewLine([(f" {line}", role)]) for line in wrapped(text, max(10, width - 2))]
    return [found[0]._replace(head=head), *found[1:]] if found else []


def _cell_lines(cell: Cell, width: int, key: str, about: str, mark: str = "") -> list[ReviewLine]:
    """The cell on as many lines as it needs; the first is the one that can be selected."""
    texts = wrapped(cell.text, max(10, width - len(mark) - 2)) or [""]
    lines = [
        ReviewLine([(f" {mark if at == 0 else ' ' * len(mark)}{text}", _role(cell.tone))])
        for at, text in enumerate(texts)
    ]
    first = lines[0]._replace(key=key if cell.seqs else "", seqs=cell.seqs, about=f"{about}: {cell.text}")
    return [first, *lines[1:]]


def _figures(document: HandoffDocument, width: int) -> list[ReviewLine]:
    label = max(cell_len(each.label) for each in document.figures) + 2
    value = max(cell_len(document.labels[0]), *(cell_len(each.now.text) for each in document.figures)) + 2
    # On a wide screen two figures stand side by side: all of them are seen at once.
    pairs = 2 if width >= 2 * (label + 2 * value + 6) else 1
    head: list[Run] = []
    for _n in range(pairs):
        head += [
            (" " + " " * label, ""),
            (fit(document.labels[0], value), "-dim"),
            (fit(document.labels[1], value + 4), "-dim"),
        ]
    lines = [ReviewLine(head)]
    step = -(-len(document.figures) // pairs)
    for index in range(step):
        row = [document.figures[at] for at in range(index, len(document.figures), step)]
        runs: list[Run] = []
        for figure in row:
            runs += _figure(figure, label, value)
        seqs = tuple(dict.fromkeys(seq for figure in row for seq in (*figure.now.seqs, *figure.before.seqs)))
        about = ", ".join(figure.label for figure in row)
        lines.append(ReviewLine(runs, f"figure {index}" if seqs else "", seqs, about=about))
    return lines


def _figure(figure: Figure, label: int, value: int) -> list[Run]:
    return [
        (" " + fit(figure.label, label), ""),
        (fit(figure.now.text, value), _role(figure.now.tone) or "-strong"),
        (fit(figure.before.text, value + 4), "-dim"),
    ]


# -- sections


def _section(section: Section, width: int) -> list[ReviewLine]:
    title = f" {section.title} "
    lines = [
        ReviewLine([]),
        ReviewLine([(title, "-title"), (" " * max(0, width - cell_len(title)), "")], head=section.id),
    ]
    for index, each in enumerate(section.lead):
        lines += _cell_lines(each, width, f"{section.id} lead {index}", section.title)
    if not section.rows:
        return [*lines, *_text(section.empty, width, "-dim")] if section.empty else lines
    shown = [index for index, column in enumerate(section.columns) if _is_column(column, width)]
    below = [index for index, column in enumerate(section.columns) if column.below and index not in shown]
    widths = _widths(section, shown, width)
    titles = (_aligned(section.columns[index], section.columns[index].title, widths[index]) for index in shown)
    head: list[Run] = [(" ", ""), *((f"{title}  ", "-dim") for title in titles)]
    lines.append(ReviewLine(head))
    for number, row in enumerate(section.rows):
        lines += _row(section, row, number, shown, below, widths, width)
    return lines


def _is_column(column: Column, width: int) -> bool:
    return width >= (max(column.wide, _WIDE) if column.below else column.wide)


def _widths(section: Section, shown: Sequence[int], width: int) -> dict[int, int]:
    """Of each column that is shown: what its widest cell needs, and the rest for the one that takes it."""
    natural = {
        index: max(cell_len(section.columns[index].title), *(cell_len(row.cells[index].text) for row in section.rows))
        for index in shown
    }
    flexible = [index for index in shown if section.columns[index].flex or section.columns[index].below]
    fixed = sum(natural[index] + 2 for index in shown if index not in flexible)
    left = max(0, width - 1 - fixed - 2 * len(flexible))
    for position, index in enumerate(flexible):
        share = left // (len(flexible) - position)
        natural[index] = min(natural[index], max(_LEAST, share))
        left = max(0, left - natural[index])
    over = sum(natural[index] + 2 for index in shown) + 1 - width
    while over > 0:
        widest = max(shown, key=lambda index: natural[index])
        if natural[widest] <= 6:
            break
        cut = min(over, max(1, natural[widest] // 4))
        natural[widest] -= cut
        over -= cut
    return natural


def _aligned(column: Column, text: str, width: int) -> str:
    return fit(text, width, "right" if column.number else "left")


def _row(
    section: Section,
    row: Row,
    number: int,
    shown: Sequence[int],
    below: Sequence[int],
    widths: dict[int, int],
    width: int,
) -> list[ReviewLine]:
    key = f"{section.id} {number}"
    runs: list[Run] = [(" ", "")]
    rest: list[ReviewLine] = []
    at_column = 1
    for index in shown:
        cell, text = row.cells[index], row.cells[index].text
        column = section.columns[index]
        if (column.flex or column.below) and cell_len(text) > widths[index]:
            parts = wrapped(text, widths[index])
            text = parts[0]
            for at, part in enumerate(parts[1:_MOST_LINES]):
                if at == len(rest):
                    rest.append(ReviewLine([]))
                so_far = sum(cell_len(said) for said, _tone in rest[at].runs)
                rest[at].runs.extend([(" " * (at_column - so_far), ""), (part, _role(cell.tone))])
        runs.append((_aligned(section.columns[index], text, widths[index]) + "  ", _role(cell.tone)))
        at_column += widths[index] + 2
    first = next((cell.text for cell in row.cells if cell.seqs), row.cells[0].text)
    lines = [ReviewLine(runs, key, row.seqs, row.incident, f"{section.title}: {first}"), *rest]
    for index in below:
        cell = row.cells[index]
        if cell.text in ("-", ""):
            continue
        label = f"     {section.columns[index].title}: "
        under = wrapped(cell.text, max(10, width - cell_len(label) - 1))
        for at, line in enumerate(under[:_MOST_LINES]):
            lead = label if at == 0 else " " * cell_len(label)
            lines.append(ReviewLine([(lead, "-dim"), (line, _role(cell.tone))]))
    return lines


def selectable(lines: Sequence[ReviewLine]) -> list[int]:
    """The indices of the lines that can be selected."""
    return [index for index, line in enumerate(lines) if line.key]
