"""The store as the engine has it: opened off the loop, used from one thread, and created again when it is lost.

Whatever is wrong is one sentence, told when it begins and taken back when it ends. The policy for a
damaged or vanished store is `store.quarantine`'s.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.domain.refusal import Refusal
from artisan_tui.engine.clock import Clock
from artisan_tui.store.errors import LeaseLost, StoreError
from artisan_tui.store.place import StorePlace
from artisan_tui.store.quarantine import Patience, Recovery, recover, recoverable

if TYPE_CHECKING:
    from artisan_tui.config.secret import Secret
    from artisan_tui.store.store import Store

T = TypeVar("T")
#: Seconds after which a database server that has not answered is spoken of. A file always answers, however slowly.
SILENT_AFTER = 8.0


class StoreThread:
    """``on_problem`` hears a sentence while nothing can be written, "" when it can again; ``on_defect`` one about a query
    that failed by itself, which says nothing of the store.

    ``on_lost`` is called when another session holds the lease, ``on_anew`` when a store was created in
    place of one that was lost. ``known`` is the seq and hash of the last event this session has seen.
    """

    def __init__(
        self,
        place: StorePlace,
        clock: Clock,
        on_problem: Callable[[str], None],
        on_lost: Callable[[], None],
        on_anew: Callable[[Recovery], None],
        *,
        read_only: bool,
        on_defect: Callable[[str], None] = lambda said: None,
    ) -> None:
        self.place, self._clock = place, clock
        self._find: Callable[[], StorePlace] | None = None
        self._reference: Secret | None = None
        self._stamp: object = None
        self._on_problem, self._on_lost, self._on_anew = on_problem, on_lost, on_anew
        self._on_defect = on_defect
        self.read_only = read_only
        self.known: tuple[int, str] = (0, "")
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="store")
        self._store: Store | None = None
        self._opening: asyncio.Future[None] | None = None
        self._patience = Patience()
        self._lost: StoreError | None = None
        self.problem = ""
        #: Counts the stores that were opened: what was read from one says nothing about the next.
        self.generation = 0

    @property
    def writable(self) -> bool:
        """Whether the store is open and takes what is written."""
        return self._store is not None and not self._store.read_only and not self.problem

    @property
    def readable(self) -> bool:
        return self._store is not None

    @property
    def only_read(self) -> bool:
        """Whether the open store may not be written at all."""
        return self._store is not None and self._store.read_only

    @property
    def voice(self) -> str:
        """What this session's announcements begin with; "" while there is no store."""
        return self._store.voice if self._store is not None else ""

    # -- where it is --------------------------------------------------------

    def settle(self, find: Callable[[], StorePlace], reference: object) -> bool:
        """Use the store that ``find`` names, now and when its ``reference`` leads elsewhere; whether that is another one.

        Raises ConfigError like ``find``.
        """
        from artisan_tui.config.secret import Secret

        self._find, self._reference = find, reference if isinstance(reference, Secret) else None
        self._stamp = self._stamped()
        before, self.place = self.place, find()
        return self.place != before

    async def renewed(self) -> bool:
        """Whether the file with the address of the store has changed since this was asked last."""
        if self._reference is None or self._reference.source != "file":
            return False
        before, self._stamp = self._stamp, await self._in_thread(self._stamped)
        return self._stamp != before

    def _stamped(self) -> object:
        from artisan_tui.sources.file_stamp import stamps_of

        file = self._reference is not None and self._reference.source == "file"
        return stamps_of((os.path.expanduser(self._reference.place),)) if file and self._reference else None

    async def _follow(self) -> None:
        """Let go of the store if its reference leads to another one, or has another password, by now."""
        from artisan_tui.config.problems import ConfigError

        if self._find is None or self._reference is None:
            return
        try:
            place = await self._in_thread(self._find)
        except ConfigError:
            return  # the file is just being written: what is known still holds
        if place != self.place:
            self.place, self._lost = place, None
            await self._let_go()

    # -- opening ------------------------------------------------------------

    async def open(self) -> None:
        """Open the store off the loop: importing SQLModel alone takes a third of a second.

        A session may end before this has: then `close` waits for the same opening.
        """
        if self._store is not None:
            return
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open_once())
        await asyncio.shield(self._opening)

    async def _open_once(self) -> None:
        try:
            try:
                store = await self._in_thread(self._open)
            except StoreError as error:
                # At the start no backup is being restored: an incident that is not written down is worse.
                if not await self._begin_anew(error):
                    raise
                store = await self._in_thread(self._open)
            self._store = store
            self.generation += 1
            self._say("the store was written by a newer artisan-tui: open read-only" if store.newer else "")
        except StoreError as error:
            self._say(str(error))
        except Exception as error:  # noqa: BLE001 - its libraries are loaded here, perhaps without a file left to open
            self._say(f"the store cannot be opened (internal error {type(error).__name__}); restart artisan-tui")
        finally:
            self._opening = None

    def _open(self) -> Store:
        from artisan_tui.store.store import Store  # heavy, and already off the first frame

        return Store.open(self.place, read_only=self.read_only)

    async def _begin_anew(self, error: StoreError) -> bool:
        """Move what is left of a lost store aside; whether a new one may be made now. Raises StoreError."""
        if self.read_only or not recoverable(error):
            return False
        at, known = self._clock.now(), self.known
        found = await self._in_thread(lambda: recover(self.place, error, at, known))
        if found is None:
            return False
        self._on_anew(found)
        return True

    async def mend(self, *, at_once: bool = False) -> None:
        """Open what is not open, and create a new one when a loss has lasted long enough, or ``at_once``."""
        await self._follow()
        over = self._lost is not None and (at_once or self._patience.over(self._clock.monotonic()))
        if self._lost is not None and over and not self.read_only:
            lost, self._lost = self._lost, None
            try:
                # Before the old store is closed: closing it would check it in, and clear its -wal away.
                await self._begin_anew(lost)
            except StoreError as error:
                self._say(str(error))
                self._lost = lost
            await self._let_go()
        if self._lost is not None and over and self.read_only:
            # A reader recovers nothing; what lies there now is what there is to read.
            self._lost = None
            await self._let_go()
        if self._store is None:
            await self.open()

    # -- using --------------------------------------------------------------

    async def ask(self, question: Callable[[Store], T]) -> T | None:
        """Read something from the store, in its thread; None when it cannot be read now.

        Raises what the question refuses with: a `Refusal`, or LookupError for what is not there.
        """
        return await self._try(question, reads=True)

    async def change(self, work: Callable[[Store], T]) -> T | None:
        """Write something; None when it cannot be written now. Raises like `ask`."""
        return await self._try(work, reads=False)

    async def _try(self, work: Callable[[Store], T], *, reads: bool) -> T | None:
        store = self._store
        if store is None:
            return None
        silent = (
            f"the store {store.where} does not answer; what is written waits: see whether its server runs, and, if it has "
            "a synchronous standby, whether that does"
        )
        try:
            with self._watched(store, silent):
                result = await self._in_thread(lambda: work(store))
        except LeaseLost:
            self._on_lost()
            return None
        except StoreError as error:
            self._say(str(error))
            if recoverable(error):
                self._lost = error
                self._patience.over(self._clock.monotonic())
            return None
        except (OSError, MemoryError) as error:
            # The store's library had no file, no memory: nothing of that kind is the question's.
            self._say(
                f"internal error {type(error).__name__} while using the store; if this stays, restart artisan-tui"
            )
            return None
        except Exception as error:
            if isinstance(error, Refusal) or type(error) is LookupError:
                raise  # an answer; KeyError and IndexError are none
            # A defect of ours must be seen, not end the session. The store did what it was asked.
            self._on_defect(
                f"internal error {type(error).__name__} in a query of the store, which is well; what it was for is "
                "not shown or not done; if this stays, report it"
            )
            return None
        # That it can be read says nothing about a full disk.
        if not store.newer and (not reads or store.read_only):
            self._lost = None
            self._patience.calm()
            self._say("")
        return result

    @contextlib.contextmanager
    def _watched(self, store: Store, silent: str) -> Iterator[None]:
        """Say ``silent`` while a database server lets us wait for a statement."""
        if self.place.sqlite_path is not None:
            yield
            return

        loop = asyncio.get_running_loop()
        timers: list[asyncio.TimerHandle] = []

        def remark() -> None:
            if store.silent_for >= SILENT_AFTER and not self.problem:
                self._say(silent)
            timers[:] = [loop.call_later(SILENT_AFTER / 2, remark)]

        timers.append(loop.call_later(SILENT_AFTER / 2, remark))
        try:
            yield
        finally:
            timers[0].cancel()
            if self.problem == silent:
                self._say("")

    def _say(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            self._on_problem(problem)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def _let_go(self) -> None:
        store, self._store = self._store, None
        if store is not None:
            await self._in_thread(store.close)

    async def close(self) -> None:
        await self._let_go()
        self._thread.shutdown(wait=False)
