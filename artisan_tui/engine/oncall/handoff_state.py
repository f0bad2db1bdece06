"""Hand-overs in a running session: what is pending, and telling both sides when nobody accepts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from artisan_tui.domain.event import Entry, Event, stamp
from artisan_tui.domain.lease import SessionRole
from artisan_tui.domain.notify.notice import Notice
from artisan_tui.domain.oncall.changes import OnCallChanges
from artisan_tui.domain.oncall.events import HandoffReminded
from artisan_tui.domain.oncall.handoff import FORGOTTEN, HandoffRecord, fold_handoffs, handoff_id
from artisan_tui.domain.oncall.handover import Handover, last_handover, next_handover
from artisan_tui.domain.oncall.schedule import Schedule
from artisan_tui.domain.oncall.signing import reminder
from artisan_tui.engine.bus import EventsWritten, StatesChanged, Ticked
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.incidents.rules import IncidentRules
from artisan_tui.engine.oncall.handoff_slice import HandoffSlice

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store


class HandoffBook:
    """A fold of the journal: the hand-overs, classes, next steps and notes of the last while."""

    KINDS: ClassVar[tuple[str, ...]] = ("handoff.",)

    def __init__(self) -> None:
        self.record = HandoffRecord()

    def forget(self) -> None:
        """Drop everything: another journal is read."""
        self.record = HandoffRecord()

    def apply(self, entries: Iterable[Entry]) -> bool:
        before = self.record
        self.record = fold_handoffs(entries, before)
        return self.record != before


def handoff_slice(schedule: Schedule, record: HandoffRecord, now: datetime, level: str) -> HandoffSlice:
    """The last hand-over while it is pending, else the next one when it is signed already."""
    for found in (last_handover(schedule, now, level), next_handover(schedule, now, level)):
        if found is None or found.outgoing == found.incoming:
            continue
        handoff = record.of(found.at)
        if handoff.pending(now) and now - found.at < FORGOTTEN:
            signed = "" if handoff.signed is None else handoff.signed.login
            overdue = handoff.reminded_at is not None
            return HandoffSlice(True, found.at, signed, overdue, found.outgoing, found.incoming)
    return HandoffSlice()


def reminder_due(schedule: Schedule, record: HandoffRecord, now: datetime, level: str) -> Handover | None:
    """The hand-over that nobody accepted in time and of which nobody was told yet."""
    last = last_handover(schedule, now, level)
    if last is None or last.outgoing == last.incoming or not record.of(last.at).overdue(now):
        return None
    return last


def reminder_entries(over: Handover, rules: IncidentRules, now: datetime) -> tuple[Entry, ...]:
    """What is written when nobody accepted: that both sides are told, and the messages."""
    people = tuple(dict.fromkeys((*over.outgoing, *over.incoming)))
    body = HandoffReminded(moment=over.at, persons=people)
    who = f"{', '.join(over.outgoing) or 'nobody'} to {', '.join(over.incoming) or 'nobody'}"
    title = f"Hand-over {who} is pending"
    notice = Notice(
        "reminder", "", "", title, reminder(over.at, now), people, dedup=f"handoff {stamp(over.at)}", drill=rules.drill
    )
    return (body.entry(now, OBSERVER, handoff_id(over.at)), *rules.route(notice, now, OBSERVER))


class HandoffWatch:
    """Publishes what is pending, and reminds; a part of the wing of on-call."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._shown = HandoffSlice()
        core.bus.on(Ticked, self._ticked)
        core.bus.on(StatesChanged, lambda changed: self._show())

    @property
    def _level(self) -> str:
        ladder = self._core.state(IncidentRules).policy.ladder
        return ladder[0] if ladder else "L1"

    async def _ticked(self, tick: Ticked) -> None:
        if not self._core.journal_read.is_set():
            return  # who accepted it is not known yet
        self._show()
        await self.remind(self._core.clock.now())

    def _show(self) -> None:
        if not self._core.journal_read.is_set():
            return
        core, now = self._core, self._core.clock.now()
        schedule, record = core.state(OnCallChanges).schedule, core.state(HandoffBook).record
        found = handoff_slice(schedule, record, now, self._level)
        if found != self._shown:
            self._shown = found
            core.publish(found)

    async def remind(self, now: datetime) -> tuple[Event, ...]:
        """Tell both sides, if that is due and this session is the leader; what was written."""
        core = self._core
        fence = core.writer.fence
        if core.role is not SessionRole.LEADER or fence is None or core.options.session.read_only:
            return ()
        schedule, rules, level = core.state(OnCallChanges).schedule, core.state(IncidentRules), self._level
        if reminder_due(schedule, core.state(HandoffBook).record, now, level) is None:
            return ()
        events = await core.writer.store_thread.change(
            lambda store: remind_within(store, schedule, rules, now, level, fence)
        )
        if events:
            core.bus.say(EventsWritten(events))
        return events or ()


def remind_within(
    store: Store, schedule: Schedule, rules: IncidentRules, now: datetime, level: str, fence: int | None
) -> tuple[Event, ...]:
    """Read again behind the write lock: somebody may have accepted a moment ago, and it is said once."""
    from artisan_tui.engine.oncall.handoff_query import record_at

    with store.writing(fence) as transaction:
        over = reminder_due(schedule, record_at(store, now), now, level)
        return () if over is None else transaction.append(reminder_entries(over, rules, now), now)
