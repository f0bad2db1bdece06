"""The first line of every screen: where this is, how bad it is, whether that is live, and the time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import TYPE_CHECKING

from rich.cells import cell_len

from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.state import State
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.drills.slice import LiveDrillSlice
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.oncall.checklist_slice import ChecklistSlice
from artisan_tui.engine.oncall.handoff_slice import HandoffSlice
from artisan_tui.engine.oncall.slice import OnCallSlice
from artisan_tui.engine.runbooks.slice import RunSlice
from artisan_tui.engine.slo.slice import SloSlice
from artisan_tui.engine.snapshot import SessionStatus, Snapshot
from artisan_tui.i18n import N_, _, ngettext
from artisan_tui.reports.moments import brief_date_text, date_text, moment_text, time_text
from artisan_tui.tui.cells import Run, fit
from artisan_tui.tui.checks.counts import counts_text
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.oncall.current import on_call_texts
from artisan_tui.tui.oncall.pending import pending_texts

if TYPE_CHECKING:
    from artisan_tui.domain.slo.gate import Gate
    from artisan_tui.tui.past.travel import ShownMoment

_ENVIRONMENT = {"production": "-production", "staging": "-staging", "drill": "-drill"}


class Header(Lines):
    """The environment, the trouble, whether the data is live, the time, and whether deployments may go out."""

    GROUND = "-panel"

    def __init__(self) -> None:
        super().__init__(can_focus=False)
        self._snapshot: Snapshot | None = None
        self._now: datetime = datetime.now(UTC)
        self._zone: tzinfo = UTC
        self._past: ShownMoment | None = None

    def show(self, snapshot: Snapshot | None, now: datetime, zone: tzinfo, past: ShownMoment | None = None) -> None:
        """``past``: the snapshot is of a past moment, ``now``."""
        self._snapshot, self._now, self._zone, self._past = snapshot, now, zone, past
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        return [header_runs(self._snapshot, self._now, self._zone, width, self._past)]


class Part:
    """A part of the line: what it says, the longest first, and the rank of each: the lowest of all parts gives way first.

    The last rank is that of leaving the part out; a part without it stays.
    """

    __slots__ = ("at", "ranks", "texts")

    def __init__(self, texts: list[list[Run]], ranks: tuple[int, ...]) -> None:
        self.texts, self.ranks, self.at = texts, ranks, 0

    @property
    def runs(self) -> list[Run]:
        return self.texts[self.at] if self.at < len(self.texts) else []

    @property
    def rank(self) -> int | None:
        return self.ranks[self.at] if self.at < len(self.ranks) else None


def header_runs(
    snapshot: Snapshot | None, now: datetime, zone: tzinfo, width: int, past: ShownMoment | None = None
) -> list[Run]:
    """What is down is the last thing to go, whatever else there is to say; but that it is past, and when, never goes."""
    session = snapshot[SessionStatus] if snapshot is not None else SessionStatus()
    left = [
        *([] if past is None else [Part([[(f" {_('THEN')} ", "-then")]], ()), _then_clock(past, zone)]),
        Part([[(" ARTISAN ", "-title")]], (38,)),
        _environment(session.environment, snapshot),
    ]
    if session.name and session.name.casefold() != "artisan":
        left.append(Part([[(f" {session.name}", "")]], (10,)))
    if session.read_only:
        left.append(Part([[(" " + _("READ-ONLY"), "-warn")]], (80,)))
    if snapshot is not None:
        left += [
            *_trouble(snapshot),
            *_pages(snapshot),
            *_incidents(snapshot),
            *_runs(snapshot),
            *_alerts(snapshot, now, zone),
            *_checklists(snapshot),
        ]
        left += [_live(snapshot, now)] if past is None else _unwatched(snapshot)
    else:
        left.append(Part([[("  " + _("starting"), "-warn")]], (86,)))
    if session.leader:
        who = fit(session.leader, min(cell_len(session.leader), max(8, width // 6)))
        left.append(Part([[(" " + _("via {who}").format(who=who), "-dim")]], (20,)))
    right = [_clock(now, zone)] if past is None else []
    if snapshot is not None:
        right += [Part(*each) for each in on_call_texts(snapshot[OnCallSlice], now, zone)]
        right += [Part(*each) for each in pending_texts(snapshot[HandoffSlice])]
    if session.actor:
        right.append(Part([[(f"  {session.actor}", "-dim")]], (5,)))
    gates = gate_runs(snapshot[SloSlice].gate, now, zone) if snapshot is not None else []
    if gates:
        ranks = (45, 83) if len(gates) == 2 else (76,)
        right.append(Part([[("  ", ""), gate] for gate in gates], ranks))
    parts = [*left, *right]
    while sum(_size(part.runs) for part in parts) + 2 > width:
        giving = [part for part in parts if part.rank is not None]
        if not giving:
            break
        min(giving, key=lambda part: part.rank or 0).at += 1
    begin = [run for part in left for run in part.runs]
    end = [run for part in right for run in part.runs]
    gap = max(1, width - _size(begin) - _size(end) - 1)
    return [*begin, (" " * gap, ""), *end, (" ", "")]


def _environment(name: str, snapshot: Snapshot | None) -> Part:
    """In a drill the word and its time; nobody takes it for the real thing."""
    drill = LiveDrillSlice() if snapshot is None else snapshot[LiveDrillSlice]
    if drill.id:
        at = f"+{drill.tick // 60:02d}:{drill.tick % 60:02d}"
        return Part([[(f" DRILL {at} ", "-drill")], [(" DRILL ", "-drill")]], (60,))
    return Part([[(f" {name or '…'} ", _ENVIRONMENT.get(name, "-accent"))]], (88,))


def _clock(now: datetime, zone: tzinfo) -> Part:
    """Half a time would be another time: the whole time or nothing."""
    local, utc, date = now.astimezone(zone), now.astimezone(UTC), date_text(now, zone, weekday=True)
    if not local.utcoffset():
        here = f"{time_text(utc, UTC)} UTC"
        return Part([[(f"{date}  {here}", "")], [(here, "")]], (25, 50))
    here = f"{time_text(now, zone)} {local:%Z}"
    both = f"{here} {time_text(utc, UTC)} UTC"
    return Part([[(f"{date}  {both}", "")], [(both, "")], [(here, "")]], (25, 40, 50))


def _then_clock(past: ShownMoment, zone: tzinfo) -> Part:
    """The moment to the second, in the team's zone and in UTC; and how fast it goes on."""
    plays = f" {past.speed}x" if past.speed else ""
    local = past.at.astimezone(zone)
    utc = f"{time_text(past.at, UTC, seconds=True)} UTC{plays}"
    date = f" {date_text(past.at, zone, weekday=True)} "
    if not local.utcoffset():
        return Part([[(date + utc, "-warn")]], ())
    here = f"{time_text(past.at, zone, seconds=True)} {local:%Z}"
    brief = f" {brief_date_text(past.at, zone)} {here}{plays}"
    return Part([[(f"{date}{here} {utc}", "-warn")], [(brief, "-warn")]], (73,))


def _unwatched(snapshot: Snapshot) -> list[Part]:
    """Nobody probed then, or not for a while: what is shown is as old as it was."""
    checks = snapshot[CheckSlice]
    if checks.answered_at is not None and not checks.late:
        return []
    return [Part([[("  " + _("not probed then"), "-warn")]], (84,))]


def _live(snapshot: Snapshot, now: datetime) -> Part:
    """``live`` while every answer is in time; otherwise how old the newest is. Never green when late."""
    checks = snapshot[CheckSlice]
    if checks.answered_at is None:
        return Part([[("  " + _("starting"), "-warn")]], (86,))
    if not checks.late:
        return Part([[("  " + _("live"), "-good")]], (35,))
    age = minutes_text(max(0.0, (now - checks.answered_at).total_seconds()))
    texts = (_("late, newest result {age} ago").format(age=age), _("late {age}").format(age=age))
    return Part([[("  " + text, "-warn")] for text in texts], (42, 84))


def _trouble(snapshot: Snapshot) -> list[Part]:
    """What is not up, counted, each count for itself; the pane below counts everything."""
    views = snapshot[CheckSlice].views
    if not views:
        return []
    trouble = counts_text([view for view in views if view.health.state is not State.UP or view.health.stale])
    if not trouble:
        # A page that fires and an incident say that not all is well, whatever the checks see.
        quiet = not firing_pages(snapshot) and not any(each.incident.active for each in snapshot[IncidentSlice].open)
        return [Part([[("  " + _("all up"), "-good")]], (70,))] if quiet else []
    counts = [run for run in trouble if run[0].strip()]
    parts = []
    for at, (text, role) in enumerate(counts):
        texts = [[("  " + text, role)]]
        if ", " in text:
            texts.append([("  " + text.partition(", ")[0], role)])
        # The worst stays: only a terminal without room for a word loses it.
        last = () if at == 0 else (74,) if at == 1 else (49 - at,)
        parts.append(Part(texts, (65, *last) if len(texts) == 2 else last))
    return parts


def firing_pages(snapshot: Snapshot) -> int:
    return sum(1 for alert in snapshot[AlertSlice].firing if alert.firing and alert.severity == "page")


def _pages(snapshot: Snapshot) -> list[Part]:
    number = firing_pages(snapshot)
    return [Part([[("  " + _("page {n}").format(n=number), "-bad")]], (90,))] if number else []


def _incidents(snapshot: Snapshot) -> list[Part]:
    """Open incidents, how many of them nobody has, and whether anybody would fire their timers."""
    incidents = snapshot[IncidentSlice]
    working = [each.incident for each in incidents.open if each.incident.active]
    parts = []
    if working:
        waiting = sum(1 for each in working if each.triggered)
        short = _("inc {n}").format(n=len(working))
        texts = [[("  " + short, "-bad" if waiting else "-warn")]]
        if waiting:
            texts.insert(
                0, [("  " + _("inc {n}, {waiting} not acked").format(n=len(working), waiting=waiting), "-bad")]
            )
        parts.append(Part(texts, (66, 87) if waiting else (87,)))
    if incidents.unattended:
        texts = [[("  " + each, "-bad")] for each in (_("NOBODY FIRES TIMERS"), _("NO TIMERS"))]
        parts.append(Part(texts, (64, 82)))
    return parts


def _runs(snapshot: Snapshot) -> list[Part]:
    """Runs that wait for a person: nothing goes on with them by itself."""
    waiting = sum(1 for each in snapshot[RunSlice].active if each.waits or each.orphaned)
    if not waiting:
        return []
    words = ngettext("{n} run waits", "{n} runs wait", waiting).format(n=waiting)
    return [Part([[("  " + each, "-warn")] for each in (words, _("run {n}").format(n=waiting))], (63, 81))]


def _checklists(snapshot: Snapshot) -> list[Part]:
    """Checklists that are overdue. They give way to everything that is wrong now."""
    late = len(snapshot[ChecklistSlice].overdue)
    if not late:
        return []
    words = ngettext("{n} checklist overdue", "{n} checklists overdue", late).format(n=late)
    return [Part([[("  " + each, "-warn")] for each in (words, _("lists {n}").format(n=late))], (34, 39))]


def _alerts(snapshot: Snapshot, now: datetime, zone: tzinfo) -> list[Part]:
    """Alerts of others; our own are counted as what they are. Blindness is worse than any of them."""
    alerts = snapshot[AlertSlice]
    if alerts.blind_since is not None:
        since = moment_text(alerts.blind_since, zone, now)
        texts = (_("ALERTING BLIND since {time}").format(time=since), _("ALERTS BLIND"))
        return [Part([[("  " + text, "-bad")] for text in texts], (72, 85))]
    if alerts.unheard:
        return [Part([[("  " + _("alerts ?"), "-bad")]], (78,))]
    tally = Counter(row.state.value for row in alerts.listed if row.counts and not row.own)
    firing, lost, silenced = (tally[state] for state in ("firing", "not_seen", "silenced"))
    said = (
        (firing, ngettext("{n} alert firing", "{n} alerts firing", firing), "-bad", 64),
        (lost, _("{n} not seen"), "-stale", 48),
        (silenced, _("{n} silenced"), "-dim", 24),
    )
    return [Part([[("  " + text.format(n=n), role)]], (rank,)) for n, text, role, rank in said if n]


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


def _size(runs: Sequence[Run]) -> int:
    return sum(cell_len(text) for text, _role in runs)
