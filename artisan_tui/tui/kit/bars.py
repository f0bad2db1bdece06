"""The single lines around the panes: header, notices, pane titles, key bar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import tzinfo

from rich.cells import cell_len

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.oncall.checklist_slice import ChecklistSlice
from artisan_tui.engine.runbooks.slice import LostRun, RunSlice
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import SessionStatus, Snapshot
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.config_problem import problem_text
from artisan_tui.reports.moments import time_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.reports.session.lost import lost_run_text
from artisan_tui.tui.cells import Run, wrapped
from artisan_tui.tui.kit.keys import Action
from artisan_tui.tui.kit.lines import Lines

#: Lost runs that are told in full.
_MOST_LOST = 2


def alert_texts(snapshot: Snapshot, zone: tzinfo) -> list[str]:
    """Pages that no line of the error budgets shows."""
    shown = {each.id for each in snapshot[SloSlice].slo_statuses}
    return [
        _("PAGE since {time}: {what}").format(
            time=time_text(alert.since, zone), what=printable(alert.summary or alert.source, 200)
        )
        for alert in snapshot[AlertSlice].firing
        if alert.firing and alert.severity == "page" and alert.labels.get("slo") not in shown
    ]


def _size(runs: Sequence[Run]) -> int:
    return sum(cell_len(text) for text, _role in runs)


class Notices(Lines):
    """What is wrong with the program itself: a broken configuration, a store that cannot write. Empty, it takes no line."""

    GROUND = "-notice"

    def __init__(self) -> None:
        super().__init__(can_focus=False)
        self._texts: tuple[str, ...] = ()

    def show(self, snapshot: Snapshot, zone: tzinfo, more: Sequence[str] = ()) -> None:
        texts = (*notice_texts(snapshot, zone), *more)
        if texts != self._texts:
            self._texts = texts
            self.display = bool(texts)
            self.refresh(layout=True)
            self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        """Each notice in at most three lines: what to do is at its end."""
        rows: list[list[Run]] = []
        for text in self._texts:
            for index, line in enumerate(wrapped(text, max(10, width - 4))[:3]):
                rows.append([(" ! " if index == 0 else "   ", "-bad"), (line, "")])
        return rows


def notice_texts(snapshot: Snapshot, zone: tzinfo) -> list[str]:
    texts = []
    session_status = snapshot[SessionStatus]
    if session_status.config_problems:
        more = len(session_status.config_problems) - 1
        text = _("{problem}{more}; the configuration of {time} stays in use").format(
            problem=problem_text(session_status.config_problems[0]),
            more=_(" and {n} more").format(n=more) if more else "",
            time=time_text(session_status.loaded_at, zone) if session_status.loaded_at else "?",
        )
        texts.append(text)
    if snapshot[ChecklistSlice].problem:
        texts.append(problem_text(snapshot[ChecklistSlice].problem))
    if session_status.store_problem:
        texts.append(_("NOT SAVED: {problem}").format(problem=read_back(session_status.store_problem)))
    suspicion = snapshot[CheckSlice].suspicion
    if suspicion is not None:
        text = _("CHECK THIS MACHINE'S NETWORK FIRST: {n} of {of} targets became unreachable at the same time")
        texts.append(text.format(n=suspicion.unreached, of=suspicion.of))
    session = session_status
    texts += _lost_runs(snapshot[RunSlice].lost)
    lasting = (session.store_notice, session.watch_notice, session.heads_problem, session.heartbeat_notice)
    return [*texts, *(read_back(text) for text in (*lasting, session.shared_store_notice) if text)]


def _lost_runs(lost: Sequence[LostRun]) -> list[str]:
    """The first ones in full: more of them at once leave no room for anything else."""
    told = [lost_run_text(*each) for each in lost[:_MOST_LOST]]
    more = [each.run for each in lost[_MOST_LOST:]]
    if more:
        said = ngettext(
            "the database also lost {n} other run: {runs}", "the database also lost {n} other runs: {runs}", len(more)
        )
        told.append(said.format(n=len(more), runs=", ".join(printable(each, 60) for each in more)))
    return told


class Title(Lines):
    """A pane's name, a rule, and something at the right end."""

    def __init__(self, id: str, text: str, rule: str) -> None:
        super().__init__(id=id, can_focus=False)
        self._text, self._rule = text, rule
        self._right: list[Run] = []
        self._left: list[Run] = []

    def show(self, right: list[Run], left: list[Run] | None = None) -> None:
        self._right, self._left = right, left or []
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        # The empty message is gettext's header: it must not be asked for.
        left: list[Run] = [(f" {_(self._text)} " if self._text else " ", "-strong"), *self._left]
        right = [*self._right, (" ", "")] if self._right else []
        while len(right) > 2 and _size(left) + _size(right) + 1 > width:
            right[-3:-1] = []  # the last count and the gap before it: half a number would be another
        room = width - _size(left) - _size(right) - (1 if right else 0)
        return [[*left, (self._rule * max(0, room), "-dim"), (" ", "") if right else ("", ""), *right]]


class KeyBar(Lines):
    """The keys of this screen. When the line is short whole hints go, the least needed first; none is cut."""

    GROUND = "-panel"

    def __init__(self) -> None:
        super().__init__(can_focus=False)
        self._actions: tuple[Action, ...] = ()

    def show(self, actions: Sequence[Action]) -> None:
        self._actions = tuple(action for action in actions if action.hint)
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        return [keybar_runs(self._actions, width)]


def keybar_runs(actions: Sequence[Action], width: int) -> list[Run]:
    shown = list(actions)
    while shown:
        runs: list[Run] = []
        for action in sorted(shown, key=lambda a: -a.rank):
            runs += [(" ", ""), (action.shown_key, "-accent"), (f" {_(action.hint)} ", "-dim")]
        if _size(runs) <= width:
            return runs
        shown.remove(max(shown, key=lambda a: a.rank))
    return []
