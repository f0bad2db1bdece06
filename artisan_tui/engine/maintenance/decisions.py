"""What the commands of maintenance windows lead to."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from artisan_tui.domain.event import Entry, stamp
from artisan_tui.domain.span import span_text
from artisan_tui.engine.decision import Decision, Present
from artisan_tui.engine.maintenance.windows import DECLARED, ENDED
from artisan_tui.i18n import _


def declare(present: Present, given: Mapping[str, Any]) -> Decision:
    now, seconds = present.now, given["for"]
    body = {
        "covers": list(given["covers"]),
        "until": stamp(now + timedelta(seconds=seconds)),
        "reason": given["reason"],
    }
    window_id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"
    said = _("maintenance declared for {span}").format(span=span_text(seconds))
    return Decision((Entry(now, present.actor, DECLARED, window_id, body),), said)


def end(present: Present, given: Mapping[str, Any]) -> Decision:
    return Decision((Entry(present.now, present.actor, ENDED, given["window"]),), _("maintenance ended"))
