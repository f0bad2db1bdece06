"""The schedule in lines for the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, tzinfo

from wcwidth import wcswidth

from artisan_tui.domain.oncall.balance import balance, deviations
from artisan_tui.domain.oncall.shift import Gap, Hidden, OnCallOverride, Overlap, Shift, Swap, SwapState, Why
from artisan_tui.domain.span import hours_text
from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import _, ngettext
from artisan_tui.reports.moments import date_time_text, time_text

NameOf = Callable[[str], str]


def span_text(start: datetime, end: datetime, zone: tzinfo) -> str:
    """``Fri 20 Nov 17:00 - Sat 21 Nov 22:00``; on one day the second date is left out."""
    one = date_time_text(start, zone, weekday=True)
    same = start.astimezone(zone).date() == end.astimezone(zone).date()
    return f"{one} - {time_text(end, zone) if same else date_time_text(end, zone, weekday=True)}"


def lasted(start: datetime, end: datetime) -> str:
    return hours_text((end - start).total_seconds() / 3600)


def shift_lines(shifts: Sequence[Shift], zone: tzinfo, name_of: NameOf, reachable: frozenset[str]) -> Iterator[str]:
    """One line a shift: when, how long, who, and why."""
    spans = [span_text(each.start, each.end, zone) for each in shifts]
    wide = max(map(wcswidth, spans), default=0)
    for shift, span in zip(shifts, spans, strict=True):
        line = f"{span}{' ' * (wide - wcswidth(span))}  {lasted(shift.start, shift.end):>6} h  {_who(shift, name_of)}"
        if shift.person not in reachable:
            line += "  " + _("NO CONTACT: counts as nobody")
        yield line


def _who(shift: Shift, name_of: NameOf) -> str:
    who = printable(name_of(shift.person), 60)
    if shift.why is Why.STANDING:
        return f"{who}  " + _("(named by the level)")
    if shift.why is Why.LAYER:
        return f"{who}  ({printable(shift.layer, 40)})"
    instead = printable(name_of(shift.instead_of), 60) if shift.instead_of else _("nobody")
    said = _("(swap {id}, instead of {person})") if shift.why is Why.SWAP else _("(override {id}, instead of {person})")
    return f"{who}  {said.format(id=printable(shift.source, 40), person=instead)}"


def gap_lines(gaps: Sequence[Gap], zone: tzinfo, start: datetime, end: datetime, name_of: NameOf) -> Iterator[str]:
    """How many hours nobody has, and when. Never a share that a small gap vanishes in."""
    if not gaps:
        yield _("every hour is covered: {hours} h").format(hours=lasted(start, end))
        return
    missing = hours_text(sum(each.hours for each in gaps))
    said = _("{missing} h of {all} h are not covered:")
    yield said.format(missing=missing, all=lasted(start, end))
    for gap in gaps:
        line = f"  {span_text(gap.start, gap.end, zone)}  {hours_text(gap.hours)} h"
        if gap.unreachable:
            who = ", ".join(printable(name_of(each), 60) for each in gap.unreachable)
            line += "  " + _("{people}: no contact").format(people=who)
        yield line


def overlap_lines(overlaps: Sequence[Overlap], zone: tzinfo) -> Iterator[str]:
    """Hours that two layers cover; the upper one counts."""
    for each in overlaps:
        said = _("overlap: {span}, {hours} h: {upper} counts, {lower} is hidden")
        yield said.format(
            span=span_text(each.start, each.end, zone), hours=hours_text(each.hours), upper=each.upper, lower=each.lower
        )


def change_lines(
    overrides: Sequence[OnCallOverride], hidden: Sequence[Hidden], zone: tzinfo, name_of: NameOf
) -> Iterator[str]:
    """Overrides with what hides them."""
    for each in overrides:
        said = _("override {id}: {person} for {level}, {span}")
        line = said.format(
            id=each.id, person=printable(name_of(each.person), 60), level=each.level,
            span=span_text(each.start, each.end, zone),
        )  # fmt: skip
        yield line + (f": {each.reason}" if each.reason else "")
        yield from _hidden_lines(each.id, hidden, zone)


def swap_lines(swaps: Sequence[Swap], hidden: Sequence[Hidden], zone: tzinfo, name_of: NameOf) -> Iterator[str]:
    """Swaps that hold, and those that wait for an answer."""
    for each in swaps:
        if each.state is SwapState.ACCEPTED:
            said = _("swap {id}: {taker} takes {span} of {giver}")
        else:
            said = _("swap {id} waits for {taker}: {span} of {giver}")
        line = said.format(
            id=each.id, taker=printable(name_of(each.taker), 60), giver=printable(name_of(each.giver), 60),
            span=span_text(each.start, each.end, zone),
        )  # fmt: skip
        if each.back_start is not None and each.back_end is not None:
            line += ", " + _("for {span}").format(span=span_text(each.back_start, each.back_end, zone))
        yield line
        yield from _hidden_lines(each.id, hidden, zone)


def _hidden_lines(name: str, hidden: Sequence[Hidden], zone: tzinfo) -> Iterator[str]:
    for each in hidden:
        if each.id == name:
            said = _("  hidden by {id}, {span}")
            yield said.format(id=each.by, span=span_text(each.start, each.end, zone))


def balance_lines(hours: dict[str, float], name_of: NameOf) -> Iterator[str]:
    """Hours by person, how far from the mean, and how even it is."""
    if not hours:
        return
    over = deviations(hours)
    for person, value in sorted(hours.items(), key=lambda each: -each[1]):
        yield f"  {hours_text(value):>6} h  {over[person]:+.0%}  {printable(name_of(person), 60)}"
    if len(hours) > 1:
        number = len(hours)
        people = ngettext("{n} person", "{n} people", number).format(n=number)
        yield _("balance over {people}: {share}").format(people=people, share=f"{balance(hours):.1%}")
