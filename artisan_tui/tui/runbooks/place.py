"""What runbooks have on the screen: the catalogue, one runbook, one run, and how their acts are started."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.i18n import N_
from artisan_tui.tui.kit.place import CommandStart, Place, Subject, ViewAction

if TYPE_CHECKING:
    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.tui.kit.shell import Shell

_HERE = "artisan_tui.tui.runbooks"


def any_runbook(snapshot: Snapshot) -> bool:
    """Whether there is one to start."""
    return bool(snapshot[RunSlice].definitions)


def any_run(snapshot: Snapshot) -> bool:
    return bool(snapshot[RunSlice].active)


def about(shell: Shell) -> str:
    return shell.selection.get("run", "")


def _press(name: str, key: str, title: str, help_: str, rank: int) -> ViewAction:
    return ViewAction(f"run.{name}", key, title, help_, f"press_{name.replace('-', '_')}", rank=rank)


RUNBOOKS = Place(
    "runbooks",
    "4",
    N_("Runbooks"),
    N_("runbooks"),
    f"{_HERE}.screen:RunbooksScreen",
    help=N_("Go to the runbooks and runs"),
    rank=14,
    selects=("runbook", "run"),
    available=any_runbook,
    actions=(
        ViewAction(
            "runbooks.open",
            "enter",
            N_("Open runbook or run"),
            N_("Show the selected runbook with its steps, or the selected run"),
            "open_selected",
            N_("open"),
            rank=7,
        ),
        ViewAction(
            "runbooks.filter",
            "slash",
            N_("Filter the runbooks"),
            N_("Show only runbooks and runs with these words; !word excludes"),
            "open_filter",
            N_("filter"),
            rank=18,
        ),
        ViewAction(
            "runbooks.history",
            "h",
            N_("Past runs"),
            N_("List the runs that are over, or the runbooks again"),
            "switch_history",
            N_("past runs"),
            rank=19,
        ),
    ),
)
RUNBOOK = Place(
    "runbook",
    "",
    N_("Runbook"),
    "",
    f"{_HERE}.runbook:RunbookScreen",
    selects=("runbook",),
)
RUN = Place(
    "run",
    "",
    N_("Run"),
    "",
    f"{_HERE}.stepper:StepperScreen",
    selects=("run",),
    actions=(
        ViewAction(
            "run.press",
            "enter",
            N_("Press"),
            N_("Press the button that has the focus; on a step, go to what it printed"),
            "press_focused",
        ),
        ViewAction(
            "run.next-pane",
            "tab",
            N_("Steps, output, buttons"),
            N_("Move between the steps, what they print, and the buttons"),
            "next_pane",
            N_("next pane"),
            rank=20,
        ),
        _press("go", "r", N_("Run step"), N_("Agree to what is asked: run the step, approve, or say that it was done"), 51),
        _press("skip", "s", N_("Skip"), N_("Leave the step out, with a reason"), 52),
        _press("retry", "e", N_("Retry"), N_("Run the failed step or undo again"), 53),
        _press("back", "U", N_("Roll back"), N_("Show every undo in order, then undo them"), 54),
        _press("abort", "X", N_("Abort"), N_("End the run; a second press kills what still runs"), 55),
        _press("adopt", "o", N_("Adopt"), N_("Carry the run out from here on, with a reason"), 56),
        _press("no", "d", N_("Say no"), N_("Deny the approval, or say that it failed"), 57),
        _press("leave", "l", N_("Leave it"), N_("Leave everything as it is: no rollback, or no more of it"), 58),
        ViewAction(
            "run.jump", "B", N_("Back to step"), N_("Go on from the selected earlier step, with a reason"), "jump"
        ),
    ),
)  # fmt: skip
PLACES = (RUNBOOKS, RUNBOOK, RUN)
FINDERS = (f"{_HERE}.finder:destinations",)
SUBJECTS = {
    "run": Subject(N_("no run is selected"), "runbooks", N_("no run is under way")),
    "runbook": Subject(N_("no runbook is selected"), "runbooks"),
}
THERE = {"run": any_run, "runbook": any_runbook}
DIALOG_KEYS = {"rollback.start": "enter"}


def _start(name: str, *asks: str) -> CommandStart:
    return CommandStart(f"runbook.{name}", about=about, asks=asks, confirm=True)


STARTS = (
    CommandStart("runbook.start", dialog=f"{_HERE}.starting:start_here"),
    CommandStart("runbook.confirm", dialog=f"{_HERE}.answering:go"),
    CommandStart("runbook.rollback", dialog=f"{_HERE}.answering:roll_back"),
    _start("answer", "outcome", "choice", "reason"),
    _start("skip", "reason"),
    _start("retry", "reason"),
    _start("jump", "step", "reason"),
    _start("abort", "reason"),
    _start("adopt", "reason"),
    _start("resume", "reason"),
    _start("approve"),
    _start("deny", "reason"),
    _start("decide-unknown", "outcome", "reason"),
    _start("break-lock", "resource", "typed", "reason"),
)
