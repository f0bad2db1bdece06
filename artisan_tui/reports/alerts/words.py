"""What an alert's severity is called, in the journal and in JSON too."""

from __future__ import annotations

from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _

_SEVERITIES = {"page": N_("page"), "ticket": N_("ticket")}


def severity_word(severity: str) -> str:
    return _(_SEVERITIES[severity]) if severity in _SEVERITIES else printable(severity, 20)
