"""Runs a loop whose threads never hold the process, and whose name lookups do not pile up.

A thread stuck in `getaddrinfo` cannot be ended from outside, and the standard library waits for
it twice: when the loop's default executor shuts down, and when the interpreter ends. A name
server that does not answer would so keep `artisan-tui check` from returning after its answers
were printed.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import socket
from collections.abc import Coroutine
from typing import Any, TypeVar

from artisan_tui.sources.threads import WorkerThreads
from artisan_tui.sources.waits import Polls

try:
    import resource
except ImportError:  # not on every system
    resource = None  # type: ignore[assignment]

T = TypeVar("T")
#: Threads for work, and for names. Apart, so that a dead name server does not hold up reading a file.
AT_WORK, ASKING = 64, 256
#: Files we would like to be allowed to open: each probe may hold several.
DESCRIPTORS = 65_536
#: Files kept for ourselves, at most this many and this part of all: the journal must still be written,
#: and a library that runs out of files while it is being loaded stays broken.
RESERVE, RESERVED_PART = 16, 4
#: Files that a lookup opens at once: `/etc/hosts`, a socket per address family, and one to spare.
_PER_LOOKUP = 4

#: What the standard library's `getaddrinfo` returns.
Addresses = list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]]
_Question = tuple[bytes | str | None, bytes | str | int | None, int, int, int, int]


class Loop(asyncio.SelectorEventLoop):
    """asyncio's own loop with `WorkerThreads`, one question at a time about one name, and files kept in reserve.

    Each probe gives up after its timeout; the resolver takes up to half a minute. Without this a
    name that hangs, probed every second, would take up all threads and starve the healthy names.

    Connections, programs and lookups fail with EMFILE before the last files are gone: what waits
    for them is a probe, and a probe may fail.
    """

    def __init__(self) -> None:
        self._names = WorkerThreads(ASKING, "name")
        self._asked: dict[_Question, asyncio.Future[Addresses]] = {}
        self._made = False
        #: Says when an answer was there that is read later.
        self.polls = Polls()
        super().__init__(self.polls)
        self._made = True
        self.set_default_executor(WorkerThreads(AT_WORK))

    async def getaddrinfo(  # type: ignore[override]  # the same, without AddressInfo's aliases
        self,
        host: bytes | str | None,
        port: bytes | str | int | None,
        *,
        family: int = 0,
        type: int = 0,  # the standard library's name
        proto: int = 0,
        flags: int = 0,
    ) -> Addresses:
        question = (host, port, family, type, proto, flags)
        asked = self._asked.get(question)
        if asked is None:
            keep_reserve()
            asked = self._ask(question)
        return await asyncio.shield(asked)  # one that gives up leaves the others waiting

    def _ask(self, question: _Question) -> asyncio.Future[Addresses]:
        answer: asyncio.Future[Addresses] = self.create_future()
        # All callers may have given up by then, and an error that is not read is written to stderr.
        answer.add_done_callback(lambda done: done.cancelled() or done.exception())

        def settle(found: Addresses | None, error: BaseException | None) -> None:
            self._asked.pop(question, None)
            if answer.cancelled():
                return
            if error is not None:
                answer.set_exception(error)
            elif found is not None:
                answer.set_result(found)

        def work() -> None:
            found: Addresses | None = None
            problem: BaseException | None = None
            try:
                found = resolve(*question)
            except BaseException as error:  # noqa: BLE001 - raised again where the answer is waited for
                problem = error
            with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
                self.call_soon_threadsafe(settle, found, problem)

        self._names.submit(work)
        self._asked[question] = answer
        return answer

    async def sock_connect(self, sock: socket.socket, address: Any) -> None:
        keep_reserve()  # every connection comes by here, also those of asyncio's own making
        await super().sock_connect(sock, address)

    async def subprocess_exec(self, *args: Any, **kwargs: Any) -> Any:
        keep_reserve()
        return await super().subprocess_exec(*args, **kwargs)

    def close(self) -> None:
        self._names.shutdown()
        if self._made:  # asyncio stumbles over what it could not open, and says so on stderr
            super().close()


def resolve(
    host: bytes | str | None, port: bytes | str | int | None, family: int, type: int, proto: int, flags: int
) -> Addresses:
    """`socket.getaddrinfo`, which says "not known" when it could not even open ``/etc/hosts``: that is our fault."""
    try:
        return socket.getaddrinfo(host, port, family, type, proto, flags)  # type: ignore[return-value]
    except socket.gaierror:
        if descriptors_left(_PER_LOOKUP):
            raise
    raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def keep_reserve() -> None:
    """Raises OSError when only the files are left that we keep for ourselves."""
    allowed = descriptors_allowed()
    if allowed is not None and not descriptors_left(min(RESERVE, allowed // RESERVED_PART)):
        raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))


def descriptors_left(number: int) -> bool:
    """Whether about ``number`` more files may be opened. Costs two system calls, however many are open."""
    allowed = descriptors_allowed()
    if allowed is None:
        return True
    try:
        # A new descriptor is the lowest that is free.
        lowest = os.dup(2)
    except OSError as error:
        return error.errno not in (errno.EMFILE, errno.ENFILE)
    os.close(lowest)
    return lowest + number <= allowed


def descriptors_allowed() -> int | None:
    """How many files we may have open; None where there is no limit."""
    if resource is None:
        return None
    soft: int = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return None if soft == resource.RLIM_INFINITY else soft


def allow_descriptors(most: int = DESCRIPTORS) -> None:
    """Raise how many files we may have open to what this machine lets us, at most ``most``. Never fails.

    Login shells allow 1,024 and sometimes 256; a thousand checks need more.
    """
    if resource is None:
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    endless = resource.RLIM_INFINITY
    wanted = most if hard == endless else min(hard, most)
    # macOS says "unlimited" and means 10,240.
    for number in (wanted, min(wanted, 10_240)):
        if soft == endless or soft >= number:
            return
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_NOFILE, (number, hard))
            return


def run(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on a `Loop`: returns as soon as ``main`` has, whatever still hangs in a thread."""
    allow_descriptors()
    try:
        runner = asyncio.Runner(loop_factory=Loop)
        runner.get_loop()
    except BaseException:
        main.close()
        raise
    with runner:
        return runner.run(main)
