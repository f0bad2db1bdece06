"""Everything about one check, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.sample import CheckSample, RollUp
from artisan_tui.domain.event import Event
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView, Uptime
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import found_text, reason_word
from artisan_tui.tui.cells import Run, fit, fitted, wrapped
from artisan_tui.tui.checks.counts import QUIET, badness
from artisan_tui.tui.checks.curve import History, curve_rows
from artisan_tui.tui.checks.days import day_rows
from artisan_tui.tui.checks.logs import LogReading
from artisan_tui.tui.checks.outages import outage_rows
from artisan_tui.tui.checks.status import schedule_rows, section, status_rows
from artisan_tui.tui.event_line import event_runs
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.lines import Lines

if TYPE_CHECKING:
    from artisan_tui.engine.checks.outages import OutageHistory

Row = list[Run]
#: Lines of the response, and state changes shown.
EXCERPT_LINES = 40
CHANGES = 20


class Detail(Lines):
    """What a person needs while it fails is first: why, what it answered, its log. While all is well, its past is."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="detail")
        self._glyphs = glyphs
        self._view: CheckView | None = None
        self._uptime: Uptime | None = None
        self._events: tuple[Event, ...] = ()
        self._zone: tzinfo | None = None
        self._now: datetime | None = None
        self._history: History | None = None
        self._outages: tuple[OutageHistory | None, str] = (None, "")
        self._key_of_logs = ""
        self.log_reading = LogReading()

    def show_check(
        self,
        view: CheckView | None,
        events: tuple[Event, ...],
        zone: tzinfo,
        now: datetime,
        uptime: Uptime | None = None,
        key_of_logs: str = "",
    ) -> None:
        self._view, self._events, self._zone, self._now = view, events, zone, now
        self._uptime, self._key_of_logs = uptime, key_of_logs
        self.redraw()

    def show_history(
        self, span: float, now: datetime, samples: Sequence[CheckSample], roll_ups: Sequence[RollUp]
    ) -> None:
        """Plot the ``span`` seconds up to ``now``; they stay until newer ones are shown."""
        self._history = History(span, now, samples, roll_ups)
        self.redraw()

    def show_outages(self, history: OutageHistory | None, problem: str = "") -> None:
        self._outages = (history, problem)
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        view, now = self._view, self._now
        if view is None or now is None:
            return [[(" " + _("this check is no longer in the configuration"), "-warn")]]
        rows: list[Row] = [*status_rows(view, self._uptime, self._glyphs, self._zone, now, width)]
        rows += section([*condition_rows(view, width, self._glyphs)])
        answer = section([*response_rows(view, width)])
        log = section(self.log_reading.rows(view.about.logs, self._key_of_logs, width))
        curve: list[Row] = []
        if self._history is not None:
            curve = section(curve_rows(view, self._history, width, self._glyphs, self._zone))
        # A plot of nothing tells nothing; a body tells why.
        telling = badness(view) < QUIET or self._history is None or self._history.empty
        rows += [*answer, *log, *curve] if telling else [*curve, *log]
        rows += section(day_rows(self._uptime.days if self._uptime is not None else (), width, self._glyphs))
        rows += section(outage_rows(*self._outages, width, self._zone, now))
        rows += section([*self._changes(width, now)])
        rows += section([*schedule_rows(view, width)])
        return [fitted(row, width) for row in (rows if telling else [*rows, *answer])]

    def _changes(self, width: int, now: datetime) -> Iterator[Row]:
        yield [(" " + _("State changes"), "-strong")]
        if not self._events:
            yield [("   " + _("none recorded"), "-dim")]
        for event in self._events[:CHANGES]:
            yield [("  ", ""), *event_runs(event, width - 2, 7, self._zone, now)]


def condition_rows(view: CheckView, width: int, glyphs: Glyphs) -> Iterator[Row]:
    """Each condition and what was found for it."""
    if not view.findings:
        return
    yield [(" " + _("Conditions"), "-strong")]
    wide = max(24, min(56, width // 2))
    for finding in view.findings:
        sign = glyphs.states[State.UP if finding.ok else State.DOWN]
        actual = found_text(finding)
        result = actual if finding.ok else f"{actual}   {reason_word(finding.reason)}"
        if finding.reason is Reason.MISSING:
            result = reason_word(finding.reason)
        yield [
            (f"   {sign} ", "-good" if finding.ok else "-bad"),
            (fit(finding.condition, wide) + "  ", ""),
            (fit(result, max(0, width - wide - 8)), "-dim" if finding.ok else ""),
        ]


def response_rows(view: CheckView, width: int) -> Iterator[Row]:
    """The start of what the target answered, in its own words."""
    if not view.excerpt:
        return
    yield [(" " + _("Last response"), "-strong")]
    lines = [part for line in view.excerpt.split("\n") for part in wrapped(line, width - 4)]
    for line in lines[:EXCERPT_LINES]:
        yield [("   " + line, "-dim")]
    if len(lines) > EXCERPT_LINES:
        yield [("   …", "-dim")]
