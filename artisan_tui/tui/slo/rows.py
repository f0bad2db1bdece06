"""One SLO in one line or two, for the board's panel. Pure, so that a test can read it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.cells import cell_len

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.burn import Severity
from artisan_tui.i18n import _, language
from artisan_tui.reports.slo.words import name_of, severity_word
from artisan_tui.tui.cells import Run, fit, widest
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.slo.text import (
    ROLE,
    SEVERITY_ROLE,
    burn_text,
    condition_role,
    condition_word,
    counts_text,
    fitting,
    forecast_text,
    objective_text,
    remaining_text,
    sign,
    status_cells,
    summary_of,
    trouble,
)

if TYPE_CHECKING:
    from artisan_tui.domain.slo.evaluation import SloEvaluation
    from artisan_tui.domain.slo.status import SloStatus

#: What the second line of a pair names, and what is left of it where there is less room.
_BURNS = (("1h", "6h", "3d"), ("1h", "6h"), ("1h",))
#: Cells of the shortest bar that still says something.
_LEAST_BAR = 8


class SloColumns:
    """How many cells each column gets at a width, the same for every row. ``bar`` is 0 where there is no room for one."""

    def __init__(self, rows: Sequence[SloStatus], width: int, *, two: bool) -> None:
        self.width, self.two = width, two
        self.slo = widest([objective_text(each) for each in rows], 7, 14)
        self.left = 8
        self.status = status_cells()
        self.severity = widest([severity_word(each).upper() for each in Severity], 4, 8)
        names = widest([name_of(each) for each in rows], 10, 36)
        fixed = 2 + 1 + self.slo + 1 + self.left + 1 + self.status + 1
        # A line alone says how fast it burns behind the rest; below one there is room for that.
        behind = self.severity + 1 if two else self.severity + 9
        room = width - fixed - behind
        self.bar = min(40 if two else 20, max(_LEAST_BAR, room - names - 3)) if room >= _LEAST_BAR + 3 + 12 else 0
        self.name = max(8, min(names, room - (self.bar + 3 if self.bar else 0)))
        self.tail = max(0, width - fixed - self.name - (self.bar + 3 if self.bar else 0))
        # The words too: in another language the same status is another line.
        self.key = (width, two, self.slo, self.status, self.severity, self.bar, self.name, language())


def panel_rows(slo_status: SloStatus, columns: SloColumns, glyphs: Glyphs) -> list[list[Run]]:
    """The SLO's lines: one, or with ``columns.two`` two."""
    head: list[Run] = [*_head(slo_status, columns, glyphs)]
    if not columns.two:
        return [[*head, *_tail(slo_status, columns.tail)]]
    severity = summary_of(slo_status).severity
    if severity is not None:
        head.append((severity_word(severity).upper(), SEVERITY_ROLE[severity]))
    return [head, _below(slo_status, columns)]


def _head(slo_status: SloStatus, columns: SloColumns, glyphs: Glyphs) -> list[Run]:
    status = summary_of(slo_status).status
    mark, role = sign(slo_status, glyphs)
    runs: list[Run] = [
        (f"{mark} ", role),
        (fit(name_of(slo_status), columns.name) + " ", "-strong" if role == "-bad" else ""),
        (fit(objective_text(slo_status), columns.slo) + " ", "-dim"),
    ]
    if columns.bar:
        runs += [*bar_runs(slo_status, columns.bar, glyphs), (" ", "")]
    return [
        *runs,
        (fit(remaining_text(slo_status), columns.left, "right") + " ", ROLE[status]),
        (fit(condition_word(slo_status), columns.status) + " ", condition_role(slo_status)),
    ]


def bar_runs(slo_status: SloStatus, cells: int, glyphs: Glyphs) -> list[Run]:
    """``[#####....]``: what is left of the budget; overspent, by how much, in another sign."""
    status, _severity, left, _objective = summary_of(slo_status)
    if left is None or status is BudgetStatus.UNKNOWN:
        middle = fit(glyphs.blind, cells - cells // 2)
        return [("[", "-dim"), (" " * (cells // 2) + middle, "-unknown"), ("]", "-dim")]
    over = left < 0
    # Whatever is left or overspent fills at least a cell, and only all of it fills the bar.
    filled = min(cells, int(abs(left) * cells))
    filled = max(1, filled) if left != 0 else 0
    sign_ = glyphs.failed if over else glyphs.levels[-1]
    return [("[", "-dim"), (sign_ * filled, ROLE[status]), ("·" * (cells - filled) + "]", "-dim")]


def _tail(slo_status: SloStatus, room: int) -> list[Run]:
    """The end of a single line: what fires and how fast it burns, or why the status is unknown."""
    evaluation, (status, severity, _left, _objective) = slo_status.evaluation, summary_of(slo_status)
    runs: list[Run] = []
    if severity is not None:
        word = severity_word(severity).upper()
        runs.append((word + " ", SEVERITY_ROLE[severity]))
        room -= cell_len(word) + 1
    wrong = trouble(slo_status)
    burns = [(text, "") for names in _BURNS if cell_len(text := _burns(evaluation, names)) <= room]
    if wrong and (status is BudgetStatus.UNKNOWN or slo_status.problem or not burns):
        return [*runs, fitting(wrong, room)]
    # A budget that runs out within hours: the forecast goes before the burn rates.
    forecast = forecast_text(evaluation)
    soon = evaluation.forecast is not None and evaluation.forecast.earliest is not None
    if soon and forecast and cell_len(forecast) <= room:
        return [*runs, (forecast, "-warn")]
    return [*runs, *burns[:1]]


def _burns(evaluation: SloEvaluation, names: Sequence[str]) -> str:
    return "  ".join(f"{name} {burn_text(evaluation.burn(name))}" for name in names)


def _below(slo_status: SloStatus, columns: SloColumns) -> list[Run]:
    """The second line: burn rates, counts and forecast in columns; or why the status is unknown."""
    evaluation, status = slo_status.evaluation, summary_of(slo_status).status
    width = columns.width - 4
    wrong = trouble(slo_status)
    if wrong and (status is BudgetStatus.UNKNOWN or slo_status.problem):
        return _what_is_wrong(evaluation, wrong, width)
    counts = counts_text(evaluation.burned.bad, evaluation.burned.total)
    forecast = forecast_text(evaluation)
    soon = evaluation.forecast is not None and evaluation.forecast.earliest is not None
    coming: Run = fitting(wrong, 30) if wrong else (forecast, "-warn" if soon else "-dim")
    # For an exhausted budget the counts matter most, for another the forecast.
    parts = [(counts, ""), coming]
    if status is not BudgetStatus.EXHAUSTED:
        parts.reverse()
    for names in _BURNS:
        burns = _("burn {windows}").format(windows=_burns(evaluation, names))
        for kept in (parts, parts[:1]) if names is _BURNS[0] else (parts[:1],):
            texts = [part for part in kept if part[0]]
            if cell_len(burns) + sum(cell_len(text) + 3 for text, _role in texts) <= width:
                return [("    ", ""), *_spread(burns, counts, texts, width)]
    return [("    ", ""), fitting([parts[0], ("", "")], width)]


def _what_is_wrong(evaluation: SloEvaluation, wrong: Sequence[Run], width: int) -> list[Run]:
    """Why the status is unknown, and how fast the budget burns where that is known."""
    known = any(evaluation.burn(name) is not None for name in _BURNS[0])
    for names in _BURNS if known else ():
        burns = _("burn {windows}").format(windows=_burns(evaluation, names))
        room = width - cell_len(burns) - 3
        reason = next((run for run in wrong if cell_len(run[0]) <= room), None)
        if reason is not None:
            return [("    ", ""), reason, (" " * (width - cell_len(reason[0]) - cell_len(burns)), ""), (burns, "")]
    return [("    ", ""), fitting(wrong, width)]


def _spread(burns: str, counts: str, texts: Sequence[Run], width: int) -> list[Run]:
    """Burn rates at the left, counts in a column of their own, the forecast at the right end."""
    runs: list[Run] = [(burns, "")]
    used = cell_len(burns)
    for text, role in sorted(texts, key=lambda part: part[0] != counts):
        at = width - cell_len(text)
        if text == counts:
            at = max(used + 3, min(32, width - sum(cell_len(each) + 3 for each, _role in texts) + 3))
        runs += [(" " * (at - used), ""), (text, role)]
        used = at + cell_len(text)
    return runs
