"""What a budget's status is called, in the journal and in JSON too."""

from __future__ import annotations

from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _

_BUDGETS = {
    "healthy": N_("healthy"),
    "warning": N_("warning"),
    "exhausted": N_("exhausted"),
    "unknown": N_("unknown"),
}


def budget_word(status: str) -> str:
    return _(_BUDGETS[status]) if status in _BUDGETS else printable(status, 20)
