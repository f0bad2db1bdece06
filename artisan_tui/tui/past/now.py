"""What is happening now, in a few words, for whoever looks at the past."""

from __future__ import annotations

from artisan_tui.domain.state import State
from artisan_tui.engine.checks.slice import CheckSlice
from artisan_tui.engine.incidents.slice import IncidentSlice
from artisan_tui.engine.snapshot import Snapshot
from artisan_tui.i18n import _, ngettext
from artisan_tui.tui.kit.header import firing_pages


def trouble_now(live: Snapshot) -> str:
    """Pages, incidents that nobody has, and what is down; "" when there is none of these."""
    parts = []
    pages = firing_pages(live)
    if pages:
        parts.append(_("page {n}").format(n=pages))
    waiting = sum(1 for each in live[IncidentSlice].open if each.incident.active and each.incident.triggered)
    if waiting:
        parts.append(ngettext("{n} incident not acked", "{n} incidents not acked", waiting).format(n=waiting))
    down = sum(1 for view in live[CheckSlice].views if view.health.state is State.DOWN)
    if down:
        parts.append(_("{n} down").format(n=down))
    return ", ".join(parts)
