"""Threads that never hold the process, names that are asked for once, and enough files to open."""

from __future__ import annotations

import asyncio
import errno
import gc
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import Future
from typing import Any

import pytest

from artisan_tui.engine import threads
from artisan_tui.engine.threads import Loop, run
from artisan_tui.sources.threads import WorkerThreads
from support.servers import until


def program(text: str, *, limit: str = "", timeout: float = 20) -> subprocess.CompletedProcess[str]:
    """Run Python text in a process of its own, its open files limited to ``limit`` ("soft:hard")."""
    before = ""
    if limit:
        soft, hard = limit.split(":")
        before = f"import resource; resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))\n"
    command = [sys.executable, "-c", before + text]
    return subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)


def test_work_is_done_and_threads_are_used_again() -> None:
    pool = WorkerThreads(4)
    assert pool.submit(lambda a, b: a + b, 1, b=2).result(5) == 3
    with pytest.raises(ZeroDivisionError):
        pool.submit(lambda: 1 // 0).result(5)
    names = set()
    for _ in range(20):
        name = pool.submit(lambda: threading.current_thread().name)
        names.add(name.result(5))
        until(lambda: pool._idle == 1, 5)
    assert names == {"work 0"}
    pool.shutdown()


def test_it_grows_to_its_bound_and_no_further() -> None:
    pool, gate, began = WorkerThreads(3), threading.Event(), threading.Semaphore(0)

    def hang() -> str:
        began.release()
        gate.wait(30)
        return threading.current_thread().name

    waiting: list[Future[str]] = [pool.submit(hang) for _ in range(5)]
    for _ in range(3):
        assert began.acquire(timeout=5)
    assert not began.acquire(timeout=0.1)
    gate.set()
    assert {each.result(5) for each in waiting} == {"work 0", "work 1", "work 2"}
    pool.shutdown()


def test_shutting_down_waits_for_nobody() -> None:
    pool, gate, began = WorkerThreads(1), threading.Event(), threading.Event()

    def hang() -> None:
        began.set()
        gate.wait(30)

    stuck, queued = pool.submit(hang), pool.submit(hang)
    assert began.wait(5)
    before = time.monotonic()
    pool.shutdown(wait=True)
    assert time.monotonic() - before < 5  # the gate opens after 30
    with pytest.raises(RuntimeError):
        pool.submit(hang)
    gate.set()
    assert stuck.result(5) is None
    until(queued.cancelled, 5, "the cancellation of what had not begun")


def test_without_threads_work_waits_for_the_ones_there_are(monkeypatch: pytest.MonkeyPatch) -> None:
    pool, gate = WorkerThreads(4), threading.Event()
    first = pool.submit(gate.wait, 30)

    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    second = pool.submit(lambda: "done")
    gate.set()
    assert first.result(5)
    assert second.result(5) == "done"
    with pytest.raises(RuntimeError):
        WorkerThreads(4).submit(lambda: None)
    pool.shutdown()


@pytest.mark.parametrize("hang", ["asyncio.to_thread(time.sleep, 30)", "loop.getaddrinfo('x.example', 1)"])
def test_the_process_ends_while_a_thread_hangs(hang: str) -> None:
    text = f"""
import asyncio, socket, time
from artisan_tui.engine.threads import run
socket.getaddrinfo = lambda *asked: time.sleep(30)
async def main():
    loop = asyncio.get_running_loop()
    for _ in range(3):
        try:
            async with asyncio.timeout(0.2):
                await {hang}
        except TimeoutError:
            print("gave up", flush=True)
run(main())
"""
    began = time.monotonic()
    done = program(text)
    assert time.monotonic() - began < 5
    assert (done.returncode, done.stdout, done.stderr) == (0, "gave up\n" * 3, "")


class Resolver:
    """Stands in for the system's: names that begin with "hang" do not come back until `gate` is set."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.gate, self.asked = threading.Event(), list[str]()
        monkeypatch.setattr(socket, "getaddrinfo", self)

    def __call__(self, host: str, port: int, *more: int) -> list[Any]:
        self.asked.append(host)
        if host.startswith("hang"):
            self.gate.wait(30)
        if host.endswith("unknown"):
            raise socket.gaierror(socket.EAI_NONAME, "not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]


async def _give_up(host: str, seconds: float) -> str:
    try:
        async with asyncio.timeout(seconds):
            await asyncio.get_running_loop().getaddrinfo(host, 80)
    except TimeoutError:
        return "timeout"
    except OSError as error:
        return type(error).__name__
    return "found"


def test_a_name_that_hangs_is_asked_for_once_and_starves_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver = Resolver(monkeypatch)

    async def main() -> None:
        for _ in range(5):
            probes = [_give_up(f"hang{n}", 0.05) for n in range(100)]
            assert set(await asyncio.gather(*probes)) == {"timeout"}
        assert sorted(resolver.asked) == sorted(f"hang{n}" for n in range(100))
        # More than asyncio's 6 or our 64 hang; a healthy name and a file are still read at once.
        assert await _give_up("healthy", 5) == "found"
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "read"), 5) == "read"
        both = asyncio.gather(_give_up("hang1", 5), _give_up("hang1", 5))
        await asyncio.sleep(0)
        resolver.gate.set()
        assert await both == ["found", "found"]
        resolver.gate.clear()
        assert await _give_up("hang1", 0.05) == "timeout", "an answer is not kept: the next probe asks again"
        resolver.gate.set()

    try:
        run(main())
    finally:
        resolver.gate.set()


def test_an_error_that_nobody_waits_for_any_more_is_not_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    resolver, complaints = Resolver(monkeypatch), list[object]()

    async def main() -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, Loop)
        loop.set_exception_handler(lambda _, context: complaints.append(context))
        assert await _give_up("unknown", 5) == "gaierror"
        assert await _give_up("hang unknown", 0.05) == "timeout"
        resolver.gate.set()
        await asyncio.to_thread(until, lambda: not loop._asked, 5)

    run(main())
    gc.collect()  # a future complains when it is thrown away
    assert complaints == []


def test_what_we_cannot_open_is_not_a_name_that_is_not_known() -> None:
    text = """
import errno, os, socket
from artisan_tui.engine.threads import descriptors_left, resolve
resolve("localhost", 80, 0, 0, 0, 0)
held = []
while descriptors_left(1):
    held.append(os.open(os.devnull, os.O_RDONLY))
try:
    socket.getaddrinfo("localhost", 80)
    print("resolved without a file")
except socket.gaierror as error:
    print("alone: gaierror")
except OSError as error:
    print("alone:", errno.errorcode[error.errno])
try:
    resolve("localhost", 80, 0, 0, 0, 0)
except OSError as error:
    print("ours:", type(error).__name__, errno.errorcode.get(error.errno))
for each in held:
    os.close(each)
print("again:", bool(resolve("localhost", 80, 0, 0, 0, 0)))
"""
    done = program(text, limit="30:30")
    assert done.returncode == 0, done.stderr
    alone, ours, again = done.stdout.splitlines()
    assert alone.startswith("alone:"), "the fault that this is about"
    assert ours == "ours: OSError EMFILE"
    assert again == "again: True"


def test_a_shortage_at_the_first_lookup_is_not_remembered() -> None:
    """Python loads the codec of host names at the first one, and there may be no file left to load it from."""
    text = """
import asyncio, os
from artisan_tui.engine.threads import resolve, run
async def main():
    held = []
    try:
        while True: held.append(os.open(os.devnull, os.O_RDONLY))
    except OSError: pass
    try:
        resolve("localhost", 80, 0, 0, 0, 0)
    except OSError as error:
        print(error.strerror)
    for each in held: os.close(each)
    print(bool(await asyncio.get_running_loop().getaddrinfo("localhost", 80)))
run(main())
"""
    done = program(text, limit="30:30")
    assert (done.stdout, done.stderr) == ("Too many open files\nTrue\n", "")


def test_some_files_are_kept_for_ourselves() -> None:
    text = """
import asyncio, os, socket
from artisan_tui.engine.threads import run
async def main():
    held, loop = [], asyncio.get_running_loop()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        for what in (
            lambda: loop.create_connection(asyncio.Protocol, "127.0.0.1", port),
            lambda: asyncio.create_subprocess_exec("true"),
            lambda: loop.getaddrinfo("localhost", 80),
        ):
            try:
                while True:
                    await what()
                    held.append(os.dup(0))
            except OSError as error:
                print(error.strerror)
    kept = [os.dup(0) for _ in range(8)]
    print(len(kept))
run(main())
"""
    done = program(text, limit="40:40")
    assert done.stdout == "Too many open files\n" * 3 + "8\n", done.stderr


def test_a_name_that_is_not_known_stays_one(monkeypatch: pytest.MonkeyPatch) -> None:
    Resolver(monkeypatch)
    with pytest.raises(socket.gaierror):
        threads.resolve("unknown", 80, 0, 0, 0, 0)
    monkeypatch.setattr(threads, "descriptors_left", lambda number: False)
    with pytest.raises(OSError) as raised:  # noqa: PT011 - its number is looked at
        threads.resolve("unknown", 80, 0, 0, 0, 0)
    assert raised.value.errno == errno.EMFILE


@pytest.mark.parametrize(
    ("limit", "most", "after"), [("64:4096", 65536, 4096), ("64:4096", 1000, 1000), ("100:100", 65536, 100)]
)
def test_as_many_files_as_the_machine_allows(limit: str, most: int, after: int) -> None:
    text = (
        "import resource\nfrom artisan_tui.engine.threads import allow_descriptors\n"
        f"allow_descriptors({most})\nprint(*resource.getrlimit(resource.RLIMIT_NOFILE))"
    )
    assert program(text, limit=limit).stdout.split() == [str(after), limit.split(":")[1]]


def test_whoever_runs_gets_them() -> None:
    text = (
        "import resource\nfrom artisan_tui.engine.threads import run\n"
        "async def main(): return resource.getrlimit(resource.RLIMIT_NOFILE)[0]\nprint(run(main()))"
    )
    assert program(text, limit="64:2000").stdout == "2000\n"


def test_a_loop_that_cannot_be_made_is_one_error() -> None:
    text = """
import os
from artisan_tui.engine.threads import run
async def main(): pass
held = []
try:
    while True: held.append(os.open(os.devnull, os.O_RDONLY))
except OSError: pass
os.close(held.pop())
try:
    run(main())
except OSError as error:
    for each in held: os.close(each)
    print(error.strerror)
"""
    done = program(text, limit="20:20")
    assert (done.stdout, done.stderr) == ("Too many open files\n", "")
