"""Text measured in terminal cells; Korean takes two a letter."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from unicodedata import normalize

from rich.cells import cell_len, chop_cells, set_cell_size, split_graphemes
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from artisan_tui.domain.text.printable import printable

#: A run of text and its role: see styles.py.
Run = tuple[str, str]


def fit(text: str, width: int, align: str = "left") -> str:
    """``text`` in exactly ``width`` cells, cut with an ellipsis, never in the middle of a letter."""
    if width <= 0:
        return ""
    size = cell_len(text)
    if size > width:
        return set_cell_size(set_cell_size(text, width - 1).rstrip(" ") + "…", width)
    return " " * (width - size) + text if align == "right" else text + " " * (width - size)


def fitted(runs: Sequence[Run], width: int) -> list[Run]:
    """Runs in at most ``width`` cells; what is cut ends in an ellipsis."""
    kept: list[Run] = []
    left = width
    for text, role in runs:
        size = cell_len(text)
        if size > left:
            return [*kept, (fit(text, left), role)]
        kept.append((text, role))
        left -= size
    return kept


def fit_apart(texts: Mapping[str, str], width: int) -> dict[str, str]:
    """Each text cut to ``width`` cells, so that those which differ only beyond the cut can be told apart.

    They lose their middle instead of their end.
    """
    cut = {key: fit(text, width).rstrip() for key, text in texts.items()}
    seen: dict[str, set[str]] = {}
    for key, text in texts.items():
        seen.setdefault(cut[key], set()).add(text)
    for key, text in texts.items():
        if len(seen[cut[key]]) > 1 and cell_len(text) > width > 4:
            tail = (width - 1) // 2
            end = text
            while cell_len(end) > tail:
                end = end[1:]
            cut[key] = fit(text, width - cell_len(end)).rstrip() + end
    return cut


def to_strip(runs: Iterable[Run], width: int, styles: Mapping[str, Style], base: str) -> Strip:
    """Runs as one line of exactly ``width`` cells over the style of ``base``."""
    ground = styles[base]
    # Composed: a mark that is a letter of its own gets lost where Textual cuts between the two.
    segments = [
        Segment(normalize("NFC", _plain(text)), ground + styles[role] if role else ground)
        for text, role in runs
        if text
    ]
    return Strip(segments).adjust_cell_length(width, ground).simplify()


def _plain(text: str) -> str:
    """The last guard before the terminal: control characters that nobody removed before are removed here."""
    return text if text.isprintable() else printable(text, len(text))


#: Equal cells between two changes that are cheaper to send again than to jump over.
_GAP = 8


def differing(old: Strip, new: Strip) -> list[tuple[int, int]]:
    """(first cell, number of cells) of each stretch in which two lines differ; empty when they are the same."""
    if old == new:
        return []
    before, after = _cells(old), _cells(new)
    if len(before) != len(after):
        return [(0, max(len(before), len(after)))]
    spans: list[tuple[int, int]] = []
    for at, (was, now) in enumerate(zip(before, after, strict=True)):
        if was == now:
            continue
        if spans and at - sum(spans[-1]) <= _GAP:
            spans[-1] = (spans[-1][0], at + 1 - spans[-1][0])
        else:
            spans.append((at, 1))
    return spans


def _cells(strip: Strip) -> list[tuple[str, int, Style | None]]:
    """What is in each cell: a letter with all its marks, and which of its halves this is.

    With the half in it, a wide letter moved by one cell differs in both, and is never sent in part.
    """
    cells: list[tuple[str, int, Style | None]] = []
    for text, style, _control in strip:
        if text.isascii():
            cells += [(letter, 0, style) for letter in text]
            continue
        for start, end, size in split_graphemes(text)[0]:
            letter = text[start:end]
            if size == 0 and cells:  # a mark with nothing before it in its run sits on the run before
                before, half, below = cells[-1]
                cells[-1] = (before + letter, half, below)
            cells += [(letter, half, style) for half in range(size)]
    return cells


def widest(texts: Sequence[str], least: int, most: int) -> int:
    return max(least, min(most, max((cell_len(text) for text in texts), default=least)))


def wrapped(text: str, width: int) -> list[str]:
    """``text`` in lines of at most ``width`` cells, broken between words where there are any."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        joined = f"{line} {word}" if line else word
        if cell_len(joined) <= width:
            line = joined
            continue
        if line:
            lines.append(line)
        pieces = chop_cells(word, max(2, width))
        lines += pieces[:-1]
        line = pieces[-1] if pieces else ""
    return [*lines, line] if line or not lines else lines
