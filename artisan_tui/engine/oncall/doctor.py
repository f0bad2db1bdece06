"""What `doctor` and `config check` say of the schedule: hours without anybody, overlaps, hand-overs at night, what hides what."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

from artisan_tui.domain.oncall.lint import (
    OpenHours,
    YearOfHours,
    gap_spans,
    in_the_clocks_way,
    never_counts,
    overlap_spans,
    unreachable_people,
)
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.span import hours_text
from artisan_tui.engine.maintenance.doctor import clock_findings
from artisan_tui.i18n import N_

if TYPE_CHECKING:
    from artisan_tui.config.models import Config

WHAT = N_("on-call schedule")
#: (what, whether it is well, what is said, what mends it)
Said = tuple[str, bool | None, str, str]
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
#: Single spans that are named; of more, how many there are is said.
_NAMED = 12


def schedule_findings(config: Config, now: datetime, schedule: Schedule | None = None) -> Iterator[Said]:
    """Of the ladder's first level, and of each that has a rotation. ``schedule`` has the overrides and swaps of the journal."""
    plan = schedule or config.schedule()
    first = config.escalation.ladder[0]
    levels = [level for level in config.escalation.ladder if level == first or plan.layers(level)]
    for level in levels:
        yield from _gaps(config, plan, level, now)
        yield from _overlaps(plan, level, now, config.zone)
        for layer in never_counts(plan, level):
            said = f"the rotation {layer.id} never counts: one that is written after it covers all time"
            yield WHAT, None, said, "write the rotation that covers all time first"
    for person, places in unreachable_people(plan).items():
        said = f"{person} has no contact, and is on call in {', '.join(places)}: those hours count as nobody's"
        yield WHAT, False, said, "give the [[person]] contacts"
    for rotation in plan.rotations:
        if in_the_clocks_way(rotation, now):
            at = f"{rotation.handoff:%H:%M}"
            said = f"{rotation.id} hands over at {at} in {rotation.zone}, where clocks change at night: once a year that time does not exist or occurs twice"
            yield WHAT, None, said, "hand over in the day, like 17:00"
    yield from _hidden(plan, now)
    yield from clock_findings(config, now)


def _gaps(config: Config, plan: Schedule, level: str, now: datetime) -> Iterator[Said]:
    spans = gap_spans(plan, level, now, config.zone)
    what, mend = WHAT, "add a [[rotation]] for these hours, or people with contacts"
    declared = bool(config.people or config.rotations or config.escalation.levels)
    bad = False if declared else None
    if spans.weekly:
        hours, named = hours_text(spans.weekly_hours), _named(spans.weekly)
        yield what, bad, f"{level}: nobody is on call for {hours} of the 168 h of a week: {named}", mend
    if spans.single:
        hours, named = hours_text(spans.single_hours), _dated(spans)
        yield what, bad, f"{level}: nobody is on call for {hours} h of the next 52 weeks: {named}", mend
    if not spans:
        yield what, True, f"{level}: somebody is on call at every hour of the next 52 weeks", ""


def _overlaps(plan: Schedule, level: str, now: datetime, zone: tzinfo) -> Iterator[Said]:
    spans = overlap_spans(plan, level, now, zone)
    what, mend = WHAT, "change `only` of one of them, if it is not meant so"
    for pair in dict.fromkeys(each.about for each in (*spans.weekly, *spans.single)):
        upper, lower = pair
        weekly = [each for each in spans.weekly if each.about == pair]
        single = [each for each in spans.single if each.about == pair]
        if weekly:
            hours, named = hours_text(sum(each.hours for each in weekly)), _named(weekly)
            yield (
                what,
                None,
                f"{level}: two rotations cover {hours} h of a week, {upper} counts and not {lower}: {named}",
                mend,
            )
        if single:
            hours, named = hours_text(sum(each.hours for each in single)), _dated(YearOfHours((), tuple(single)))
            said = (
                f"{level}: two rotations cover {hours} h of the next 52 weeks, {upper} counts and not {lower}: {named}"
            )
            yield what, None, said, mend


def _hidden(plan: Schedule, now: datetime) -> Iterator[Said]:
    for each in plan.hidden():
        if each.end > now:
            said = f"{each.id} is hidden by {each.by} for some time"
            yield WHAT, None, said, "see oncall schedule, and undo the one that is not meant"


def _named(spans: Sequence[OpenHours]) -> str:
    return "; ".join(
        f"{_DAYS[each.start.weekday()]} {each.start:%H:%M} - {_end(each)} ({hours_text(each.hours)} h)"
        for each in spans
    )


def _end(span: OpenHours) -> str:
    """The same day is not named again; its end is 24:00, not 00:00 of the next."""
    days = (span.end.date() - span.start.date()).days
    if days == 0:
        return f"{span.end:%H:%M}"
    if days == 1 and f"{span.end:%H:%M}" == "00:00":
        return "24:00"
    return f"{_DAYS[span.end.weekday()]} {span.end:%H:%M}"


def _dated(spans: YearOfHours) -> str:
    named = [
        f"{each.start:%Y-%m-%d} {_DAYS[each.start.weekday()]} {each.start:%H:%M} - "
        f"{each.end:%Y-%m-%d %H:%M} ({hours_text(each.hours)} h)"
        for each in spans.single[:_NAMED]
    ]
    more = len(spans.single) - len(named)
    return "; ".join(named) + (f"; +{more}" if more > 0 else "")
