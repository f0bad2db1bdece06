"""Closing an incident: what has to be there first, and the postmortem that follows from its severity."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from artisan_tui.domain.incidents import events as kinds
from artisan_tui.domain.incidents.acting import ActRefused, By, Entries, check_open, implied
from artisan_tui.domain.incidents.incident import LONGEST_TEXT, MOST_ITEMS, ActionItem, Incident

#: The moment that is some business days after another one.
BusinessDays = Callable[[datetime, int], datetime]
#: Of postmortems: the states, those that may follow each, and the kinds of action items.
FOLLOWS = {
    "not_required": ("required", "draft"),
    "required": ("draft", "in_review", "complete", "waived"),
    "draft": ("in_review", "complete", "waived"),
    "in_review": ("draft", "complete", "waived"),
    "complete": ("in_review",),
    "waived": ("required", "draft"),
}
SORTS, ITEM_STATES = ("prevent", "detect", "mitigate"), ("open", "done", "dropped")


def weekdays(at: datetime, days: int) -> datetime:
    """``days`` weekdays later at the same time of day: where no holidays are known."""
    while days:
        at += timedelta(days=1)
        days -= at.weekday() < 5
    return at


def postmortem_due(severity: int, at: datetime, business_days: BusinessDays = weekdays) -> datetime | None:
    """A Sev1 has 24 hours, a Sev2 three business days; others need none."""
    if severity == 1:
        return at + timedelta(hours=24)
    return business_days(at, 3) if severity == 2 else None


def required_postmortem(incident: Incident, by: By, business_days: BusinessDays = weekdays) -> Entries:
    """What follows when it is resolved: a postmortem with its deadline, of what was a Sev1 or Sev2 at its worst."""
    due = None if incident.drill else postmortem_due(incident.peak, by.now, business_days)
    if due is None or incident.postmortem.state != "not_required":
        return ()
    owner = incident.postmortem.owner or incident.commander or None
    return (by.entry(kinds.IncidentPostmortemChanged(state="required", owner=owner, due=due), incident.id),)


def missing(incident: Incident, runs: Sequence[str] = ()) -> tuple[str, ...]:
    """What has to be there before it can be closed. ``runs`` are its runs that are not over."""
    found = []
    if incident.status != "resolved":
        found.append("it is not resolved")
    if not incident.root_cause:
        found.append("the root cause is missing")
    if not incident.resolution:
        found.append("the resolution is missing")
    found += [f"run {run} is not over" for run in runs]
    postmortem = incident.postmortem
    if incident.peak <= 2 and not incident.drill and postmortem.state not in ("complete", "waived"):
        if not postmortem.owner:
            found.append("the postmortem has no owner")
        if postmortem.due is None:
            found.append("the postmortem has no due date")
    return tuple(found)


def close(incident: Incident, by: By, text: str = "", runs: Sequence[str] = ()) -> Entries:
    check_open(incident)
    gaps = missing(incident, runs)
    if gaps:
        raise ActRefused(f"{incident.id} cannot be closed: {'; '.join(gaps)}")
    return (by.entry(kinds.IncidentClosed(text=text[:LONGEST_TEXT]), incident.id),)


def set_postmortem(
    incident: Incident,
    by: By,
    state: str = "",
    *,
    owner: str | None = None,
    due: datetime | None = None,
    url: str | None = None,
    reason: str = "",
    second: str = "",
) -> Entries:
    """Another state, owner or date. To waive it needs a reason, and a second person who agrees."""
    before = incident.postmortem.state
    state = state or before
    if incident.merged_into:
        check_open(incident)
    if state not in FOLLOWS:
        raise ActRefused(f"{state!r} is no state of a postmortem: write one of {', '.join(FOLLOWS)}")
    if state != before and state not in FOLLOWS[before]:
        raise ActRefused(f"the postmortem is {before}: {state} cannot follow")
    if state == "waived" and before != "waived":
        if not reason.strip():
            raise ActRefused("waiving the postmortem needs a reason")
        if second.strip() in ("", by.actor, by.responder):
            raise ActRefused("waiving the postmortem needs a second person who agrees")
    if state == before and owner is None and due is None and url is None:
        raise ActRefused(f"the postmortem is {before} already")
    body = kinds.IncidentPostmortemChanged(
        state=state, owner=owner, due=due, url=url, reason=reason[:LONGEST_TEXT], second=second.strip()
    )
    return (by.entry(body, incident.id),)


def put_item(
    incident: Incident,
    by: By,
    item_id: str = "",
    *,
    text: str | None = None,
    owner: str | None = None,
    due: datetime | None = None,
    sort: str | None = None,
    state: str | None = None,
) -> Entries:
    """A new action item without an id, else another state of that one. What is None stays."""
    known = next((each for each in incident.items if each.id == item_id), None)
    if item_id and known is None:
        raise ActRefused(f"{incident.id} has no action item {item_id}")
    if known is None and len(incident.items) >= MOST_ITEMS:
        raise ActRefused(f"{incident.id} has {MOST_ITEMS} action items: that is as many as one can have")
    base = known or ActionItem(f"A{len(incident.items) + 1}", "")
    body = kinds.IncidentActionItemPut(
        id=base.id,
        text=(base.text if text is None else text.strip())[:500],
        owner=base.owner if owner is None else owner,
        due=base.due if due is None else due,
        sort=sort or base.sort,
        state=state or base.state,
    )
    if not body.text:
        raise ActRefused("an action item needs words")
    if body.sort not in SORTS or body.state not in ITEM_STATES:
        raise ActRefused(f"an action item is one of {', '.join(SORTS)}, and {', '.join(ITEM_STATES)}")
    return (by.entry(body, incident.id),)


def tick(incident: Incident, by: By, item: str, *, done: bool = True) -> Entries:
    """An item of a checklist is done, or not."""
    check_open(incident)
    if not item.strip() or len(item) > 100:
        raise ActRefused("an item of a checklist has a name of at most 100 characters")
    if any(each.item == item for each in incident.ticks) == done:
        return ()
    return (by.entry(kinds.IncidentChecklistTicked(item=item, state="done" if done else "open"), incident.id),)


def inform(incident: Incident, by: By, stage: str, text: str, audience: str = "") -> Entries:
    """A communication was sent: it is an update, and work."""

    if incident.merged_into:
        check_open(incident)
    body = kinds.IncidentInformed(stage=stage, audience=audience[:200], text=text[:LONGEST_TEXT])
    return (*implied(incident, by, body.KIND), by.entry(body, incident.id))
