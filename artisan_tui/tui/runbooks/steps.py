"""The steps of a run: state, title, attempts and time; below them the undos in the order of the rollback."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.strip import Strip

from artisan_tui.domain.runbooks.run import UNDONE
from artisan_tui.domain.span import span_text
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.runbooks.run_documents import unattended_text
from artisan_tui.reports.runbooks.runs import state_word
from artisan_tui.reports.runbooks.words import step_title
from artisan_tui.tui.cells import Run, fit, fitted, to_strip
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.runbooks.rows import STATE_ROLE
from artisan_tui.tui.runbooks.waiting import rollback_word

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.definition import Runbook
    from artisan_tui.domain.runbooks.run import Run as RunbookRun
    from artisan_tui.domain.runbooks.run import StepRun
    from artisan_tui.tui.styles import RoleStyles

_UNDO = {
    "pending": N_("to undo"),
    "awaiting": N_("awaiting"),
    "running": N_("undoing"),
    "verifying": N_("verifying"),
    "done": N_("undone"),
    "failed": N_("undo failed"),
    "unknown": N_("unknown"),
    "skipped": N_("left out"),
    "manual": N_("undone by hand"),
}
_UNDO_ROLE = {"done": "-good", "manual": "-good", "failed": "-bad", "unknown": "-unknown", "awaiting": "-warn"}
#: (step, "do" or "undo")
Place = tuple[str, str]


def undo_word(state: str) -> str:
    return _(_UNDO[state]) if state in _UNDO else printable(state, 20)


def mark_of(state: str, glyphs: Glyphs) -> str:
    if state in ("succeeded", "done", "manual"):
        return glyphs.states[State.UP]
    if state in ("failed", "timed_out", "cancelled"):
        return glyphs.states[State.DOWN]
    if state == "unknown":
        return glyphs.states[State.UNKNOWN]
    if state == "awaiting":
        return glyphs.states[State.DEGRADED]
    return glyphs.cursor if state in ("running", "checking", "verifying") else "-" if state in ("skipped",) else " "


def seconds_of(step: StepRun, now: datetime) -> str:
    if step.started_at is None:
        return ""
    if step.finished_at is None and not step.over:
        return span_text(max(0.0, (now - step.started_at).total_seconds() - step.unattended))
    return "" if step.seconds is None else span_text(step.seconds)


def step_runs(number: int, step: StepRun, titled: str, glyphs: Glyphs, width: int, now: datetime) -> list[Run]:
    role = STATE_ROLE.get(step.state, "-dim" if step.over or step.state == "pending" else "")
    words, took = state_word(step.state), seconds_of(step, now)
    again = f" x{step.attempt}" if step.attempt > 1 else ""
    why = f"  {read_back(step.why)}" if step.why else ""
    left = f"  {_('{n} processes left').format(n=step.survivors)}" if step.survivors else ""
    alone = f" {unattended_text(step.unattended)}" if step.unattended else ""
    room = max(16, width - 27)
    return [
        (f"{mark_of(step.state, glyphs)} ", role),
        (f"{number:>2} ", "-dim"),
        (fit(titled, room) + " ", "-strong" if not step.over and step.state != "pending" else ""),
        (fit(words + again, 12) + " ", role),
        (fit(took, 7), "-dim"),
        (left, "-warn"),
        (alone, "-dim"),
        (why, "-dim"),
    ]


class StepList(Lines):
    """The cursor follows what is at work until a key moves it; it follows again at the end of the list of keys."""

    class Chosen(Message):
        """Another step is selected."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="step-list")
        self._glyphs = glyphs
        self._run: RunbookRun | None = None
        self._definition: Runbook | None = None
        self._now: datetime | None = None
        self._selected: Place = ("", "")
        self._at: Place = ("", "")
        self._places: list[Place] = []

    def show_run(self, run: RunbookRun, definition: Runbook | None, at: Place, now: datetime) -> None:
        """``at`` is the step that is at work, asked about or next, forward or backward."""
        followed = self._selected in (self._at, ("", ""))
        self._run, self._definition, self._at, self._now = run, definition, at, now
        if followed and at != ("", ""):
            self._selected = at
        elif self._selected == ("", "") and run.steps:
            self._selected = (run.steps[-1].id, "do")
        self.redraw()
        line = self.cursor_line()
        if line is not None:
            self.keep_in_view(line)

    @property
    def selected(self) -> Place:
        """The step, and whether its act ("do") or its undo ("undo") is selected."""
        return self._selected

    def cursor_line(self) -> int | None:
        return self._places.index(self._selected) if self._selected in self._places else None

    def prepare(self, width: int) -> int:
        run = self._run
        self._places = []
        if run is not None and self._now is not None:
            self._places = [(each.id, "do") for each in run.steps]
            if run.undo:
                self._places += [("", "undo"), *((name, "undo") for name in run.undo)]
        return len(self._places)

    def strip_at(self, index: int, width: int, styles: RoleStyles, ground: str) -> Strip:
        return to_strip(self._row(index, width), width, styles, ground)

    def _row(self, index: int, width: int) -> list[Run]:
        """One line. A run may have hundreds; those that are scrolled out are not made."""
        run, now, (name, part) = self._run, self._now, self._places[index]
        assert run is not None
        assert now is not None
        if part == "do":
            step = run.steps[index]
            return fitted(step_runs(index + 1, step, self._title(name), self._glyphs, width, now), width)
        if not name:
            over = sum(1 for each in run.undo if run.step(each).undo_state in UNDONE)
            head = f" {_('Rollback')}  {over}/{len(run.undo)}  "
            return [(head, "-strong"), (rollback_word(run.rollback_state), "-accent")]
        state = run.step(name).undo_state
        return fitted(
            [
                (f"{mark_of(state, self._glyphs)} ", _UNDO_ROLE.get(state, "-accent")),
                ("   " + fit(self._title(name), max(16, width - 27)) + " ", ""),
                (undo_word(state), _UNDO_ROLE.get(state, "")),
            ],
            width,
        )

    def _title(self, step: str) -> str:
        defined = None if self._definition is None else self._definition.step(step)
        return step if defined is None else step_title(defined)

    def select(self, place: Place) -> None:
        self._selected = place
        self.redraw()
        line = self.cursor_line()
        if line is not None:
            self.keep_in_view(line)
        self.post_message(self.Chosen())

    def move(self, how: str) -> None:
        there = [each for each in self._places if each[0]]
        if there:
            at = there.index(self._selected) if self._selected in there else 0
            self.select(there[moved(how, at, len(there), self._page)])

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self._places) and self._places[line][0]:
            self.select(self._places[line])
