"""How entries about maintenance windows are said."""

from __future__ import annotations

from collections.abc import Sequence

from artisan_tui.domain.event import Event
from artisan_tui.domain.maintenance.events import (
    MaintenanceBegan,
    MaintenanceDeclared,
    MaintenanceEnded,
    MaintenanceOver,
)
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.wording import EventWords, reason_given, until_text

WORDS = EventWords()


@WORDS.says(MaintenanceDeclared)
def _declared(event: Event, body: MaintenanceDeclared) -> str:
    said = _("maintenance of {what} until {until}: {why}")
    return said.format(what=_covered(body.covers), until=until_text(body.until), why=reason_given(body.reason))


@WORDS.says(MaintenanceEnded)
def _ended(event: Event, body: MaintenanceEnded) -> str:
    if body.covers is None:
        return _("ended maintenance {id}").format(id=printable(event.subject, 60))
    return _("ended maintenance of {what}: {why}").format(what=_covered(body.covers), why=reason_given(body.reason))


@WORDS.says(MaintenanceBegan)
def _began(event: Event, body: MaintenanceBegan) -> str:
    said = _("maintenance of {what} began: {why}")
    return said.format(what=_covered(body.covers), why=reason_given(body.reason))


@WORDS.says(MaintenanceOver)
def _over(event: Event, body: MaintenanceOver) -> str:
    if body.covers is None:
        return _("maintenance {id} is over").format(id=printable(event.subject, 60))
    return _("maintenance of {what} is over: {why}").format(what=_covered(body.covers), why=reason_given(body.reason))


def _covered(covers: Sequence[str]) -> str:
    return printable(", ".join(covers), 200) if covers else _("everything")
