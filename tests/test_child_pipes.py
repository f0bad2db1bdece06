"""Programs that asyncio started leave nothing to be closed when the loop is gone."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from asyncio.subprocess import PIPE

import pytest

from artisan_tui.child_pipes import let_go


def test_a_pipe_that_another_process_holds_open_is_closed_with_the_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda args: complaints.append(args.exc_value))

    async def main() -> int:
        process = await asyncio.create_subprocess_exec("sh", "-c", "sleep 60 >&1 & echo $!", stdout=PIPE)
        assert process.stdout is not None
        other = int(await process.stdout.readline())
        while process.returncode is None:  # noqa: ASYNC110 - asyncio's wait also waits for the pipe
            await asyncio.sleep(0.01)
        let_go(process)
        return other

    other = asyncio.run(main())
    try:
        gc.collect()
        assert complaints == []
    finally:
        os.kill(other, signal.SIGKILL)
