"""Everything about one check, as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo

from rich.cells import cell_len

from artisan_tui.domain.checks.sample import CheckSample, RollUp
from artisan_tui.domain.event import Event
from artisan_tui.domain.probe_result import Reason
from artisan_tui.domain.span import minutes_text, span_text
from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import check_status, leaning, reason_word, state_word
from artisan_tui.reports.moments import date_time_text, time_text
from artisan_tui.reports.read_back import read_back
from artisan_tui.tui.board.journal import event_runs
from artisan_tui.tui.cells import Run, fit, wrapped
from artisan_tui.tui.checks.counts import ROLE
from artisan_tui.tui.glyphs import Glyphs, latency_text
from artisan_tui.tui.kit.lines import Lines
from artisan_tui.tui.kit.plot import bucket, draw, outage_row

Row = list[Run]
#: Lines of the plot, lines of the response, and state changes shown.
PLOT_HEIGHT = 5
EXCERPT_LINES = 40
CHANGES = 20


class Detail(Lines):
    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="detail")
        self._glyphs = glyphs
        self._view: CheckView | None = None
        self._events: tuple[Event, ...] = ()
        self._zone: tzinfo | None = None
        self._now: datetime | None = None
        self._history: tuple[float, datetime, Sequence[CheckSample], Sequence[RollUp]] | None = None

    def show_check(self, view: CheckView | None, events: tuple[Event, ...], zone: tzinfo, now: datetime) -> None:
        self._view, self._events, self._zone, self._now = view, events, zone, now
        self.redraw()

    def show_history(
        self, span: float, now: datetime, samples: Sequence[CheckSample], roll_ups: Sequence[RollUp]
    ) -> None:
        """Plot the ``span`` seconds up to ``now``; they stay until newer ones are shown."""
        self._history = (span, now, samples, roll_ups)
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        view, now = self._view, self._now
        if view is None or now is None:
            return [[(" " + _("this check is no longer in the configuration"), "-warn")]]
        rows: list[Row] = []
        rows.extend(self._status(view, now, width))
        rows.extend(self._conditions(view, width))
        rows.extend(self._plot(width))
        rows.extend(self._changes(width, now))
        rows.extend(self._response(view, width))
        return rows

    def _status(self, view: CheckView, now: datetime, width: int) -> Iterator[Row]:
        health = view.health
        role = "-stale" if health.stale else ROLE[health.state]
        word = (
            _("stale, was {state}").format(state=state_word(health.state)) if health.stale else state_word(health.state)
        )
        since = health.since.astimezone(self._zone)
        yield [
            (f" {self._glyphs.states[State.UNKNOWN if health.stale else health.state]} {word.upper()}", role),
            (
                "  "
                + _("since {time} ({age})").format(
                    time=date_time_text(since, self._zone, seconds=True),
                    age=minutes_text((now - health.since).total_seconds()),
                ),
                "-dim",
            ),
            ("   " + leaning(health, view.policy), "-warn"),
        ]
        why = check_status(health, view.policy)
        if why:
            for line in wrapped(why, width - 4):
                yield [("   " + line, "")]
        for line in self._circumstances(view):
            for part in wrapped(line, width - 4):
                yield [("   " + part, "-warn")]
        for remark in view.remarks:
            yield [("   " + fit(read_back(remark), width - 4), "-warn")]
        yield from self._fact(_("target"), view.target, width)
        seen = time_text(health.seen_at, self._zone, seconds=True) if health.seen_at else _("never")
        yield from self._fact(_("last result"), f"{seen}   {latency_text(view.latency)}", width)
        if view.value is not None:
            yield from self._fact(_("value"), view.value, width)
        if view.query and view.query != view.target:
            yield from self._fact(_("request"), view.query, width)
        schedule = _("every {every}, timeout {timeout}; down after {fall} in a row, up after {rise}").format(
            every=span_text(view.every), timeout=span_text(view.timeout), fall=view.policy.fall, rise=view.policy.rise
        )
        yield from self._fact(_("schedule"), schedule, width)

    def _circumstances(self, view: CheckView) -> Iterator[str]:
        """What a person must know besides the reason, in whole sentences."""
        if view.root_cause:
            yield _("caused by {cause}: check that first").format(cause=view.root_cause)
        elif view.past_cause:
            yield _("was caused by {cause}, which is no longer down").format(cause=view.past_cause)
        if view.flapping:
            yield _("flapping: paging is suspended until it is stable")
        if view.muted is not None:
            until = view.muted.until.astimezone(self._zone)
            yield _("muted by {who} until {time}: {why}").format(
                who=view.muted.actor, time=date_time_text(until, self._zone), why=view.muted.reason
            )

    def _fact(self, name: str, text: str, width: int) -> Iterator[Row]:
        if text:
            label = fit(name, 13)
            for index, line in enumerate(wrapped(text, max(20, width - 18))):
                yield [("   " + (label if index == 0 else " " * 13) + " ", "-dim"), (line, "")]

    def _conditions(self, view: CheckView, width: int) -> Iterator[Row]:
        if not view.findings:
            return
        yield []
        yield [(" " + _("Conditions"), "-strong")]
        wide = max(24, min(56, width // 2))
        for finding in view.findings:
            sign = self._glyphs.states[State.UP if finding.ok else State.DOWN]
            actual = read_back(finding.actual)
            result = actual if finding.ok else f"{actual}   {reason_word(finding.reason)}"
            if finding.reason is Reason.MISSING:
                result = reason_word(finding.reason)
            yield [
                (f"   {sign} ", "-good" if finding.ok else "-bad"),
                (fit(finding.condition, wide) + "  ", ""),
                (fit(result, max(0, width - wide - 8)), "-dim" if finding.ok else ""),
            ]

    def _plot(self, width: int) -> Iterator[Row]:
        if self._history is None:
            return
        span, now, samples, roll_ups = self._history
        cells = max(10, width - 14)
        columns = bucket(samples, roll_ups, span, now, cells)
        rows, top = draw(columns, PLOT_HEIGHT, self._glyphs.levels)
        yield []
        yield [
            (" " + _("Latency") + "  ", "-strong"),
            (
                _("last {span}, slowest probe per {step}").format(span=span_text(span), step=span_text(span / cells)),
                "-dim",
            ),
        ]
        if not any(column.probes for column in columns):
            yield [("   " + _("no data stored for this period"), "-dim")]
            return
        for index, row in enumerate(rows):
            label = latency_text(top) if index == 0 else "0 ms" if index == PLOT_HEIGHT - 1 else ""
            yield [(fit(label, 9, "right") + " ", "-dim"), (row, "-accent")]
        yield [(" " * 10, ""), *_coloured(outage_row(columns, self._glyphs.failed, self._glyphs.blind), self._glyphs)]
        start = now.timestamp() - span
        begin = datetime.fromtimestamp(start, now.tzinfo)
        left = date_time_text(begin, self._zone) if span > 3600 else time_text(begin, self._zone)
        yield [
            (
                " " * 10 + left + fit(time_text(now, self._zone), max(0, cells - cell_len(left)), "right"),
                "-dim",
            )
        ]

    def _changes(self, width: int, now: datetime) -> Iterator[Row]:
        yield []
        yield [(" " + _("State changes"), "-strong")]
        if not self._events:
            yield [("   " + _("none recorded"), "-dim")]
        for event in self._events[:CHANGES]:
            yield [("  ", ""), *event_runs(event, width - 2, 7, self._zone, now)]

    def _response(self, view: CheckView, width: int) -> Iterator[Row]:
        if not view.excerpt:
            return
        yield []
        yield [(" " + _("Last response"), "-strong")]
        lines = [part for line in view.excerpt.split("\n") for part in wrapped(line, width - 4)]
        for line in lines[:EXCERPT_LINES]:
            yield [("   " + line, "-dim")]
        if len(lines) > EXCERPT_LINES:
            yield [("   …", "-dim")]


def _coloured(row: str, glyphs: Glyphs) -> list[Run]:
    roles = {glyphs.failed: "-bad", glyphs.blind: "-unknown"}
    runs: list[Run] = []
    for sign in row:
        role = roles.get(sign, "-dim")
        if runs and runs[-1][1] == role:
            runs[-1] = (runs[-1][0] + sign, role)
        else:
            runs.append((sign, role))
    return runs
