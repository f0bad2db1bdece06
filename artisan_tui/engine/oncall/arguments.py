"""The arguments of the commands of on-call: moments, and the shift that is meant."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo

from artisan_tui.domain.oncall.moments import parse_moment
from artisan_tui.domain.oncall.rotation import Rotation
from artisan_tui.domain.text.printable import printable
from artisan_tui.domain.when import NotOneMoment
from artisan_tui.engine.command import CommandMisused
from artisan_tui.engine.decision import Present
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.i18n import _


def coming(text: str | None, present: Present, *, after: datetime | None = None) -> datetime | None:
    """A moment that lies ahead of ``after``, or of now; None for none. Raises CommandMisused."""
    if not text:
        return None
    return moment(text, after or present.now, present.state(IncidentRules).zone, ahead=True)


def moment(text: str, now: datetime, zone: tzinfo, *, ahead: bool) -> datetime:
    """A moment that a person wrote, in UTC. Raises CommandMisused, which names both instants of a time that occurs twice."""
    try:
        return parse_moment(text, now, zone, ahead=ahead)
    except NotOneMoment as several:
        raise CommandMisused(several.said(_)) from None
    except ValueError:
        said = _("{text} is no time: write fri 17:00, 17:00, 2h, or 2026-11-21T17:00+09:00")
        raise CommandMisused(said.format(text=printable(text, 40))) from None


def turn_of(rotation: Rotation, text: str, now: datetime) -> datetime:
    """When the turn of ``rotation`` begins that a person means: by the day on which it begins, or a moment in it."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return rotation.start(rotation.turn_at(moment(text, now, rotation.zone, ahead=True)))
    noon = datetime.combine(day, time(12), rotation.zone).astimezone(UTC)
    near = rotation.turn_at(noon)
    for turn in (near, near + 1):
        if rotation.start(turn).astimezone(rotation.zone).date() == day:
            return rotation.start(turn)
    return rotation.start(near)


def span_said(start: datetime, end: datetime, zone: tzinfo) -> str:
    """``2026-11-21 22:00 to 2026-11-22 06:00 KST``."""
    one, two = start.astimezone(zone), end.astimezone(zone)
    names = f" {one:%Z}" if one.tzname() != two.tzname() else ""
    second = f"{two:%H:%M %Z}" if one.date() == two.date() and not names else f"{two:%Y-%m-%d %H:%M %Z}"
    return _("{start} to {end}").format(start=f"{one:%Y-%m-%d %H:%M}{names}", end=second)


def hours(start: datetime, end: datetime) -> float:
    return (end - start) / timedelta(hours=1)
