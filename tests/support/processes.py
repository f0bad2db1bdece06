"""Processes that end with the tests, also when the tests are killed and no fixture can end anything.

On Linux the kernel does it: a child may ask for a signal at its parent's death. The request survives exec, and neither
a fork nor a change of user. A program that forks into the background is therefore run in the foreground. On other
systems these functions change nothing, and a broken run may leave a server.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import sys
from collections.abc import Sequence

_PR_SET_PDEATHSIG = 1
_LIBC = ctypes.CDLL(None) if sys.platform == "linux" else None


def die_with_parent() -> None:
    """The calling process is killed when the thread that started it ends. Safe between fork and exec."""
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def with_us(command: Sequence[str | os.PathLike[str]], *options: str) -> list[str]:
    """``command``, so started that it is killed when we end. Its process id is the program's own.

    ``options`` are further ones of setpriv(1). It must be started by a thread that lives as long as the tests: the main
    one.
    """
    setpriv = shutil.which("setpriv") if _LIBC is not None else None
    words = [os.fspath(part) for part in command]
    if setpriv is None:
        assert not options, "setpriv is not installed (apt-get install util-linux)"
        return words
    return [setpriv, *options, "--pdeathsig", "KILL", "--", *words]
