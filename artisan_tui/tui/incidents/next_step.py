"""What comes next in an incident, and the key that does it: for whoever has never been in a room."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from artisan_tui.domain.incidents.closing import missing
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.domain.incidents.incident import Incident

#: The key of an action as a person calls it, "" when there is none.
KeyOf = Callable[[str], str]


def next_step(incident: Incident, key: KeyOf) -> str:
    """``next: a acknowledges``; "" when nothing is left to be done."""
    said = _step(incident, key)
    return _("next: {step}").format(step=said) if said else ""


def _step(incident: Incident, key: KeyOf) -> str:
    if incident.merged_into:
        return _("go on in {id}").format(id=incident.merged_into)
    if incident.triggered:
        return _("{key} acknowledges").format(key=key("incident.acknowledge"))
    if incident.active:
        if not incident.informed:
            return _("{key} tells others").format(key=key("incident.message"))
        if incident.status == "mitigated":
            return _("{key} resolves").format(key=key("incident.resolve"))
        return _("{key} sets the status").format(key=key("incident.status"))
    if incident.status == "resolved":
        gaps = missing(incident)
        if not incident.root_cause:
            return _("{key} names the root cause").format(key=key("incident.root-cause"))
        if gaps:
            return _("{key} gives the postmortem an owner and a date").format(key=key("incident.postmortem-state"))
        return _("{key} closes").format(key=key("incident.close"))
    if incident.postmortem.pending:
        return _("{key} shows the postmortem draft").format(key=key("incident.draft"))
    return ""
