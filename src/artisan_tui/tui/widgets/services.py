"""The services pane: every check, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from artisan_tui.domain.sighting import Reason
from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.state import RANK, WORST_FIRST, State
from artisan_tui.engine.snapshot import CheckView
from artisan_tui.i18n import _
from artisan_tui.reports.words import leaning, standing, state_word
from artisan_tui.tui.cells import Run, fit, to_strip, widest
from artisan_tui.tui.glyphs import Glyphs, latency_text, strip_text, value_text
from artisan_tui.tui.look import Look
from artisan_tui.tui.widgets.lines import Lines

ROLE = {
    State.UP: "-good",
    State.DEGRADED: "-warn",
    State.DOWN: "-bad",
    State.UNKNOWN: "-unknown",
    State.MAINTENANCE: "-dim",
}
#: A check that is up needs no reason; with this many cells its target stands there instead.
ROOM_FOR_TARGET = 30


def worst_first(checks: Sequence[CheckView]) -> list[CheckView]:
    """Down, unknown, degraded, maintenance, up; in each, those about to change first, else file order."""
    return sorted(checks, key=lambda v: (RANK[v.health.state], not (v.health.stale or v.health.shaky)))


def counts_text(checks: Sequence[CheckView]) -> list[Run]:
    """``1 down  1 degraded  14 up``, worst first, zeros left out; stale ones are never counted as up."""
    runs: list[Run] = []
    tally = Counter("stale" if view.health.stale else view.health.state.value for view in checks)
    stale = tally["stale"]
    for state in WORST_FIRST:
        number = tally[state.value]
        if number:
            runs += [(f"{number} {state_word(state)}", ROLE[state]), ("  ", "")]
    if stale:
        runs += [(f"{stale} {_('stale')}", "-stale"), ("  ", "")]
    return runs[:-1]


def matches(view: CheckView, words: Sequence[str]) -> bool:
    """Every word must occur in the row's texts, a ``!word`` must not."""
    text = " ".join(
        (
            view.id,
            view.name,
            view.service_name,
            view.kind,
            view.target,
            view.health.state.value,
            state_word(view.health.state),
            view.health.reason.value,
            view.health.detail,
            "stale" if view.health.stale else "",
        )
    ).casefold()
    for word in words:
        if word.startswith("!") and len(word) > 1:
            if word[1:] in text:
                return False
        elif word not in text:
            return False
    return True


class Services(Lines):
    """One line a check: sign, id, state, why, since, latency or value, and the last looks."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", show=False, id="list.up"),
        Binding("down,j", "move(1)", show=False, id="list.down"),
        Binding("pageup", "page(-1)", show=False, id="list.page-up"),
        Binding("pagedown", "page(1)", show=False, id="list.page-down"),
        Binding("home,g", "move(-100000)", show=False, id="list.first"),
        Binding("end,G", "move(100000)", show=False, id="list.last"),
    ]

    class Opened(Message):
        def __init__(self, check_id: str) -> None:
            super().__init__()
            self.check_id = check_id

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="services")
        self._glyphs = glyphs
        self._checks: tuple[CheckView, ...] = ()
        self._rows: list[CheckView] = []
        self._words: tuple[str, ...] = ()
        self._now: datetime | None = None
        self._selected: str | None = None
        self._columns = Columns((), 80)
        self._made: dict[str, tuple[CheckView, tuple[object, ...], Strip]] = {}

    # -- data ---------------------------------------------------------------

    def show_checks(self, checks: tuple[CheckView, ...], now: datetime) -> None:
        self._checks, self._now = checks, now
        self._arrange()

    def show_filter(self, text: str) -> None:
        self._words = tuple(text.casefold().split())
        self._arrange()

    def _arrange(self) -> None:
        rows = worst_first(self._checks)
        self._rows = [view for view in rows if matches(view, self._words)] if self._words else rows
        if self._selected is not None and all(view.id != self._selected for view in self._rows):
            self._selected = None
        self.redraw()

    @property
    def selected(self) -> CheckView | None:
        at = self.cursor_line()
        return None if at is None else self._rows[at]

    @property
    def filtered(self) -> tuple[int, int]:
        """(rows shown, checks there are)."""
        return len(self._rows), len(self._checks)

    def cursor_line(self) -> int | None:
        """The chosen check wherever it was sorted to; the worst one until somebody chooses."""
        for index, view in enumerate(self._rows):
            if view.id == self._selected:
                return index
        return 0 if self._rows else None

    # -- drawing ------------------------------------------------------------

    def prepare(self, width: int) -> int:
        self._columns = Columns(self._rows, width)
        return max(1, len(self._rows))

    def strip_at(self, index: int, width: int, look: Look, ground: str) -> Strip:
        if not self._rows:
            said = _("nothing matches the filter") if self._checks else _("waiting for the first answers")
            return to_strip([(" " + said, "-dim")], width, look, ground)
        view = self._rows[index]
        # A view is replaced whenever anything about its check changes; the same one draws the same line.
        key = (self._columns.key, since_text(view, self._now), look, ground)
        known = self._made.get(view.id)
        if known is not None and known[0] is view and known[1] == key:
            return known[2]
        strip = to_strip(row_runs(view, self._columns, self._now, self._glyphs), width, look, ground)
        self._made[view.id] = (view, key, strip)
        return strip

    # -- keys ---------------------------------------------------------------

    def action_move(self, step: int) -> None:
        if not self._rows:
            return
        at = self.cursor_line() or 0
        at = max(0, min(len(self._rows) - 1, at + step))
        self._selected = self._rows[at].id if at else None
        self.keep_in_view(at)
        self.redraw()

    def action_page(self, direction: int) -> None:
        self.action_move(direction * max(1, self.scrollable_content_region.height - 1))

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self._rows):
            again = self._rows[line].id == self._selected
            self._selected = self._rows[line].id
            self.redraw()
            if again:
                self.post_message(self.Opened(self._rows[line].id))


class Columns:
    """How many cells each column gets at a width; what is left over goes to the reason."""

    def __init__(self, rows: Sequence[CheckView], width: int) -> None:
        self.name = widest([view.id for view in rows], 12, 22 if width < 100 else 32)
        there = {view.health.state for view in rows}
        words = [state_word(state) for state in State if state is not State.MAINTENANCE or state in there]
        self.state = widest(words, 7, 11)
        self.since = 6
        self.number = 8
        self.strip = 8 if width < 90 else 12 if width < 150 else 24
        fixed = 2 + self.name + 1 + self.state + 1 + 1 + self.since + 1 + self.number + 1 + self.strip + 1
        short = max(0, fixed - width)
        # The newest looks stand at the right end, so the strip gives way by getting shorter, never by a cut.
        self.strip -= min(short, self.strip - 4)
        self.name -= min(max(0, short - 4), self.name - 8)
        self.why = max(0, width - fixed)
        # The words too: in another language the same view is another line.
        self.key = (width, self.name, self.state, self.strip, *words)


def since_text(view: CheckView, now: datetime | None) -> str:
    """How long the state has lasted, in minutes."""
    if view.health.reason is Reason.PENDING or now is None:
        return ""
    return minutes_text((now - view.health.since).total_seconds())


def row_runs(view: CheckView, columns: Columns, now: datetime | None, glyphs: Glyphs) -> list[Run]:
    """One check as runs; pure, so that a test can read it."""
    health = view.health
    role = "-stale" if health.stale else ROLE[health.state]
    sign = glyphs.states[State.UNKNOWN if health.stale else health.state]
    word = state_word(health.state)
    if health.stale:
        word = _("stale")
    elif health.state in (State.DOWN, State.UNKNOWN, State.DEGRADED):
        word = word.upper()
    lean = leaning(health, view.policy)
    why = standing(health, view.policy)
    if view.restored:
        why = _("last known, not checked yet in this session")
    elif lean:
        why = f"{lean}  {why}" if why else lean
    elif not why and view.remarks:
        why = view.remarks[0]
    since = since_text(view, now)
    number = value_text(view.value) if view.value is not None else latency_text(view.steady)
    quiet = health.state is State.UP and not health.stale and not lean
    if quiet and not why and columns.why >= ROOM_FOR_TARGET:
        why = view.target
    loud = "-strong" if health.state is State.DOWN else ""
    runs: list[Run] = [
        (f"{sign} ", role),
        (fit(view.id, columns.name) + " ", loud),
        (fit(word, columns.state) + " ", role),
        (fit(why, columns.why) + " ", "-dim" if quiet else ""),
    ]
    runs += [
        (fit(since, columns.since, "right") + " ", "-dim"),
        (fit(number, columns.number, "right") + " ", "-stale" if health.stale or view.restored else ""),
        (strip_text(view.strip, columns.strip, glyphs), "-dim" if quiet else role),
    ]
    return runs
