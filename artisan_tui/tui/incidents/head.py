"""The first lines of a room: how bad, which state, who, and the clocks. Fixed places: nothing moves while it is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.domain.incidents.incident import ROLES
from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.incidents.words import because_word, role_word, status_word
from artisan_tui.reports.moments import date_time_text, moment_text
from artisan_tui.tui.cells import Run, fit, fitted
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.incidents.clocks import left_role, left_text
from artisan_tui.tui.incidents.rows import SEVERITY_ROLE, mark_of, titled
from artisan_tui.tui.kit.lines import Lines

if TYPE_CHECKING:
    from artisan_tui.domain.incidents.incident import Incident
    from artisan_tui.engine.incidents.slice import OpenIncident

#: Cells of one clock in the second line, with two between them.
CLOCK = 18


class RoomHead(Lines):
    def __init__(self, glyphs: Glyphs) -> None:
        super().__init__(id="room-head", can_focus=False)
        self._glyphs = glyphs
        self._shown: tuple[Incident, OpenIncident | None, tzinfo, datetime] | None = None
        self._problem = ""

    def show_incident(
        self, incident: Incident | None, view: OpenIncident | None, zone: tzinfo, now: datetime, problem: str = ""
    ) -> None:
        self._shown = None if incident is None else (incident, view, zone, now)
        self._problem = problem
        self.redraw()

    def compose_lines(self, width: int) -> Sequence[Sequence[Run]]:
        if self._shown is None:
            return [[(" " + self._problem, "-warn")], [], []]
        incident, view, zone, now = self._shown
        rows = (
            head_runs(incident, self._glyphs),
            clock_runs(incident, view, zone, now),
            people_runs(incident, zone, now),
        )
        return [fitted(row, width) for row in rows]


def head_runs(incident: Incident, glyphs: Glyphs) -> list[Run]:
    """``x Sev1  DECLARED       API answers 503``."""
    severity = f"Sev{incident.severity}"
    state = _("merged") if incident.merged_into else status_word(incident.status)
    mark, role = mark_of(incident, glyphs)
    runs: list[Run] = [
        (f" {mark}", role),
        (severity, SEVERITY_ROLE.get(incident.severity, "")),
        ("  " + fit(state.upper(), 14) + " ", role),
        (titled(incident), "-strong"),
    ]
    if incident.peak < incident.severity:
        runs.insert(2, (" " + _("(was Sev{level})").format(level=incident.peak), "-dim"))
    return runs


def clock_runs(incident: Incident, view: OpenIncident | None, zone: tzinfo, now: datetime) -> list[Run]:
    """The clocks that run, each in a place of its own; of one that is over, when and how it ended."""
    minute = now.replace(second=0, microsecond=0)
    if view is None or not incident.active:
        return _over_runs(incident, zone)
    age = minutes_text(max(0.0, (minute - incident.declared_at).total_seconds()))
    runs: list[Run] = [(" " + fit(_("age {age}").format(age=age), 14), "")]
    if incident.snoozed_until is not None:
        until = moment_text(incident.snoozed_until, zone, now)
        said = _("snoozed until {time}").format(time=until)
        runs.append((fit(said, CLOCK + 6) + " ", "-warn"))
    elif view.acknowledge_due is not None:
        left = left_text(view.acknowledge_due, now)
        said = _("acknowledge {left}").format(left=left)
        runs.append((fit(said, CLOCK) + " ", left_role(view.acknowledge_due, now) or "-strong"))
        if view.rung_due is not None and view.rung_due != view.acknowledge_due:
            said = _("next page {left}").format(left=left_text(view.rung_due, now))
            runs.append((fit(said, CLOCK) + " ", left_role(view.rung_due, now)))
    elif view.lapses_at is not None:
        said = _("ack lapses {left}").format(left=left_text(view.lapses_at, now))
        runs.append((fit(said, CLOCK) + " ", left_role(view.lapses_at, now) or "-dim"))
    if view.update_due is not None:
        said = _("update due {left}").format(left=left_text(view.update_due, now))
        runs.append((fit(said, CLOCK) + " ", left_role(view.update_due, now)))
    if incident.unmanned:
        levels = _("every level") if "" in incident.unmanned else ", ".join(incident.unmanned)
        runs.append((_("nobody on call: {levels}").format(levels=printable(levels, 60)), "-bad"))
    return runs


def _over_runs(incident: Incident, zone: tzinfo) -> list[Run]:
    if incident.merged_into:
        return [(" " + _("part of {id}").format(id=incident.merged_into), "-dim")]
    if incident.status == "cancelled":
        said = because_word(incident.cancelled_because)
        return [(f" {said} {incident.duplicate_of}".rstrip(), "-dim")]
    ended = incident.at("resolved")
    if ended is None:
        return []
    lasted = minutes_text(max(0.0, (ended - incident.declared_at).total_seconds()))
    said = _("resolved {time} after {span}").format(time=date_time_text(ended, zone), span=lasted)
    return [(" " + said, "-good"), ("  " + printable(incident.resolution, 300), "")]


def people_runs(incident: Incident, zone: tzinfo, now: datetime) -> list[Run]:
    """``commander alice   communications ?   scribe ?   llm``."""
    runs: list[Run] = []
    if incident.acknowledged_by and incident.acknowledged_by != incident.commander:
        runs.append(
            (" " + _("{person} has it").format(person=printable(incident.acknowledged_by, 40)) + " ", "-strong")
        )
    for role in ROLES:
        holder, offered = incident.holder(role), incident.offered(role)
        runs.append((f" {role_word(role)} ", "-dim"))
        if holder:
            runs.append((printable(holder, 40) + " ", ""))
        if offered:
            runs.append((_("({person} was asked)").format(person=printable(offered, 40)) + " ", "-warn"))
        elif not holder:
            runs.append(("- ", "-dim"))
    runs.append(("  " + _("since {time}").format(time=moment_text(incident.declared_at, zone, now)), "-dim"))
    if incident.services:
        runs.append(("   " + printable(", ".join(incident.services), 300), ""))
    return runs
