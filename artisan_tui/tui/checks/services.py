"""The services pane: every check, worst first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from textual import events
from textual.message import Message
from textual.strip import Strip

from artisan_tui.domain.probe_result import Reason
from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.state import RANK, WORST_FIRST, State
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import check_status, leaning, state_word
from artisan_tui.tui.cells import Run, fit, to_strip, widest
from artisan_tui.tui.glyphs import Glyphs, latency_text, strip_text, value_text
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.styles import RoleStyles

ROLE = {
    State.UP: "-good",
    State.DEGRADED: "-warn",
    State.DOWN: "-bad",
    State.UNKNOWN: "-unknown",
    State.MAINTENANCE: "-dim",
}
#: A check that is up needs no reason; with this many cells its target is shown instead.
ROOM_FOR_TARGET = 30


def worst_first(checks: Sequence[CheckView]) -> list[CheckView]:
    """Down, unknown, degraded, maintenance, up; in each, those about to change first, else file order.

    What fails because of another is right below that other, so that one outage is in one place.
    """
    ranked = sorted(checks, key=lambda v: (RANK[v.health.state], not (v.health.stale or v.health.shaky)))
    there = {view.id for view in checks}
    symptoms: dict[str, list[CheckView]] = {}
    for view in ranked:
        if view.root_cause in there:
            symptoms.setdefault(view.root_cause, []).append(view)
    if not symptoms:
        return ranked
    causes = [view for view in ranked if view.root_cause not in there]
    # A cause is as bad as the worst of what it causes, even while it only begins to fail.
    causes.sort(key=lambda v: min(RANK[each.health.state] for each in (v, *symptoms.get(v.id, ()))))
    return [row for cause in causes for row in (cause, *symptoms.get(cause.id, ()))]


def counts_text(checks: Sequence[CheckView]) -> list[Run]:
    """``1 down (+3)  1 degraded  14 up``, worst first, zeros left out; stale ones are never counted as up.

    In parentheses what fails because of another check.
    """
    runs: list[Run] = []
    tally = Counter("stale" if view.health.stale else view.health.state.value for view in checks)
    root_cause = sum(
        1 for view in checks if view.root_cause and view.health.state is State.DOWN and not view.health.stale
    )
    stale = tally["stale"]
    for state in WORST_FIRST:
        number = tally[state.value]
        if state is State.DOWN and 0 < root_cause < number:
            runs += [(f"{number - root_cause} {state_word(state)} (+{root_cause})", ROLE[state]), ("  ", "")]
        elif number:
            runs += [(f"{number} {state_word(state)}", ROLE[state]), ("  ", "")]
        if state is State.DEGRADED and stale:
            # Trouble too: where the line is short, what is well goes first.
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
            "flapping" if view.flapping else "",
            "muted" if view.muted is not None else "",
            view.root_cause,
            view.past_cause,
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
    """One line a check: sign, id, state, why, since, latency or value, and the last probes."""

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
        self._columns = CheckColumns((), 80)
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
        """The selected check wherever it was sorted to; the worst one until one is selected."""
        for index, view in enumerate(self._rows):
            if view.id == self._selected:
                return index
        return 0 if self._rows else None

    # -- drawing ------------------------------------------------------------

    def prepare(self, width: int) -> int:
        self._columns = CheckColumns(self._rows, width)
        return max(1, len(self._rows))

    def strip_at(self, index: int, width: int, styles: RoleStyles, ground: str) -> Strip:
        if not self._rows:
            text = _("nothing matches the filter") if self._checks else _("waiting for the first results")
            return to_strip([(" " + text, "-dim")], width, styles, ground)
        view = self._rows[index]
        # A view is replaced whenever anything about its check changes; the same one draws the same line.
        key = (self._columns.key, since_text(view, self._now), *circumstances(view, self._now), styles, ground)
        known = self._made.get(view.id)
        if known is not None and known[0] is view and known[1] == key:
            return known[2]
        strip = to_strip(row_runs(view, self._columns, self._now, self._glyphs), width, styles, ground)
        self._made[view.id] = (view, key, strip)
        return strip

    # -- keys ---------------------------------------------------------------

    def move(self, how: str) -> None:
        if not self._rows:
            return
        at = moved(how, self.cursor_line() or 0, len(self._rows), self._page)
        self._selected = self._rows[at].id if at else None
        self.keep_in_view(at)
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self._rows):
            again = self._rows[line].id == self._selected
            self._selected = self._rows[line].id
            self.redraw()
            if again:
                self.post_message(self.Opened(self._rows[line].id))


class CheckColumns:
    """How many cells each column gets at a width; what is left over goes to the reason."""

    def __init__(self, rows: Sequence[CheckView], width: int) -> None:
        self.name = widest(
            [f"  {view.id}" if view.root_cause else view.id for view in rows], 12, 22 if width < 100 else 32
        )
        there = {view.health.state for view in rows}
        words = [state_word(state) for state in State if state is not State.MAINTENANCE or state in there]
        self.state = widest(words, 7, 11)
        self.since = 6
        self.number = 8
        self.strip = 4 if width < 70 else 8 if width < 90 else 12 if width < 150 else 24
        fixed = 2 + self.name + 1 + self.state + 1 + 1 + self.since + 1 + self.number + 1 + self.strip + 1
        short = max(0, fixed - width)
        # The newest probes are at the right end, so the strip gets shorter at its left end.
        given = min(short, self.strip - 4)
        self.strip -= given
        self.name -= min(short - given, self.name - 8)
        self.why = max(0, width - fixed)
        # The words too: in another language the same view is another line.
        self.key = (width, self.name, self.state, self.strip, *words)


def since_text(view: CheckView, now: datetime | None) -> str:
    """How long the state has lasted, in minutes."""
    if view.health.reason is Reason.PENDING or now is None:
        return ""
    return minutes_text((now - view.health.since).total_seconds())


def circumstances(view: CheckView, now: datetime | None, room: int = ROOM_FOR_TARGET) -> list[str]:
    """What a person must know before the reason: whose failure this is, and that nobody is paged for it."""
    texts = []
    if view.root_cause:
        words = _("caused by {cause}") if room >= ROOM_FOR_TARGET else _("by {cause}")
        texts.append(words.format(cause=view.root_cause))
    elif view.past_cause:
        texts.append(_("was caused by {cause}").format(cause=view.past_cause))
    if view.flapping:
        texts.append(_("page held: flapping") if view.held else _("flapping"))
    if view.muted is not None:
        left = (view.muted.until - now).total_seconds() if now is not None else 0.0
        texts.append(_("muted {span}").format(span=minutes_text(max(0.0, left))))
    return texts


def row_runs(view: CheckView, columns: CheckColumns, now: datetime | None, glyphs: Glyphs) -> list[Run]:
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
    why = check_status(health, view.policy)
    if view.restored:
        why = _("last known state, not probed yet")
    elif lean:
        why = f"{lean}  {why}" if why else lean
    elif not why and view.remarks:
        why = view.remarks[0]
    why = "  ".join(text for text in (*circumstances(view, now, columns.why), why) if text)
    since = since_text(view, now)
    number = value_text(view.value) if view.value is not None else latency_text(view.shown_latency)
    quiet = health.state is State.UP and not health.stale and not lean and not view.flapping
    if quiet and not why and columns.why >= ROOM_FOR_TARGET:
        why = view.target
    loud = "-strong" if health.state is State.DOWN and not view.root_cause else ""
    name = f"  {view.id}" if view.root_cause else view.id
    runs: list[Run] = [
        (f"{sign} ", role),
        (fit(name, columns.name) + " ", loud),
        (fit(word, columns.state) + " ", role),
        (fit(why, columns.why) + " ", "-dim" if quiet else ""),
    ]
    runs += [
        (fit(since, columns.since, "right") + " ", "-dim"),
        (fit(number, columns.number, "right") + " ", "-stale" if health.stale or view.restored else ""),
        (strip_text(view.strip, columns.strip, glyphs), "-dim" if quiet else role),
    ]
    return runs
