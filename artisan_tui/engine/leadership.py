"""Several sessions, one store: the leader probes, the others show what it found.

Every session reads the store's pulse: who polls, and how many events there are. Nothing is read while nobody wrote,
where that can be told (`store_news`); a few times a second where it cannot. The rules are `domain.lease`'s.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.lease import (
    PATIENCE,
    PATIENCE_OF_READERS,
    Holder,
    Lease,
    Observation,
    SessionRole,
    observe,
    vacant,
)
from artisan_tui.engine.bus import Bus, CommandRequested, LeaderVanished, ProbesRequested, RoleTaken, StoreMoved
from artisan_tui.engine.clock import Clock
from artisan_tui.engine.journal_writer import JournalWriter
from artisan_tui.engine.process import gone
from artisan_tui.engine.store_news import StoreNews

if TYPE_CHECKING:
    from artisan_tui.store.store import Store

#: Seconds between reads of the pulse: with the writer's sharing, others see a change within a second.
POLL_EVERY = 0.4
#: While nobody follows, only what others write without following is to be seen: a mute, a new session.
POLL_ALONE = 1.0
#: Beats for which a session that shows what another sees counts as watching, and how often it says so.
AUDIENCE_BEATS = 40
SPEAK_EVERY = 5.0


class Leadership:
    """Tells the bus `RoleTaken`, `StoreMoved`, `ProbesRequested`, `CommandRequested` and `LeaderVanished`."""

    def __init__(self, writer: JournalWriter, clock: Clock, bus: Bus, me: Holder, *, read_only: bool) -> None:
        self._writer, self._clock, self._bus, self._me = writer, clock, bus, me
        self._read_only = read_only
        self._seen: Observation | None = None
        self._news = StoreNews(writer, clock, bus)
        self._mark: object = None
        self._heard = ""
        self._generation = 0
        self._spoke = float("-inf")
        self._blind_since: float | None = None
        self.role = SessionRole.STANDALONE

    @property
    def lease(self) -> Lease:
        """As last seen."""
        return self._seen.lease if self._seen is not None else Lease()

    @property
    def leader(self) -> Holder | None:
        """The session that probes instead of this one."""
        holder = self.lease.holder
        return holder if self.role is SessionRole.FOLLOWER and holder is not None else None

    def foresee(self, lease: Lease) -> SessionRole:
        """What the role will most likely be, from a lease read before the store is open.

        A session that will probe need not wait for the store: what it finds meanwhile is written
        once it holds the lease, and dropped if another was quicker.
        """
        free = lease.holder is None or gone(lease.holder)
        self.role = SessionRole.STANDALONE if free else SessionRole.FOLLOWER
        self._seen = observe(None, lease, self._clock.monotonic())
        return self.role

    async def run(self) -> None:
        """Until cancelled."""
        listening = asyncio.create_task(self._news.run(), name="listener")
        try:
            while True:
                await self.poll()
                alone = self.role is SessionRole.LEADER and not self._writer.shared
                await self._news.pause(POLL_ALONE if alone or self._news.trusted else POLL_EVERY)
                if listening.done():
                    listening.result()  # a defect of ours must be seen
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def poll(self) -> None:
        """Read the pulse once, and act on it."""
        if not self._writer.store_thread.readable:
            await self._without_store()
            return
        if self._generation != self._writer.store_thread.generation:
            # Another store: the leader has to take its lease first, and goes on probing meanwhile.
            self._generation = self._writer.store_thread.generation
            self._seen = self._mark = None
            self.role = SessionRole.STANDALONE if self.role is SessionRole.LEADER else self.role
        if self.role is SessionRole.LEADER and self._writer.fence is None:
            await self._lost()
        mark = self._news.mark()
        if self._seen is not None and mark is not None and mark == self._mark:
            # No session wrote. Only time can have changed anything: a beat that stands still.
            if self.role is not SessionRole.LEADER:
                await self._decide(None, self._seen.lease)
            return
        pulse = await self._writer.store_thread.ask(_pulse)
        if pulse is None:
            await self._without_store()
            return
        self._mark = mark
        if self._blind_since is not None:
            # Nobody could write meanwhile: that the beat stood still says nothing about its holder.
            self._seen = self._blind_since = None
        events, lease, head = pulse
        self._news.read(events, lease)
        await self._decide(events, lease, head)

    async def _decide(self, events: int | None, lease: Lease, head: str = "") -> None:
        now = self._clock.monotonic()
        self._seen = observe(self._seen, lease, now)
        holder = lease.holder
        if holder is not None and holder.session == self._me.session and lease.fence == self._writer.fence:
            watched = lease.beat - lease.audience < AUDIENCE_BEATS and lease.audience > 0
            if watched and not self._writer.shared:
                self._writer.hasten(0.0)  # a session that has just started waits for this beat
            self._writer.shared = watched
            self._listen(lease)
            await self._change(SessionRole.LEADER)
        elif self._read_only:
            dead = holder is not None and gone(holder)
            live = not vacant(self._seen, now, dead=dead, patience=PATIENCE_OF_READERS)
            await self._change(SessionRole.FOLLOWER if live else SessionRole.STANDALONE)
        elif vacant(self._seen, now, dead=holder is not None and (gone(holder) or self._is_me(holder))):
            await self._claim(lease)
        else:
            self._writer.fence = None
            await self._change(SessionRole.FOLLOWER)
            await self._speak(lease, now)
        if events is not None:
            await self._bus.tell(StoreMoved(events, lease, head))

    async def _claim(self, seen: Lease) -> None:
        me = self._me
        if not self._writer.store_thread.writable:
            await self._change(SessionRole.STANDALONE)
            return
        mine = await self._writer.store_thread.change(lambda store: (store.leases.claim(seen, me),))
        if mine is None:  # the store cannot be written: no other session can probe for us either
            await self._change(SessionRole.STANDALONE)
        elif mine[0] is not None:
            self._seen = observe(None, mine[0], self._clock.monotonic())
            self._heard = mine[0].asked
            self._writer.fence = mine[0].fence
            self._writer.hasten(0.0)
            if seen.holder is not None and not self._is_me(seen.holder):
                self._bus.say(LeaderVanished(seen.holder))
            await self._change(SessionRole.LEADER)

    def _is_me(self, holder: Holder) -> bool:
        """Whether a claim of ours was committed and its answer lost."""
        return holder.session == self._me.session

    async def _lost(self) -> None:
        """What we wrote was refused: another session has been the leader since we stood still."""
        self._seen = self._mark = None
        await self._change(SessionRole.FOLLOWER)

    async def _without_store(self) -> None:
        """Nothing can be shared: a follower probes for itself after a while."""
        now = self._clock.monotonic()
        self._blind_since = now if self._blind_since is None else self._blind_since
        if self.role is SessionRole.FOLLOWER and now - self._blind_since >= PATIENCE:
            await self._change(SessionRole.STANDALONE)

    async def _change(self, role: SessionRole) -> None:
        if role is self.role:
            return
        self.role = role
        if role is SessionRole.FOLLOWER:
            self._writer.drop()
        await self._bus.tell(RoleTaken(role))

    # -- between sessions ---------------------------------------------------

    def _listen(self, lease: Lease) -> None:
        if lease.asked == self._heard:
            return
        self._heard = lease.asked
        try:
            asked = json.loads(lease.asked)
        except ValueError:
            return
        if not isinstance(asked, dict):
            return
        command_id, actor, wanted = asked.get("command"), asked.get("actor"), asked.get("checks")
        if isinstance(command_id, str) and isinstance(actor, str):
            self._bus.say(CommandRequested(command_id, actor))
        if isinstance(wanted, list):
            self._bus.say(ProbesRequested([name for name in wanted if isinstance(name, str)]))

    async def _speak(self, lease: Lease, now: float) -> None:
        if self._writer.store_thread.writable and now - self._spoke >= SPEAK_EVERY:
            self._spoke = now
            known = lease.audience > 0 and lease.beat - lease.audience < AUDIENCE_BEATS // 2
            await self._writer.store_thread.change(lambda store: store.leases.speak(lease.beat, known=known))

    async def pass_on(self, check_ids: Sequence[str]) -> bool:
        """Ask the leader to probe these checks now; whether it could be asked."""
        beat = self.lease.beat
        text = json.dumps({"by": self._me.session, "n": self._clock.monotonic(), "checks": list(check_ids)})

        def say(store: Store) -> bool:
            store.leases.speak(beat, text)
            return True

        return self._writer.store_thread.writable and await self._writer.store_thread.change(say) is True


def relay(store: Store, lease: Lease, command_id: str, actor: str) -> None:
    """Ask the leader that holds ``lease`` to carry out a command without parameters. Runs in the store's thread."""
    text = json.dumps({"n": uuid.uuid4().hex, "command": command_id, "actor": actor})
    store.leases.speak(lease.audience, text)


def _pulse(store: Store) -> tuple[int, Lease, str]:
    return store.pulse()
