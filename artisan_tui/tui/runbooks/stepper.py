"""One run, step by step: what is next in full before it runs, what it prints, and the buttons that answer it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.geometry import Size

from artisan_tui.domain.runbooks.children import ancestors
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.runbooks.owner import owner_label
from artisan_tui.engine.runbooks.slice import ActiveRun, RunSlice
from artisan_tui.engine.runbooks.watching import AttemptOutput, WatchedRun
from artisan_tui.i18n import N_, _
from artisan_tui.reports.runbooks.words import title
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.runbooks.buttons import Buttons
from artisan_tui.tui.runbooks.detail import StepDetail, StepShown
from artisan_tui.tui.runbooks.head import RunHead, head_rows
from artisan_tui.tui.runbooks.place import RUN
from artisan_tui.tui.runbooks.pressing import PressedScreen
from artisan_tui.tui.runbooks.rows import run_line
from artisan_tui.tui.runbooks.screen import RUNBOOKS_CSS
from artisan_tui.tui.runbooks.steps import Place, StepList
from artisan_tui.tui.runbooks.waiting import waiting_words

if TYPE_CHECKING:
    from textual.timer import Timer

    from artisan_tui.domain.runbooks.run import Run
    from artisan_tui.engine.snapshot import Snapshot

#: Seconds between two looks at what a running attempt printed.
POLL = 0.5
#: From this size on the steps are beside what is selected, or get more lines.
BESIDE, TALL = 110, 36


class StepperScreen(PressedScreen):
    CSS_PATH = RUNBOOKS_CSS
    place = RUN

    def __init__(self, run_id: str) -> None:
        super().__init__(run_id)
        self._output: tuple[str, str | None] = ("", "")
        self._poll: Timer | None = None
        self._family: tuple[tuple[str, int], ...] = ()
        self._asking = False
        self._ask_again = False

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        yield Title("run-title", "", glyphs.rule)
        yield RunHead()
        with Panes():
            with Pane(classes="steps-pane"):
                yield StepList(glyphs)
            with Pane(classes="step-pane"):
                yield Title("step-title", N_("Step"), glyphs.rule)
                yield StepDetail(glyphs)
        yield Buttons()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(StepList).focus()
        self._refresh_record()

    def take_size(self, size: Size) -> None:
        super().take_size(size)
        self.set_class(size.width >= BESIDE, "-beside")
        self.set_class(size.height >= TALL, "-tall")

    # -- reading ------------------------------------------------------------

    @property
    def _view(self) -> ActiveRun | None:
        snapshot = self.shell.snapshot
        active = () if snapshot is None else snapshot[RunSlice].active
        return next((each for each in active if each.id == self.run_id), None)

    @property
    def known_run(self) -> Run | None:
        """The newest that is known of it."""
        view, stored = self._view, self.stored
        if view is not None and (stored is None or view.run.version >= stored.record.run.version):
            return view.run
        return None if stored is None else stored.record.run

    def newest(self, run_id: str) -> Run | None:
        snapshot = self.shell.snapshot
        active = () if snapshot is None else snapshot[RunSlice].active
        return next((each.run for each in active if each.id == run_id), None)

    def _family_changed(self) -> bool:
        """Whether a run within this one changed since it was asked for last."""
        snapshot, before = self.shell.snapshot, self._family
        active = () if snapshot is None else snapshot[RunSlice].active
        below = (each.run for each in active if self.run_id in ancestors(each.id))
        self._family = tuple((each.id, each.version) for each in below)
        return self._family != before

    def _refresh_record(self) -> None:
        """Ask the store for what is asked and what was selected; one question at a time, the last of them counts."""
        if self._asking:
            self._ask_again = True
            return
        self._asking = True
        self.run_worker(self._ask, group="run", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _ask(self) -> None:
        try:
            while True:
                self._ask_again = False
                try:
                    self.stored = await self.shell.ask(WatchedRun(self.run_id, self.query_one(StepList).selected[0]))
                    self.problem = ""
                except LookupError as error:
                    self.problem = printable(str(error.args[0]) if error.args else "", 200)
                if not self._ask_again:
                    break
        finally:
            self._asking = False
        self._draw()
        await self._read_output()

    async def _read_output(self) -> None:
        """The last that the selected step printed; it is read off the screen's loop."""
        name = self._attempt
        if not name:
            found: str | None = ""
        else:
            try:
                found = await self.shell.ask(AttemptOutput(self.run_id, name))
            except LookupError:
                found = None
        if name == self._attempt:
            self._output = (name, found)
            self._draw_step()
        self._wind()

    @property
    def _attempt(self) -> str:
        """The attempt whose output is shown, "" for none."""
        run, (step, part) = self.known_run, self.query_one(StepList).selected
        if run is None or not step:
            return ""
        if run.current is not None and run.current.step == step:
            return run.current.name
        try:
            tries = run.step(step).tries
        except KeyError:
            return ""
        order = ("undo_verify", "undo") if part == "undo" else ("do", "verify", "pre")
        return next((f"{step}.{tries[each]}.{each}" for each in order if tries.get(each)), "")

    def _wind(self) -> None:
        """Look again while something runs that is selected; a run that waits costs nothing."""
        run = self.known_run
        busy = run is not None and run.current is not None and self.is_current
        if busy and self._poll is None:
            self._poll = self.set_interval(POLL, self._polled)
        elif not busy and self._poll is not None:
            self._poll.stop()
            self._poll = None

    def _polled(self) -> None:
        self._draw_head()
        self.run_worker(self._read_output, exclusive=True, group="output", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    # -- showing ------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None or not (everything or self.shown.changed(snapshot, RunSlice)):
            return
        self.shown.drew(snapshot)
        view, stored = self._view, self.stored
        fresh = stored is not None and view is not None and stored.record.run.version == view.run.version
        fresh = not self._family_changed() and fresh
        if self.ready and not fresh and not (view is None and stored is not None and stored.record.run.over):
            self._refresh_record()
        self._draw()

    def _draw(self) -> None:
        run = self.known_run
        left = [(f"{printable(self.run_id, 40)} ", "-accent")]
        if run is None:
            self.query_one("#run-title", Title).show([], left)
            self.query_one(StepDetail).show_step(None, self.problem or _("reading the run"))
            return
        known = title(self.stored.record.definition) if self.stored is not None else printable(run.title, 200)
        left.append(((known or printable(run.runbook, 200)) + " ", "-strong"))
        done = sum(1 for each in run.steps if each.passed)
        self.query_one("#run-title", Title).show([(f"{done}/{len(run.steps)}", "-dim")], left)
        self._draw_head()
        before = self.query_one(StepList).selected
        definition = None if self.stored is None else self.stored.record.definition
        self.query_one(StepList).show_run(run, definition, at_work(run), self.now)
        if self.query_one(StepList).selected != before:
            self._refresh_record()
        self._draw_buttons()
        self._draw_step()
        self._wind()

    @property
    def orphaned(self) -> bool:
        view = self._view
        return view.orphaned if view is not None else self.stored is not None and self.stored.record.orphaned

    def _draw_head(self) -> None:
        run = self.known_run
        if run is not None:
            owner = owner_label(run.owner)
            clocks = () if self.stored is None else self.stored.record.clocks
            rows = head_rows(run, self._view, owner, self.orphaned and not run.over, self.zone, self.now, clocks)
            child = self.asking
            if child is not None and not self.orphaned:
                said = f" {printable(child.run.title or child.run.runbook, 80)}: {waiting_words(child.run)}"
                rows[1] = [(said, "-warn")]
            self.query_one(RunHead).show_rows(rows)

    def _draw_buttons(self) -> None:
        keys = {each.id: each.shown_key for each in self.shell.actions_at(self.place.id)}
        self.query_one(Buttons).show_buttons(self.buttons, keys)

    def _draw_step(self) -> None:
        run, stored, (step, part) = self.known_run, self.stored, self.query_one(StepList).selected
        if run is None or not step:
            return
        current = stored is not None and stored.step == step and stored.record.run.version == run.version
        act, undo = (stored.act, stored.undo) if current and stored is not None else ("", "")
        child = self.asking
        if child is not None and child.run.asked is not None and step == at_work(run)[0]:
            said = _("{step} of {run} will run: {act}")
            act, undo = said.format(step=child.run.asked.step, run=child.run.id, act=child.act), child.undo
        elif part == "undo" and stored is not None:
            act = ""
            undo = next((each.act for each in stored.record.undos if each.step == step), undo)
        definition = None if stored is None else stored.record.definition
        name, output = self._output
        if name != self._attempt:
            output = ""
        tail = run.step(step).tail if output is None and part == "do" else ""
        shown = StepShown(run, definition, step, part, act, undo, tail or output)
        title = [(step + " ", "-accent"), ((_("undo") if part == "undo" else "") + " ", "-dim")]
        self.query_one("#step-title", Title).show([], title)
        self.query_one(StepDetail).show_step(shown)

    @on(StepList.Chosen)
    def _chosen(self) -> None:
        self._draw_step()
        self._refresh_record()

    # -- what is selected ---------------------------------------------------

    @property
    def selection(self) -> Mapping[str, str]:
        run = self.known_run
        if run is None:
            return {}
        # The version whose act is on the screen: a change behind it is refused by the engine.
        seen = run if self.stored is None else self.stored.record.run
        incident = {"incident": run.incident} if run.incident else {}
        return {"run": run.id, "seen": str(seen.version), **incident}

    def as_text(self) -> str:
        run = self.known_run
        detail = self.query_one(StepDetail)
        return detail.text if self.focused is detail and detail.text else run_line(run) if run is not None else ""


def at_work(run: Run) -> Place:
    """The step that is at work, asked about or next, and whether it is its undo."""
    back = run.rolling_back or run.rollback_state == "failed"
    if run.current is not None:
        return run.current.step, "do" if run.current.forward or not back else "undo"
    if run.unknown is not None:
        return run.unknown.step, "do" if run.unknown.forward else "undo"
    if back:
        undo = run.next_undo
        return ("", "") if undo is None else (undo.id, "undo")
    at = run.position
    return ("", "") if at is None else (at.id, "do")
