"""A whole engine as a process of its own, on a machine of its own where it is started in a network namespace.

``python -m support.remote_session NAME CONFIG URL SECONDS``: its clock is so many seconds ahead. It reads lines of JSON: a
command ``{"do": ID, "with": {...}}``, or anything else to be told how it is. It answers each with one line.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from artisan_tui.engine.threads import run
from support.several_sessions import Colleague, SkewedClock


async def answer(session: Colleague, asked: dict[str, object]) -> dict[str, object]:
    if "do" in asked:
        arguments = asked.get("with", {})
        assert isinstance(arguments, dict)
        reply = await session.engine.execute(str(asked["do"]), arguments)
        return {"ok": reply.ok, "said": reply.text}
    return {
        "role": session.role.value,
        "fence": session.engine.writer.fence,
        "problem": session.shown.store_problem,
        "notice": session.shown.shared_store_notice,
        "seen": list(session.seen),
        "ready": session.engine.journal_read.is_set(),
    }


async def main(name: str, config: str, url: str, ahead: str) -> None:
    session = Colleague(name, Path(config), url, SkewedClock(float(ahead)), read_only=False)
    running = asyncio.ensure_future(session.engine.run())
    loop = asyncio.get_running_loop()
    while line := await loop.run_in_executor(None, sys.stdin.readline):
        print(json.dumps(await answer(session, json.loads(line))), flush=True)
    session.engine.stop()
    await running


if __name__ == "__main__":
    run(main(*sys.argv[1:]))
