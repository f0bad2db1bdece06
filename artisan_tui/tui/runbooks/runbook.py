"""One runbook: why it is suggested, its parameters, and each step with its undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from textual.app import ComposeResult

from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.engine.runbooks.watching import Catalogue
from artisan_tui.i18n import _
from artisan_tui.reports.runbooks.words import title
from artisan_tui.tui.cells import Run
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.screen import ArtisanScreen
from artisan_tui.tui.runbooks.about import runbook_lines
from artisan_tui.tui.runbooks.place import RUNBOOK

if TYPE_CHECKING:
    from artisan_tui.domain.runbooks.definition import Runbook
    from artisan_tui.domain.runbooks.verifications import Verified
    from artisan_tui.engine.runbooks.slice import SuggestedRun
    from artisan_tui.engine.snapshot import Snapshot


class RunbookLines(Lines):
    def __init__(self) -> None:
        super().__init__(id="runbook-lines")
        self._runbook: Runbook | None = None
        self._suggested: tuple[SuggestedRun, ...] = ()
        self._problem = ""
        self._verified: Verified | None = None

    def show_runbook(
        self,
        runbook: Runbook | None,
        suggested: tuple[SuggestedRun, ...],
        problem: str = "",
        verified: Verified | None = None,
    ) -> None:
        self._runbook, self._suggested, self._problem, self._verified = runbook, suggested, problem, verified
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if self._runbook is None:
            return [[(" " + self._problem, "-dim")]] if self._problem else []
        return list(runbook_lines(self._runbook, self._suggested, width, self._verified))


class RunbookScreen(ArtisanScreen):
    place = RUNBOOK

    def __init__(self, runbook_id: str) -> None:
        super().__init__()
        self._runbook_id = runbook_id
        self._runbook: Runbook | None = None
        self._verified: Verified | None = None
        self._problem = ""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Notices()
        with Panes(), Pane():
            yield Title("runbook-title", "", self.shell.glyphs.rule)
            yield RunbookLines()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(RunbookLines).focus()
        self.run_worker(self._ask, group="runbook", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _ask(self) -> None:
        try:
            found = await self.shell.ask(Catalogue())
            entry = next((each for each in found if each.runbook.id == self._runbook_id), None)
            self._runbook, self._verified = (None, None) if entry is None else (entry.runbook, entry.verified)
            self._problem = (
                "" if self._runbook is not None else _("there is no runbook {id}").format(id=self._runbook_id)
            )
        except LookupError as error:
            self._problem = str(error.args[0]) if error.args else ""
        self.show_snapshot(self.shell.snapshot, everything=True)

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None or not (everything or self.shown.changed(snapshot, RunSlice)):
            return
        self.shown.drew(snapshot)
        runbook = self._runbook
        left = [
            (title(runbook) if runbook is not None else self._runbook_id, "-strong"),
            (f"  {self._runbook_id} ", "-dim"),
        ]
        self.query_one("#runbook-title", Title).show([], left)
        suggested = tuple(each for each in snapshot[RunSlice].suggested if each.runbook == self._runbook_id)
        problem = self._problem or _("reading the runbooks")
        self.query_one(RunbookLines).show_runbook(runbook, suggested, problem, self._verified)

    @property
    def selection(self) -> Mapping[str, str]:
        return {"runbook": self._runbook_id}

    def as_text(self) -> str:
        return self._runbook_id
