"""The arguments of incident commands: moments, versions, lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

from artisan_tui.domain.incidents.acting import By
from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.when import NotOneMoment, nearest_day, parse_when, time_of_day
from artisan_tui.engine.command import CommandMisused
from artisan_tui.engine.decision import Present
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.i18n import _


def rules_of(present: Present) -> IncidentRules:
    return present.state(IncidentRules)


def by_of(present: Present, responder: str | None = None) -> By:
    """Who acts: the login as the kernel knows it, and the person who is responsible with that."""
    person = responder or rules_of(present).person_of(present.actor)
    return By(present.actor, present.now, "" if person == present.actor else person)


def seen_of(given: Mapping[str, Any]) -> int | None:
    """The version that was shown; None when none was."""
    seen = given.get("seen")
    return None if seen is None else whole(seen)


def whole(number: Any) -> int:
    """Raises CommandMisused for what is no whole number above zero."""
    if number != number.to_integral_value() or not 0 < number < 10**15:
        raise CommandMisused(_("{text} is not a number of an entry or a version").format(text=number))
    return int(number)


def past(text: str | None, present: Present) -> datetime | None:
    """A moment that a person wrote, None for none. Raises CommandMisused.

    A time of day more than half a day ahead is yesterday's: shortly after midnight, 23:50 is ten minutes ago.
    """
    refusal = _("{text} is no time: write 16:10, 2h for two hours ago, or 2026-11-21T16:10+09:00")
    latest = present.now + timedelta(hours=12)
    return _moment(text, present, refusal, -1, lambda at: at <= latest)


def coming(text: str | None, present: Present) -> datetime | None:
    """Like `past`, but a time of day that is over today is tomorrow's, and a duration lies ahead."""
    refusal = _("{text} is no time: write 16:10, 2h for two hours from now, or 2026-11-21T16:10+09:00")
    found = _moment(text, present, refusal, 1, lambda at: at > present.now)
    if found is not None and text and found < present.now and text[-1:] in "smhd" and text[:1].isdigit():
        return present.now + (present.now - found)
    return found


def _moment(
    text: str | None, present: Present, refusal: str, days: int, fits: Callable[[datetime], bool]
) -> datetime | None:
    """A time of day that does not fit today is meant ``days`` later, which is 23 or 25 hours when the clocks change."""
    if not text:
        return None
    zone = rules_of(present).zone
    try:
        clock = time_of_day(text.strip())
        if clock is None:
            return parse_when(text, present.now, zone)
        return nearest_day(datetime.combine(present.now.astimezone(zone), clock), days, zone, fits)
    except NotOneMoment as several:
        raise CommandMisused(several.said(_)) from None
    except ValueError:
        raise CommandMisused(refusal.format(text=printable(text, 40))) from None


def listed(text: str | None) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(dict.fromkeys(part for each in (text or "").split(",") if (part := each.strip())))


def is_yes(text: str | None) -> bool:
    return (text or "").casefold() in ("yes", "y", "true", "1")
