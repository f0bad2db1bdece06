"""Starts the program by a fork of a process that has imported it already. A real start spends 0.5 s of a core on imports.

What is forked is a process of its own: its own number, session, working directory, environment, descriptors and
terminal. It runs `artisan_tui.main` as the console script does and ends as an interpreter ends. It differs from a real
start in two ways: every module is there before the first line runs, and its command line in /proc is the server's.

The server runs one thread. It ends with the tests, and what it forked ends with it.
"""

from __future__ import annotations

import contextlib
import fcntl
import gc
import importlib
import io
import json
import os
import pkgutil
import select
import signal
import socket
import sys
import termios
import threading
import time
from typing import Any, TextIO

from support.processes import die_with_parent

#: Bytes of a request: arguments and an environment.
LONGEST = 1 << 17
#: Loaded by the program while it runs, besides its own modules.
LATE = (
    "textual.drivers.linux_driver",
    "textual.widgets._footer",
    "sqlalchemy.dialects.sqlite",
    "alembic.runtime.environment",
)


def serve(channel: int) -> None:
    """Fork for each request that comes through ``channel``. Returns in a forked process only, which is the program."""
    _load()
    with socket.socket(fileno=channel) as requests:
        waiting = select.poll()
        waiting.register(requests, select.POLLIN)
        running: dict[int, tuple[int, socket.socket]] = {}  # a process by its descriptor, and who is told about it
        told: dict[int, tuple[int, socket.socket]] = {}
        while True:
            for ready, _what in waiting.poll():
                if ready == requests.fileno():
                    request, descriptors, _flags, _address = socket.recv_fds(requests, LONGEST, 4)
                    if not request:
                        os._exit(0)
                    pid = os.fork()
                    if pid == 0:
                        break
                    report = socket.socket(fileno=descriptors[3])
                    for descriptor in descriptors[:3]:
                        os.close(descriptor)
                    report.send(pid.to_bytes(8, "little"))
                    pidfd = os.pidfd_open(pid)
                    running[pidfd] = pid, report
                    waiting.register(pidfd, select.POLLIN)
                elif ready in running:
                    # It stays a zombie, and its number its own, until whoever started it knows.
                    pid, report = running.pop(ready)
                    waiting.unregister(ready)
                    os.close(ready)
                    ended = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
                    assert ended is not None
                    code = ended.si_status if ended.si_code == os.CLD_EXITED else -ended.si_status
                    told[report.fileno()] = pid, report
                    waiting.register(report, select.POLLIN)
                    with contextlib.suppress(OSError):  # nobody waits for it
                        report.send(code.to_bytes(8, "little", signed=True))
                else:
                    pid, report = told.pop(ready)
                    waiting.unregister(ready)
                    report.close()
                    os.waitpid(pid, 0)
            else:
                continue
            break
    for _pid, report in (*running.values(), *told.values()):
        report.close()
    for descriptor in running:
        os.close(descriptor)
    _become(json.loads(request), descriptors)


def _load() -> None:
    import artisan_tui

    for module in pkgutil.walk_packages(artisan_tui.__path__, "artisan_tui."):
        if "__main__" not in module.name and not module.name.startswith("artisan_tui.drill"):
            importlib.import_module(module.name)
    for name in LATE:
        importlib.import_module(name)
    assert threading.active_count() == 1, "a fork would copy a lock that another thread holds"
    gc.freeze()


def _become(request: dict[str, Any], descriptors: list[int]) -> None:
    """Leave the server behind: what is the process's own is replaced."""
    die_with_parent()
    if request["session"]:
        os.setsid()
    for number, descriptor in enumerate(descriptors[:3]):
        os.dup2(descriptor, number)
    for descriptor in descriptors:
        os.close(descriptor)
    if request["terminal"]:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    for number in (signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.chdir(request["cwd"])
    os.environ.clear()
    os.environ.update(request["env"])
    time.tzset()
    sys.argv = ["artisan-tui", *request["arguments"]]
    sys.stdin = sys.__stdin__ = _stream(0, "r", sys.stdin)
    sys.stdout = sys.__stdout__ = _stream(1, "w", sys.stdout)
    sys.stderr = sys.__stderr__ = _stream(2, "w", sys.stderr)


def _stream(number: int, mode: str, before: TextIO) -> TextIO:
    """The stream that an interpreter in this locale opens at its start."""
    lines = mode == "w" and (number == 2 or os.isatty(number))
    binary = open(number, mode + "b", closefd=False)  # noqa: SIM115  it is open as long as the process is
    return io.TextIOWrapper(binary, before.encoding, before.errors, line_buffering=lines)
