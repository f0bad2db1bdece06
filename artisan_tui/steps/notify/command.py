"""A program of your own: JSON on its standard input, exit code 0 is a success, 75 (EX_TEMPFAIL) is tried again.

Never a shell. It gets 10 s, then it and what it started are killed, and nobody knows what it did.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal

from artisan_tui.child_pipes import let_go
from artisan_tui.config.notify import CommandChannel
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.notify.channel import PATIENCE, Dispatch, Reveal
from artisan_tui.steps.notify.document import document

#: The exit code for "try again later" (sysexits.h).
TEMPORARY = 75
#: Bytes of what it says on stderr that are kept.
_SAID = 4_096
#: Seconds for which stderr is read on after it has ended: something that it started may keep it open.
_DRAIN = 0.5
#: Seconds between two looks at whether it has ended.
_POLL = 0.02


class CommandSender:
    def __init__(self, spec: CommandChannel, patience: float = PATIENCE) -> None:
        self._spec, self._patience = spec, patience

    async def send(self, dispatch: Dispatch) -> SendOutcome:
        name = printable(self._spec.run[0], 120)
        data = json.dumps(document(dispatch), ensure_ascii=False).encode() + b"\n"
        try:
            process = await asyncio.create_subprocess_exec(
                *self._spec.run,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.PIPE,
                cwd=self._spec.folder,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            why = printable(getattr(error, "strerror", None) or type(error).__name__, 120)
            return SendOutcome(Came.FAILED, f"{name} cannot be started: {why}", broken=True)
        try:
            async with asyncio.timeout(self._patience):
                said = await _talk(process, data)
        except TimeoutError:
            return SendOutcome(Came.UNSURE, f"{name} did not end within {self._patience:g} s")
        finally:
            await _end(process)
        if process.returncode == 0:
            return SendOutcome(Came.SENT)
        why = f"{name} ended with {process.returncode}" + (f": {said}" if said else "")
        return SendOutcome(Came.FAILED, why, retry=process.returncode == TEMPORARY)


async def _talk(process: asyncio.subprocess.Process, data: bytes) -> str:
    """Give ``data``, and wait; the first line it said on stderr. A program need not read what it is given."""
    assert process.stdin is not None
    assert process.stderr is not None

    async def feed() -> None:
        assert process.stdin is not None
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(data)
            await process.stdin.drain()
        process.stdin.close()

    heard = b""

    async def hear() -> None:
        nonlocal heard
        assert process.stderr is not None
        while chunk := await process.stderr.read(65_536):
            heard = (heard + chunk)[:_SAID]

    async def talk() -> None:
        await asyncio.gather(feed(), hear())

    talking = asyncio.ensure_future(talk())
    try:
        await _ended(process)
        await asyncio.wait((talking,), timeout=_DRAIN)
    finally:
        talking.cancel()
        await asyncio.gather(talking, return_exceptions=True)
    lines = printable(heard, _SAID, lines=True).strip().splitlines()
    return lines[0][:200] if lines else ""


async def _ended(process: asyncio.subprocess.Process) -> None:
    """Until it has ended. asyncio's own wait also waits for its pipes, which something else may keep open."""
    while process.returncode is None:  # noqa: ASYNC110 - it tells nobody
        await asyncio.sleep(_POLL)


async def _end(process: asyncio.subprocess.Process) -> None:
    """Nothing of its group stays behind."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    await _ended(process)
    let_go(process)


def open(spec: CommandChannel, reveal: Reveal) -> CommandSender:
    return CommandSender(spec)
