"""What people ordered for a while: maintenance declared from the screen, and checks muted.

The journal is where these live: every session reads the same events and comes to the same
orders, also after a restart. An order ends by itself, or by another event.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.maintenance.windows import Recurrence, Window, current, exclusions
from artisan_tui.domain.slo.gate import Override
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.snapshot import Mute, WindowView

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

DECLARED, ENDED = "maintenance.declared", "maintenance.ended"
MUTED, UNMUTED = "check.muted", "check.unmuted"
OVERRIDDEN, OVERRIDE_ENDED = "slo.override", "slo.override-ended"
KINDS = (DECLARED, ENDED, MUTED, UNMUTED, OVERRIDDEN, OVERRIDE_ENDED)
#: Events of each kind that are read at the start: more orders than that are not in force at once.
_ENOUGH = 500


class Orders:
    """``windows`` and ``recurrences`` are the configuration's."""

    def __init__(self) -> None:
        self._windows: tuple[Window, ...] = ()
        self._recurrences: tuple[Recurrence, ...] = ()
        self._declared: dict[str, Window] = {}
        self._over: dict[str, Window] = {}
        self._mutes: dict[str, Mute] = {}
        self._override: Override | None = None
        self._done: set[object] = set()

    def configure(self, windows: Iterable[Window], recurrences: Iterable[Recurrence]) -> None:
        self._windows, self._recurrences = tuple(windows), tuple(recurrences)

    def forget(self) -> None:
        """Drop what the journal said: another one is read."""
        self._declared, self._over, self._mutes, self._done = {}, {}, {}, set()
        self._override = None

    def obey(self, entries: Iterable[Entry]) -> bool:
        """Take in journal entries, oldest first; whether any was an order. One taken before changes nothing."""
        changed = False
        for entry in entries:
            if entry.kind not in KINDS:
                continue
            mark = (entry.kind, entry.subject, entry.occurred_at)
            if mark not in self._done:
                self._done.add(mark)
                changed = self._obey(entry) or changed
        return changed

    def _obey(self, entry: Entry) -> bool:
        if entry.kind == ENDED:
            window = self._declared.pop(entry.subject, None)
            if window is not None:
                self._over[window.id] = replace(window, end=min(window.end, entry.occurred_at))
            return window is not None
        if entry.kind == OVERRIDE_ENDED:
            ended, self._override = self._override, None
            return ended is not None
        if entry.kind == UNMUTED:
            return self._mutes.pop(entry.subject, None) is not None
        try:
            reason = printable(str(entry.body.get("reason", "")), 300)
            until = datetime.fromisoformat(str(entry.body["until"]))
            if entry.kind == OVERRIDDEN:
                self._override = Override(printable(entry.actor, 60), reason, until)
            elif entry.kind == MUTED:
                self._mutes[entry.subject] = Mute(until, reason, printable(entry.actor, 60))
            else:
                covers = entry.body.get("covers")
                listed = tuple(str(name) for name in covers) if isinstance(covers, list | tuple) else ()
                start = entry.occurred_at
                self._declared[entry.subject] = Window(entry.subject, listed, reason, start, until)
        except (KeyError, ValueError):
            return False  # another version's, or another hand's
        return True

    # -- what is in force ---------------------------------------------------

    def windows(self, now: datetime) -> tuple[Window, ...]:
        return current(now, (*self._declared.values(), *self._windows), self._recurrences)

    def mute(self, check_id: str, now: datetime) -> Mute | None:
        mute = self._mutes.get(check_id)
        return mute if mute is not None and now < mute.until else None

    def override(self, now: datetime) -> Override | None:
        """Who lets deployments through now, in spite of the budgets."""
        found = self._override
        return found if found is not None and now < found.until else None

    def history(self, since: datetime, until: datetime) -> tuple[Window, ...]:
        """Every window with an instant in ``[since, until)``, those that are over too."""
        declared = (*self._declared.values(), *self._over.values())
        return exclusions(self._recurrences, (*self._windows, *declared), since, until)

    def declared(self, window_id: str, now: datetime) -> bool:
        window = self._declared.get(window_id)
        return window is not None and now in window

    def listed(self, now: datetime, ahead: timedelta = timedelta(days=7)) -> tuple[WindowView, ...]:
        """What is under way, and the next of each that begins within ``ahead``; soonest first."""
        active = self.windows(now)
        coming = [window for window in self._windows if now < window.start < now + ahead]
        for recurrence in self._recurrences:
            following = recurrence.next_after(now)
            if following is not None and following.start < now + ahead:
                coming.append(following)
        return tuple(
            WindowView(w.id, w.covers, printable(w.reason, 300), w.start, w.end, w in active, w.id in self._declared)
            for w in sorted((*active, *coming), key=lambda w: (w.start, w.id))
        )


def read_orders(store: Store) -> tuple[Event, ...]:
    """Every order that may still be in force, oldest first. Runs in the store's thread."""
    found = [event for kind in KINDS for event in store.journal.page(_ENOUGH, kind=kind)]
    return tuple(sorted(found, key=lambda event: event.seq))
