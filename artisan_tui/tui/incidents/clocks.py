"""The clocks of an incident as they are shown: minutes until the last minute, then seconds."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING

from rich.cells import cell_len

from artisan_tui.domain.span import minutes_text
from artisan_tui.i18n import _
from artisan_tui.tui.cells import Run, fit

if TYPE_CHECKING:
    from artisan_tui.engine.incidents.slice import OpenIncident

#: Seconds before a deadline from which it is counted in seconds, and from which it stands out.
LAST, SOON = 60.0, 300.0
#: Cells of one clock with its word: every clock has as many, so that nothing moves beside it.
CELLS = 10
_LARGER = re.compile(r"-?\d+[dhm]")


def left_text(due: datetime, now: datetime) -> str:
    """``14m``, ``42s`` in the last minute, ``-3m`` when it is over.

    Minutes are counted from the minute that the screen's clock shows, so that they change with it and not between.
    """
    left = (due - now).total_seconds()
    if 0 < left <= LAST:
        return f"{math.ceil(left)}s"
    minute = now.replace(second=0, microsecond=0)
    if left > 0:
        return minutes_text(max(LAST, (due - minute).total_seconds()))
    over = (minute - due).total_seconds()
    return "-" + (minutes_text(over) if over >= LAST else "0m")


def left_role(due: datetime, now: datetime) -> str:
    left = (due - now).total_seconds()
    return "-bad" if left <= LAST else "-warn" if left <= SOON else ""


def wakes_in(dues: Iterable[datetime | None], now: datetime) -> float | None:
    """Seconds until one of the clocks says something else before the next full minute does it anyway; None for never.

    Only the last minute of a clock needs this, so a screen without one has no timer.
    """
    found = None
    for due in dues:
        left = (due - now).total_seconds() if due is not None else 0.0
        if left <= 0:
            continue
        wait = left - LAST if left > LAST else left - (math.ceil(left) - 1)
        if wait < LAST and (found is None or wait < found):
            found = wait
    return found


def deadlines(view: OpenIncident) -> tuple[datetime | None, ...]:
    """Every moment that a clock of it counts down to."""
    return view.acknowledge_due, view.update_due, view.incident.snoozed_until, view.rung_due, view.lapses_at


def acknowledge_run(view: OpenIncident, now: datetime, cells: int = CELLS) -> Run:
    """``ack 14m`` while nobody has it, ``snz 2h`` while it is snoozed, empty when somebody has it."""
    snoozed = view.incident.snoozed_until
    if snoozed is not None:
        return clock_text(_("snz {left}"), left_text(snoozed, now), cells), "-dim"
    if view.acknowledge_due is None:
        return " " * cells, ""
    due = view.acknowledge_due
    return clock_text(_("ack {left}"), left_text(due, now), cells), left_role(due, now) or "-strong"


def update_run(view: OpenIncident, now: datetime, cells: int = CELLS) -> Run:
    """``upd 12m``: when others are to hear of it next."""
    if view.update_due is None:
        return " " * cells, ""
    return clock_text(_("upd {left}"), left_text(view.update_due, now), cells), left_role(view.update_due, now)


def clock_text(words: str, left: str, cells: int) -> str:
    """With the larger unit alone where both do not fit: a time that is cut off says something else."""
    said = words.format(left=left)
    if cell_len(said) > cells and (larger := _LARGER.match(left)):
        said = words.format(left=larger[0])
    return fit(said, cells)
