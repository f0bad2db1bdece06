"""The lines of the services pane as runs. Pure, so that a test can read them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rich.cells import cell_len

from artisan_tui.domain.probe_result import UNREACHED, Reason
from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.state import WORST_FIRST, State
from artisan_tui.engine.checks.slice import CheckView, Uptime
from artisan_tui.i18n import _
from artisan_tui.reports.checks.own_words import own_words
from artisan_tui.reports.checks.words import check_status, found_text, leaning, reason_word, state_word, underneath_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.tui.cells import Run, fit, fit_apart, widest
from artisan_tui.tui.checks.counts import QUIET, ROLE, badness
from artisan_tui.tui.checks.figures import (
    equal_of,
    limit_of,
    measured,
    now_text,
    strip_of,
    uptime_text,
    with_unit,
)
from artisan_tui.tui.checks.grouping import Group, Kind, Row, caused_elsewhere
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
        most = 18 if width < COLUMNS_FROM else 24 if width < 150 else 32
        self.name = widest(list(names.values()), 8, min(most, max(8, width // 4)))
        self.names = fit_apart(names, self.name)
        there = {view.health.state for row in named for view in row.checks[:1]}
        words = [state_word(state) for state in State if state is not State.MAINTENANCE or state in there]
        self.state = widest(words, 4, 11)
        self.since = 6 if self.wide else 5
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


def title(row: Row) -> str:
    """What the line is called. A service that has one check is the check, too."""
    group = row.groups[0]
    if row.kind is Kind.CHECK:
        return "  " + row.checks[0].name
    if row.kind is Kind.REST:
        return "  " + _("{n} checks").format(n=len(row.checks))
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
        number = now_text(head, uptimes.get(head.id))
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
        note = _("{n} checks").format(n=len(row.checks))
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


def circumstance(view: CheckView, now: datetime | None) -> str:
    """What a person must know before the reason: that nobody is paged for it, and what else is the matter."""
    texts = []
    if view.past_cause:
        texts.append(_("was caused by {cause}").format(cause=view.past_cause))
    if view.health.state is State.MAINTENANCE:
        texts.append(maintenance_text(view, now))
    if view.flapping:
        texts.append(_("page held: flapping") if view.held else _("flapping"))
    if view.muted is not None:
        left = (view.muted.until - now).total_seconds() if now is not None else None
        muted = _("muted") if left is None else _("muted {span}").format(span=minutes_text(max(0.0, left)))
        texts.append(muted)
    if view.health.state is State.UP and view.remarks:
        texts.append(read_back(view.remarks[0]))
    return "  ".join(texts)


def maintenance_text(view: CheckView, now: datetime | None) -> str:
    """``42m left, would be DOWN: timeout``: when it ends, and what is so underneath."""
    texts = []
    if view.until is not None and now is not None:
        left = minutes_text(max(0.0, (view.until - now).total_seconds()))
        texts.append(_("{span} left").format(span=left))
    if view.underneath is not None:
        texts.append(underneath_text(view.underneath, view.policy))
    return ", ".join(texts)


def reason(row: Row, view: CheckView, now: datetime | None, room: int) -> str:
    """Why, in the words of who knows best: the target's own, else ours with the address where nothing answered."""
    group = row.groups[0]
    texts = [circumstance(view, now)]
    if row.kind is Kind.ALIKE:
        names = ", ".join(group.name for group in row.groups)
        return "  ".join(text for text in (*texts, f"{check_status(view.health, view.policy)}  {names}") if text)
    if view.root_cause and (row.kind is not Kind.SERVICE or caused_elsewhere(group)):
        texts.append(_("caused by {cause}").format(cause=view.root_cause))
        if row.kind is Kind.REST:
            texts.append(", ".join(view.name for view in row.checks))
        return "  ".join(text for text in texts if text)
    if view.restored:
        return "  ".join(text for text in (*texts, _("last known state, not probed yet")) if text)
    lean = leaning(view.health, view.policy)
    why = against_limit(view) or check_status(view.health, view.policy)
    if row.kind is Kind.REST:
        why = f"{why}  {', '.join(view.name for view in row.checks)}"
    elif row.kind is Kind.SERVICE and len(row.groups[0].checks) > 1:
        why = headline(view) or why
        lean = "" if row.unfolded else lean
    else:
        # The condition first: the line of the service above says it in the target's words.
        said = headline(view)
        alone = len(group.checks) == 1
        why = said if alone and said else why
        if view.health.reason in UNREACHED:
            why = f"{why}  {address(view)}"
        elif said and not alone:
            why = f"{why}  {own(view)}"
    texts += [lean, why]
    return "  ".join(text for text in texts if text)


def against_limit(view: CheckView) -> str:
    """``41 %, limit 60 %`` for a value that does not keep its limit, ``0 up, must be 1``, "" for anything else."""
    limit, equal = limit_of(view), equal_of(view)
    if view.health.reason is not Reason.VALUE or view.value is None or not view.health.detail:
        return ""
    if equal:
        return _("{value}, must be {wanted}").format(value=measured(view), wanted=equal)
    if not limit:
        return ""
    return _("{value}, limit {limit}").format(value=measured(view), limit=with_unit(limit, view.unit))


def own(view: CheckView) -> str:
    return own_words(view.health.reason, view.excerpt, view.remarks)


def headline(view: CheckView) -> str:
    """``503: CUDA out of memory``: the target's own words, after what it failed with; "" where it has none."""
    said = own(view)
    if not said or said in view.health.detail:
        return ""
    failed = next((finding for finding in view.findings if not finding.ok), None)
    if failed is None or not failed.actual or len(failed.actual) > 12:
        return f"{reason_word(view.health.reason)}: {said}"
    actual = found_text(failed)
    root = failed.condition.partition(" ")[0]
    return f"{actual}: {said}" if root == "status" else f"{root} {actual}: {said}"


def address(view: CheckView) -> str:
    """Where nothing answered, without the scheme: ``127.0.0.1:8000/health``."""
    target = view.target.partition(" ")[0]
    return target.partition("://")[2] or target
