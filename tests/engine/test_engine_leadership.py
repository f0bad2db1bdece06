"""Who is the leader: what a session does, from what it sees of the lease."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest

from artisan_tui.domain.lease import PATIENCE, PATIENCE_OF_READERS, Holder, Lease, SessionRole
from artisan_tui.engine.bus import Bus, CommandRequested, LeaderVanished, ProbesRequested, RoleTaken, StoreMoved
from artisan_tui.engine.leadership import AUDIENCE_BEATS, Leadership
from support.clock import Hands

ME, OTHER = Holder("me", "j.park"), Holder("other", "s.lee", machine="")


class CommonStore:
    """A store that two sessions have in common: a lease, and what was said beside it."""

    def __init__(self) -> None:
        self.lease = Lease()
        self.leases = self
        self.events = 0
        self.readable = self.writable = True
        self.generation = 0
        self.spoken: list[tuple[int, str | None]] = []
        self.place = SimpleNamespace(sqlite_path=None)
        self.quicker = False

    async def ask(self, question: Any) -> Any:
        return question(self) if self.readable else None

    async def change(self, work: Any) -> Any:
        return work(self) if self.writable else None

    # The store, and its part for the lease.

    def pulse(self) -> tuple[int, Lease, str]:
        return self.events, self.lease, ""

    def claim(self, seen: Lease, holder: Holder) -> Lease | None:
        if self.quicker or seen.fence != self.lease.fence:
            return None
        self.lease = Lease(seen.fence + 1, seen.beat + 1, holder)
        return self.lease

    def speak(self, audience: int, asked: str | None = None, *, known: bool = False) -> None:
        self.spoken.append((audience, asked))


class Session:
    """One session and everything it was told to do."""

    def __init__(self, *, read_only: bool = False) -> None:
        self.clock, self.store_thread = Hands(), CommonStore()
        self.journal_writer: Any = SimpleNamespace(
            store_thread=self.store_thread, fence=None, shared=False, hasten=lambda seconds: None, drop=self.drop
        )
        self.roles: list[SessionRole] = []
        self.heard: list[int] = []
        self.asked: list[Sequence[str]] = []
        self.commands: list[CommandRequested] = []
        self.replaced: list[Holder] = []
        self.dropped = 0
        self.lead = leadership(self, read_only)

    def drop(self) -> None:
        self.dropped += 1

    async def take(self, taken: RoleTaken) -> None:
        self.roles.append(taken.role)

    async def news(self, moved: StoreMoved) -> None:
        self.heard.append(moved.events)

    async def sees(self, lease: Lease, seconds: float = 0.0) -> SessionRole:
        """Its role after it read ``lease``, so many seconds later."""
        self.clock.turn(seconds)
        self.store_thread.lease = lease
        await self.lead.poll()
        return self.lead.role


def leadership(session: Session, read_only: bool) -> Leadership:
    """How leadership is put together."""
    bus = Bus()
    bus.on(RoleTaken, session.take)
    bus.on(StoreMoved, session.news)
    bus.on(ProbesRequested, lambda request: session.asked.append(request.check_ids))
    bus.on(CommandRequested, session.commands.append)
    bus.on(LeaderVanished, lambda vanished: session.replaced.append(vanished.holder))
    return Leadership(session.journal_writer, session.clock, bus, ME, read_only=read_only)


@pytest.fixture
def session() -> Session:
    return Session()


async def test_a_lease_that_nobody_holds_is_taken(session: Session) -> None:
    assert await session.sees(Lease()) is SessionRole.LEADER
    assert session.journal_writer.fence == 1
    assert session.replaced == []
    assert session.heard == [0]


async def test_another_s_is_followed_and_what_waited_is_dropped(session: Session) -> None:
    assert await session.sees(Lease(4, 9, OTHER)) is SessionRole.FOLLOWER
    assert session.dropped == 1
    assert session.lead.leader == OTHER
    assert session.store_thread.spoken == [(9, None)]


async def test_a_beat_that_stands_still_long_enough_is_taken_over(session: Session) -> None:
    lease = Lease(4, 9, OTHER)
    await session.sees(lease)
    assert await session.sees(lease, PATIENCE - 0.1) is SessionRole.FOLLOWER
    assert await session.sees(lease, 0.1) is SessionRole.LEADER
    assert session.journal_writer.fence == 5
    assert session.replaced == [OTHER]


async def test_a_beat_that_moves_is_alive_however_slowly(session: Session) -> None:
    for beat in range(5):
        assert await session.sees(Lease(4, beat, OTHER), PATIENCE - 0.1) is SessionRole.FOLLOWER


async def test_who_was_slower_than_another_stays_as_it_was(session: Session) -> None:
    session.store_thread.quicker = True
    assert await session.sees(Lease()) is SessionRole.STANDALONE
    assert session.journal_writer.fence is None


async def test_a_store_that_cannot_be_written_leaves_everyone_looking_alone(session: Session) -> None:
    session.store_thread.writable = False
    assert await session.sees(Lease()) is SessionRole.STANDALONE


async def test_a_reader_never_takes_it_and_is_more_patient(session: Session) -> None:
    reader, lease = Session(read_only=True), Lease(4, 9, OTHER)
    assert await reader.sees(Lease()) is SessionRole.STANDALONE
    assert await reader.sees(lease) is SessionRole.FOLLOWER
    assert await reader.sees(lease, PATIENCE_OF_READERS - 0.1) is SessionRole.FOLLOWER
    assert await reader.sees(lease, 0.1) is SessionRole.STANDALONE
    assert reader.store_thread.spoken == []
    assert reader.journal_writer.fence is None


async def test_who_lost_its_fence_while_it_slept_follows(session: Session) -> None:
    await session.sees(Lease())
    session.journal_writer.fence = None  # a write was refused
    assert await session.sees(Lease(2, 1, OTHER)) is SessionRole.FOLLOWER
    assert session.roles == [SessionRole.LEADER, SessionRole.FOLLOWER]


async def test_without_a_store_a_follower_probes_for_itself_after_a_while(session: Session) -> None:
    await session.sees(Lease(4, 9, OTHER))
    session.store_thread.readable = False
    assert await session.sees(Lease(4, 10, OTHER)) is SessionRole.FOLLOWER
    assert await session.sees(Lease(4, 11, OTHER), PATIENCE - 0.1) is SessionRole.FOLLOWER
    assert await session.sees(Lease(4, 12, OTHER), 0.1) is SessionRole.STANDALONE


async def test_another_store_makes_a_leader_take_its_lease_first(session: Session) -> None:
    await session.sees(Lease())
    session.store_thread.generation = 1
    assert await session.sees(Lease(7, 1, OTHER)) is SessionRole.FOLLOWER


async def test_an_audience_is_one_for_as_long_as_it_says_so(session: Session) -> None:
    await session.sees(Lease())
    mine = session.store_thread.lease
    for beat, watched in ((10, True), (10 + AUDIENCE_BEATS - 1, True), (10 + AUDIENCE_BEATS, False)):
        await session.sees(replace(mine, beat=beat, audience=10))
        assert session.journal_writer.shared is watched
    await session.sees(replace(mine, beat=3, audience=0))
    assert not session.journal_writer.shared, "nobody ever said so"


async def test_a_follower_says_every_five_seconds_that_it_watches(session: Session) -> None:
    await session.sees(Lease(4, 9, OTHER))
    await session.sees(Lease(4, 10, OTHER), 4.9)
    assert session.store_thread.spoken == [(9, None)]
    await session.sees(Lease(4, 11, OTHER), 0.1)
    assert session.store_thread.spoken == [(9, None), (11, None)]


@pytest.mark.parametrize("text", ["", "{", "[]", "3", '{"checks": "api"}', '{"other": []}'])
async def test_what_cannot_be_understood_is_not_done(session: Session, text: str) -> None:
    await session.sees(Lease())
    await session.sees(replace(session.store_thread.lease, asked=text))
    assert session.asked == []


async def test_what_another_session_asks_for_is_done_once(session: Session) -> None:
    await session.sees(Lease())
    asked = replace(session.store_thread.lease, asked='{"checks": ["api", 3, "db"]}')
    await session.sees(asked)
    await session.sees(asked)
    assert session.asked == [["api", "db"]]


async def test_a_command_from_the_command_line_reaches_the_leader_once(session: Session) -> None:
    await session.sees(Lease())
    asked = replace(session.store_thread.lease, asked='{"command": "slo.refill", "actor": "j.park", "n": "1"}')
    await session.sees(asked)
    await session.sees(asked)
    assert session.commands == [CommandRequested("slo.refill", "j.park")]
    assert session.asked == []
    for odd in ('{"command": "slo.refill"}', '{"command": 3, "actor": "x"}', '{"command": null, "actor": null}'):
        await session.sees(replace(session.store_thread.lease, asked=odd))
    assert len(session.commands) == 1


async def test_a_wish_is_passed_on_only_where_it_can_be_written(session: Session) -> None:
    await session.sees(Lease(4, 9, OTHER))
    assert await session.lead.pass_on(["api"])
    beat, text = session.store_thread.spoken[-1]
    assert beat == 9
    assert text is not None
    assert '"checks": ["api"]' in text
    session.store_thread.writable = False
    assert not await session.lead.pass_on(["api"])


@pytest.mark.parametrize(
    ("lease", "session_role"), [(Lease(), SessionRole.STANDALONE), (Lease(4, 9, OTHER), SessionRole.FOLLOWER)]
)
def test_before_the_store_is_open_the_lease_says_what_comes(
    session: Session, lease: Lease, session_role: SessionRole
) -> None:
    assert session.lead.foresee(lease) is session_role
    assert session.lead.lease == lease
