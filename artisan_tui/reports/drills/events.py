"""How entries about a simulated stack's faults are said."""

from __future__ import annotations

from artisan_tui.domain.drills.events import AllFaultsCleared, FaultCleared, FaultInjected
from artisan_tui.domain.event import Event
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, language
from artisan_tui.reports.wording import EventWords

WORDS = EventWords()


@WORDS.says(FaultInjected)
def _injected(event: Event, body: FaultInjected) -> str:
    return _("fault injected: {part}").format(part=_part(event, body))


@WORDS.says(FaultCleared)
def _cleared(event: Event, body: FaultCleared) -> str:
    return _("fault cleared: {part}").format(part=_part(event, body))


@WORDS.says(AllFaultsCleared)
def _all_cleared(event: Event, body: AllFaultsCleared) -> str:
    return _("all faults cleared")


def _part(event: Event, body: FaultInjected | FaultCleared) -> str:
    own = body.title_ko if language() == "ko" else ""
    return printable(own or body.title or event.subject, 80)
