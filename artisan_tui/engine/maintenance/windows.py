"""The maintenance windows in force: the configuration's, and those declared by a person, as the journal says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.maintenance.events import MaintenanceDeclared, MaintenanceEnded
from artisan_tui.domain.maintenance.windows import Recurrence, Window, current, exclusions
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.maintenance.slice import WindowView


class MaintenanceWindows:
    """A fold of the journal, besides what the configuration declares. A window ends by itself, or by an event."""

    KINDS: ClassVar[tuple[str, ...]] = (MaintenanceDeclared.KIND, MaintenanceEnded.KIND)

    def __init__(self) -> None:
        self._windows: tuple[Window, ...] = ()
        self._recurrences: tuple[Recurrence, ...] = ()
        self._declared: dict[str, Window] = {}
        self._over: dict[str, Window] = {}

    def configure(self, windows: Iterable[Window], recurrences: Iterable[Recurrence]) -> None:
        """Take on the windows of the configuration."""
        self._windows, self._recurrences = tuple(windows), tuple(recurrences)

    def forget(self) -> None:
        """Drop what the journal said: another one is read."""
        self._declared, self._over = {}, {}

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`, oldest first; whether any changed a window."""
        before = (dict(self._declared), dict(self._over))
        for entry in entries:
            try:
                body = read_body(entry)
            except BodyError:
                continue  # written by another version, or by another hand
            if isinstance(body, MaintenanceEnded):
                # Two sessions may end it at once: it ended with the first.
                window = self._declared.pop(entry.subject, None) or self._over.get(entry.subject)
                if window is not None:
                    self._over[window.id] = replace(window, end=min(window.end, entry.occurred_at))
            elif isinstance(body, MaintenanceDeclared) and entry.subject not in self._over:  # an id is used once
                reason, start = printable(body.reason, 300), entry.occurred_at
                self._declared[entry.subject] = Window(entry.subject, body.covers, reason, start, body.until)
        return (self._declared, self._over) != before

    # -- what is in force ---------------------------------------------------

    def windows(self, now: datetime) -> tuple[Window, ...]:
        """Every window in force at ``now``."""
        return current(now, (*self._declared.values(), *self._windows), self._recurrences)

    def history(self, since: datetime, until: datetime) -> tuple[Window, ...]:
        """Every window with an instant in ``[since, until)``, those that are over too."""
        declared = (*self._declared.values(), *self._over.values())
        return exclusions(self._recurrences, (*self._windows, *declared), since, until)

    def declared(self, window_id: str, now: datetime) -> bool:
        """Whether the window is in force at ``now`` and was declared by a person, who can end it."""
        window = self._declared.get(window_id)
        return window is not None and now in window

    def declared_window(self, window_id: str) -> Window | None:
        """The window that a person declared and nobody ended."""
        return self._declared.get(window_id)

    def declared_ids(self, now: datetime) -> tuple[str, ...]:
        """The windows that can be ended at ``now``."""
        return tuple(window_id for window_id in self._declared if self.declared(window_id, now))

    def listed(self, now: datetime, ahead: timedelta = timedelta(days=7)) -> tuple[WindowView, ...]:
        """What is in force, and the next of each that begins within ``ahead``; soonest first."""
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
