"""How entries about incidents are said."""

from __future__ import annotations

from collections.abc import Sequence

from artisan_tui.domain.event import Event
from artisan_tui.domain.incidents import events as kinds
from artisan_tui.domain.span import span_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _
from artisan_tui.reports.incidents.checklists import step_of
from artisan_tui.reports.incidents.words import (
    because_word,
    item_sort_word,
    item_state_word,
    postmortem_word,
    role_word,
    status_word,
)
from artisan_tui.reports.wording import EventWords, Tone, reason_given, until_text

WORDS = EventWords()
#: Characters of what a person wrote that fit into one line.
_LONGEST = 400


def _bad(body: object) -> Tone:
    return Tone.BAD


def _warn(body: object) -> Tone:
    return Tone.WARN


def _good(body: object) -> Tone:
    return Tone.GOOD


@WORDS.says(kinds.IncidentDeclared, _bad)
def _declared(event: Event, body: kinds.IncidentDeclared) -> str:
    said = _("drill Sev{level} declared: {title}") if body.mode == "drill" else _("Sev{level} declared: {title}")
    said = said.format(level=body.severity, title=_text(body.title))
    if body.previous:
        said += " " + _("(follows {id})").format(id=printable(body.previous, 40))
    return said


@WORDS.says(kinds.IncidentAcknowledged)
def _acknowledged(event: Event, body: kinds.IncidentAcknowledged) -> str:
    if body.person != event.actor:
        return _("acknowledged for {person}").format(person=_person(body.person))
    return _("acknowledged by {person}").format(person=_person(body.person))


@WORDS.says(kinds.IncidentUnacknowledged, _bad)
def _unacknowledged(event: Event, body: kinds.IncidentUnacknowledged) -> str:
    said = _("acknowledgement of {person} ran out: no work for {span}")
    return said.format(person=_person(body.person), span=span_text(body.seconds))


@WORDS.says(kinds.IncidentNoted)
def _noted(event: Event, body: kinds.IncidentNoted) -> str:
    return _text(body.text)


@WORDS.says(kinds.IncidentStatusChanged, lambda body: Tone.GOOD if body.after == "mitigated" else Tone.PLAIN)
def _status(event: Event, body: kinds.IncidentStatusChanged) -> str:
    if body.before == body.after:
        said = status_word(body.after)
    else:
        said = f"{status_word(body.before)} → {status_word(body.after)}"
    return f"{said}: {_text(body.text)}" if body.text else said


@WORDS.says(kinds.IncidentSeverityChanged, _warn)
def _severity(event: Event, body: kinds.IncidentSeverityChanged) -> str:
    return f"Sev{body.before} → Sev{body.after}: {reason_given(body.reason)}"


@WORDS.says(kinds.IncidentRoleOffered)
def _offered(event: Event, body: kinds.IncidentRoleOffered) -> str:
    return _("{person} asked to be {role}").format(person=_person(body.person), role=role_word(body.role))


@WORDS.says(kinds.IncidentRoleTaken)
def _taken(event: Event, body: kinds.IncidentRoleTaken) -> str:
    if body.before:
        said = _("{person} is {role} now, instead of {before}")
        return said.format(person=_person(body.person), role=role_word(body.role), before=_person(body.before))
    return _("{person} is {role}").format(person=_person(body.person), role=role_word(body.role))


@WORDS.says(kinds.IncidentRoleGivenUp)
def _given_up(event: Event, body: kinds.IncidentRoleGivenUp) -> str:
    return _("{person} is no longer {role}").format(person=_person(body.person), role=role_word(body.role))


@WORDS.says(kinds.IncidentSnoozed)
def _snoozed(event: Event, body: kinds.IncidentSnoozed) -> str:
    said = _("snoozed until {until}").format(until=until_text(body.until))
    return f"{said}: {_text(body.reason)}" if body.reason else said


@WORDS.says(kinds.IncidentSnoozeEnded)
def _snooze_ended(event: Event, body: kinds.IncidentSnoozeEnded) -> str:
    if body.by == "time":
        return _("the snooze is over: waiting for an acknowledgement")
    return _("the snooze was ended")


@WORDS.says(kinds.IncidentMerged)
def _merged(event: Event, body: kinds.IncidentMerged) -> str:
    return _("merged into {id}").format(id=_id(body.into))


@WORDS.says(kinds.IncidentAbsorbed)
def _absorbed(event: Event, body: kinds.IncidentAbsorbed) -> str:
    return _("{id} was merged into this incident").format(id=_id(body.source))


@WORDS.says(kinds.IncidentUnmerged)
def _unmerged(event: Event, body: kinds.IncidentUnmerged) -> str:
    return _("separated from {id} again").format(id=_id(body.into))


@WORDS.says(kinds.IncidentReleased)
def _released(event: Event, body: kinds.IncidentReleased) -> str:
    return _("{id} is an incident of its own again").format(id=_id(body.source))


@WORDS.says(kinds.IncidentCauseFound)
def _cause(event: Event, body: kinds.IncidentCauseFound) -> str:
    return _("root cause: {text}").format(text=_text(body.text))


@WORDS.says(kinds.IncidentResolved, lambda body: Tone.WARN if body.firing else Tone.GOOD)
def _resolved(event: Event, body: kinds.IncidentResolved) -> str:
    said = _("resolved: {text}").format(text=_text(body.resolution)) if body.resolution else _("resolved")
    if body.firing:
        said += " " + _("({n} of its alerts still fired)").format(n=len(body.firing))
    return said


@WORDS.says(kinds.IncidentClosed, _good)
def _closed(event: Event, body: kinds.IncidentClosed) -> str:
    return _("closed: {text}").format(text=_text(body.text)) if body.text else _("closed")


@WORDS.says(kinds.IncidentCancelled)
def _cancelled(event: Event, body: kinds.IncidentCancelled) -> str:
    what = because_word(body.because) + (f" {_id(body.other)}" if body.other else "")
    said = _("cancelled: {what}").format(what=what)
    return f"{said}: {_text(body.reason)}" if body.reason else said


@WORDS.says(kinds.IncidentReopened, _bad)
def _reopened(event: Event, body: kinds.IncidentReopened) -> str:
    if body.by == "alert":
        return _("reopened: {name} fires again").format(name=_text(body.reason))
    if body.by == "still firing":
        return _("reopened: {name} still fires").format(name=_text(body.reason))
    return _("reopened: {why}").format(why=reason_given(body.reason))


@WORDS.says(kinds.IncidentAlertAttached)
def _attached(event: Event, body: kinds.IncidentAlertAttached) -> str:
    return _("alert attached: {name}").format(name=_text(body.name or body.fingerprint))


@WORDS.says(kinds.IncidentAlertDetached)
def _detached(event: Event, body: kinds.IncidentAlertDetached) -> str:
    return _("alert detached: {name}").format(name=_text(body.fingerprint))


@WORDS.says(kinds.IncidentCorrected)
def _corrected(event: Event, body: kinds.IncidentCorrected) -> str:
    said = _("correction of event {seq}: it was at {time}")
    said = said.format(seq=event.supersedes or "?", time=until_text(event.occurred_at))
    return ": ".join([said, *(_text(each) for each in (body.text, body.reason) if each)])


@WORDS.says(kinds.IncidentInformed)
def _informed(event: Event, body: kinds.IncidentInformed) -> str:
    who = body.audience or _("everyone")
    return _("sent to {who}: {text}").format(who=_text(who), text=_text(body.text))


@WORDS.says(kinds.IncidentRunLinked)
def _run(event: Event, body: kinds.IncidentRunLinked) -> str:
    return _("run {run} of runbook {name}").format(run=_id(body.run), name=_text(body.runbook))


@WORDS.says(kinds.IncidentPostmortemChanged)
def _postmortem(event: Event, body: kinds.IncidentPostmortemChanged) -> str:
    said = _("postmortem: {state}").format(state=postmortem_word(body.state))
    if body.owner:
        said += ", " + _("owner {person}").format(person=_person(body.owner))
    if body.due is not None:
        said += ", " + _("due {time}").format(time=until_text(body.due))
    return f"{said}: {_text(body.reason)}" if body.reason else said


@WORDS.says(kinds.IncidentActionItemPut)
def _item(event: Event, body: kinds.IncidentActionItemPut) -> str:
    said = _("action {id} ({sort}, {state}): {text}")
    return said.format(
        id=_id(body.id), sort=item_sort_word(body.sort), state=item_state_word(body.state), text=_text(body.text)
    )


@WORDS.says(kinds.IncidentChecklistTicked)
def _ticked(event: Event, body: kinds.IncidentChecklistTicked) -> str:
    step = step_of(body.item)
    item = _(step.text).partition(":")[0] if step is not None else _text(body.item)
    if body.state != "done":
        return _("checklist: {item} is open again").format(item=item)
    return _("checklist: {item} is done").format(item=item)


@WORDS.says(kinds.IncidentRungReached, lambda body: Tone.WARN if body.level else Tone.BAD)
def _rung(event: Event, body: kinds.IncidentRungReached) -> str:
    if not body.level:
        return (
            _("the page goes to the fallback channels")
            if body.rung == 1
            else _("the page goes to the fallback channels again")
        )
    said = _("escalated to {level}: {persons} paged") if body.by == "person" else _("{level} paged: {persons}")
    return said.format(level=printable(body.level, 40), persons=_persons(body.persons))


@WORDS.says(kinds.IncidentIncomingPaged, lambda body: Tone.WARN)
def _incoming(event: Event, body: kinds.IncidentIncomingPaged) -> str:
    said = _("{level} paged: {persons}, who came on call")
    return said.format(level=printable(body.level, 40), persons=_persons(body.persons))


@WORDS.says(kinds.IncidentNobodyOnCall, _bad)
def _nobody(event: Event, body: kinds.IncidentNobodyOnCall) -> str:
    levels = ", ".join(printable(each, 40) for each in body.all_levels[:10])
    if body.every:
        return _("nobody is on call at any level ({levels})").format(levels=levels)
    return _("nobody is on call at {level}").format(level=levels)


@WORDS.says(kinds.IncidentReminded)
def _reminded(event: Event, body: kinds.IncidentReminded) -> str:
    person = _person(body.person) if body.person else _("whoever is on call")
    if body.of == "acknowledgement":
        return _("reminder to {person}: is somebody still working on it?").format(person=person)
    if body.of == "postmortem":
        return _("reminder to {person}: the postmortem is due").format(person=person)
    return _("reminder to {person}: an update is due").format(person=person)


@WORDS.says(kinds.IncidentRechecked, _good)
def _rechecked(event: Event, body: kinds.IncidentRechecked) -> str:
    return _("none of its alerts fires any more")


def _text(text: str) -> str:
    return printable(text, _LONGEST)


def _id(text: str) -> str:
    return printable(text, 60)


def _person(text: str) -> str:
    return printable(text, 60) or "?"


def _persons(persons: Sequence[str]) -> str:
    return ", ".join(map(_person, persons)) or "?"
