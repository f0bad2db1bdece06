"""Outages of a check as its journal tells them: when it was down, for how long, why and because of what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from artisan_tui.domain.event import Entry
from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.domain.state import State

#: Days of outages that are shown.
DAYS = 90
#: Entries that tell outages: a change of state, and a cause that was found to be another one.
STATE, CAUSE = "check.state", "check.cause"


@dataclass(frozen=True, slots=True)
class Outage:
    """``check_ids`` were down from ``start`` on, the first of them first; None as ``start`` when it began before
    anything that is known. ``end`` is None while it lasts.

    ``cause`` is the check that it failed because of, "" for none. ``maintenance``: nobody knows how it ended, because
    a maintenance window began. ``planned``: this is no outage but such a window, and ``detail`` its reason.
    """

    check_ids: tuple[str, ...]
    start: datetime | None
    end: datetime | None = None
    reason: str = ""
    detail: str = ""
    cause: str = ""
    maintenance: bool = False
    planned: bool = False

    def seconds(self, now: datetime, since: datetime) -> float:
        """How long it lasted, or has lasted; counted from ``since`` where its start is not known."""
        return max(0.0, ((self.end or now) - (self.start or since)).total_seconds())


def outages_of(check_id: str, events: Iterable[Entry], windows: Sequence[Window], now: datetime) -> list[Outage]:
    """The outages that ``events`` of one check (oldest first) tell, oldest first.

    A time without results between two failures belongs to the outage: nothing says that it was over.
    """
    found: list[Outage] = []
    #: Down, as far as the journal knows; and the moment from which nothing was known.
    open_, lost = False, None
    for event in events:
        if event.kind == CAUSE and open_:
            found[-1] = replace(found[-1], cause=_text(event, "to"))
        if event.kind != STATE:
            continue
        to, before, at = _text(event, "to"), _text(event, "from"), event.occurred_at
        if to == State.DOWN:
            outage = Outage(
                (check_id,), at, None, _text(event, "reason"), _text(event, "detail"), _text(event, "blamed")
            )
            if not open_:
                found.append(outage)
            elif _window_between(windows, check_id, found[-1].start, at) is not None:
                found[-1] = _cut(found[-1], windows, check_id, at)
                found.append(outage)
            open_, lost = True, None
        elif to == State.UNKNOWN:
            lost = at if open_ and lost is None else lost
        else:
            if open_:
                found[-1] = _cut(replace(found[-1], end=lost or at), windows, check_id, at)
            elif before == State.DOWN and not found:
                found.append(Outage((check_id,), None, at))
            open_, lost = False, None
    if open_:
        ended = replace(found[-1], end=lost) if lost is not None else found[-1]
        found[-1] = _cut(ended, windows, check_id, now)
    return found


def _cut(outage: Outage, windows: Sequence[Window], check_id: str, until: datetime) -> Outage:
    """What is known of an outage ends where a maintenance window begins: the journal is not told how it went on."""
    window = _window_between(windows, check_id, outage.start, outage.end or until)
    return outage if window is None else replace(outage, end=window.start, maintenance=True)


def _window_between(windows: Sequence[Window], check_id: str, start: datetime | None, end: datetime) -> Window | None:
    """The first window of this check that begins after ``start`` and before ``end``."""
    inside = (w for w in windows if w.covers_check(check_id) and start is not None and start < w.start < end)
    return min(inside, key=lambda window: window.start, default=None)


def planned(windows: Sequence[Window], check_ids: Sequence[str], now: datetime) -> list[Outage]:
    """The maintenance windows of these checks, as lines among their outages, oldest first."""
    found = []
    for window in sorted(windows, key=lambda window: window.start):
        covered = tuple(check_id for check_id in check_ids if window.covers_check(check_id))
        if covered and window.start <= now:
            end = window.end if window.end <= now else None
            found.append(Outage(covered, window.start, end, detail=window.reason, planned=True))
    return found


def united(outages: Iterable[Outage]) -> list[Outage]:
    """Outages of several checks as those of the whole: what overlaps is one, and has the words of the first."""
    found: list[Outage] = []
    for outage in sorted(outages, key=_begin):
        last = found[-1] if found else None
        if last is None or (last.end is not None and _begin(outage) > last.end.timestamp()):
            found.append(outage)
            continue
        ids = (*last.check_ids, *(check_id for check_id in outage.check_ids if check_id not in last.check_ids))
        later = outage if outage.end is None or (last.end is not None and outage.end > last.end) else last
        # The first may have failed because of one that came after it into the journal: that one is the cause then.
        root = last if not last.cause or outage.cause or last.cause not in outage.check_ids else outage
        found[-1] = replace(root, check_ids=ids, start=last.start, end=later.end, maintenance=later.maintenance)
    return found


def _begin(outage: Outage) -> float:
    return outage.start.timestamp() if outage.start is not None else float("-inf")


def _text(event: Entry, key: str) -> str:
    """A body of another version, or of another hand, may hold anything."""
    value = event.body.get(key)
    return value if isinstance(value, str) else ""
