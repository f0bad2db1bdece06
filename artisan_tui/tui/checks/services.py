"""The services pane: a line for each service, worst first, and below it the checks that fail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from textual import events
from textual.message import Message
from textual.strip import Strip

from artisan_tui.engine.checks.slice import CheckView, UptimeSlice
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import state_word
from artisan_tui.tui.cells import Run, to_strip
from artisan_tui.tui.checks.counts import QUIET, badness
from artisan_tui.tui.checks.grouping import Group, Kind, Known, Row, arrange, grouped
from artisan_tui.tui.checks.sorting import SORTS, Sort
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.lines import Lines, moved
from artisan_tui.tui.styles import RoleStyles

if TYPE_CHECKING:
    # What draws the lines is not needed before there are checks: the first frame has none.
    from artisan_tui.tui.checks.rows import Columns, Uptimes


def _fields(view: CheckView) -> dict[str, tuple[str, ...]]:
    """What a word like ``state:down`` looks in."""
    states = [view.health.state.value, state_word(view.health.state)]
    states += [word for word, so in (("stale", view.health.stale), ("flapping", view.flapping)) if so]
    return {
        "state": tuple(states),
        "service": (view.id.partition(".")[0], view.service_name),
        "check": (view.id, view.name),
        "kind": (view.kind,),
        "reason": (view.health.reason.value,),
    }


def matches(view: CheckView, words: Sequence[str]) -> bool:
    """Every word must occur in the row's texts, a ``!word`` must not; ``state:down`` only there, from its beginning."""
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
            view.about.owner,
            *view.about.tags,
            *(text for link in view.about.links for text in link),
        )
    ).casefold()
    for word in words:
        excluded = word.startswith("!") and len(word) > 1
        asked = word[1:] if excluded else word
        name, _colon, value = asked.partition(":")
        texts = _fields(view).get(name) if value else None
        found = asked in text if texts is None else any(each.casefold().startswith(value) for each in texts)
        if found is excluded:
            return False
    return True


class Services(Lines):
    """What fails is unfolded to the checks that fail; services that are up share lines where there is no room."""

    class Opened(Message):
        """A line was clicked twice."""

    class Moved(Message):
        """Another line is selected."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="services")
        self._glyphs = glyphs
        self._checks: tuple[CheckView, ...] = ()
        self._groups: list[Group] = []
        self._known: Known = {}
        self._shown = 0
        self._rows: list[Row] = []
        self._words: tuple[str, ...] = ()
        self._now: datetime | None = None
        self._uptimes: Uptimes = {}
        self._selected: str | None = None
        self._unfolded: set[str] = set()
        self._folded: set[str] = set()
        self._sort: Sort = SORTS[0]
        self._columns: Columns | None = None
        self._made: dict[str, tuple[Row, tuple[object, ...], Strip]] = {}
        self._told: str | None = None

    # -- data ---------------------------------------------------------------

    def show_checks(self, checks: tuple[CheckView, ...], now: datetime) -> None:
        self._checks, self._now = checks, now
        self._arrange()

    def show_uptimes(self, uptimes: UptimeSlice) -> None:
        self._uptimes = uptimes.checks
        self.redraw()

    def show_filter(self, text: str) -> None:
        self._words = tuple(text.casefold().split())
        self._arrange()

    def sort_next(self) -> str:
        """Sort by the next column; its title."""
        self._sort = SORTS[(SORTS.index(self._sort) + 1) % len(SORTS)]
        self._arrange()
        return _(self._sort.title)

    def _arrange(self) -> None:
        checks: Sequence[CheckView] = self._checks
        if self._words:
            checks = [view for view in checks if matches(view, self._words)]
        self._shown = len(checks)
        self._groups = self._sort.apply(grouped(checks, self._known), self._uptimes)
        if self._selected is None and self.scroll_offset.y:
            self.scroll_to(y=0, animate=False, immediate=True)  # nobody reads there: the worst is to be seen
        self.redraw()

    def redraw(self) -> None:
        super().redraw()
        row = self.row
        if row is not None and row.key != self._told:
            self._told = row.key
            self.post_message(self.Moved())

    @property
    def row(self) -> Row | None:
        at = self.cursor_line()
        return None if at is None else self._rows[at]

    @property
    def selected(self) -> CheckView | None:
        """The selected check; of a service, the worst one."""
        row = self.row
        return None if row is None else row.checks[0]

    def column_names(self) -> list[Run]:
        if self._columns is None:
            return []
        from artisan_tui.tui.checks.rows import column_names

        return column_names(self._columns, self._uptimes, self._glyphs.rule)

    @property
    def filtered(self) -> tuple[int, int]:
        """(checks shown, checks there are)."""
        return self._shown, len(self._checks)

    def beyond(self, lines: range) -> str:
        """New trouble above the edge must not go unseen: what fails is told apart."""
        views = [self._rows[at].checks[0] for at in lines if at < len(self._rows)]
        worst = min(map(badness, views), default=QUIET)
        if worst >= QUIET:
            return str(len(lines))
        some = [view for view in views if badness(view) == worst]
        word = _("stale") if some[0].health.stale else state_word(some[0].health.state)
        return f"{len(some)} {word}"

    def cursor_line(self) -> int | None:
        """The selected line wherever it was sorted to; the worst one until one is selected."""
        for index, row in enumerate(self._rows):
            if row.key == self._selected:
                return index
        return 0 if self._rows else None

    # -- folding ------------------------------------------------------------

    def unfold(self) -> bool:
        """Show what is in the selected line; False when nothing more is."""
        row = self.row
        if row is None or row.kind is Kind.CHECK:
            return False
        if row.kind is Kind.SERVICE:
            if row.key in self._unfolded or len(row.checks) == 1:
                return False
            below = [each for each in self._rows if each.kind is Kind.CHECK and each.groups[0].id == row.groups[0].id]
            if len(below) == len(row.checks):
                return False  # all that there is already
            self._unfolded.add(row.key)
            self._folded.discard(row.key)
        elif row.kind is Kind.REST:
            self._unfolded.add(f"service:{row.groups[0].id}")
            self._selected = f"check:{row.checks[0].id}"
        elif row.kind is Kind.ALIKE:
            self._unfolded.add(row.key)
            self._selected = f"service:{row.groups[0].id}"
        else:
            self._unfolded.add("up")
            self._selected = f"service:{row.groups[0].id}"
        self._arrange()
        return True

    def fold(self) -> None:
        """Hide what is below the selected line, or below the service that it belongs to."""
        row = self.row
        if row is None:
            return
        key = f"service:{row.groups[0].id}"
        if row.kind is Kind.SERVICE and not row.unfolded:
            # Folded itself already: then what it is one of.
            self._unfolded -= {"up", *(each for each in self._unfolded if each.startswith("alike:"))}
        else:
            self._unfolded.discard(key)
            self._folded.add(key)
            self._selected = key
        self._arrange()

    def fold_all(self) -> bool:
        """As it was at the start; whether anything was folded or unfolded by hand."""
        there = bool(self._unfolded or self._folded)
        self._unfolded, self._folded = set(), set()
        if there:
            self._arrange()
        return there

    def find(self, key: str) -> bool:
        """Select the line with this key, ``service:api`` or ``check:api.health``; False when there is none."""
        service = key.partition(":")[2].partition(".")[0]
        if not any(group.id == service for group in self._groups):
            return False
        self._unfolded |= {"up"} if key.startswith("service:") else {f"service:{service}"}
        self._selected = key
        self._arrange()
        at = self.cursor_line()
        if at is not None:
            self.keep_in_view(at)
        return at is not None and self._rows[at].key == key

    # -- drawing ------------------------------------------------------------

    def wanted(self, room: int) -> int:
        """How many lines it has where there are ``room`` for it."""
        return len(self.rows_for(self._groups, self.scrollable_content_region.width, room))

    def rows_for(self, groups: Sequence[Group], width: int, room: int | None = None) -> list[Row]:
        """The lines of these services in a pane of this width; ``room`` lines are to be seen, else as many as it has."""
        room = self.scrollable_content_region.height if room is None else room
        # A filter is there to see what it finds.
        open_ = {*self._unfolded, "up"} if self._words else self._unfolded
        if self._words:
            open_ |= {f"service:{group.id}" for group in groups if len(group.checks) <= room}
        from artisan_tui.tui.checks.rows import packed

        return arrange(groups, open_, self._folded, room, lambda some, lines: packed(some, lines, width))

    def prepare(self, width: int) -> int:
        if not self._groups:
            self._rows, self._columns = [], None
            return 1
        from artisan_tui.tui.checks.rows import Columns

        self._rows = self.rows_for(self._groups, width)
        self._columns = Columns(self._rows, width, self._glyphs)
        return max(1, len(self._rows))

    def strip_at(self, index: int, width: int, styles: RoleStyles, ground: str) -> Strip:
        if not self._rows or self._columns is None:
            begun = (
                _("waiting for the first results") if self.shell.moment is None else _("no check was probed by then")
            )
            text = _("nothing matches the filter") if self._checks else begun
            return to_strip([(" " + text, "-dim")], width, styles, ground)
        from artisan_tui.tui.checks.rows import row_runs, since_text

        row, head = self._rows[index], self._rows[index].checks[0]
        # Its line counts minutes down.
        muted = (head.muted is not None or head.until is not None) and self._now
        figures = tuple(self._uptimes.get(view.id) for view in row.checks) if row.kind is Kind.SERVICE else ()
        key = (self._columns.key, since_text(head, self._now), muted, row.unfolded, figures, styles, ground)
        known = self._made.get(row.key)
        # A view is replaced whenever anything about its check changes; the same ones draw the same line.
        if known is not None and known[1] == key and _same(known[0], row):
            return known[2]
        strip = to_strip(row_runs(row, self._columns, self._now, self._uptimes), width, styles, ground)
        self._made[row.key] = (row, key, strip)
        return strip

    def on_resize(self, event: events.Resize) -> None:
        super().on_resize(event)
        self.redraw()  # another height folds or unfolds what is well

    # -- keys ---------------------------------------------------------------

    def move(self, how: str) -> None:
        if not self._rows:
            return
        at = moved(how, self.cursor_line() or 0, len(self._rows), self._page)
        self._selected = self._rows[at].key if at else None
        self.keep_in_view(at)
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self._rows):
            again = self._rows[line].key == self._selected
            self._selected = self._rows[line].key
            self.redraw()
            if again:
                self.post_message(self.Opened())


def _same(one: Row, other: Row) -> bool:
    if one.kind is not other.kind or len(one.checks) != len(other.checks) or len(one.groups) != len(other.groups):
        return False
    return all(a is b for a, b in zip(one.checks, other.checks, strict=True)) and all(
        a.name == b.name for a, b in zip(one.groups, other.groups, strict=True)
    )
