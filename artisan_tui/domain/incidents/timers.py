"""What happens to an incident by itself when something is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from artisan_tui.domain.event import GENESIS, seal
from artisan_tui.domain.incidents import events as kinds
from artisan_tui.domain.incidents.acting import ActRefused, By, Entries, check_active
from artisan_tui.domain.incidents.clocks import Due, due
from artisan_tui.domain.incidents.fold import apply
from artisan_tui.domain.incidents.incident import Incident

#: Who is on call at a level of the ladder at a moment: ids of persons, none when nobody is.
OnCall = Callable[[str, datetime], tuple[str, ...]]
#: When some working time has passed since a moment: deadlines of mild incidents count in it.
WorkingTime = Callable[[datetime, timedelta], datetime]
#: Which of an incident's alerts still fire: fingerprints, or None when nothing is known.
StillFiring = Callable[[Incident], tuple[str, ...] | None]

#: Severities whose deadlines count in working time.
MILD = (3, 4)
#: Things due at once that one incident can have; more are a mistake of ours, not to be written down for ever.
_MOST = 40


def nobody_on_call(level: str, at: datetime) -> tuple[str, ...]:
    return ()


def always_working(since: datetime, time: timedelta) -> datetime:
    return since + time


def none_fires(incident: Incident) -> tuple[str, ...]:
    return ()


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What timers need to know besides the incident."""

    on_call: OnCall = nobody_on_call
    working_time: WorkingTime = always_working
    still_firing: StillFiring = none_fires


def effective(incident: Incident, each: Due, around: Surroundings) -> datetime:
    """When ``each`` fires. The deadlines of a mild incident count in working time, in which it disturbs people only."""
    if incident.severity not in MILD or each.since is None:
        return each.at
    return max(each.at, around.working_time(each.since, each.at - each.since))


def fire(incident: Incident, by: By, around: Surroundings, only: tuple[str, ...] = ()) -> Entries:
    """Everything that is due, in its order, each once: also what fell due while nobody looked. ``only`` these kinds."""
    written: list[Entries] = []
    for _ in range(_MOST):
        ready = [each for each in due(incident) if effective(incident, each, around) <= by.now]
        ready = [each for each in ready if not only or each.kind in only]
        entries = next(
            (found for each in _worth(ready) if (found := _FIRED[each.kind](incident, each, by, around))), ()
        )
        if not entries:
            break
        written.append(entries)
        incident = after(incident, entries, by.now)
    return tuple(entry for entries in written for entry in entries)


def escalate(incident: Incident, by: By, around: Surroundings) -> Entries:
    """The next rung at once, because a person wants it."""
    check_active(incident)
    rung = incident.rung + 1
    if rung > len(incident.policy.ladder):
        raise ActRefused(f"{incident.id} has reached the top of the ladder: {incident.policy.ladder[-1]} was paged")
    return _rung(incident, Due("rung", by.now, rung), by, around, "person")


def after(incident: Incident, entries: Entries, now: datetime) -> Incident:
    """The incident as it will be when ``entries`` are written; those about other incidents change nothing."""
    for entry in entries:
        if entry.subject == incident.id:
            incident = apply(incident, seal(entry, incident.last_seq + 1, now, GENESIS)) or incident
    return incident


def _worth(ready: list[Due]) -> list[Due]:
    """Nobody is reminded of an acknowledgement that has run out meanwhile."""
    over = any(each.kind == "unacknowledge" for each in ready)
    return [each for each in ready if not (over and each.kind in ("remind", "update"))]


def _rung_due(incident: Incident, each: Due, by: By, around: Surroundings) -> Entries:
    return _rung(incident, each, by, around, incident.paged_by if each.rung == 1 else "time")


def _rung(incident: Incident, each: Due, by: By, around: Surroundings, why: str) -> Entries:
    """The first level from this rung on with somebody on call; the fallback where there is none."""
    ladder, empty = incident.policy.ladder, list[str]()
    reached = kinds.IncidentRungReached(rung=each.rung, by=why)
    for rung, level in enumerate(ladder[each.rung - 1 :], each.rung):
        persons = around.on_call(level, by.now)
        if persons:
            reached = kinds.IncidentRungReached(rung=rung, level=level, persons=persons, by=why)
            break
        empty.append(level)
    return (*_nobody(incident, empty, by), by.entry(reached, incident.id))


def _nobody(incident: Incident, empty: list[str], by: By) -> Entries:
    """That these levels have nobody: once for an incident, until somebody was found there."""
    new = tuple(level for level in empty if level not in incident.nobody)
    if not new:
        return ()
    every = set(new) == set(incident.policy.ladder)
    body = kinds.IncidentNobodyOnCall(level=new[0], levels=new, every="yes" if every else "")
    return (by.entry(body, incident.id),)


def _remind(incident: Incident, each: Due, by: By, around: Surroundings) -> Entries:
    reminded = kinds.IncidentReminded(of="acknowledgement", person=incident.acknowledged_by)
    return (by.entry(reminded, incident.id),)


def _unacknowledge(incident: Incident, each: Due, by: By, around: Surroundings) -> Entries:
    seconds = incident.policy.decay_seconds(incident.severity)
    body = kinds.IncidentUnacknowledged(person=incident.acknowledged_by, seconds=seconds)
    return (by.entry(body, incident.id),)


def _update(incident: Incident, each: Due, by: By, around: Surroundings) -> Entries:
    person = incident.holder("communications") or incident.commander or incident.acknowledged_by
    return (by.entry(kinds.IncidentReminded(of="update", person=person), incident.id),)


def _snooze(incident: Incident, each: Due, by: By, around: Surroundings) -> Entries:
    return (by.entry(kinds.IncidentSnoozeEnded(by="time"), incident.id),)


def _recheck(incident: Incident, each: Due, by: By, around: Surroundings) -> Entries:
    firing = around.still_firing(incident)
    if firing is None:
        return ()  # nothing is known now: it stays due
    if not firing:
        return (by.entry(kinds.IncidentRechecked(), incident.id),)
    names = {each.fingerprint: each.name for each in incident.alerts}
    said = ", ".join(names.get(each) or each for each in firing[:5])
    return (by.entry(kinds.IncidentReopened(by="still firing", reason=said), incident.id),)


def _postmortem(incident: Incident, each: Due, by: By, around: Surroundings) -> Entries:
    return (by.entry(kinds.IncidentReminded(of="postmortem", person=incident.postmortem.owner), incident.id),)


_FIRED: dict[str, Callable[[Incident, Due, By, Surroundings], Entries]] = {
    "rung": _rung_due,
    "remind": _remind,
    "unacknowledge": _unacknowledge,
    "update": _update,
    "snooze": _snooze,
    "recheck": _recheck,
    "postmortem": _postmortem,
}
