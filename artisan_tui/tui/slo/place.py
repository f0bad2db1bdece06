"""What SLOs have on the screen: their place, and how the deployment override is started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.i18n import N_, _
from artisan_tui.tui.kit.place import CommandStart, Place, ViewAction

if TYPE_CHECKING:
    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.tui.kit.shell import Shell


def any_slo(snapshot: Snapshot) -> bool:
    """Whether an SLO is configured; while SLO data is loading that is likely."""
    return bool(snapshot[SloSlice].slo_statuses) or snapshot[SloSlice].reading


def blocking_slos(shell: Shell) -> str:
    """Which SLOs an override lets deployments pass."""
    gate = shell.snapshot[SloSlice].gate if shell.snapshot is not None else None
    if gate is None:
        return ""
    parts = []
    if gate.blocking:
        parts.append(_("exhausted: {names}").format(names=", ".join(gate.blocking)))
    if gate.unknown:
        parts.append(_("unknown: {names}").format(names=", ".join(gate.unknown)))
    return "; ".join(parts)


SLOS = Place(
    "slos",
    "2",
    N_("SLOs"),
    N_("slos"),
    "artisan_tui.tui.slo.screen:SloScreen",
    help=N_("Go to the SLOs and their error budgets"),
    rank=14,
    available=any_slo,
    actions=(
        ViewAction(
            "slos.minute",
            "enter",
            N_("Journal entries"),
            N_("Show the journal entries around the selected minute"),
            "open_minute",
            N_("journal"),
            rank=20,
        ),
        ViewAction(
            "slos.explain",
            "x",
            N_("Explain"),
            N_("Show the counts, the queries and the formulas behind the numbers"),
            "open_explanation",
            N_("explain"),
            rank=8,
        ),
        ViewAction(
            "slos.next-list",
            "tab",
            N_("Next list"),
            N_("Move between the SLO list, the details and the minutes"),
            "next_pane",
            N_("next list"),
            rank=18,
        ),
    ),
)
PLACES = (SLOS,)
FINDERS = ("artisan_tui.tui.slo.finder:destinations",)
STARTS = (CommandStart("slo.override", about=blocking_slos),)
