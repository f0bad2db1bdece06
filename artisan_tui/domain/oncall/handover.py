"""When the rotation is handed over, by whom and to whom."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from artisan_tui.domain.oncall.rotation import Rotation
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.shift import Why

_MOMENT = timedelta(microseconds=1)


class Handover(NamedTuple):
    """At ``at`` (UTC) the turn of ``outgoing`` ends and that of ``incoming`` begins.

    Swaps count. Who has an override just before, or from then on, comes after the person of the turn. ``since`` is when
    the ended turn began, ``until`` when the new one ends: ``[since, at)`` is the shift that is handed over.
    """

    at: datetime
    outgoing: tuple[str, ...]
    incoming: tuple[str, ...]
    since: datetime
    until: datetime


def last_handover(schedule: Schedule, at: datetime, level: str = "L1") -> Handover | None:
    """The newest hand-over at or before ``at``; None without a rotation. The first rotation of ``level`` decides when."""
    rotation = _primary(schedule, level)
    return None if rotation is None else _at(schedule, rotation, rotation.turn_at(at))


def next_handover(schedule: Schedule, at: datetime, level: str = "L1") -> Handover | None:
    """The first hand-over after ``at``; None without a rotation."""
    rotation = _primary(schedule, level)
    return None if rotation is None else _at(schedule, rotation, rotation.turn_at(at) + 1)


def _primary(schedule: Schedule, level: str) -> Rotation | None:
    return next((each for each in schedule.layers(level) if each.people), None)


def _at(schedule: Schedule, rotation: Rotation, turn: int) -> Handover:
    moment = rotation.start(turn)
    return Handover(
        moment,
        _people(schedule, rotation.level, moment, moment - _MOMENT),
        _people(schedule, rotation.level, moment, moment),
        rotation.start(turn - 1),
        rotation.start(turn + 1),
    )


def _people(schedule: Schedule, level: str, moment: datetime, at: datetime) -> tuple[str, ...]:
    """The people of the turns at ``at`` of every layer that is handed over at ``moment``, then who has an override."""
    layers = [each for each in schedule.layers(level) if each.people and each.start(each.turn_at(moment)) == moment]
    found = [schedule.turn_of(each, at).person for each in layers]
    seat = schedule.seat(level, at)
    if seat is not None and seat.why is Why.OVERRIDE:
        found.append(seat.person)
    return tuple(dict.fromkeys(found))
