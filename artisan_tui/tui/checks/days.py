"""Uptime by day as a bar: one cell a day, or some days a cell where the line is short."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len

from artisan_tui.i18n import _, ngettext
from artisan_tui.tui.cells import Run, fit
from artisan_tui.tui.checks.curve import joined
from artisan_tui.tui.glyphs import Glyphs

Row = list[Run]
Days = Sequence[float | None]
#: The share of a day from which it is nearly all.
NEARLY = 0.99
_ROLES = ("-good", "-warn", "-bad", "-dim")


def level_of(share: float | None) -> int:
    """0 all of it, 1 nearly, 2 less, 3 nothing known."""
    if share is None:
        return 3
    return 0 if share >= 1.0 else 1 if share >= NEARLY else 2


def worst_days(days: Sequence[Days]) -> tuple[float | None, ...]:
    """Of several checks the worst of each day, the last day of all being the same."""
    longest = max((len(each) for each in days), default=0)
    padded = [(*[None] * (longest - len(each)), *each) for each in days]
    return tuple(
        min((share for share in column if share is not None), default=None) for column in zip(*padded, strict=True)
    )


def day_rows(days: Days, width: int, glyphs: Glyphs, *, whole: str = "") -> list[Row]:
    """Title, bar, its ends and what the signs mean. ``whole`` says whose worst check each day is."""
    head: Row = [(" " + _("Uptime by day"), "-strong")]
    if not any(share is not None for share in days):
        return [head, [("   " + _("no data stored yet"), "-dim")]]
    room = max(10, width - 4)
    size = -(-len(days) // room)
    # Whole groups end with today.
    first = len(days) % size
    groups = [days[:first]] * bool(first) + [days[at : at + size] for at in range(first, len(days), size)]
    levels = [level_of(min((share for share in group if share is not None), default=None)) for group in groups]
    notes = [ngettext("{n} day", "{n} days", len(days)).format(n=len(days))]
    if size > 1:
        notes.append(_("{n} days a sign").format(n=size))
    said = "  " + ", ".join(notes)
    more = f"{said}, {whole or (_('the worst of them') if size > 1 else '')}".rstrip(", ")
    head.append((more if cell_len(head[0][0]) + cell_len(more) <= width else said, "-dim"))
    meaning = ("100 %", _("from 99 %"), _("less"), _("no data"))
    legend: Row = [("   ", "")]
    for sign, role, text in zip(glyphs.days, _ROLES, meaning, strict=True):
        legend += [(sign, role), (f" {text}   ", "-dim")]
    left, right = _("{n} d ago").format(n=len(days) - 1), _("today")
    ends = left + fit(right, max(0, len(groups) - len(left)), "right")
    bar: Row = [("   ", ""), *joined([glyphs.days[level] for level in levels], [_ROLES[level] for level in levels])]
    return [head, bar, [("   " + ends, "-dim")], legend]
