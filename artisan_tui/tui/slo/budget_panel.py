"""The board's panel of error budgets: worst first, as many as there is room for.

Loaded with the first of them: nothing of SLOs is needed before the first frame.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.burn import Severity
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.i18n import N_, _
from artisan_tui.reports.slo.words import severity_word
from artisan_tui.tui.cells import Run, to_strip
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.bars import Title
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.kit.pane import Pane
from artisan_tui.tui.slo.rows import SloColumns, panel_rows
from artisan_tui.tui.slo.text import ROLE, SEVERITY_ROLE, status_word, summary_of, worst_first
from artisan_tui.tui.styles import RoleStyles

if TYPE_CHECKING:
    from artisan_tui.domain.slo.status import SloStatus

SLOS_CSS = Path(__file__).with_name("slo.tcss")
#: From this many columns and lines on an SLO gets two lines.
ROOMY = (100, 30)


def panel_lines(count: int, width: int, height: int, *, beside: bool) -> tuple[int, bool]:
    """(lines for ``count`` SLOs without the title, whether two for each) on a board of this size.

    ``height`` is what all panes have; ``beside`` the services, the panel may take half of it, above the
    journal. Else the services come first, and the panel gets a third at most.
    """
    if beside:
        most = height // 2
    elif height < ROOMY[1]:
        most = max(1, (height - 4) // 6)
    else:
        most = height // 3 - 1
    two = (beside or width >= ROOMY[0]) and 2 * count <= most
    return max(1, min(most, 2 * count if two else count)), two


def title_counts(slo_statuses: Sequence[SloStatus], shown: int) -> list[Run]:
    """``page 1  ticket 0``, and where not all of them are ``shown``, how many have which status."""
    firing = Counter(summary_of(each).severity for each in slo_statuses)
    runs: list[Run] = []
    for severity in Severity:
        number = firing[severity]
        runs += [(f"{severity_word(severity)} {number}", SEVERITY_ROLE[severity] if number else "-dim"), ("  ", "")]
    if shown < len(slo_statuses):
        statuses = Counter(summary_of(each).status for each in slo_statuses)
        for status in (BudgetStatus.EXHAUSTED, BudgetStatus.UNKNOWN, BudgetStatus.WARNING, BudgetStatus.HEALTHY):
            if statuses[status]:
                runs += [(f"{statuses[status]} {status_word(status).lower()}", ROLE[status]), ("  ", "")]
    return runs[:-1]


class BudgetsPane(Pane):
    """The panel with its title; on the board while there is an SLO."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__()
        self._title = Title("budgets-title", N_("Error budgets"), glyphs.rule)
        self.budgets = BudgetList(glyphs)

    def compose(self) -> ComposeResult:
        yield self._title
        yield self.budgets

    def show_budgets(self, slos: SloSlice, size: Size, *, beside: bool) -> int:
        """``size`` is what the board's panes have together. How many lines the pane takes."""
        count = len(slos.slo_statuses)
        lines, two = panel_lines(count, size.width, size.height, beside=beside)
        shown = min(count, lines // 2 if two else lines)
        left = [(_("worst {n} of {of}").format(n=shown, of=count) + " ", "-dim")] if shown < count else []
        self._title.show(title_counts(slos.slo_statuses, shown) if count else [], left)
        self.budgets.show_budgets(slos, two=two)
        return lines + 1


class BudgetList(Lines):
    """With the focus on it a row can be chosen, and the others come into view."""

    class Opened(Message):
        def __init__(self, slo_id: str) -> None:
            super().__init__()
            self.slo_id = slo_id

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="budgets")
        self._glyphs = glyphs
        self._rows: list[SloStatus] = []
        self._two = False
        self._selected: str | None = None
        self._columns: SloColumns | None = None
        self._made: dict[str, tuple[SloStatus, object, list[list[Run]]]] = {}

    def show_budgets(self, slos: SloSlice, *, two: bool) -> None:
        self._rows = worst_first(slos.slo_statuses)
        self._two = two
        if all(each.id != self._selected for each in self._rows):
            self._selected = None
        self.redraw()

    @property
    def selected(self) -> str | None:
        """The id of the chosen SLO, None while the panel has not the focus."""
        at = self._at
        return self._rows[at].id if self.has_focus and at is not None else None

    def as_text(self) -> str:
        """The chosen SLO for a chat or a ticket, "" while none is chosen."""
        at = self._at
        if not self.has_focus or at is None:
            return ""
        lines = panel_rows(self._rows[at], SloColumns([self._rows[at]], 100, two=True), self._glyphs)
        return "\n".join("".join(text for text, _role in line).rstrip() for line in lines)

    @property
    def _at(self) -> int | None:
        chosen = (index for index, each in enumerate(self._rows) if each.id == self._selected)
        return next(chosen, 0) if self._rows else None

    def cursor_line(self) -> int | None:
        at = self._at
        return at * (2 if self._two else 1) if self.has_focus and at is not None else None

    # -- drawing ------------------------------------------------------------

    def prepare(self, width: int) -> int:
        if not self._rows:
            return 1
        self._columns = SloColumns(self._rows, width, two=self._two)
        return len(self._rows) * (2 if self._two else 1)

    def strip_at(self, index: int, width: int, styles: RoleStyles, ground: str) -> Strip:
        if not self._rows or self._columns is None:
            return to_strip([(" " + _("loading SLO data"), "-dim")], width, styles, ground)
        at, line = divmod(index, 2 if self._two else 1)
        return to_strip(self._lines_of(self._rows[at], self._columns)[line], width, styles, ground)

    def _lines_of(self, slo_status: SloStatus, columns: SloColumns) -> list[list[Run]]:
        """An `SloStatus` is replaced whenever anything about it changes; the same one draws the same lines."""
        key = columns.key
        known = self._made.get(slo_status.id)
        if known is None or known[0] is not slo_status or known[1] != key:
            known = (slo_status, key, panel_rows(slo_status, columns, self._glyphs))
            self._made[slo_status.id] = known
        return known[2]

    # -- keys ---------------------------------------------------------------

    def move(self, how: str) -> None:
        at = self._at
        if at is None:
            return
        each = 2 if self._two else 1
        to = moved(how, at, len(self._rows), max(1, self._page // each))
        self._selected = self._rows[to].id
        if each == 2:
            self.keep_in_view(to * each + 1)
        self.keep_in_view(to * each)
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        line = (event.y + self.scroll_offset.y) // (2 if self._two else 1)
        if 0 <= line < len(self._rows):
            again = self._rows[line].id == self._selected
            self._selected = self._rows[line].id
            self.redraw()
            if again:
                self.post_message(self.Opened(self._rows[line].id))

    def on_blur(self) -> None:
        # Without the focus the worst are what is to be seen.
        self._selected = None
        self.scroll_to(y=0, animate=False, immediate=True)
