"""One incident in a line. Pure, so that a test can read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.domain.span import minutes_text
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.incidents.words import status_word
from artisan_tui.reports.moments import date_time_text, time_text
from artisan_tui.tui.cells import Run, fit, widest
from artisan_tui.tui.glyphs import Glyphs
from artisan_tui.tui.incidents.clocks import CELLS, acknowledge_run, update_run

if TYPE_CHECKING:
    from artisan_tui.domain.incidents.incident import Incident
    from artisan_tui.engine.incidents.slice import OpenIncident

SEVERITY_ROLE = {1: "-bad", 2: "-bad", 3: "-warn", 4: ""}
#: From this many columns on a line has the id.
WITH_ID = 100


class IncidentColumns:
    """How many cells each column gets at a width. Words decide them, not what an incident says: nothing moves."""

    def __init__(self, width: int, people: Sequence[str], *, with_id: bool = True) -> None:
        states = ("declared", "acknowledged", "investigating", "mitigating", "mitigated", "resolved")
        self.width = width
        self.id = 20 if with_id and width >= WITH_ID else 0
        self.state = widest([status_word(each) for each in states], 6, 14)
        self.who = widest([*people, _("nobody")], 6, 8 if width < WITH_ID else 14)
        self.age = 7
        fixed = 2 + self.id + 5 + self.state + 1 + self.who + 1 + 2 * (CELLS + 1) + self.age
        self.title = max(8, width - fixed)


def who_has(incident: Incident) -> str:
    """Who leads it, else who acknowledged it; "" for nobody."""
    return printable(incident.commander or incident.acknowledged_by, 60)


def mark_of(incident: Incident, glyphs: Glyphs) -> Run:
    """A cross for what nobody has, an exclamation mark for what is worked on, a tick for what is resolved."""
    if not incident.active:
        return glyphs.states[State.UP] + " ", "-good"
    if incident.snoozed_until is not None:
        return glyphs.states[State.MAINTENANCE] + " ", "-dim"
    if incident.triggered:
        return glyphs.states[State.DOWN] + " ", "-bad"
    return glyphs.states[State.DEGRADED] + " ", "-warn"


def open_runs(view: OpenIncident, columns: IncidentColumns, glyphs: Glyphs, now: datetime) -> list[Run]:
    """``x Sev1 declared     nobody  ack 14m   upd 12m   3m     Qwen does not answer``."""
    incident, who = view.incident, who_has(view.incident)
    minute = now.replace(second=0, microsecond=0)
    age = minutes_text(max(0.0, (minute - incident.declared_at).total_seconds()))
    runs: list[Run] = [mark_of(incident, glyphs)]
    if columns.id:
        runs.append((fit(incident.id, columns.id - 1) + " ", "-dim"))
    return [
        *runs,
        (f"Sev{incident.severity} ", SEVERITY_ROLE.get(incident.severity, "")),
        (fit(status_word(incident.status), columns.state) + " ", "-strong" if incident.triggered else ""),
        (fit(who or _("nobody"), columns.who) + " ", "" if who else "-bad" if incident.active else "-dim"),
        acknowledge_run(view, now),
        (" ", ""),
        update_run(view, now),
        (" ", ""),
        (fit(age, columns.age - 1) + " ", "-dim"),
        (fit(titled(incident), columns.title), "-strong" if incident.active else ""),
    ]


def over_runs(incident: Incident, columns: IncidentColumns, zone: tzinfo) -> list[Run]:
    """One that is over: when it was declared, how bad it was, how it ended."""
    word = status_word(incident.status)
    if incident.merged_into:
        word = _("merged")
    state = columns.state + 1
    runs: list[Run] = [("  ", "")]
    if columns.id:
        runs.append((fit(incident.id, columns.id - 1) + " ", "-dim"))
    declared = date_time_text(incident.declared_at, zone)
    lasted = incident.at("resolved")
    took = minutes_text(max(0.0, (lasted - incident.declared_at).total_seconds())) if lasted is not None else ""
    when = columns.who + 1 + 2 * (CELLS + 1)
    return [
        *runs,
        (f"Sev{incident.peak} ", "-dim"),
        (fit(word, state), "-dim"),
        (fit(declared, when - 1) + " ", "-dim"),
        (fit(took, columns.age - 1) + " ", "-dim"),
        (fit(titled(incident), columns.title), ""),
    ]


def titled(incident: Incident) -> str:
    title = printable(incident.title, 200)
    if incident.merged_into:
        return _("{title} (part of {id})").format(title=title, id=incident.merged_into)
    return _("DRILL {title}").format(title=title) if incident.drill else title


def incident_line(incident: Incident, zone: tzinfo) -> str:
    """For a ticket or a chat: what it is, in a line."""
    who = who_has(incident) or _("nobody")
    at = time_text(incident.declared_at, zone)
    return f"{incident.id}  Sev{incident.severity}  {status_word(incident.status)}  {who}  {at}  {titled(incident)}"


def counted(incidents: Sequence[OpenIncident]) -> list[Run]:
    """``1 nobody has  3 open``, for a title; empty without any."""
    waiting = sum(1 for each in incidents if each.incident.triggered)
    runs: list[Run] = []
    if waiting:
        runs += [(_("{n} not acknowledged").format(n=waiting), "-bad"), ("  ", "")]
    if incidents:
        runs.append((_("{n} open").format(n=len(incidents)), "-warn"))
    return runs
