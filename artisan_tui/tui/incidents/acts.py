"""How acts on incidents begin: what their forms offer and say, and those without a form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.domain.incidents.closing import missing
from artisan_tui.domain.incidents.incident import ACTIVE
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.i18n import _
from artisan_tui.reports.incidents.words import status_word
from artisan_tui.reports.read_back import read_back
from artisan_tui.tui.incidents.rows import titled

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.domain.incidents.incident import Incident
    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.tui.kit.shell import Shell


def known_incident(snapshot: Snapshot | None, incident_id: str) -> Incident | None:
    """The incident of that id in a snapshot: open, or over a short while ago."""
    if snapshot is None:
        return None
    incidents = snapshot[IncidentSlice]
    found = (each.incident for each in incidents.open if each.id == incident_id)
    return next(found, None) or next((each for each in incidents.recent if each.id == incident_id), None)


def selected_incident(shell: Shell) -> Incident | None:
    return known_incident(shell.snapshot, shell.selection.get("incident", ""))


def acknowledge(shell: Shell) -> None:
    """At once, without a question, and only that one which was under the cursor when the key was pressed.

    Where it is gone or over meanwhile, nothing happens, and that is said.
    """
    wanted = shell.selection.get("incident", "")
    if not wanted:
        shell.say_unselected("incident")
        return
    incident = known_incident(shell.snapshot, wanted)
    if incident is None:
        shell.say(_("{id} is no longer listed: nothing was acknowledged").format(id=wanted))
    elif not incident.active:
        state = _("merged") if incident.merged_into else status_word(incident.status)
        shell.say(_("{id} is {state} meanwhile: nothing was acknowledged").format(id=wanted, state=state))
    else:
        seen = shell.selection.get("seen", str(incident.version))
        shell.execute("incident.acknowledge", {"incident": wanted, "seen": seen})


def about_selected(shell: Shell) -> str:
    incident = selected_incident(shell)
    wanted = shell.selection.get("incident", "")
    return wanted if incident is None else f"{incident.id}  Sev{incident.severity}  {titled(incident)}"


def about_closing(shell: Shell) -> str:
    """With what is still missing: closing is refused until it is there."""
    incident = selected_incident(shell)
    said = about_selected(shell)
    gaps = missing(incident) if incident is not None else ()
    if not gaps:
        return said
    return said + "\n" + _("still missing: {what}").format(what="; ".join(read_back(each) for each in gaps))


def offers(shell: Shell) -> Mapping[str, str]:
    """What the lines of a form begin with."""
    found: dict[str, str] = {}
    incident = selected_incident(shell)
    if incident is not None:
        at = ACTIVE.index(incident.status) if incident.status in ACTIVE else 1
        found["status"] = ACTIVE[min(len(ACTIVE) - 1, max(2, at + 1))]
        found["resolution"] = incident.resolution
        if incident.postmortem.owner:
            found["owner"] = incident.postmortem.owner
    found["person"] = shell.session.actor
    if "event" in shell.selection:
        found["event"] = shell.selection["event"]
    return found


def offered_item(shell: Shell) -> Mapping[str, str]:
    """The selected action item as it is, an empty form for a new one."""
    incident, wanted = selected_incident(shell), shell.selection.get("item", "")
    item = next((each for each in incident.items if each.id == wanted), None) if incident is not None else None
    if item is None:
        return {"sort": "prevent", "state": "open", "owner": shell.session.actor}
    due = item.due.astimezone(shell.zone).isoformat(timespec="minutes") if item.due is not None else ""
    return {"text": item.text, "owner": item.owner, "due": due, "sort": item.sort, "state": item.state}


def open_message(shell: Shell) -> AwaitMount | None:
    wanted = shell.selection.get("incident", "")
    if wanted:
        return shell.open("message", incident_id=wanted)
    shell.say_unselected("incident")
    return None


def open_draft(shell: Shell) -> AwaitMount | None:
    wanted = shell.selection.get("incident", "")
    if wanted:
        return shell.open("postmortem", incident_id=wanted)
    shell.say_unselected("incident")
    return None
