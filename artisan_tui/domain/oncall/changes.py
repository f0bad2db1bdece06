"""The overrides and swaps that people made, as the journal says."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from artisan_tui.domain.event import Entry
from artisan_tui.domain.journal_body import BodyError
from artisan_tui.domain.journal_kinds import read_body
from artisan_tui.domain.oncall.events import (
    OnCallOverridden,
    OnCallOverrideEnded,
    OnCallTaken,
    SwapAccepted,
    SwapAsked,
    SwapDeclined,
    SwapUndone,
)
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.shift import OnCallOverride, Swap, SwapState
from artisan_tui.domain.text.printable import printable


class OnCallChanges:
    """A fold of the journal. A journal state: every session comes to the same."""

    KINDS: ClassVar[tuple[str, ...]] = tuple(
        each.KIND
        for each in (
            OnCallOverridden,
            OnCallTaken,
            OnCallOverrideEnded,
            SwapAsked,
            SwapAccepted,
            SwapDeclined,
            SwapUndone,
        )
    )

    def __init__(self) -> None:
        self._overrides: dict[str, OnCallOverride] = {}
        self._swaps: dict[str, Swap] = {}
        self._base = Schedule()
        self._schedule = Schedule()

    def configure(self, base: Schedule) -> None:
        """Take on the rotations of the configuration."""
        self._base = base
        self._renew()

    def anew(self, entries: Iterable[Entry]) -> OnCallChanges:
        """The same rotations with what ``entries``, all of `KINDS`, say; this one stays as it is."""
        found = OnCallChanges()
        found.configure(self._base)
        found.apply(entries)
        return found

    def forget(self) -> None:
        """Drop what the journal said: another one is read."""
        self._overrides, self._swaps = {}, {}
        self._renew()

    def apply(self, entries: Iterable[Entry]) -> bool:
        """Take in events of `KINDS`, oldest first; whether any changed who is on call, or a swap that was asked for."""
        before = (dict(self._overrides), dict(self._swaps))
        for entry in entries:
            self._take(entry)
        if (self._overrides, self._swaps) == before:
            return False
        self._renew()
        return True

    def _take(self, entry: Entry) -> None:
        try:
            body = read_body(entry)
        except BodyError:
            return  # written by another version, or by another hand
        known = entry.subject
        if isinstance(body, OnCallOverridden | OnCallTaken):
            if body.start < body.end:
                self._overrides.pop(known, None)  # written again, it is the newest
                self._overrides[known] = OnCallOverride(
                    known,
                    body.level,
                    body.person,
                    body.start,
                    body.end,
                    printable(body.reason, 300),
                    printable(entry.actor, 60),
                    entry.occurred_at,
                    taken=isinstance(body, OnCallTaken),
                )
        elif isinstance(body, OnCallOverrideEnded):
            override = self._overrides.get(known)
            if override is not None and entry.occurred_at < override.end:
                self._overrides[known] = replace(override, end=max(override.start, entry.occurred_at))
        elif isinstance(body, SwapAsked):
            reason = printable(body.reason, 300)
            self._swaps[known] = Swap(
                known,
                body.rotation,
                body.giver,
                body.taker,
                body.start,
                body.end,
                body.back_start,
                body.back_end,
                reason,
                asked_at=entry.occurred_at,
            )
        else:
            self._answered(entry, body)

    def _answered(self, entry: Entry, body: object) -> None:
        """Two sessions may answer at once: the first counts. After the first shift began, nothing can be changed."""
        swap = self._swaps.get(entry.subject)
        if swap is None or entry.occurred_at >= swap.begins:
            return
        if isinstance(body, SwapAccepted) and swap.state is SwapState.ASKED:
            swap = replace(swap, state=SwapState.ACCEPTED, accepted_at=entry.occurred_at)
        elif isinstance(body, SwapDeclined) and swap.state is SwapState.ASKED:
            swap = replace(swap, state=SwapState.DECLINED)
        elif isinstance(body, SwapUndone) and swap.state in (SwapState.ASKED, SwapState.ACCEPTED):
            swap = replace(swap, state=SwapState.UNDONE)
        self._swaps[entry.subject] = swap

    def _renew(self) -> None:
        accepted = [each for each in self._swaps.values() if each.state is SwapState.ACCEPTED]
        accepted.sort(key=lambda each: each.accepted_at or each.start)
        overrides = tuple(each for each in self._overrides.values() if each.start < each.end)
        self._schedule = self._base.changed(overrides, tuple(accepted))

    # -- what holds ---------------------------------------------------------

    @property
    def schedule(self) -> Schedule:
        """The rotations of the configuration with everything that people changed."""
        return self._schedule

    @property
    def overrides(self) -> tuple[OnCallOverride, ...]:
        """Oldest first; those that are over, too. One that ended before it began is not there."""
        return self._schedule.overrides

    def override(self, wanted: str) -> OnCallOverride | None:
        return next((each for each in self.overrides if each.id == wanted), None)

    @property
    def swaps(self) -> tuple[Swap, ...]:
        """Every swap that was asked for, oldest first, whatever became of it."""
        return tuple(self._swaps.values())

    def swap(self, wanted: str) -> Swap | None:
        return self._swaps.get(wanted)

    def pending(self, now: datetime) -> tuple[Swap, ...]:
        """Asked for, not answered, and still possible at ``now``."""
        return tuple(each for each in self.swaps if each.state is SwapState.ASKED and now < each.begins)
