"""Notifications in a running session: the leader delivers the outbox, every session shows how it does.

A message is claimed in the journal before it leaves, and what came of it is written down after. Whoever takes over finds
an old claim and knows: possibly sent.
"""

from __future__ import annotations

import asyncio
import os
import uuid
from collections import deque
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, ClassVar

from artisan_tui.domain.event import Entry, Event
from artisan_tui.domain.notify.fallback import failed_pages, late_at, owed, undelivered
from artisan_tui.domain.notify.message import WAITING, Message
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.domain.notify.plan import Departure, Known, Lane, Send, departure, plan
from artisan_tui.engine.bus import EventsWritten, RoleTaken, StatesChanged, StoreMoved
from artisan_tui.engine.notify.delivery import by_incident, ids, outcome_entries, send, sending_entries
from artisan_tui.engine.notify.keys import KeyRing, missing_secrets
from artisan_tui.engine.notify.rings import Rings
from artisan_tui.engine.notify.routing import follow_up, other_way
from artisan_tui.engine.notify.slice import NotifySlice, Ring
from artisan_tui.engine.notify.views import channel_views, is_drill
from artisan_tui.engine.wing import Core, Wing

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.config.notify import AnyChannel
    from artisan_tui.domain.notify.events import NotifyQueued
    from artisan_tui.store.notify.part import Pending
    from artisan_tui.store.store import Store

#: Seconds until the outbox is read again when nothing asks for it before: a clock that jumped, a store that came back.
ASK_EVERY = 15.0
#: Until what could not be read is tried again.
AGAIN = timedelta(seconds=1)
#: Seconds that requests under way are waited for at the end.
PATIENCE = 3.0
#: Requests of a lane that are remembered.
_REMEMBERED = 100
#: A bell for what is older than this would tell of yesterday.
_RINGS_FOR = timedelta(seconds=60)


class NotifyWing(Wing):
    STATES: ClassVar = (Rings,)

    def __init__(self, core: Core) -> None:
        super().__init__(core)
        self.keys = KeyRing(core.options.environ)
        self._session = uuid.uuid4().hex[:12]
        self._wake = asyncio.Event()
        self._busy: dict[Lane, asyncio.Task[None]] = {}
        self._departures: dict[Lane, deque[Departure]] = {}
        self._ring: Ring | None = None
        self._missing: Mapping[str, str] = {}
        #: Messages whose claim got no answer: it may be written, but what it was for has surely not left.
        self._unsent: set[str] = set()
        #: What the store held when it was read last: events, the last one's hash, the fencing token.
        self._moved: tuple[int, str, int] | None = None
        core.bus.on(EventsWritten, self._written)
        core.bus.on(StoreMoved, self._store_moved)
        core.bus.on(RoleTaken, lambda taken: self._wake.set())
        core.bus.on(StatesChanged, self._states_changed)

    def configure(self, config: Config) -> None:
        self._wake.set()
        self._missing = missing_secrets(config, self.core.options.environ)
        now = self.core.clock.now()
        self.core.publish(NotifySlice(channel_views(config, (), now, self._missing), drill=self._drill(config)))

    def _drill(self, config: Config) -> bool:
        return is_drill(config, self.core.options)

    def _written(self, written: EventsWritten) -> None:
        own = [event for event in written.events if event.kind.startswith("notify.")]
        if own:
            # What this session wrote itself is not read again by its journal states.
            self.core.state(Rings).apply(own)
            self._wake.set()

    def _store_moved(self, moved: StoreMoved) -> None:
        """A beat of the lease alone brings nothing to send."""
        seen = (moved.events, moved.head, moved.lease.fence)
        if seen != self._moved:
            self._moved = seen
            self._wake.set()

    def _states_changed(self, changed: StatesChanged) -> None:
        if Rings in changed.kinds:
            self._wake.set()

    # -- the loop -----------------------------------------------------------

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            config = self.core.config
            until = None if config is None else await self._step(config)
            wait = ASK_EVERY
            if until is not None:
                wait = min(wait, max(0.02, (until - self.core.clock.now()).total_seconds()))
            try:
                async with asyncio.timeout(wait):
                    await self._wake.wait()
            except TimeoutError:
                pass
            self._wake.clear()

    async def _step(self, config: Config) -> datetime | None:
        """Do what is due; when there is something again."""
        from artisan_tui.store.notify.part import OutboxStore  # heavy, and loaded with the store

        now = self.core.clock.now()
        pending = await self.core.ask(lambda store: store.part(OutboxStore).pending(now))
        if pending is None:
            return now + AGAIN
        self._show(config, pending, now)
        fence = self.core.writer.fence
        if fence is None:
            return None  # another session delivers, or nobody can write
        known = Known(
            pending.messages,
            {each.id: each.kind for each in config.channels},
            pending.reached,
            {each.channel: each.held_until for each in pending.channels if each.held_until is not None},
            self._busy.keys(),
            self._departures,
            self._drill(config),
        )
        made = plan(known, now)
        entries = [entry for drop in made.drops for entry in _dropped(drop.messages, drop.why, now)]
        for lost in made.lost:
            possibly = lost.possibly and lost.message.id not in self._unsent
            outcome = SendOutcome(Came.UNSURE if possibly else Came.FAILED, lost.why)
            entries += outcome_entries([lost.message], outcome, now)
        entries += await self._other_ways(config, pending, now)
        if entries and await self._append(entries, now, fence) is None:
            return None
        times = [made.wake, late_at(pending.pages, now)]
        times += [now + AGAIN for each in made.sends if not await self._begin(config, each, fence)]
        return min((each for each in times if each is not None), default=None)

    async def _other_ways(self, config: Config, pending: Pending, now: datetime) -> list[Entry]:
        """Entries of the fallbacks: pages that nobody surely took, and the answers to pages that went that way."""
        from artisan_tui.store.notify.part import OutboxStore

        if not any(each.fallback for each in config.channels):
            return []
        answers = pending.answers
        entries: list[Entry] = []
        for page in undelivered(pending.pages, now):
            if any(each.incident == page[0].incident and each.seq > page[0].seq for each in answers):
                continue
            texts = await self._texts(page[:1])
            if page[0].id in texts:
                entries += other_way(config, page, texts[page[0].id], now)
        incidents = sorted({each.incident for each in answers})
        if incidents:
            taken = await self.core.ask(lambda store: store.part(OutboxStore).by_fallback(incidents)) or ()
            for answer, page_taken in owed(taken, answers):
                texts = await self._texts([answer])
                if answer.id in texts:
                    entries.append(follow_up(page_taken, answer, texts[answer.id], now))
        return entries

    async def _append(self, entries: Sequence[Entry], now: datetime, fence: int | None) -> tuple[Event, ...] | None:
        events = await self.core.writer.store_thread.change(lambda store: store.append(entries, at=now, fence=fence))
        if events:
            self._wake.set()
            self.core.bus.say(EventsWritten(events))
        return events

    async def _texts(self, messages: Sequence[Message]) -> Mapping[str, NotifyQueued]:
        from artisan_tui.store.notify.part import OutboxStore

        return await self.core.ask(lambda store: store.part(OutboxStore).texts(messages)) or {}

    # -- sending ------------------------------------------------------------

    async def _begin(self, config: Config, wanted: Send, fence: int) -> bool:
        """Claim the messages, and send them beside everything else. False when their texts cannot be read now."""
        from artisan_tui.store.notify.part import OutboxStore

        messages, now = wanted.messages, self.core.clock.now()
        channel = next(each for each in config.channels if each.id == messages[0].channel)
        begun_with = ""
        if channel.kind == "pagerduty" and messages[0].purpose != "change":
            begun_with = await self.core.ask(lambda store: store.part(OutboxStore).key_of(messages[0].order)) or ""
        entries = sending_entries(messages, now, self._session, self.keys.label(channel, begun_with))
        texts = await self.core.ask(lambda store: store.part(OutboxStore).texts(messages))
        if texts is None:
            return False  # they wait: what is claimed without its words would be given up

        def claim(store: Store) -> tuple[Event, ...]:
            return store.part(OutboxStore).claim(messages, entries, now, fence) or ()

        events = await self.core.writer.store_thread.change(claim)
        if not events:
            if events is None:
                self._unsent |= {each.id for each in messages}
                return False
            self._wake.set()
            return True
        self._unsent -= {each.id for each in messages}
        self._departures.setdefault(wanted.lane, deque(maxlen=_REMEMBERED)).append(departure(messages, now))
        task = asyncio.ensure_future(self._deliver(config, channel, messages, texts, begun_with))
        self._busy[wanted.lane] = task
        task.add_done_callback(lambda done: self._ended(wanted.lane))
        self.core.bus.say(EventsWritten(events))
        return True

    def _ended(self, lane: Lane) -> None:
        self._busy.pop(lane, None)
        self._wake.set()

    async def _deliver(
        self,
        config: Config,
        channel: AnyChannel,
        messages: Sequence[Message],
        texts: Mapping[str, NotifyQueued],
        begun_with: str,
    ) -> None:
        reveal = self.keys.reveal(channel, begun_with)
        try:
            outcome = await send(config, channel, messages, texts, self.core.clock.now(), reveal)
        except asyncio.CancelledError:
            outcome = SendOutcome(Came.UNSURE, "the session ended before it heard the answer")
            self.core.tell(*outcome_entries(messages, outcome, self.core.clock.now()))
            raise
        await self._conclude(messages, outcome)

    async def _conclude(self, messages: Sequence[Message], outcome: SendOutcome) -> None:
        """Write down what came of it, with or without the lease; later, when the store takes nothing now."""
        from artisan_tui.store.notify.part import OutboxStore

        now = self.core.clock.now()
        entries = outcome_entries(messages, outcome, now)
        events = await self.core.writer.store_thread.change(
            lambda store: store.part(OutboxStore).outcome(messages, entries, now)
        )
        if events is None:
            self.core.tell(*entries)
        elif events:
            self.core.bus.say(EventsWritten(events))

    async def leave(self) -> None:
        """What is under way gets a moment; after that nobody knows, and that is written down."""
        tasks = list(self._busy.values())
        if tasks:
            await asyncio.wait(tasks, timeout=PATIENCE)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    # -- showing ------------------------------------------------------------

    def _show(self, config: Config, pending: Pending, now: datetime) -> None:
        self.core.publish(
            NotifySlice(
                channel_views(config, pending.channels, now, self._missing),
                sum(each.state == WAITING for each in pending.messages),
                pending.unsure,
                failed_pages(pending.pages),
                self._drill(config),
                self._rung(config, now),
            )
        )

    def _rung(self, config: Config, now: datetime) -> Ring | None:
        """The newest bell, where a session with a screen has not rung it yet."""
        newest = self.core.state(Rings).newest
        if newest is None or now - newest[0] > _RINGS_FOR:
            return self._ring
        body = newest[1]
        channel = next((each for each in config.channels if each.id == body.channel), None)
        if channel is not None and channel.kind == "terminal" and (self._ring is None or self._ring.id != body.id):
            from artisan_tui.steps.notify.terminal import sequence

            title = " ".join(filter(None, (body.severity, body.title)))
            tmux = bool(self.core.options.environ.get("TMUX", os.environ.get("TMUX", "")))
            self._ring = Ring(body.id, sequence(channel, title, body.text, tmux=tmux))
        return self._ring


def _dropped(messages: Sequence[Message], why: str, now: datetime) -> list[Entry]:
    from artisan_tui.domain.notify.events import NotifyDropped
    from artisan_tui.engine.identity import OBSERVER

    return [
        NotifyDropped(messages=ids(own), channel=own[0].channel, why=why, purpose=own[0].purpose).entry(
            now, OBSERVER, incident
        )
        for incident, own in by_incident(messages).items()
    ]


WING = NotifyWing
