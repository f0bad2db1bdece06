"""How entries about alerts are said."""

from __future__ import annotations

from artisan_tui.domain.alerts.events import (
    AlertBody,
    AlertRaised,
    AlertReopened,
    AlertResolved,
    AlertSeverityChanged,
)
from artisan_tui.domain.event import Event
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.alerts.words import severity_word
from artisan_tui.reports.wording import EventWords

WORDS = EventWords()


@WORDS.says(AlertRaised)
def _raised(event: Event, body: AlertRaised) -> str:
    said = _("{severity}: {name} burns its error budget")
    return said.format(severity=severity_word(body.severity), name=_name(event, body))


@WORDS.says(AlertReopened)
def _reopened(event: Event, body: AlertReopened) -> str:
    said = _("{severity} again: {name} burns its error budget")
    return said.format(severity=severity_word(body.severity), name=_name(event, body))


@WORDS.says(AlertSeverityChanged)
def _severity_changed(event: Event, body: AlertSeverityChanged) -> str:
    said = _("now a {severity}: {name} burns its error budget")
    return said.format(severity=severity_word(body.severity), name=_name(event, body))


@WORDS.says(AlertResolved)
def _resolved(event: Event, body: AlertResolved) -> str:
    return _("resolved after {span}: {name}").format(span=span_text(body.lasted), name=_name(event, body))


def _name(event: Event, body: AlertBody) -> str:
    return printable(body.name or event.subject, 80)
