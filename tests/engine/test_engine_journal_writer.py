"""What waits to be written, in which order it goes, and what is dropped when another session is the leader."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from artisan_tui.domain.checks.health import initial_health
from artisan_tui.domain.checks.sample import CheckSample, CheckStatus
from artisan_tui.domain.event import Entry
from artisan_tui.domain.lease import Holder, Lease
from artisan_tui.domain.state import State
from artisan_tui.engine.bus import Bus, EventsWritten, StoreReplaced, StoreTroubled
from artisan_tui.engine.journal_writer import READ_ONLY_KEPT, JournalWriter
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.clock import Hands


class Heard:
    """What a journal writer told."""

    def __init__(self, clock: Hands) -> None:
        self.clock = clock
        self.events: list[str] = []
        self.problems: list[str] = []
        self.notices: list[str] = []

    def written(self, written: EventsWritten) -> None:
        self.events += [event.kind for event in written.events]

    def check_statuses(self, check_ids: Sequence[str]) -> list[CheckStatus]:
        return [CheckStatus(name, "S", "http", initial_health(self.clock.now())) for name in check_ids]


def journal_writer(folder: Path, heard: Heard, *, read_only: bool = False) -> JournalWriter:
    """How a journal writer is put together."""
    bus = Bus()
    bus.on(EventsWritten, heard.written)
    bus.on(StoreTroubled, lambda troubled: heard.problems.append(troubled.problem))
    bus.on(StoreReplaced, lambda replaced: heard.notices.append(replaced.notice))
    one = JournalWriter(StorePlace(folder / "state"), heard.clock, bus, read_only=read_only)
    one.check_statuses = heard.check_statuses
    return one


@asynccontextmanager
async def keeping(
    folder: Path, heard: Heard, *, leads: bool = True, read_only: bool = False
) -> AsyncIterator[JournalWriter]:
    """A journal writer on an open store; ``leads``: it holds the lease."""
    one = journal_writer(folder, heard, read_only=read_only)
    await one.store_thread.open()
    if leads:
        lease = await one.store_thread.change(lambda store: store.leases.claim(Lease(), Holder("me")))
        assert lease is not None
        one.fence = lease.fence
    try:
        yield one
    finally:
        await one.close()


def entry(clock: Hands, kind: str, after: float = 0.0) -> Entry:
    return Entry(clock.now() + timedelta(seconds=after), "j.park", kind, "s.one")


def sample(clock: Hands, check_id: str = "s.one") -> CheckSample:
    return CheckSample(check_id, clock.now(), State.UP, "ok", 0.1)


async def test_what_a_person_did_needs_no_lease_and_what_was_found_does(tmp_path: Path) -> None:
    heard = Heard(Hands())
    async with keeping(tmp_path, heard, leads=False) as one:
        one.tell(entry(heard.clock, "note"))
        one.find([entry(heard.clock, "check.state")], ["s.one"])
        one.note_sample(sample(heard.clock), quiet=False)
        await one.flush()
        assert heard.events == ["note"]
        assert len(one.waiting) == 1
        one.drop()
    assert heard.events == ["note"]


async def test_with_the_lease_everything_is_written_with_the_statuses_that_it_led_to(tmp_path: Path) -> None:
    heard = Heard(Hands())
    async with keeping(tmp_path, heard) as one:
        one.find([entry(heard.clock, "check.state")], ["s.one"])
        one.note_sample(sample(heard.clock, "s.two"), quiet=False)
        await one.flush()
        await one.flush()
        assert heard.events == ["check.state"]
        assert one.waiting == ()
        since = heard.clock.now() - timedelta(minutes=1)
        assert await one.store_thread.ask(lambda store: len(store.part(CheckStore).samples("s.two", since))) == 1
        found = await one.store_thread.ask(
            lambda store: {check_status.check_id for check_status in store.part(CheckStore).statuses()}
        )
        assert found == {"s.one", "s.two"}


async def test_a_token_that_is_old_writes_nothing_and_what_waited_is_another_s_now(tmp_path: Path) -> None:
    heard = Heard(Hands())
    async with keeping(tmp_path, heard) as one:
        with Store.open(StorePlace(tmp_path / "state")) as other:
            seen = other.leases.read()
            assert other.leases.claim(seen, Holder("other")) is not None
        one.find([entry(heard.clock, "check.state")], ["s.one"])
        one.note_sample(sample(heard.clock), quiet=False)
        one.tell(entry(heard.clock, "note"))
        await one.flush()
        assert heard.events == ["note"]
        assert one.fence is None
        assert one.waiting == ()


async def test_what_cannot_be_written_waits_in_its_order_and_is_shown(tmp_path: Path) -> None:
    heard = Heard(Hands())
    async with keeping(tmp_path, heard) as one:
        one.store_thread._say("the disk is full")
        one.tell(entry(heard.clock, "note", after=2))
        one.find([entry(heard.clock, "check.state", after=1)])
        assert [each.kind for each in one.unwritten] == ["check.state", "note"]
        await one.flush()
        assert one.unwritten == ()
        assert sorted(heard.events) == ["check.state", "note"]


async def test_a_reader_keeps_what_it_did_for_its_own_screen_and_no_more_than_fits(tmp_path: Path) -> None:
    async with keeping(tmp_path, Heard(Hands()), leads=False):
        pass
    heard = Heard(Hands())
    async with keeping(tmp_path, heard, leads=False, read_only=True) as one:
        for number in range(READ_ONLY_KEPT + 5):
            one.tell(entry(heard.clock, "note", after=number))
        one.note_sample(sample(heard.clock), quiet=False)
        await one.flush()
        assert heard.events == []
        assert len(one.unwritten) == READ_ONLY_KEPT
        assert one.unwritten[0].occurred_at == heard.clock.now() + timedelta(seconds=5), "the oldest went"
        assert one.waiting == ()


async def test_the_end_writes_what_waits_and_lets_another_lead(tmp_path: Path) -> None:
    heard = Heard(Hands())
    async with keeping(tmp_path, heard) as one:
        one.tell(entry(heard.clock, "session.stop"))
    assert heard.events == ["session.stop"]
    with Store.open(StorePlace(tmp_path / "state")) as store:
        assert store.leases.read().holder is None


async def test_the_end_comes_after_everything_that_was_found_also_without_the_lease(tmp_path: Path) -> None:
    heard = Heard(Hands())
    for leads in (False, True):
        heard.events.clear()
        folder = tmp_path / str(leads)
        folder.mkdir()
        one = journal_writer(folder, heard)
        await one.store_thread.open()
        if leads:
            lease = await one.store_thread.change(lambda store: store.leases.claim(Lease(), Holder("me")))
            assert lease is not None
            one.fence = lease.fence
        one.find([entry(heard.clock, "check.state")], ["s.one"])
        await one.close([entry(heard.clock, "session.stop", after=1.0)])
        assert heard.events == ["check.state", "session.stop"], leads
