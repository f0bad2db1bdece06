"""The single lines around the panes: header, notices, pane titles, key bar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from rich.cells import cell_len

from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import SessionStatus, Snapshot
from artisan_tui.i18n import N_, _
from artisan_tui.tui.cells import Run, fit, wrapped
from artisan_tui.tui.checks.services import counts_text
from artisan_tui.tui.kit.keys import Action
from artisan_tui.tui.kit.lines import Lines

if TYPE_CHECKING:
    from artisan_tui.domain.slo.gate import Gate

_ENVIRONMENT = {"production": "-production", "staging": "-staging", "drill": "-drill"}


class Header(Lines):
    """The environment, whether the data is live, the time, and the counts."""

    GROUND = "-panel"

    def __init__(self) -> None:
        super().__init__(can_focus=False)
        self._snapshot: Snapshot | None = None
        self._now: datetime = datetime.now(UTC)
        self._zone: tzinfo = UTC

    def show(self, snapshot: Snapshot | None, now: datetime, zone: tzinfo) -> None:
        self._snapshot, self._now, self._zone = snapshot, now, zone
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        return [header_runs(self._snapshot, self._now, self._zone, width)]


def freshness(snapshot: Snapshot, now: datetime) -> Run:
    """``live`` while every answer is in time; otherwise how old the newest is. Never green when late."""
    checks = snapshot[CheckSlice]
    if checks.answered_at is None:
        return (_("starting"), "-warn")
    if not checks.late:
        return (_("live"), "-good")
    age = max(0.0, (now - checks.answered_at).total_seconds())
    return (_("late, newest result {age} ago").format(age=minutes_text(age)), "-warn")


def header_runs(snapshot: Snapshot | None, now: datetime, zone: tzinfo, width: int) -> list[Run]:
    session_status = snapshot[SessionStatus] if snapshot is not None else SessionStatus()
    local, utc = now.astimezone(zone), now.astimezone(UTC)
    here = f"{local:%H:%M} {local:%Z}" if local.utcoffset() else f"{utc:%H:%M} UTC"
    clock = f"{here} {utc:%H:%M} UTC" if local.utcoffset() else here
    if width >= 100:
        clock = f"{local:%a %d %b}  {clock}"
    left: list[Run] = [
        (" ARTISAN ", "-title"),
        (f" {session_status.environment or '…'} ", _ENVIRONMENT.get(session_status.environment, "-accent")),
    ]
    if session_status.name and session_status.name.casefold() != "artisan" and width >= 100:
        left.append((f" {session_status.name}", ""))
    if session_status.read_only:
        left.append(("  " + _("READ-ONLY"), "-warn"))
    left.append((" ", ""))
    left.append(freshness(snapshot, now) if snapshot is not None else (_("starting"), "-warn"))
    if session_status.leader:
        # A long name is cut first: who the leader is matters less than how bad it is.
        who = _("via {who}").format(
            who=fit(session_status.leader, min(cell_len(session_status.leader), max(8, width // 6)))
        )
        left.append((f" {who}", "-dim"))
    counts = trouble_runs(snapshot) if snapshot is not None else []
    gates = gate_runs(snapshot[SloSlice].gate, now, zone) if snapshot is not None else []
    # The deployment gate goes before the date, and before the time where there is room for one only.
    room = width - _size(left) - 2
    rooms = (room - cell_len(here) - 2, room - 2)
    gate = next((run for least in rooms for run in gates if cell_len(run[0]) <= least), ("", ""))
    room -= cell_len(gate[0]) + 2 if gate[0] else 0
    # Half a time would be another time: the whole time or nothing.
    clock = next((text for text in (clock, here) if cell_len(text) <= room), "")
    right: list[Run] = [(clock, "")]
    if width >= 120 and session_status.actor:
        right.append((f"  {session_status.actor}", "-dim"))
    if gate[0]:
        right += [("  ", ""), gate]
    right.append((" ", ""))
    middle: list[Run] = [("   ", ""), *counts]
    room = width - _size(left) - _size(right)
    while middle and _size(middle) + 2 > room:
        middle = middle[:-2] if len(middle) > 3 else []
    gap = max(1, room - _size(middle))
    return [*left, *middle, (" " * gap, ""), *right]


_GATES = {
    "allowed": (N_("DEPLOYS ALLOWED"), "-good"),
    "blocked": (N_("DEPLOYS BLOCKED"), "-bad"),
    "unknown": (N_("DEPLOYS UNKNOWN"), "-unknown"),
}


def gate_runs(gate: Gate | None, now: datetime, zone: tzinfo) -> list[Run]:
    """Whether deployments are allowed, the longest text first; empty while that is not known."""
    if gate is None:
        return []
    words, role = _GATES.get(gate.verdict.value, _GATES["unknown"])
    if gate.override is None:
        return [(_(words), role)]
    until = moment_text(gate.override.until, zone, now)
    override = _("override until {time}").format(time=until)
    # Never the verdict alone: a person overrides it.
    return [(f"{_(words)}, {override}", "-warn"), (override.upper(), "-warn")]


def moment_text(at: datetime, zone: tzinfo, now: datetime) -> str:
    """``18:42``, with its date where it is not today's."""
    local = at.astimezone(zone)
    return f"{local:%H:%M}" if local.date() == now.astimezone(zone).date() else f"{local:%d %b %H:%M}"


def alert_texts(snapshot: Snapshot) -> list[str]:
    """Pages that no line of the error budgets shows."""
    shown = {each.id for each in snapshot[SloSlice].slo_statuses}
    return [
        _("PAGE since {time}: {what}").format(
            time=alert.since.strftime("%H:%M UTC"), what=printable(alert.summary or alert.source, 200)
        )
        for alert in snapshot[AlertSlice].firing
        if alert.firing and alert.severity == "page" and alert.labels.get("slo") not in shown
    ]


def trouble_runs(snapshot: Snapshot) -> list[Run]:
    """What is not up, counted; the pane below counts everything."""
    if not snapshot[CheckSlice].views:
        return []
    trouble = counts_text(
        [view for view in snapshot[CheckSlice].views if view.health.state is not State.UP or view.health.stale]
    )
    return trouble or [(_("all up"), "-good")]


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
            problem=session_status.config_problems[0],
            more=_(" and {n} more").format(n=more) if more else "",
            time=session_status.loaded_at.astimezone(zone).strftime("%H:%M") if session_status.loaded_at else "?",
        )
        texts.append(text)
    if session_status.store_problem:
        texts.append(_("NOT SAVED: {problem}").format(problem=session_status.store_problem))
    suspicion = snapshot[CheckSlice].suspicion
    if suspicion is not None:
        text = _("CHECK THIS MACHINE'S NETWORK FIRST: {n} of {of} targets became unreachable at the same time")
        texts.append(text.format(n=suspicion.unreached, of=suspicion.of))
    notices = (session_status.store_notice, session_status.watch_notice, session_status.heads_problem)
    return [*texts, *(text for text in notices if text)]


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
