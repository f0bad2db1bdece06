"""How entries about a simulated stack's faults and about live drills are said."""

from __future__ import annotations

from artisan_tui.domain.drills.events import (
    AllFaultsCleared,
    DrillEnded,
    DrillHintTaken,
    DrillMessageArrived,
    DrillPaused,
    DrillResumed,
    DrillScored,
    DrillStarted,
    FaultCleared,
    FaultInjected,
)
from artisan_tui.domain.event import Event
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, language
from artisan_tui.reports.drills.live_words import tick_text, why_text
from artisan_tui.reports.drills.words import spoken
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


@WORDS.says(DrillStarted)
def _started(event: Event, body: DrillStarted) -> str:
    return _("DRILL: {title}").format(title=printable(spoken(body.title, body.title_ko) or event.subject, 120))


@WORDS.says(DrillMessageArrived)
def _arrived(event: Event, body: DrillMessageArrived) -> str:
    said = _("DRILL {tick} {sender}: {text}").format(
        tick=tick_text(body.tick), sender=printable(body.sender, 60), text=spoken(body.text, body.text_ko)
    )
    if body.answer_by is None:
        return said
    return _("{said} (answer by {tick})").format(said=said, tick=tick_text(body.answer_by))


@WORDS.says(DrillPaused)
def _paused(event: Event, body: DrillPaused) -> str:
    return _("DRILL {tick} paused: {why}").format(tick=tick_text(body.tick), why=why_text(body.why))


@WORDS.says(DrillResumed)
def _resumed(event: Event, body: DrillResumed) -> str:
    return _("DRILL {tick} goes on").format(tick=tick_text(body.tick))


@WORDS.says(DrillHintTaken)
def _hint(event: Event, body: DrillHintTaken) -> str:
    return _("DRILL {tick} hint: {text}").format(tick=tick_text(body.tick), text=printable(body.text, 500))


@WORDS.says(DrillEnded)
def _ended(event: Event, body: DrillEnded) -> str:
    return _("DRILL {tick} over").format(tick=tick_text(body.tick))


@WORDS.says(DrillScored)
def _scored(event: Event, body: DrillScored) -> str:
    levels = ", ".join(printable(each, 60) for each in body.levels)
    if body.saved is None:
        return _("DRILL scored: {levels}").format(levels=levels)
    return _("DRILL scored: {levels}; users saved {share:.0%}").format(levels=levels, share=body.saved)
