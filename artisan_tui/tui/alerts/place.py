"""What alerts have on the screen: their place, and how their commands are started."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.alerts.slice import AlertSlice
from artisan_tui.engine.commands import COMMANDS
from artisan_tui.i18n import N_, _
from artisan_tui.tui.kit.place import CommandStart, Place, Subject, ViewAction

if TYPE_CHECKING:
    from artisan_tui.domain.alerts.listed import ListedAlert
    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.tui.kit.shell import Shell


def any_source(snapshot: Snapshot) -> bool:
    """Whether alerts of others are read."""
    return bool(snapshot[AlertSlice].sources)


def selected_alert(shell: Shell) -> ListedAlert | None:
    fingerprint = shell.selection.get("alert", "")
    rows = () if shell.snapshot is None else shell.snapshot[AlertSlice].listed
    return next((row for row in rows if row.fingerprint == fingerprint), None)


def worst_of_group(shell: Shell) -> ListedAlert | None:
    """The first alert of the group whose head is selected."""
    name = shell.selection.get("alert_name", "")
    rows = () if shell.snapshot is None else shell.snapshot[AlertSlice].listed
    return next((row for row in rows if name and row.name == name), None)


def who_will_not_hear(shell: Shell) -> str:
    """For the question before "acknowledge and silence"."""
    row = selected_alert(shell)
    if row is None:
        return ""
    receivers = ", ".join(row.receivers) or "-"
    said = _("{alert}: these receivers will not hear that it is resolved: {receivers}")
    return said.format(alert=row.name, receivers=receivers)


def silence_selected(shell: Shell) -> str:
    """Which silence of the selected alert a command acts on."""
    id = shell.selection.get("silence", "")
    found = () if shell.snapshot is None else shell.snapshot[AlertSlice].silences
    silence = next((each for each in found if each.id == id), None)
    return id if silence is None else f"{', '.join(map(str, silence.matchers))}: {silence.comment}"


def alert_titled(shell: Shell) -> Mapping[str, str]:
    """What the form for a new incident begins with."""
    row = selected_alert(shell) or worst_of_group(shell)
    if row is None:
        return {}
    title = row.annotations.get("summary") or row.name
    return {"title": printable(title, 200), "severity": offered_severity(row.severity)}


def offered_severity(label: str) -> str:
    """The severity that the label of an alert stands for; a person may write another."""
    if re.fullmatch(r"(?i)sev[1-4]", label):
        return label.capitalize()
    return "Sev2" if label.casefold() in ("critical", "page") else "Sev3"


#: With the commands of incidents: they are given ``alerts``, fingerprints joined by ",".
_INCIDENTS = tuple(
    action
    for command, action in (
        (
            "incident.declare",
            ViewAction(
                "alerts.declare",
                "i",
                N_("Declare an incident"),
                N_("Declare an incident from the selected alert or group"),
                "declare",
                N_("incident"),
                rank=8,
            ),
        ),
        (
            "incident.attach",
            ViewAction(
                "alerts.attach",
                "a",
                N_("Attach to an incident"),
                N_("Attach the selected alert or group to an open incident"),
                "attach",
                N_("attach"),
                rank=13,
            ),
        ),
    )
    if command in COMMANDS
)
ALERTS = Place(
    "alerts",
    "5",
    N_("Alerts"),
    N_("alerts"),
    "artisan_tui.tui.alerts.screen:AlertScreen",
    help=N_("Go to the alerts and silences"),
    rank=15,
    selects=("alert", "silence"),
    available=any_source,
    actions=(
        ViewAction(
            "alerts.open",
            "enter",
            N_("Open alert"),
            N_("Show the selected alert in full; open or close a group"),
            "open_selected",
            N_("open"),
            rank=9,
        ),
        *_INCIDENTS,
        ViewAction(
            "alerts.silences",
            "Z",
            N_("Silences"),
            N_("List the silences in force and those that were lost"),
            "open_silences",
            N_("silences"),
            rank=17,
        ),
        ViewAction(
            "alerts.fold",
            "minus",
            N_("Fold a group"),
            N_("Show one line for all alerts of the selected name"),
            "fold",
            N_("fold"),
            rank=60,
        ),
        ViewAction(
            "alerts.link",
            "o",
            N_("Runbook"),
            N_("Copy the runbook of the selected alert, or its link"),
            "copy_link",
            N_("runbook"),
            rank=25,
        ),
    ),
)
PLACES = (ALERTS,)
DIALOG_KEYS = {"silences.end": "enter", "attach.choose": "enter"}
SUBJECTS = {
    "alert": Subject(N_("no alert is selected"), "alerts"),
    "silence": Subject(N_("the selected alert is not silenced")),
}
STARTS = (
    CommandStart("alert.silence", dialog="artisan_tui.tui.alerts.silence_form:open_silence"),
    CommandStart("alert.acknowledge-and-silence", about=who_will_not_hear),
    CommandStart("alert.extend", about=silence_selected),
    CommandStart("alert.unsilence", about=silence_selected),
)
