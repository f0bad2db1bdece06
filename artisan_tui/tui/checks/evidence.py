"""A check as text, for a chat or a ticket."""

from __future__ import annotations

from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.checks.slice import CheckView
from artisan_tui.i18n import _
from artisan_tui.reports.checks.words import check_status, state_word
from artisan_tui.tui.checks.detail import Detail

#: Columns of a ticket, whatever the terminal has.
_WIDTH = 100


def check_line(view: CheckView) -> str:
    """One check for a chat or a ticket: id, state, why."""
    word = state_word(view.health.state).upper()
    if view.health.stale:
        word = _("stale, was {state}").format(state=word)
    why = check_status(view.health, view.policy)
    return printable(f"{view.id} {word}: {why}" if why else f"{view.id} {word}")


def evidence(detail: Detail, view: CheckView) -> str:
    """Everything an open check shows, as lines, below its id."""
    lines = ["".join(text for text, _role in row).rstrip() for row in detail.compose_lines(_WIDTH)]
    return "\n".join((view.id, *lines))
