"""The lease row: one holder, a token that only grows, and writes that carry an old one change nothing."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from artisan_tui.domain.checks.health import initial_health
from artisan_tui.domain.checks.sample import CheckSample, CheckStatus
from artisan_tui.domain.event import Entry
from artisan_tui.domain.lease import Holder, Lease
from artisan_tui.domain.state import State
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.errors import LeaseLost
from artisan_tui.store.opening import last_known
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store

#: What holds of a store holds wherever it is.
DIALECTS = ("sqlite", "postgresql")

ME, YOU = Holder("me", "j.park", "bastion", 7, "1", "m", "c"), Holder("you", "s.lee")


def sample(at: datetime) -> CheckSample:
    return CheckSample("api.health", at, State.UP, "ok", 0.1)


def test_nobody_polls_a_new_store(store: Store) -> None:
    assert store.leases.read() == Lease()


def test_a_claim_is_compare_and_set(store: Store, place: StorePlace) -> None:
    seen = store.leases.read()
    mine = store.leases.claim(seen, ME)
    assert mine == store.leases.read() == Lease(1, 1, ME)
    assert store.leases.claim(seen, YOU) is None
    if place.sqlite_path is not None:
        opening = last_known(place)
        assert opening is not None
        assert opening.lease == mine


def test_a_beat_in_between_spoils_a_claim(store: Store, at: datetime) -> None:
    mine = store.leases.claim(store.leases.read(), ME)
    assert mine is not None
    stale = store.leases.read()
    store.part(CheckStore).record([sample(at)], fence=mine.fence)
    assert store.leases.claim(stale, YOU) is None
    assert store.leases.read().beat == mine.beat + 1


def test_what_an_old_holder_writes_changes_nothing(store: Store, at: datetime, entries: Callable[[int], Entry]) -> None:
    old = store.leases.claim(store.leases.read(), ME)
    assert old is not None
    new = store.leases.claim(store.leases.read(), YOU)
    assert new is not None
    assert new.fence == old.fence + 1
    with pytest.raises(LeaseLost):
        store.part(CheckStore).record([sample(at)], fence=old.fence)
    with pytest.raises(LeaseLost):
        store.append([entries(1)], at=at, fence=old.fence)
    assert store.part(CheckStore).samples("api.health", at - timedelta(hours=1)) == ()
    assert store.journal.page() == ()
    assert store.leases.read() == new
    # What a person writes needs no lease.
    assert len(store.append([entries(1)], at=at)) == 1


def test_released_it_is_free_and_the_token_stays(store: Store, at: datetime) -> None:
    mine = store.leases.claim(store.leases.read(), ME)
    assert mine is not None
    store.leases.release(mine.fence)
    free = store.leases.read()
    assert free.holder is None
    assert free.fence == mine.fence
    with pytest.raises(LeaseLost):
        store.part(CheckStore).record([sample(at)], fence=mine.fence)
    store.leases.release(mine.fence - 1)
    assert store.leases.claim(free, YOU) is not None


def test_readers_ask_for_what_is_new(store: Store, at: datetime) -> None:
    mine = store.leases.claim(store.leases.read(), ME)
    assert mine is not None
    store.part(CheckStore).record(
        [], [CheckStatus("api.health", "API", "http", initial_health(at), evidence='{"a":1}')], fence=mine.fence
    )
    first = store.leases.read().beat
    store.part(CheckStore).record([], [CheckStatus("db.ping", "DB", "tcp", initial_health(at))], fence=mine.fence)
    assert [s.check_id for s in store.part(CheckStore).statuses(after=first)] == ["db.ping"]
    assert [s.check_id for s in store.part(CheckStore).statuses(after=mine.beat)] == ["api.health", "db.ping"]
    assert store.part(CheckStore).statuses()[0].evidence == '{"a":1}'


def test_of_many_that_claim_at_once_exactly_one_succeeds(place: StorePlace) -> None:
    def contend(number: int) -> bool:
        with Store.open(place) as own:
            return own.leases.claim(Lease(0, 0, None), Holder(str(number))) is not None

    Store.open(place).close()
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(contend, range(16))) == 1


def test_a_holder_nobody_can_read_is_not_nobody(store: Store, raw: Callable[..., object]) -> None:
    raw("UPDATE lease SET holder = 'garbage'")
    assert store.leases.read().holder == Holder("?")


def test_watchers_speak_without_touching_the_beat(store: Store) -> None:
    mine = store.leases.claim(store.leases.read(), ME)
    assert mine is not None
    store.leases.speak(mine.beat)
    store.leases.speak(mine.beat, '{"n":1}')
    store.leases.speak(mine.beat + 1)
    assert store.leases.read() == Lease(mine.fence, mine.beat, ME, '{"n":1}', mine.beat + 1)
