"""Programs of others: found, their version checked, run with their output both shown and kept."""

from __future__ import annotations

import contextlib
import json
import os
import re
import selectors
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.runbooks.protocol import StepChannel, StepRefused

#: Bytes of a program's output that are kept for conditions and captures; all of it is shown.
KEPT: Final = 1024 * 1024
#: Seconds for which output is read on after the program has ended.
_DRAIN: Final = 0.5
_QUIET_MOST: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Ran:
    """``code`` is negative for a signal. ``stderr`` is kept only by `asked_program`."""

    code: int
    stdout: str
    stderr: str = ""


def found_program(name: str, environ: Mapping[str, str], mend: str) -> str:
    """The path of a program. Raises StepRefused."""
    path = shutil.which(name, path=environ.get("PATH", os.defpath))
    if path is None:
        raise StepRefused(f"{name} is not installed", mend)
    return path


def version_in(text: str) -> tuple[int, ...]:
    """The first version in a text, () for none."""
    found = re.search(r"v?(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(each) for each in found.groups() if each is not None) if found else ()


def run_program(
    argv: Sequence[str],
    environ: Mapping[str, str],
    channel: StepChannel,
    *,
    cwd: str | None = None,
    given: str | None = None,
) -> Ran:
    """Run it in this session, its output on ours. Whoever ends this process's group ends it too.

    Raises StepRefused when it cannot be executed, TimeoutError when the time is up.
    """
    process = _started(argv, environ, cwd, given is not None, subprocess.PIPE, None)
    kept = bytearray()
    assert process.stdout is not None
    waiting = (given or "").encode("utf-8", "surrogateescape")
    selector = selectors.DefaultSelector()
    os.set_blocking(process.stdout.fileno(), False)
    selector.register(process.stdout, selectors.EVENT_READ)
    if process.stdin is not None:
        os.set_blocking(process.stdin.fileno(), False)
        selector.register(process.stdin, selectors.EVENT_WRITE)
    until: float | None = None
    try:
        while until is None or time.monotonic() < until:
            for key, _ in selector.select(min(0.05, channel.left)):
                if key.fileobj is process.stdout:
                    piece = os.read(process.stdout.fileno(), 65536)
                    if not piece:
                        selector.unregister(process.stdout)
                        until = until or time.monotonic() + channel.left
                    sys.stdout.buffer.write(piece)
                    sys.stdout.buffer.flush()
                    kept += piece[: KEPT - len(kept)]
                elif process.stdin is not None:
                    waiting = _fed(process.stdin.fileno(), waiting)
                    if not waiting:
                        selector.unregister(process.stdin)
                        process.stdin.close()
            if process.poll() is not None:
                if not any(key.fileobj is process.stdout for key in selector.get_map().values()):
                    break
                until = min(until or float("inf"), time.monotonic() + _DRAIN)
        return Ran(process.wait(channel.left), kept.decode("utf-8", "replace"))
    except (TimeoutError, subprocess.TimeoutExpired):
        process.terminate()
        raise TimeoutError from None
    finally:
        selector.close()
        with contextlib.suppress(OSError):
            process.stdout.close()


def asked_program(argv: Sequence[str], environ: Mapping[str, str], seconds: float, cwd: str | None = None) -> Ran:
    """Run it quietly and read what it says. Raises StepRefused, and TimeoutError when the time is up."""
    process = _started(argv, environ, cwd, False, subprocess.PIPE, subprocess.PIPE)
    try:
        out, err = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.communicate()
        raise TimeoutError from None
    return Ran(process.returncode, out[:_QUIET_MOST].decode("utf-8", "replace"), err[:KEPT].decode("utf-8", "replace"))


def last_line(text: str) -> str:
    """The last line that says something, for a person."""
    lines = [each for each in text.splitlines() if each.strip()]
    return printable(lines[-1], 300) if lines else "it says nothing"


def parsed(text: str) -> Any:
    """The JSON in a text, or the text."""
    with contextlib.suppress(ValueError, RecursionError):
        return json.loads(text)
    return text


def _started(
    argv: Sequence[str], environ: Mapping[str, str], cwd: str | None, wants_input: bool, out: int, err: int | None
) -> subprocess.Popen[bytes]:
    try:
        return subprocess.Popen(
            list(argv),
            stdin=subprocess.PIPE if wants_input else subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            env=dict(environ),
            cwd=cwd,
        )
    except OSError as error:
        name = printable(argv[0], 200)
        raise StepRefused(f"{name} cannot be executed: {error.strerror}", "install it, or correct its path") from None


def _fed(descriptor: int, waiting: bytes) -> bytes:
    try:
        return waiting[os.write(descriptor, waiting) :] if waiting else b""
    except BlockingIOError:
        return waiting
    except OSError:
        return b""
