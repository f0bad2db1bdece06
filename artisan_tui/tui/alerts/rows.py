"""The lines of the list of alerts. Pure, so that a test can read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, tzinfo
from typing import NamedTuple

from rich.cells import cell_len

from artisan_tui.domain.alerts.listed import SUPPRESSED, AlertState, ListedAlert, incident_of
from artisan_tui.domain.alerts.silence import Silence
from artisan_tui.domain.state import State
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.i18n import _
from artisan_tui.reports.alerts.detail import members_text, reason_text
from artisan_tui.reports.alerts.listing import NONE_ATTACHED, alert_state_word, counts_of, told_labels, when_text
from artisan_tui.tui.cells import Run, fit, widest
from artisan_tui.tui.glyphs import Glyphs

_SIGNS = {
    AlertState.FIRING: State.DOWN,
    AlertState.NOT_SEEN: State.UNKNOWN,
    AlertState.PENDING: State.DEGRADED,
    AlertState.INHIBITED: State.MAINTENANCE,
    AlertState.SILENCED: State.MAINTENANCE,
    AlertState.MUTED: State.MAINTENANCE,
    AlertState.RESOLVED: State.UP,
}
_ROLES = {
    AlertState.FIRING: "-bad",
    AlertState.NOT_SEEN: "-stale",
    AlertState.PENDING: "-warn",
    AlertState.RESOLVED: "-good",
}
_LOUD = frozenset({"critical", "page", "error", "high", "sev1", "sev2"})


class AlertLine(NamedTuple):
    """A line: one alert, or the head of a group of several with one name. ``inside`` a group that is open."""

    key: str
    alerts: tuple[ListedAlert, ...]
    head: bool = False
    inside: bool = False
    open: bool = False


def lines_of(rows: Sequence[ListedAlert], folded: frozenset[str]) -> list[AlertLine]:
    """``rows`` are worst first; a group stands where its worst alert does. ``folded`` are names."""
    groups: dict[str, list[ListedAlert]] = {}
    for row in rows:
        groups.setdefault(row.name, []).append(row)
    found: list[AlertLine] = []
    for name, alerts in groups.items():
        if len(alerts) == 1:
            found.append(AlertLine(alerts[0].fingerprint, (alerts[0],)))
            continue
        open = name not in folded
        found.append(AlertLine(f"group:{name}", tuple(alerts), head=True, open=open))
        if open:
            found += [AlertLine(row.fingerprint, (row,), inside=True) for row in alerts]
    return found


def alert_role(row: ListedAlert) -> str:
    if not row.counts:
        return "-dim"
    if row.state is AlertState.FIRING and row.severity.lower() not in _LOUD:
        return "-warn"
    return _ROLES.get(row.state, "-dim")


class AlertColumns:
    """How many cells each column gets at a width; what is left goes to labels and reasons."""

    def __init__(
        self,
        lines: Sequence[AlertLine],
        width: int,
        zone: tzinfo,
        now: datetime,
        glyphs: Glyphs,
        silences: Sequence[Silence] = (),
        incidents: Mapping[str, str] = NONE_ATTACHED,
    ) -> None:
        self.incidents = incidents
        self.width, self.zone, self.now, self.glyphs, self.silences = width, zone, now, glyphs, silences
        alerts = [row for line in lines for row in line.alerts[:1]]
        self.state = widest([alert_state_word(state) for state in AlertState], 4, 10)
        self.severity = widest([printable(row.severity, 12) for row in alerts], 0, 8 if width < 100 else 10)
        names = [_name(line) for line in lines]
        self.name = widest(names, 8, max(12, min(34, width // 3)))
        self.when = widest([when_text(row, zone, now) for row in alerts], 4, 18 if width >= 100 else 12)
        self.members = 4 if width >= 72 and any(row.of > 1 for row in alerts) else 0


def _name(line: AlertLine) -> str:
    return ("  " if line.inside else "") + printable(line.alerts[0].name, 100)


def line_runs(line: AlertLine, columns: AlertColumns) -> list[Run]:
    return _head_runs(line, columns) if line.head else _alert_runs(line, columns)


def _alert_runs(line: AlertLine, columns: AlertColumns) -> list[Run]:
    row = line.alerts[0]
    role = alert_role(row)
    quiet = "-dim" if row.state in SUPPRESSED or not row.there else ""
    runs: list[Run] = [
        (f" {columns.glyphs.states[_SIGNS[row.state] if row.counts else State.UP]} ", role),
        (fit(alert_state_word(row.state), columns.state) + " ", role),
    ]
    if columns.severity:
        runs.append((fit(printable(row.severity, 12), columns.severity) + " ", "-dim" if quiet else role))
    runs += [
        (fit(_name(line), columns.name) + " ", quiet or "-strong"),
        (fit(when_text(row, columns.zone, columns.now), columns.when, "right") + "  ", quiet),
    ]
    if columns.members:
        shown = members_text(row) if row.silenceable and row.there else ""
        runs.append((fit(shown, columns.members), "-warn" if 0 < row.members < row.of else "-dim"))
    used = sum(cell_len(text) for text, _role in runs)
    reasons = "; ".join(
        printable(reason_text(reason, columns.silences, columns.zone, columns.now, brief=True), 200)
        for reason in row.reasons
    )
    incident = incident_of(row, columns.incidents)
    if incident:
        runs.append((fit(f"{incident}  ", max(0, min(cell_len(incident) + 2, columns.width - used))), "-accent"))
        used = sum(cell_len(text) for text, _role in runs)
    told = "  ".join(filter(None, (reasons, told_labels(row.labels))))
    runs.append((fit(told, max(0, columns.width - used)), "-dim" if quiet else ""))
    return runs


def _head_runs(line: AlertLine, columns: AlertColumns) -> list[Run]:
    worst = line.alerts[0]
    counts = ", ".join(f"{number} {alert_state_word(state)}" for state, number in counts_of(line.alerts).items())
    mark = columns.glyphs.states[_SIGNS[worst.state]]
    lead = fit(_("{n} alerts").format(n=len(line.alerts)), columns.state + columns.severity + bool(columns.severity))
    runs: list[Run] = [
        (f" {mark} ", alert_role(worst)),
        (lead + " ", alert_role(worst)),
        (fit(_name(line), columns.name) + " ", "-strong"),
        (fit(when_text(worst, columns.zone, columns.now), columns.when, "right") + "  ", ""),
    ]
    attached = dict.fromkeys(found for row in line.alerts if (found := incident_of(row, columns.incidents)))
    used = sum(cell_len(text) for text, _role in runs)
    counts = "  ".join((*list(attached)[:1], counts))
    runs.append((fit(counts if line.open else f"{counts} …", max(0, columns.width - used)), "-dim"))
    return runs


def title_runs(alerts: AlertSlice) -> list[Run]:
    """``3 firing  1 silenced``; a question mark where no source answers."""
    if alerts.unheard:
        return [(_("alerts ?"), "-bad")]
    runs: list[Run] = []
    for state, number in counts_of(alerts.listed).items():
        role = _ROLES.get(state, "-dim")
        runs += [(f"{number} {alert_state_word(state)}", role), ("  ", "")]
    return runs[:-1]
