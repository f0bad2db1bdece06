"""The board's lines of runs: those under way, and what suggests a runbook; no line while there is neither."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.i18n import _
from artisan_tui.tui.cells import Run, fitted
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.runbooks.rows import active_runs_line, run_line
from artisan_tui.tui.runbooks.suggested import said_now, weighed_runs
from artisan_tui.tui.runbooks.waiting import waits_for_person

if TYPE_CHECKING:
    from artisan_tui.engine.checks.slice import CheckView
    from artisan_tui.engine.runbooks.slice import ActiveRun, RunSlice, SuggestedRun
    from artisan_tui.engine.snapshot import Snapshot

#: Lines of a board of 24; a higher one gets more.
FEW, MORE = 2, 5


def board_rows(runs: RunSlice) -> list[ActiveRun | SuggestedRun]:
    """Runs that wait for a person first, then the others, then each runbook that is suggested and does not run."""
    active = sorted(runs.active, key=lambda each: not waits_for_person(each))
    running = {each.run.runbook for each in runs.active}
    suggested: dict[str, SuggestedRun] = {}
    for each in runs.suggested:
        if each.runbook not in running:
            suggested.setdefault(each.runbook, each)
    return [*active, *suggested.values()]


class RunsPane(Lines):
    class Opened(Message):
        """A line was clicked twice."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="board-runs")
        self._glyphs = glyphs
        self._rows: list[ActiveRun | SuggestedRun] = []
        self._checks: Mapping[str, CheckView] = {}
        self._now: datetime | None = None
        self._key = "r"
        self._chosen = ""

    def show_runs(self, snapshot: Snapshot, now: datetime, height: int, key: str) -> None:
        """On a board of ``height`` lines; ``key`` starts a runbook."""
        self._rows, self._now, self._key = board_rows(weighed_runs(snapshot)), now, key
        self._checks = {view.id: view for view in snapshot[CheckSlice].views}
        lines = max(1, min(len(self._rows), FEW if height < 36 else MORE))
        if self.styles.height is None or self.styles.height.value != lines:
            self.styles.height = lines
        if self._rows and self._chosen not in [_name(each) for each in self._rows]:
            self._chosen = _name(self._rows[0])
        self.redraw()

    @property
    def suggested(self) -> str:
        """The runbooks whose lines offer the key, as ids with spaces between them."""
        from artisan_tui.engine.runbooks.slice import SuggestedRun

        return " ".join(each.runbook for each in self._rows if isinstance(each, SuggestedRun))

    def cursor_line(self) -> int | None:
        names = [_name(each) for each in self._rows]
        return names.index(self._chosen) if self.has_focus and self._chosen in names else None

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if self._now is None:
            return []
        return [fitted(self._runs(each, width, self._now), width) for each in self._rows]

    def _runs(self, row: ActiveRun | SuggestedRun, width: int, now: datetime) -> list[Run]:
        from artisan_tui.engine.runbooks.slice import ActiveRun

        if isinstance(row, ActiveRun):
            return active_runs_line(row, width, self._glyphs, now)
        return [
            (f"{self._key} ", "-accent"),
            (printable(row.runbook, 60), "-strong"),
            ("  " + _("suggested: {evidence}").format(evidence=said_now(row, self._checks)), "-warn"),
        ]

    @property
    def selection(self) -> Mapping[str, str]:
        """The run or the runbook under the cursor."""
        from artisan_tui.engine.runbooks.slice import ActiveRun

        row = next((each for each in self._rows if _name(each) == self._chosen), None)
        if row is None:
            return {}
        if isinstance(row, ActiveRun):
            return {"run": row.id, "seen": str(row.run.version)}
        return {"runbook": row.runbook}

    def as_text(self) -> str:
        from artisan_tui.engine.runbooks.slice import ActiveRun

        row = next((each for each in self._rows if _name(each) == self._chosen), None)
        return run_line(row.run) if isinstance(row, ActiveRun) else "" if row is None else row.runbook

    def move(self, how: str) -> None:
        names = [_name(each) for each in self._rows]
        if names:
            at = names.index(self._chosen) if self._chosen in names else 0
            self._chosen = names[moved(how, at, len(names), self._page)]
            self.keep_in_view(names.index(self._chosen))
            self.redraw()

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self._rows):
            again = self._chosen == _name(self._rows[line]) and self.has_focus
            self._chosen = _name(self._rows[line])
            self.redraw()
            if again:
                self.post_message(self.Opened())


def _name(row: ActiveRun | SuggestedRun) -> str:
    return getattr(row, "id", "") or f"suggested {row.runbook}"  # type: ignore[union-attr]
