"""What stands beside a timeline: checklists to tick, alerts, checks and budgets now, runs, the postmortem."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import tzinfo
from typing import TYPE_CHECKING

from textual import events

from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import state_word
from artisan_tui.reports.incidents.checklists import CHECKLISTS
from artisan_tui.reports.incidents.words import item_state_word, postmortem_word
from artisan_tui.reports.moments import date_text, date_time_text, time_text
from artisan_tui.tui.cells import Run, fit, fitted
from artisan_tui.tui.checks.counts import ROLE, badness, worst_first
from artisan_tui.tui.checks.reasons import why_text
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.kit.lines import Lines, moved

if TYPE_CHECKING:
    from artisan_tui.domain.incidents.incident import Incident
    from artisan_tui.domain.slo.status import SloStatus
    from artisan_tui.engine.checks.slice import CheckView
    from artisan_tui.engine.runbooks.slice import RunSlice

Row = list[Run]
#: Alerts and checks that are listed; more are counted.
_MOST = 12


class RoomSide(Lines):
    """The cursor is on an item of a checklist; further down moving is scrolling."""

    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="room-side")
        self._glyphs = glyphs
        self._incident: Incident | None = None
        self._checks: Sequence[CheckView] = ()
        self._slos: Sequence[SloStatus] = ()
        self._zone: tzinfo | None = None
        self._runs: RunSlice | None = None
        self._people: Sequence[Row] = ()
        self._chosen = CHECKLISTS[0].steps[0].id
        #: The item of each line, "" for none.
        self._items: list[str] = []

    def show_incident(
        self,
        incident: Incident | None,
        checks: Sequence[CheckView],
        slos: Sequence[SloStatus],
        zone: tzinfo,
        runs: RunSlice | None = None,
        people: Sequence[Row] = (),
    ) -> None:
        self._incident, self._checks, self._slos, self._zone, self._runs = incident, checks, slos, zone, runs
        self._people = people
        self.redraw()

    @property
    def selected(self) -> str:
        """The id of the selected item of a checklist."""
        return self._chosen

    @property
    def ticked(self) -> bool:
        incident = self._incident
        return incident is not None and any(each.item == self._chosen for each in incident.ticks)

    def cursor_line(self) -> int | None:
        return self._items.index(self._chosen) if self._chosen in self._items else None

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        incident, zone = self._incident, self._zone
        self._items = []
        if incident is None or zone is None:
            return []
        rows: list[Row] = []
        for item, row in side_rows(
            incident, self._checks, self._slos, self._glyphs, zone, width, self._runs, self._people
        ):
            self._items.append(item)
            rows.append(fitted(row, width))
        return rows

    def move(self, how: str) -> None:
        places = [at for at, item in enumerate(self._items) if item]
        line = self.cursor_line()
        if line is None or not places:
            super().move(how)
            return
        at = moved(how, places.index(line), len(places), self._page)
        if at == places.index(line):
            super().move(how)  # beyond the checklists there is only more to read
            return
        self._chosen = self._items[places[at]]
        self.keep_in_view(places[at])
        if at == 0:
            self.keep_in_view(0)
        self.redraw()

    def on_click(self, event: events.Click) -> None:
        line = event.y + self.scroll_offset.y
        if 0 <= line < len(self._items) and self._items[line]:
            self._chosen = self._items[line]
            self.redraw()


def side_rows(
    incident: Incident,
    checks: Sequence[CheckView],
    slos: Sequence[SloStatus],
    glyphs: Glyphs,
    zone: tzinfo,
    width: int,
    runs: RunSlice | None = None,
    people: Sequence[Row] = (),
) -> Iterator[tuple[str, Row]]:
    """(item of a checklist or "", line)."""
    ticked = {each.item: each for each in incident.ticks}
    for checklist in CHECKLISTS:
        done = sum(1 for step in checklist.steps if step.id in ticked)
        yield "", [(f" {_(checklist.title)} ", "-strong"), (f"{done}/{len(checklist.steps)}", "-dim")]
        for step in checklist.steps:
            tick = ticked.get(step.id)
            box = f"[{glyphs.states[State.UP] if tick is not None else ' '}] "
            who = f"  {printable(tick.actor, 20)} {time_text(tick.at, zone)}" if tick is not None else ""
            text = fit(_(step.text), max(8, width - 6 - len(who))).rstrip()
            yield step.id, [("  " + box, "-good" if tick is not None else ""), (text, ""), (who, "-dim")]
    for title, rows in (
        (_("Alerts"), _alert_rows(incident, zone)),
        (_("Checks now"), _check_rows(incident, checks, glyphs)),
        (_("Error budgets now"), _slo_rows(incident, slos)),
        (_("Runs"), _run_rows(incident, runs, checks)),
        (_("Who can be asked"), people),
        (_("Parts"), [[(each.id, "")] for each in incident.merged]),
        (_("Goes on from"), [[(incident.previous, "")]] if incident.previous else []),
        (_("Impact"), [[(printable(incident.description, 600), "")]] if incident.description else []),
        (_("Root cause"), [[(printable(incident.root_cause, 600), "")]] if incident.root_cause else []),
        (_("Postmortem"), _postmortem_rows(incident, zone)),
    ):
        lines = list(rows)
        if lines:
            yield "", [(f" {title}", "-strong")]
            for line in lines:
                yield "", [("  ", ""), *line]


def _run_rows(incident: Incident, runs: RunSlice | None, checks: Sequence[CheckView]) -> Iterator[Row]:
    """Its runs, with what those do that are under way, and what is suggested while none runs it."""
    from artisan_tui.tui.runbooks.suggested import said_now
    from artisan_tui.tui.runbooks.waiting import waiting_words, waits_for_person

    active = {} if runs is None else {each.id: each for each in runs.active}
    for name in incident.runs:
        view = active.get(name)
        said = "" if view is None else waiting_words(view.run, orphaned=view.orphaned, owner=view.run.owner)
        role = "-warn" if view is not None and waits_for_person(view) else "-dim"
        title = "" if view is None else f"  {printable(view.run.runbook, 60)}"
        yield [(printable(name, 80) + title, ""), (f"  {said}" if said else "", role)]
    if not incident.runs:
        yield [(_("no runs yet"), "-dim")]
    running = {each.run.runbook for each in active.values()}
    views = {view.id: view for view in checks}
    for each in () if runs is None or not incident.active else runs.suggested:
        if each.runbook not in running:
            yield [("r ", "-accent"), (printable(each.runbook, 60), ""), (f"  {said_now(each, views)}", "-warn")]


def _alert_rows(incident: Incident, zone: tzinfo) -> Iterator[Row]:
    for each in incident.alerts[:_MOST]:
        row: Row = [(printable(each.name or each.fingerprint, 120), "-warn")]
        if each.at is not None:
            row.append(("  " + date_time_text(each.at, zone), "-dim"))
        if each.origin:
            row.append((f"  {each.origin}", "-dim"))
        yield row
    more = len(incident.alerts) - _MOST + incident.more_alerts
    if more > 0:
        yield [(_("and {n} more").format(n=more), "-dim")]


def concerned(incident: Incident, checks: Iterable[CheckView]) -> list[CheckView]:
    """The checks of its services, or, where it names none, those that are not up; the worst first."""
    listed = list(checks)
    names = {each.casefold() for each in incident.services}
    found = [
        each
        for each in listed
        if each.id.partition(".")[0].casefold() in names or each.service_name.casefold() in names or each.id in names
    ]
    return worst_first(found or [each for each in listed if badness(each) < 5])


def _check_rows(incident: Incident, checks: Iterable[CheckView], glyphs: Glyphs) -> Iterator[Row]:
    found = concerned(incident, checks)
    for view in found[:_MOST]:
        state = State.UNKNOWN if view.health.stale else view.health.state
        word = _("stale") if view.health.stale else state_word(state)
        role = "-stale" if view.health.stale else ROLE[state]
        yield [(f"{glyphs.states[state]} {word}", role), (f"  {view.id}  ", ""), (why_text(view), "-dim")]
    if len(found) > _MOST:
        yield [(_("and {n} more").format(n=len(found) - _MOST), "-dim")]


def _slo_rows(incident: Incident, slos: Iterable[SloStatus]) -> Iterator[Row]:
    """Those that burn or have nothing left: the others say nothing about an incident."""
    from artisan_tui.domain.slo.budget import BudgetStatus
    from artisan_tui.reports.slo.words import name_of
    from artisan_tui.tui.slo.text import ROLE as SLO_ROLE
    from artisan_tui.tui.slo.text import condition_word, remaining_text, summary_of

    for each in slos:
        summary = summary_of(each)
        if summary.status in (BudgetStatus.EXHAUSTED, BudgetStatus.WARNING) or summary.severity is not None:
            role = SLO_ROLE[summary.status]
            yield [(name_of(each) + "  ", ""), (f"{remaining_text(each)} {condition_word(each)}", role)]


def _postmortem_rows(incident: Incident, zone: tzinfo) -> Iterator[Row]:
    postmortem = incident.postmortem
    if postmortem.state != "not_required":
        row: Row = [(postmortem_word(postmortem.state), "-warn" if postmortem.pending else "-good")]
        row.append((f"  {printable(postmortem.owner, 40) or _('nobody')}", "" if postmortem.owner else "-bad"))
        if postmortem.due is not None:
            row.append(("  " + _("due {time}").format(time=date_time_text(postmortem.due, zone)), "-dim"))
        yield row
    for item in incident.items:
        when = date_text(item.due, zone) if item.due is not None else "?"
        yield [
            (f"{item.id} {printable(item.text, 200)}", ""),
            (f"  {printable(item.owner, 40) or '?'} {when} {item_state_word(item.state)}", "-dim"),
        ]
