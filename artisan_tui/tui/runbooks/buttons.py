"""The buttons of a run: which there are, which can be pressed now, and what each is called. Pure but for the widget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len
from textual import events
from textual.containers import Horizontal
from textual.message import Message

from artisan_tui.i18n import N_, _
from artisan_tui.tui.cells import Run
from artisan_tui.tui.kit.lines import Lines

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.run import Run as RunbookRun


class Button(NamedTuple):
    """``act`` names `StepperScreen.press_<act>`. ``ready``: it does something now. ``first``: what is expected next."""

    act: str
    title: str
    ready: bool
    first: bool = False


#: What the first button is called for each thing that is asked.
_GO = {
    "confirm": N_("Run step"),
    "type": N_("Run step…"),
    "barrier": N_("Go on…"),
    "approval": N_("Approve"),
    "manual": N_("Done"),
    "undo": N_("Done"),
    "choice": N_("Choose…"),
}


def buttons_of(run: RunbookRun | None, *, orphaned: bool = False, undoable: bool = True) -> tuple[Button, ...]:
    """The five that are always there, and those that the moment adds. The engine decides once more what may be done.

    ``undoable``: something was changed that has an undo. A run that succeeded can be rolled back too.
    """
    if run is None:
        return ()
    asked = "" if run.asked is None else run.asked.what
    stuck = run.unknown is not None and run.current is None
    rolling, stopped = run.rolling_back, run.rollback_state == "failed"
    failed = run.state == "failed" and run.rollback_state in ("none", "offered")
    idle = run.current is None and run.unknown is None
    forward = not run.finished and run.state != "aborting"
    rollable = run.rollback_state in ("none", "offered", "declined")
    can_go_back = run.finished and rollable and undoable and run.mode != "dry"
    go = N_("Decide…") if stuck else N_("By hand…") if stopped else _GO.get(asked, N_("Run step"))
    found = [
        Button("go", go, bool(asked) or stuck or stopped, bool(asked) or stuck),
        Button(
            "skip", N_("Skip"), stopped or (idle and not rolling and (forward or failed) and run.position is not None)
        ),
        Button("retry", N_("Retry"), (stopped or failed) and idle, stopped),
        Button("back", N_("Roll back"), can_go_back, run.rollback_state == "offered"),
        Button(
            "abort",
            N_("Kill") if run.abort_presses and not run.finished else N_("Abort"),
            not run.finished,
            run.abort_presses > 0 and not run.finished,
        ),
    ]
    if orphaned and not run.over:
        found.append(Button("adopt", N_("Adopt"), True, True))
    if asked in ("approval", "manual", "undo"):
        found.append(Button("no", N_("Deny") if asked == "approval" else N_("Failed"), True))
    if run.rollback_state == "offered" or stopped:
        found.append(Button("leave", N_("Leave it"), True))
    return tuple(found)


class RunButton(Lines):
    """One button: its key and its word. Focus and a click press it as its key does."""

    GROUND = "-surface"

    class Pressed(Message):
        """``act`` as in `Button`."""

        def __init__(self, act: str) -> None:
            super().__init__()
            self.act = act

    def __init__(self, button: Button, key: str) -> None:
        super().__init__(id=f"press-{button.act}")
        self.button, self._key = button, key

    def show_button(self, button: Button, key: str) -> None:
        self.button, self._key = button, key
        width = sum(cell_len(text) for text, _role in self._runs())
        if self.styles.width is None or self.styles.width.value != width:
            self.styles.width = width
        self.redraw()

    def _runs(self) -> list[Run]:
        button = self.button
        role = "-dim" if not button.ready else "-accent" if button.first else "-strong"
        return [("[", role), (f"{self._key} {_(button.title)}", role), ("]", role)]

    def cursor_line(self) -> int | None:
        return 0 if self.has_focus else None

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        return [self._runs()]

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Pressed(self.button.act))


class Buttons(Horizontal):
    """All buttons of a run in a line. One that comes or goes moves none of the five on its left."""

    def show_buttons(self, buttons: Sequence[Button], keys: dict[str, str]) -> None:
        there = {each.button.act: each for each in self.query(RunButton)}
        for button in buttons:
            key = keys.get(f"run.{button.act}", "?")
            known = there.pop(button.act, None)
            if known is None:
                known = RunButton(button, key)
                self.mount(known)
            known.show_button(button, key)
            known.display = True
        for gone in there.values():
            if gone.has_focus:
                self.screen.focus_next()
            gone.display = False
