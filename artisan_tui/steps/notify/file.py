"""A file of this machine: one line of JSON for each request, the document that webhooks get. A drill may use it.

The file is opened for every line, so that it can be moved away. What is no regular file is not written to.
"""

from __future__ import annotations

import asyncio
import json
import os
import stat
from pathlib import Path

from artisan_tui.config.notify import FileChannel
from artisan_tui.domain.notify.outcome import Came, SendOutcome
from artisan_tui.domain.text.printable import printable
from artisan_tui.steps.notify.channel import Dispatch, Reveal
from artisan_tui.steps.notify.document import document


class FileSender:
    def __init__(self, spec: FileChannel) -> None:
        self._path = Path(spec.path)

    async def send(self, dispatch: Dispatch) -> SendOutcome:
        line = json.dumps(document(dispatch), ensure_ascii=False).encode("utf-8", "replace") + b"\n"
        return await asyncio.to_thread(self._add, line)

    def _add(self, line: bytes) -> SendOutcome:
        shown = printable(str(self._path), 200)
        try:
            # Without O_NONBLOCK the opening of a pipe that nobody reads would never end.
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(self._path, flags, 0o600)
        except OSError as error:
            return SendOutcome(Came.FAILED, f"{shown} cannot be written: {error.strerror}", broken=True)
        try:
            if not stat.S_ISREG(os.fstat(descriptor).st_mode):
                return SendOutcome(Came.FAILED, f"{shown} is no regular file", broken=True)
            if os.write(descriptor, line) == len(line):
                return SendOutcome(Came.SENT)
            os.write(descriptor, b"\n")  # the next line begins anew
            return SendOutcome(Came.UNSURE, f"{shown} took only a part of it: the disk may be full")
        except OSError as error:
            return SendOutcome(Came.FAILED, f"{shown} cannot be written: {error.strerror}", retry=True)
        finally:
            os.close(descriptor)


def open(spec: FileChannel, reveal: Reveal) -> FileSender:
    return FileSender(spec)
