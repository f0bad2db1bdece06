"""What the commands of maintenance windows lead to."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from artisan_tui.domain.maintenance.events import MaintenanceDeclared, MaintenanceEnded
from artisan_tui.domain.span import span_text
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.i18n import _


def declare(present: Present, given: Mapping[str, Any]) -> Decision:
    now, seconds = present.now, given["for"]
    body = MaintenanceDeclared(covers=given["covers"], until=now + timedelta(seconds=seconds), reason=given["reason"])
    window_id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    said = _("maintenance declared for {span}").format(span=span_text(seconds))
    return Decision((body.entry(now, present.actor, window_id),), said)


def end(present: Present, given: Mapping[str, Any]) -> Decision:
    window = present.state(MaintenanceWindows).declared_window(given["window"])
    covers, reason = (window.covers, window.reason) if window is not None else (None, "")
    body = MaintenanceEnded(covers=covers, reason=reason)
    return Decision((body.entry(present.now, present.actor, given["window"]),), _("maintenance ended"))
