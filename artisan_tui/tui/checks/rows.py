"""The lines of the services pane as runs. Pure, so that a test can read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rich.cells import cell_len

from artisan_tui.domain.reason import Reason
from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.state import WORST_FIRST, State
from artisan_tui.engine.checks.slice import CheckView, Uptime
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.checks.words import state_word
from artisan_tui.tui.cells import Run, fit, fit_apart, widest
from artisan_tui.tui.checks.counts import QUIET, ROLE, badness
from artisan_tui.tui.checks.figures import (
    now_text,
    strip_of,
    uptime_text,
)
from artisan_tui.tui.checks.grouping import Group, Kind, Row, caused_elsewhere
from artisan_tui.tui.checks.reasons import circumstance, reason
from artisan_tui.tui.glyphs import Glyphs

#: From this many columns on uptime, value and strip have columns of their own.
COLUMNS_FROM = 100
#: What a reason has at least, from 80 columns on.
LEAST_REASON = 40
#: Between two services that are up in one line.
_GAP = "   "
Uptimes = Mapping[str, Uptime]


class Columns:
    """How many cells each column gets at a width; what is left over goes to the reason."""

    def __init__(self, rows: Sequence[Row], width: int, glyphs: Glyphs) -> None:
        self.width, self.wide, self.glyphs = width, width >= COLUMNS_FROM, glyphs
        named = [row for row in rows if row.kind is not Kind.UP]
        names = {row.key: title(row) for row in named}
        there = {view.health.state for row in named for view in row.checks[:1]}
        words = [state_word(state) for state in State if state is not State.MAINTENANCE or state in there]
        self.state = widest(words, 4, 11)
        self.since = 6 if self.wide else 5
        roomy = width - (2 + 20 + 1 + self.state + 1 + self.since + 1) - 1 >= LEAST_REASON
        most = (20 if roomy else 18) if width < COLUMNS_FROM else 24 if width < 150 else 32
        self.name = widest(list(names.values()), 8, min(most, max(8, width // 4)))
        self.names = fit_apart(names, self.name)
        self.uptime = 8 if self.wide else 0
        self.now = 19 if self.wide else 0
        self.strip = (12 if width < 150 else 24) if self.wide else 8 if width >= 72 else 0
        left = width - (2 + self.name + 1 + self.state + 1 + self.since + 1)
        behind = 2 * (self.uptime + 1) + self.now + 1 + self.strip + 1 if self.wide else 0
        self.why = max(0, left - behind)
        #: What a line that fails has for its reason: it needs no uptime, but room.
        self.whole = max(0, left - (self.strip + 1 if self.wide else 1))
        self.now_of_failing = self.now if self.wide and self.whole - self.now - 1 >= LEAST_REASON else 0
        self.whole -= self.now_of_failing + 1 if self.now_of_failing else 0
        # The words too: in another language the same view is another line.
        self.key = (width, self.name, self.state, self.strip, *words)


def column_names(columns: Columns, uptimes: Uptimes, rule: str) -> list[Run]:
    """What the two shares are, for the title's line above them; nothing where none is shown."""
    if not columns.wide or not any(each.day is not None or each.month is not None for each in uptimes.values()):
        return []
    runs: list[Run] = []
    for name in (_("24 h"), _("30 d")):
        runs += [(rule * (columns.uptime - cell_len(name) - 1) + " ", "-dim"), (name, "-dim"), (" ", "")]
    return [*runs, (rule * (columns.now + columns.strip), "-dim")]


def title(row: Row) -> str:
    """What the line is called. A service that has one check is the check, too."""
    group = row.groups[0]
    if row.kind is Kind.CHECK:
        return "  " + row.checks[0].name
    if row.kind is Kind.REST:
        return "  " + ngettext("{n} check", "{n} checks", len(row.checks)).format(n=len(row.checks))
    if row.kind is Kind.ALIKE:
        return _("{n} services").format(n=len(row.groups))
    return group.name


def packed(groups: Sequence[Group], lines: int, width: int) -> list[int]:
    """How many services each line holds; what does not fit in ``lines`` is in the last one."""
    counts: list[int] = []
    used = width
    for group in groups:
        size = 2 + cell_len(group.name) + len(_GAP)
        if used + size > width and (len(counts) < lines or not counts):
            counts.append(0)
            used = 1
        counts[-1] += 1
        used += size
    return counts


def row_runs(row: Row, columns: Columns, now: datetime | None, uptimes: Uptimes) -> list[Run]:
    if row.kind is Kind.UP:
        return _up_runs(row, columns)
    head = row.checks[0]
    quiet = badness(head) >= QUIET
    if quiet and row.kind is Kind.SERVICE:
        return [*_begin(row, head, columns, now, quiet=True), *_figures(row, columns, now, uptimes)]
    runs = _begin(row, head, columns, now, quiet=quiet)
    if quiet:
        return [*runs, *_figures(row, columns, now, uptimes)]
    why = reason(row, head, now, columns.whole)
    if columns.wide:
        number = "" if row.kind is Kind.ALIKE else now_text(head, uptimes.get(head.id))
        runs += [
            (fit(why, columns.whole) + " ", ""),
            (
                fit(number, columns.now_of_failing, "right") + " " if columns.now_of_failing else "",
                "-stale" if head.health.stale or head.restored else "",
            ),
            (strip_of(head, columns.strip, columns.glyphs), _role(head)),
        ]
        return runs
    return [*runs, (fit(why, columns.whole), "")]


def _begin(row: Row, head: CheckView, columns: Columns, now: datetime | None, *, quiet: bool) -> list[Run]:
    """Sign, name, state and since when."""
    health = head.health
    role = _role(head)
    sign = columns.glyphs.states[State.UNKNOWN if health.stale else health.state]
    word = state_word(health.state)
    if health.stale:
        word = _("stale")
    elif health.state in (State.DOWN, State.UNKNOWN, State.DEGRADED):
        word = word.upper()
    indent = "  " if row.kind in (Kind.CHECK, Kind.REST) else ""
    name = columns.names.get(row.key, title(row))
    loud = "-strong" if row.kind is Kind.SERVICE and not quiet and not caused_elsewhere(row.groups[0]) else ""
    return [
        (f"{indent}{sign} ", role),
        (fit(name.removeprefix(indent), columns.name - len(indent)) + " ", loud),
        (fit(word, columns.state) + " ", role),
        (fit(since_text(head, now, columns.since), columns.since, "right") + " ", "-dim"),
    ]


def _figures(row: Row, columns: Columns, now: datetime | None, uptimes: Uptimes) -> list[Run]:
    """What a line says that is well: uptime of its worst check, latency or value, and the last probes."""
    head = row.checks[0]
    known = [uptimes[view.id] for view in row.checks if view.id in uptimes]
    day = min((each.day for each in known if each.day is not None), default=None)
    month = min((each.month for each in known if each.month is not None), default=None)
    shown = next((view for view in row.checks if now_text(view, None)), head)
    number = now_text(shown, uptimes.get(shown.id))
    note = head.target
    if row.kind is Kind.SERVICE and len(row.checks) > 1:
        note = ngettext("{n} check", "{n} checks", len(row.checks)).format(n=len(row.checks))
    if head.health.state is State.MAINTENANCE or head.muted is not None or head.remarks:
        worst = _worst_underneath(row) if head.health.state is State.MAINTENANCE else head
        note = circumstance(worst, now) or note
        if worst is not head:
            note = f"{worst.name}: {note}"
    strip = strip_of(shown, columns.strip, columns.glyphs)
    if columns.wide:
        return [
            (fit(note, columns.why) + " ", "-dim"),
            (fit(uptime_text(day), columns.uptime, "right") + " ", "-dim"),
            (fit(uptime_text(month), columns.uptime, "right") + " ", "-dim"),
            (fit(number, columns.now, "right") + " ", ""),
            (strip, "-dim"),
        ]
    left = columns.whole - (columns.strip + 1 if columns.strip else 0)
    short = now_text(shown, uptimes.get(shown.id), brief=True)
    shares = [
        f"{name} {uptime_text(value, brief=True)}"
        for name, value in (("24h", day), ("30d", month))
        if value is not None
    ]
    # The number stays longest, then the nearer past.
    said = next((text for text in _joined(shares, short) if cell_len(text) <= left), short)
    if head.health.state is State.MAINTENANCE and note:
        return [(fit(note, left), "-dim"), (" " + strip if columns.strip else "", "-dim")]
    if row.kind is not Kind.SERVICE and note and not said:
        said = note
    return [(fit(said, left), "-dim"), (" " + strip if columns.strip else "", "-dim")]


def _joined(shares: Sequence[str], number: str) -> Iterator[str]:
    for kept in range(len(shares), -1, -1):
        yield "  ".join(text for text in (*shares[:kept], number) if text)


def _worst_underneath(row: Row) -> CheckView:
    """The check in maintenance that would be worst without it; the first one where all are alike."""
    inside = [view for view in row.checks if view.health.state is State.MAINTENANCE]
    return min(
        inside, key=lambda view: WORST_FIRST.index(view.underneath.state) if view.underneath else len(WORST_FIRST)
    )


def _up_runs(row: Row, columns: Columns) -> list[Run]:
    """``+ API   + PostgreSQL``; what has no room is counted."""
    runs: list[Run] = []
    used = 0
    for at, group in enumerate(row.groups):
        view = group.worst
        left = len(row.groups) - at
        more = _("+{n} more").format(n=left)
        size = 2 + cell_len(group.name) + len(_GAP)
        reserve = cell_len(more) if left > 1 else -len(_GAP)
        if at and used + size + reserve > columns.width:
            return [*runs, (more, "-dim")]
        runs += [(f"{columns.glyphs.states[view.health.state]} ", _role(view)), (group.name + _GAP, "")]
        used += size
    return runs


def _role(view: CheckView) -> str:
    return "-stale" if view.health.stale else ROLE[view.health.state]


def since_text(view: CheckView, now: datetime | None, room: int = 6) -> str:
    """How long the state has lasted, in minutes; the largest unit alone where there is less room."""
    if view.health.reason is Reason.PENDING or now is None:
        return ""
    text = minutes_text((now - view.health.since).total_seconds())
    if len(text) <= room:
        return text
    at = next(index for index, letter in enumerate(text) if letter.isalpha())
    return text[: at + 1]
