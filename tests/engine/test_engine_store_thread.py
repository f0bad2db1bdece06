"""What the store's thread says is wrong, and when it takes that back."""

from __future__ import annotations

import errno
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from artisan_tui.domain.event import Entry
from artisan_tui.domain.incidents.acting import ActRefused
from artisan_tui.domain.runbooks.acting import RunRefused
from artisan_tui.domain.session.events import StoreReplaced
from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.store_thread import StoreThread
from artisan_tui.store.errors import LeaseLost, StoreDisk, StoreMoved
from artisan_tui.store.place import StorePlace
from artisan_tui.store.quarantine import PATIENCE, Recovery
from artisan_tui.store.store import Store
from support.clock import Hands

NOW = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)


class Heard:
    """What a store thread told, as it came."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.defects: list[str] = []
        self.lost = 0
        self.anew: list[Recovery] = []

    def lose(self) -> None:
        self.lost += 1


@asynccontextmanager
async def opened(folder: Path, heard: Heard, clock: Hands, *, read_only: bool = False) -> AsyncIterator[StoreThread]:
    """A store thread on a store in ``folder``, which is made when it is not there."""
    store_thread = StoreThread(
        StorePlace(folder / "state"),
        clock,
        heard.problems.append,
        heard.lose,
        heard.anew.append,
        read_only=read_only,
        on_defect=heard.defects.append,
    )
    await store_thread.open()
    try:
        yield store_thread
    finally:
        await store_thread.close()


def failing(error: Exception) -> Callable[[Store], object]:
    def work(store: Store) -> object:
        raise error

    return work


def full() -> StoreDisk:
    return StoreDisk.of("the store", "no space left on device")


async def test_that_it_can_be_read_says_nothing_about_whether_it_can_be_written(tmp_path: Path) -> None:
    heard = Heard()
    async with opened(tmp_path, heard, Hands()) as store_thread:
        assert await store_thread.change(failing(full())) is None
        assert not store_thread.writable
        said = store_thread.problem
        assert "no space left" in said
        assert await store_thread.ask(lambda store: len(store.journal.page(9))) == 0
        assert (store_thread.problem, store_thread.writable) == (said, False)
        assert await store_thread.change(lambda store: store.leases.touch() or True) is True
        assert store_thread.writable
    assert heard.problems == [said, ""]


async def test_a_problem_that_stays_is_said_once(tmp_path: Path) -> None:
    heard = Heard()
    async with opened(tmp_path, heard, Hands()) as store_thread:
        for _ in range(3):
            await store_thread.change(failing(full()))
    assert len(heard.problems) == 1


async def test_whoever_may_only_read_is_told_by_reading_that_all_is_well_again(tmp_path: Path) -> None:
    async with opened(tmp_path, Heard(), Hands()):
        pass
    heard = Heard()
    async with opened(tmp_path, heard, Hands(), read_only=True) as store_thread:
        await store_thread.ask(failing(full()))
        assert not store_thread.writable
        await store_thread.ask(lambda store: store.journal.page(1))
        assert store_thread.problem == ""
        assert not store_thread.writable
        assert store_thread.only_read


async def test_a_lease_that_another_holds_is_no_problem_of_the_store(tmp_path: Path) -> None:
    heard = Heard()
    async with opened(tmp_path, heard, Hands()) as store_thread:
        assert await store_thread.change(failing(LeaseLost("another session leads"))) is None
        assert store_thread.writable
    assert (heard.lost, heard.problems) == (1, [])


@pytest.mark.parametrize("error", [OSError(errno.EMFILE, "too many files"), MemoryError()])
async def test_what_the_system_does_not_give_is_trouble_of_the_store(tmp_path: Path, error: Exception) -> None:
    heard = Heard()
    async with opened(tmp_path, heard, Hands()) as store_thread:
        assert await store_thread.ask(failing(error)) is None
        assert store_thread.problem.startswith(f"internal error {type(error).__name__} while using the store")
        assert store_thread.readable


@pytest.mark.parametrize("error", [RuntimeError("a \x1b[31m defect"), KeyError("id"), IndexError(), ValueError("x")])
@pytest.mark.parametrize("writes", [False, True])
async def test_a_defect_of_a_query_is_said_and_is_no_trouble_of_the_store(
    tmp_path: Path, error: Exception, writes: bool
) -> None:
    heard = Heard()
    async with opened(tmp_path, heard, Hands()) as store_thread:
        asked = store_thread.change if writes else store_thread.ask
        assert await asked(failing(error)) is None
        assert (heard.problems, store_thread.problem, store_thread.writable) == ([], "", True)
        (said,) = heard.defects
        assert said.startswith(f"internal error {type(error).__name__} in a query of the store, which is well")
        assert said.isprintable()
        assert await store_thread.change(lambda store: store.append([Entry(NOW, "j.park", "note")], at=NOW))


@pytest.mark.parametrize(
    "refused", [ActRefused("it is closed"), CommandRefused("no"), RunRefused("no"), LookupError("no")]
)
async def test_a_refusal_is_an_answer_to_whoever_asked(tmp_path: Path, refused: Exception) -> None:
    heard = Heard()
    async with opened(tmp_path, heard, Hands()) as store_thread:
        for asked in (store_thread.ask, store_thread.change):
            with pytest.raises(type(refused)) as found:
                await asked(failing(refused))
            assert found.value is refused
        assert (heard.problems, heard.defects, store_thread.writable) == ([], [], True)


async def test_a_real_fault_of_the_disk_is_trouble_and_a_real_defect_is_none(tmp_path: Path) -> None:
    """Pages of the file are overwritten; and a query that asks the database for what is not in it."""
    heard, clock = Heard(), Hands()
    async with opened(tmp_path, heard, clock) as store_thread:
        await store_thread.change(lambda store: store.append([Entry(NOW, "j.park", "note")] * 400, at=NOW))
        assert await store_thread.ask(lambda store: store.journal.page(1)[5]) is None
        assert heard.problems == []
        assert len(heard.defects) == 1
    path = tmp_path / "state" / "artisan.db"
    with path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xff" * (path.stat().st_size - 4096))
    async with opened(tmp_path, heard, clock) as store_thread:
        assert await store_thread.ask(lambda store: store.journal.page(500)) in (None, ())
        assert [each for each in heard.problems if each] or heard.anew
        assert len(heard.defects) == 1


async def test_a_store_that_is_gone_is_waited_for_and_then_begun_anew(tmp_path: Path) -> None:
    heard, clock = Heard(), Hands()
    async with opened(tmp_path, heard, clock) as store_thread:
        await store_thread.change(lambda store: store.append([Entry(clock.now(), "j.park", "note")], at=clock.now()))
        generation = store_thread.generation
        for name in ("artisan.db", "artisan.db-wal", "artisan.db-shm"):
            (tmp_path / "state" / name).unlink()
        assert await store_thread.change(lambda store: store.leases.touch()) is None
        clock.turn(PATIENCE - 0.1)
        await store_thread.mend()
        assert heard.anew == []
        assert store_thread.generation == generation
        clock.turn(0.2)
        await store_thread.mend()
        assert [each.entry.kind for each in heard.anew] == [StoreReplaced.KIND]
        assert store_thread.generation == generation + 1
        assert await store_thread.ask(lambda store: store.journal.page(9)) == ()
        assert store_thread.writable


async def test_patience_begins_anew_after_a_write_that_worked(tmp_path: Path) -> None:
    heard, clock = Heard(), Hands()
    async with opened(tmp_path, heard, clock) as store_thread:
        gone = StoreMoved.of("the store", "deleted")
        await store_thread.change(failing(gone))
        clock.turn(PATIENCE - 1)
        await store_thread.change(lambda store: store.leases.touch() or True)
        await store_thread.change(failing(gone))
        clock.turn(PATIENCE - 1)
        await store_thread.mend()
        assert heard.anew == []


async def test_a_reader_recovers_nothing(tmp_path: Path) -> None:
    heard, clock = Heard(), Hands()
    async with opened(tmp_path, Heard(), clock):
        pass
    async with opened(tmp_path, heard, clock, read_only=True) as store_thread:
        await store_thread.ask(failing(StoreMoved.of("the store", "deleted")))
        clock.turn(PATIENCE + 1)
        await store_thread.mend()
        assert heard.anew == []
        assert store_thread.readable
