"""Who is on call now, for the first line of every screen."""

from __future__ import annotations

from datetime import datetime, tzinfo

from artisan_tui.domain.span import hours_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.oncall.slice import OnCallSlice
from artisan_tui.i18n import _
from artisan_tui.reports.moments import coming_text
from artisan_tui.tui.cells import Run


def on_call_texts(current: OnCallSlice, now: datetime, zone: tzinfo) -> list[tuple[list[list[Run]], tuple[int, ...]]]:
    """The texts, the longest first, with their ranks as `kit.header.Part` has them; empty while nothing is known.

    Where nobody is on call, that is said, and how much of a week nobody has.
    """
    if not current.levels:
        return []
    first = current.levels[0]
    people = ", ".join(printable(each, 30) for each in first.people)
    if not people:
        hours = hours_text(current.open_hours)
        texts = [_("nobody on call, {n} h of 7 days uncovered").format(n=hours), _("nobody on call")]
        role, ranks = ("-bad", (61, 79)) if current.declared else ("-dim", (3, 4))
        return [([[("  " + text, role)] for text in texts], ranks)]
    texts = [_("on call {people}").format(people=people)]
    if first.until is None:
        return [([[("  " + texts[0], "")]], (43,))]
    following = ", ".join(printable(each, 30) for each in first.following) or _("nobody")
    said = _("on call {people} > {next} {time}")
    texts.insert(0, said.format(people=people, next=following, time=coming_text(first.until, zone, now)))
    role = "" if first.following else "-warn"
    return [([[("  " + text, role)] for text in texts], (30, 43))]
