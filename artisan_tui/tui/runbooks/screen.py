"""The catalogue: runs under way on top, suggested runbooks first, and how each runbook fared."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.engine.runbooks.watching import Catalogue, RunsBefore
from artisan_tui.i18n import N_, _, ngettext
from artisan_tui.tui.cells import Run
from artisan_tui.tui.kit.bars import KeyBar, Notices, Title
from artisan_tui.tui.kit.filtered import FilteredScreen
from artisan_tui.tui.kit.header import Header
from artisan_tui.tui.kit.pane import Pane, Panes
from artisan_tui.tui.kit.prompt import FilterPrompt
from artisan_tui.tui.runbooks.list import Listed, RunbookList
from artisan_tui.tui.runbooks.place import RUNBOOKS
from artisan_tui.tui.runbooks.rows import run_line
from artisan_tui.tui.runbooks.runbook import RunbookLines
from artisan_tui.tui.runbooks.suggested import weighed
from artisan_tui.tui.runbooks.waiting import waits_for_person

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.domain.runbooks.summary import RunSummary
    from artisan_tui.engine.runbooks.slice import ActiveRun, SuggestedRun
    from artisan_tui.engine.runbooks.watching import CatalogueEntry
    from artisan_tui.engine.snapshot import Snapshot

RUNBOOKS_CSS = Path(__file__).with_name("runbooks.tcss")


class RunbooksScreen(FilteredScreen):
    CSS_PATH = RUNBOOKS_CSS
    place = RUNBOOKS

    def __init__(self) -> None:
        super().__init__()
        self._entries: tuple[CatalogueEntry, ...] = ()
        #: Runs that are over, while they are listed.
        self._past: tuple[RunSummary, ...] | None = None
        self._problem = ""
        self._read = False

    def compose(self) -> ComposeResult:
        glyphs = self.shell.glyphs
        yield Header()
        yield Notices()
        with Panes():
            with Pane(classes="list-pane"):
                yield Title("runbooks-title", N_("Runbooks"), glyphs.rule)
                yield RunbookList(glyphs)
            with Pane(classes="about-pane"):
                yield Title("about-title", "", glyphs.rule)
                yield RunbookLines()
        yield FilterPrompt()
        yield KeyBar()

    def on_mount(self) -> None:
        self.query_one(RunbookList).focus()

    def on_screen_resume(self) -> None:
        super().on_screen_resume()
        self._ask_again()

    # -- reading ------------------------------------------------------------

    def _ask_again(self) -> None:
        self.run_worker(self._ask, exclusive=True, group="catalogue", exit_on_error=False)  # type: ignore[arg-type]  # Textual types its result as Never

    async def _ask(self) -> None:
        try:
            if self._past is not None:
                self._past = await self.shell.ask(RunsBefore(limit=200))
            self._entries = await self.shell.ask(Catalogue())
            self._problem = ""
        except LookupError as error:
            self._problem = printable(str(error.args[0]) if error.args else "", 300)
        self._read = True
        self._draw()

    async def switch_history(self) -> None:
        """The runs that are over, or the runbooks again."""
        self._past = () if self._past is None else None
        self.query_one(RunbookList).start_anew()
        await self._ask()

    # -- showing ------------------------------------------------------------

    def show_snapshot(self, snapshot: Snapshot | None, *, everything: bool = False) -> None:
        super().show_snapshot(snapshot, everything=everything)
        if snapshot is None or not (everything or self.shown.changed(snapshot, RunSlice)):
            return
        if self.ready and self._read and self.shown.changed(snapshot, RunSlice):
            self._ask_again()  # a run ended, or a file changed
        self.shown.drew(snapshot)
        self._draw()

    def _draw(self) -> None:
        snapshot = self.shell.snapshot
        if snapshot is None:
            return
        runs = snapshot[RunSlice]
        suggested: dict[str, SuggestedRun] = {}
        for suggestion in weighed(runs.suggested, snapshot):
            suggested.setdefault(suggestion.runbook, suggestion)
        first = list(suggested)
        entries = [
            each for each in self._entries if self.allows(each.runbook.id, each.runbook.title, each.runbook.title_ko)
        ]
        # The heaviest suggestion first; the sort is stable, so all others are in the order of the file.
        entries.sort(key=lambda each: first.index(each.runbook.id) if each.runbook.id in suggested else len(first))
        active = [
            each
            for each in sorted(runs.active, key=lambda each: not waits_for_person(each))
            if self.allows(each.id, each.run.runbook, each.run.title, each.run.target, each.run.state)
        ]
        past = None
        if self._past is not None:
            past = [
                each
                for each in self._past
                if self.allows(each.id, each.runbook, each.target, each.state, each.incident)
            ]
        listed = Listed(active, entries, suggested, past, self._empty(bool(entries), past))
        self.query_one(RunbookList).show_listed(listed, self.zone, self.now)
        self.query_one("#runbooks-title", Title).show(self._counts(snapshot), self.filter_shown)
        self._draw_about()

    @on(RunbookList.Moved)
    def _draw_about(self) -> None:
        """What the selected runbook is, below the list: nobody has to open each to find the right one."""
        kind, chosen = self.query_one(RunbookList).selected
        view = self._active(chosen) if kind == "run" else None
        past = next((each.runbook for each in self._past or () if each.id == chosen), "")
        wanted = past if kind == "run" and view is None else chosen if view is None else view.run.runbook
        entry = next((each for each in self._entries if each.runbook.id == wanted), None)
        self.query_one("#about-title", Title).show([], [(f"{wanted} ", "-accent")] if wanted else [])
        snapshot = self.shell.snapshot
        runs = () if snapshot is None else weighed(snapshot[RunSlice].suggested, snapshot)
        suggested = tuple(each for each in runs if each.runbook == wanted)
        runbook, verified = (None, None) if entry is None else (entry.runbook, entry.verified)
        self.query_one(RunbookLines).show_runbook(runbook, suggested, verified=verified)

    def _empty(self, entries: bool, past: list[RunSummary] | None) -> str:
        if self._problem:
            return self._problem
        if not self._read:
            return _("reading the runbooks")
        if past is not None:
            return "" if past else _("no run matches") if self.words else _("no runs yet")
        if entries:
            return ""
        return _("no runbook matches") if self.words else _("there is no runbook: write one into runbooks.toml")

    def _counts(self, snapshot: Snapshot) -> list[Run]:
        runs = snapshot[RunSlice]
        waiting = sum(1 for each in runs.active if waits_for_person(each))
        right: list[Run] = []
        for number, said, role in (
            (waiting, ngettext("{n} waits", "{n} wait", waiting), "-warn"),
            (len(runs.active), _("{n} under way"), ""),
            (len({each.runbook for each in runs.suggested}), _("{n} suggested"), "-warn"),
        ):
            if number:
                right += [*([("  ", "")] if right else []), (said.format(n=number), role)]
        return right

    # -- what is selected ---------------------------------------------------

    @property
    def selection(self) -> Mapping[str, str]:
        kind, chosen = self.query_one(RunbookList).selected
        if not kind:
            return {}
        view = self._active(chosen)
        if view is not None:
            return {"run": chosen, "seen": str(view.run.version)}
        return {kind: chosen}

    def _active(self, chosen: str) -> ActiveRun | None:
        snapshot = self.shell.snapshot
        return next((each for each in snapshot[RunSlice].active if each.id == chosen), None) if snapshot else None

    def as_text(self) -> str:
        view = self._active(self.query_one(RunbookList).selected[1])
        return run_line(view.run) if view is not None else self.query_one(RunbookList).selected[1]

    def open_selected(self) -> AwaitMount | None:
        kind, chosen = self.query_one(RunbookList).selected
        if kind == "run":
            return self.shell.open("run", run_id=chosen)
        if kind == "runbook":
            return self.shell.open("runbook", runbook_id=chosen)
        self.shell.say(_("nothing is selected"))
        return None

    @on(RunbookList.Opened)
    def _opened(self) -> None:
        self.open_selected()

    # -- filter -------------------------------------------------------------

    @property
    def listed(self) -> RunbookList:
        return self.query_one(RunbookList)

    def show_filtered(self) -> None:
        self._draw()

    async def leave(self) -> None:
        """The runbooks are listed again first."""
        if self._past is not None:
            await self.switch_history()
        else:
            await super().leave()
