"""Ends the process with its own exit code while threads still wait in a library.

A library that blocks cannot be stopped, so it runs in a daemon thread. CPython ends such a thread when it wakes while
the interpreter is taken down, and does so with `pthread_exit`. With some builds glibc then aborts the process: exit
code 134 instead of ours. A daemon thread that holds the lock of stdin or stderr at that time aborts it, too.
"""

from __future__ import annotations

import atexit
import os
import sys
from typing import NoReturn

#: CPython's own exit code when stdout cannot be flushed at the end.
_NOT_FLUSHED = 120


class ProcessExit:
    """Construct it before other modules register their exit functions: its own then runs after theirs."""

    def __init__(self) -> None:
        self._code = 1
        atexit.register(self._end)

    def leave(self, code: int) -> NoReturn:
        """Raise SystemExit. The process ends with ``code``, after all exit functions and threads that are no daemons."""
        self._code = code
        raise SystemExit(code)

    def _end(self) -> None:
        """Skip the end of the interpreter if any other thread could wake during it.

        `threading.enumerate` is not asked, because a thread leaves it before it has ended.
        """
        if len(sys._current_frames()) == 1:
            return
        code = self._code
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except BrokenPipeError:
                pass  # the reader has left
            except (AttributeError, ValueError):
                pass  # there is no such stream, or it is closed
            except OSError:
                code = code or _NOT_FLUSHED
        os._exit(code)
