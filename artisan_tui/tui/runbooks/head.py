"""The two lines above the steps of a run: how it is, and what it waits for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.domain.runbooks.clocks import DueClock
from artisan_tui.domain.runbooks.run import Run as RunbookRun
from artisan_tui.domain.span import minutes_text, span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.moments import moment_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.runbooks.clocks import clock_text
from artisan_tui.reports.runbooks.runs import state_word
from artisan_tui.tui.cells import Run, fitted
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.runbooks.rows import STATE_ROLE
from artisan_tui.tui.runbooks.waiting import mode_word, rollback_word, waiting_words

if TYPE_CHECKING:
    from artisan_tui.engine.runbooks.slice import ActiveRun


class RunHead(Lines):
    def __init__(self) -> None:
        super().__init__(can_focus=False)
        self._rows: list[list[Run]] = []

    def show_rows(self, rows: list[list[Run]]) -> None:
        self._rows = rows
        self.set_class(len(rows) > 2, "-clocks")
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        return [fitted(row, width) for row in self._rows]


def head_rows(
    run: RunbookRun,
    view: ActiveRun | None,
    owner: str,
    orphaned: bool,
    zone: tzinfo,
    now: datetime,
    clocks: Sequence[DueClock] = (),
) -> list[list[Run]]:
    """What state it is in, where, since when and by whom; then why nothing goes on, or what does; then its clocks."""
    rolled = rollback_word(run.rollback_state)
    first: list[Run] = [(f" {state_word(run.state).upper()} ", STATE_ROLE.get(run.state, "-strong"))]
    if rolled:
        first.append((f" {rolled} ", "-accent"))
    if run.mode != "live":
        first.append((f" {mode_word(run.mode).upper()} ", "-title"))
    if run.target or run.environment:
        where = run.target or run.environment
        first.append((f" @ {printable(where, 60)}", "-bad" if run.environment == "production" else ""))
    until = run.finished_at
    age = (
        minutes_text((now - run.started_at).total_seconds())
        if until is None
        else span_text((until - run.started_at).total_seconds())
    )
    first.append((f"  {age}", ""))
    first.append(
        (
            "  "
            + _("{who} at {time}").format(
                who=printable(run.started_by, 40), time=moment_text(run.started_at, zone, now)
            ),
            "-dim",
        )
    )
    if owner and not run.over and owner.partition("@")[0] != run.started_by:
        first.append(("  " + _("carried out by {owner}").format(owner=printable(owner, 60)), "-dim"))
    first.append(("  " + run.incident if run.incident else "", "-accent"))
    said = waiting_words(run, orphaned=orphaned, owner=owner)
    waits = orphaned or run.asked is not None or run.unknown is not None or run.rollback_state in ("offered", "failed")
    second: list[Run] = [(" " + said, "-warn" if waits else "")]
    if run.why and run.why != run.state:
        second.append((("  " if said else "") + read_back(run.why), "-dim"))
    if view is not None and view.trouble:
        second.insert(0, (" " + read_back(view.trouble), "-bad"))
    if view is not None and view.drifted:
        second.append(("  " + _("the file has another definition now; this run keeps its own"), "-warn"))
    if run.mode == "live" and not run.incident and not run.over:
        second.append(("  " + _("no incident: D declares one"), "-dim"))
    return [first, second, clock_row(clocks, now)] if clocks else [first, second]


def clock_row(clocks: Sequence[DueClock], now: datetime) -> list[Run]:
    """Every clock in one line: what is left, or by how much it is overdue."""
    row: list[Run] = []
    for each in clocks:
        role = "-dim" if each.stopped or each.ended else "-bad" if each.left(now) < 0 else "-strong"
        row.append(("  " if row else " ", ""))
        row.append((clock_text(each, now), role))
    return row
