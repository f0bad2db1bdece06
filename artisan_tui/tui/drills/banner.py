"""What every screen of a drill says: that it is one, how far it is, and who waits for an answer."""

from __future__ import annotations

from artisan_tui.engine.drills.slice import LiveDrillSlice
from artisan_tui.engine.snapshot import SessionStatus, Snapshot
from artisan_tui.i18n import _


def drill_texts(snapshot: Snapshot) -> list[str]:
    """Lines above the panes, the most urgent first; none outside a drill."""
    drill = snapshot[LiveDrillSlice]
    if not drill.id:
        return []
    from artisan_tui.reports.drills.live_words import tick_text, why_text  # not before the first frame

    texts = []
    if drill.real:
        texts.append(_("REAL INCIDENT {incident}: leave the drill").format(incident=drill.real))
    if snapshot[SessionStatus].actor in drill.removed:
        texts.append(_("the facilitator took you out of this drill: watch what the others do"))
    at = _("{tick} of {end}").format(tick=tick_text(drill.tick), end=tick_text(drill.ends))
    said = {
        "begins": _("7 begins it"),
        "runs": _("nothing here is real"),
        "paused": _("PAUSED: {why}; 7 goes on").format(why=why_text(drill.why)),
        "ended": _("OVER; 7 leads to the debrief"),
        "gone": _("the stack does not answer; artisan-tui drill join starts it again"),
    }.get(drill.state, "")
    texts.append(_("DRILL {title} {at}: {said}").format(title=drill.title, at=at, said=said))
    if drill.tour and drill.state != "gone":
        from artisan_tui.tui.drills.tour import tour_text

        texts.append(_("TOUR {text}").format(text=tour_text(snapshot)))
    waiting = sorted((each for each in drill.messages if each.waits), key=lambda each: each.answer_by or 0)
    if waiting and drill.state in ("runs", "paused"):
        first = waiting[0]
        more = _(" and {n} more").format(n=len(waiting) - 1) if len(waiting) > 1 else ""
        by = tick_text(first.answer_by or 0)
        text = _("{sender} asks: {text} (7 answers, by {tick}){more}")
        texts.append(text.format(sender=first.sender, text=first.text, tick=by, more=more))
    elif drill.messages and drill.messages[-1].answered is None and drill.tick - drill.messages[-1].tick <= 60:
        last = drill.messages[-1]
        texts.append(_("{sender}: {text}").format(sender=last.sender, text=last.text))
    if drill.hints and drill.tick - drill.hints[-1][0] <= 120:
        texts.append(_("hint: {text}").format(text=drill.hints[-1][1]))
    return texts
