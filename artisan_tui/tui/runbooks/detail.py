"""What the selected step does: its resolved act and undo in full, what has to hold, and the last that it printed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

from rich.cells import cell_len

from artisan_tui.domain.runbooks.undo import undo_way
from artisan_tui.domain.span import span_text
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.runbooks.words import undo_text, what_text
from artisan_tui.tui.cells import Run, wrapped
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.lines import Lines

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.definition import Runbook
    from artisan_tui.domain.runbooks.run import Run as RunbookRun
    from artisan_tui.domain.runbooks.run import StepRun

#: Lines of the output that are kept on the screen.
MOST_OUTPUT = 500
Row = list[Run]


class StepShown(NamedTuple):
    """``act`` and ``undo`` are resolved, "" before they were. ``output`` None: it is not on this machine."""

    run: RunbookRun
    definition: Runbook | None
    step: str
    part: str
    act: str = ""
    undo: str = ""
    output: str | None = ""


def step_lines(shown: StepShown, glyphs: Glyphs, width: int) -> Iterator[Row]:
    """In lines of at most ``width`` cells."""
    run = shown.run
    state = run.step(shown.step)
    defined = None if shown.definition is None else shown.definition.step(shown.step)
    before = state.state in ("pending", "awaiting", "checking") and shown.part == "do"
    if shown.part == "do":
        if shown.act:
            yield from _block(_tense(state, before), shown.act, width, "-strong")
        elif defined is not None:
            said = what_text(defined.action)
            yield from _block(_("as defined"), said, width, "")
            if before:
                yield from _block("", _("its values are filled in when its turn comes, before it runs"), width, "-dim")
    if defined is not None and defined.mutates and run.mode != "dry":
        if shown.undo:
            yield from _block(_("undo"), shown.undo, width, "-accent")
        elif undo_way(defined) == "barrier":
            yield from _block(_("undo"), _("IRREVERSIBLE: nothing can undo it"), width, "-bad")
        else:
            yield from _block(_("undo"), undo_text(defined), width, "-accent")
    elif defined is not None and shown.part == "do" and run.mode != "dry":
        yield from _block(_("undo"), _("it changes nothing"), width, "-dim")
    if defined is not None:
        yield from _conditions(shown, glyphs, width)
    if state.why and shown.part == "do":
        yield from _block(_("why"), read_back(state.why), width, "-warn")
    if state.captures and shown.part == "do":
        said = ", ".join(f"{name} = {value}" for name, value in state.captures.items())
        yield from _block(_("captured"), said, width, "")
    if shown.output is None:
        yield from _block(_("output"), _("it is on the machine that carries the run out"), width, "-dim")
    elif shown.output.strip():
        yield [(" " + _("output"), "-dim")]
        for line in shown.output.rstrip().splitlines()[-MOST_OUTPUT:]:
            for piece in wrapped(printable(line, 2000), max(8, width - 2)):
                yield [("  " + piece, "")]


def _tense(state: StepRun, before: bool) -> str:
    """An act that was shown and then skipped, refused or aborted before it began is not said to have run."""
    if before:
        return _("will run")
    if not state.over:
        return _("runs")
    return _("ran") if state.tries.get("do") else _("did not run")


def _conditions(shown: StepShown, glyphs: Glyphs, width: int) -> Iterator[Row]:
    """What has to hold before, of the act itself, and after it; with a mark as it is met."""
    defined = shown.definition.step(shown.step) if shown.definition is not None else None
    if defined is None:
        return
    state = shown.run.step(shown.step)
    if shown.part == "undo":
        verify = None if defined.rollback is None else defined.rollback.verify
        conditions = () if verify is None else verify.action.expect
        met = state.undo_state == "done"
        failed = state.undo_state == "failed"
        running = state.undo_state == "verifying"
        yield from _held(_("undone when"), conditions, met, failed, running, glyphs, width)
        return
    for number, pre in enumerate(defined.pre):
        met = number < state.met or state.attempt > 0
        yield from _held(_("before"), pre.expect, met, state.state == "failed" and not met, False, glyphs, width)
    acted = state.state in ("verifying", "succeeded")
    failed = state.state in ("failed", "timed_out")
    yield from _held(
        _("expects"), defined.action.expect, acted, failed and not state.tries.get("verify"), False, glyphs, width
    )
    if defined.verify is not None:
        verify = defined.verify
        label = _("verified within {time}").format(time=span_text(verify.within))
        if verify.stable_for:
            label += ", " + _("for {time}").format(time=span_text(verify.stable_for))
        done = state.state == "succeeded"
        missed = failed and bool(state.tries.get("verify"))
        yield from _held(label, verify.action.expect, done, missed, state.state == "verifying", glyphs, width)


def _held(
    label: str, conditions: Sequence[str], met: bool, failed: bool, running: bool, glyphs: Glyphs, width: int
) -> Iterator[Row]:
    mark = (
        glyphs.states[State.UP] if met else glyphs.states[State.DOWN] if failed else glyphs.cursor if running else "-"
    )
    role = "-good" if met else "-bad" if failed else "-accent" if running else "-dim"
    if conditions:
        text = "; ".join(printable(each, 300) for each in conditions)
        for at, line in enumerate(wrapped(f"{label}: {text}", max(8, width - 3))):
            yield [(f" {mark} " if at == 0 else "   ", role), (line, "")]


def _block(label: str, text: str, width: int, role: str) -> Iterator[Row]:
    """A label and the whole text: beside it where it fits, else below it, wrapped."""
    lines = printable(text, 8000, lines=True).strip().splitlines() or [""]
    head = f" {label}: " if label else "   "
    if len(lines) == 1 and cell_len(head) + cell_len(lines[0]) <= width:
        yield [(head, "-dim"), (lines[0], role)]
        return
    if label:
        yield [(head.rstrip(), "-dim")]
    for line in lines:
        for piece in wrapped(line, max(8, width - 3)):
            yield [("   ", ""), (piece, role)]


class StepDetail(Lines):
    """Follows the output: new lines are shown while its end is in view."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="step-detail")
        self._glyphs = glyphs
        self._shown: StepShown | None = None
        self._note = ""

    def show_step(self, shown: StepShown | None, note: str = "") -> None:
        before = self._shown
        if shown == before and note == self._note:
            return
        other = before is None or shown is None or (before.step, before.part) != (shown.step, shown.part)
        at_end = not other and self.scroll_offset.y > 0 and self.scroll_offset.y >= self.max_scroll_y
        grew = not other and shown is not None and before is not None and shown.output != before.output
        self._shown, self._note = shown, note
        if other:
            self.scroll_to(y=0, animate=False, immediate=True)
        self.redraw()
        if at_end or (grew and not self.has_focus):
            self.scroll_to(y=self.max_scroll_y, animate=False, immediate=True)
            self.redraw()

    @property
    def text(self) -> str:
        """For copying: the act that is shown."""
        return "" if self._shown is None else self._shown.act

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if self._shown is None:
            return [[(" " + self._note, "-dim")]] if self._note else []
        return list(step_lines(self._shown, self._glyphs, width))
