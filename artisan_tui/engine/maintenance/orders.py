"""What people ordered for a while: maintenance declared from the screen, and checks muted.

The journal is where these live: every session reads the same events and comes to the same
orders, also after a restart. An order ends by itself, or by another event.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from artisan_tui.domain.checks.events import CheckMuted, CheckUnmuted
from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.maintenance.events import MaintenanceDeclared, MaintenanceEnded
from artisan_tui.domain.maintenance.windows import Recurrence, Window, current, exclusions
from artisan_tui.domain.slo.events import DeploymentsOverridden, OverrideEnded
from artisan_tui.domain.slo.gate import Override
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.snapshot import Mute, WindowView


class Orders:
    """``windows`` and ``recurrences`` are the configuration's."""

    #: Of the journal entries that it obeys.
    KINDS = (
        MaintenanceDeclared.KIND,
        MaintenanceEnded.KIND,
        CheckMuted.KIND,
        CheckUnmuted.KIND,
        DeploymentsOverridden.KIND,
        OverrideEnded.KIND,
    )

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
            if entry.kind not in self.KINDS:
                continue
            mark = (entry.kind, entry.subject, entry.occurred_at)
            if mark not in self._done:
                self._done.add(mark)
                changed = self._obey(entry) or changed
        return changed

    def _obey(self, entry: Entry) -> bool:
        try:
            body = read_body(entry)
        except BodyError:
            return False  # another version's, or another hand's
        match body:
            case MaintenanceDeclared():
                reason, start = printable(body.reason, 300), entry.occurred_at
                self._declared[entry.subject] = Window(entry.subject, body.covers, reason, start, body.until)
            case MaintenanceEnded():
                window = self._declared.pop(entry.subject, None)
                if window is not None:
                    self._over[window.id] = replace(window, end=min(window.end, entry.occurred_at))
                return window is not None
            case CheckMuted():
                reason = printable(body.reason, 300)
                self._mutes[entry.subject] = Mute(body.until, reason, printable(entry.actor, 60))
            case CheckUnmuted():
                return self._mutes.pop(entry.subject, None) is not None
            case DeploymentsOverridden():
                self._override = Override(printable(entry.actor, 60), printable(body.reason, 300), body.until)
            case OverrideEnded():
                ended, self._override = self._override, None
                return ended is not None
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
