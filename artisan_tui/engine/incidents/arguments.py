"""The arguments of incident commands: moments, versions, lists."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from artisan_tui.domain.incidents.acting import By
from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.when import parse_when
from artisan_tui.engine.command import CommandRefused
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
    """Raises CommandRefused for what is no whole number above zero."""
    if number != number.to_integral_value() or not 0 < number < 10**15:
        raise CommandRefused(_("{text} is not a number of an entry or a version").format(text=number))
    return int(number)


def past(text: str | None, present: Present) -> datetime | None:
    """A moment that a person wrote, None for none. Raises CommandRefused."""
    return _moment(text, present, _("{text} is no time: write 16:10, 2h for two hours ago, or 2026-11-21T16:10+09:00"))


def _moment(text: str | None, present: Present, refusal: str) -> datetime | None:
    if not text:
        return None
    try:
        return parse_when(text, present.now, rules_of(present).zone)
    except ValueError:
        raise CommandRefused(refusal.format(text=printable(text, 40))) from None


def coming(text: str | None, present: Present) -> datetime | None:
    """Like `past`, but a time of day that is over today is tomorrow's, and a duration lies ahead."""
    refusal = _("{text} is no time: write 16:10, 2h for two hours from now, or 2026-11-21T16:10+09:00")
    found = _moment(text, present, refusal)
    if found is None or text is None or found > present.now:
        return found
    if ":" in text and "T" not in text and "-" not in text:
        # The same time of day tomorrow, which is 23 or 25 hours later when the clocks change.
        return (found.astimezone(rules_of(present).zone) + timedelta(days=1)).astimezone(UTC)
    if text[-1:] in "smhd" and text[:1].isdigit():
        return present.now + (present.now - found)
    return found


def listed(text: str | None) -> tuple[str, ...]:
    """What stands between commas."""
    return tuple(dict.fromkeys(part for each in (text or "").split(",") if (part := each.strip())))


def is_yes(text: str | None) -> bool:
    return (text or "").casefold() in ("yes", "y", "true", "1")
