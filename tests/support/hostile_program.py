"""Hostile servers and texts in front of the whole program."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from artisan_tui.domain.event import Entry
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
from support.hostile import SURROGATES, TEXTS
from support.hostile_targets import answer
from support.servers import Talk, talking


@contextlib.contextmanager
def speaking(talks: dict[str, Talk]) -> Iterator[dict[str, str]]:
    """The talks as servers in a thread of their own; gives the URL of each."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    servers = contextlib.AsyncExitStack()

    async def start() -> dict[str, str]:
        return {
            name: f"http://127.0.0.1:{await servers.enter_async_context(talking(talk))}" for name, talk in talks.items()
        }

    try:
        yield asyncio.run_coroutine_threadsafe(start(), loop).result(10)
    finally:
        asyncio.run_coroutine_threadsafe(servers.aclose(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(10)
        loop.close()


#: Names that a file may have.
FILE_NAMES = {name: TEXTS[name].replace("/", "_") for name in ("title", "colour", "c1 csi", "bidi", "lines")}


@contextlib.contextmanager
def hostile_folder() -> Iterator[str]:
    with speaking({"target": answer}) as urls:
        yield urls["target"]


def nasty_entries(at: datetime) -> Iterator[Entry]:
    """What another program may write into the journal, with a chain that holds."""
    kinds = ("note", "check.state", "config.refused", "config.loaded", "drill.break", "session.stood-still")
    kinds += ("store.replaced", "watch.taken", "check.muted", "maintenance.declared", "check.flapping", "clock.jumped")
    words = ("text", "from", "to", "reason", "detail", "title", "title_ko", "seconds", "why", "was", "until", "notice")
    for number in (1e308, -1e308, 10**400, True, None, [], {}):
        for kind in kinds:
            yield Entry(at, "x", kind, "s", dict.fromkeys((*words, "count", "changes", "covers", "of"), number))
    for text in (*TEXTS.values(), *SURROGATES.values()):
        body: dict[str, object] = dict.fromkeys((*words, "count", "changes", "covers", text[:50]), text[:2000])
        yield Entry(at, text[:200], text[:200], text[:200], body)
        for kind in kinds[:: 1 + len(text) % 3]:
            yield Entry(at, text[:200], kind, text[:200], {**body, "covers": [text[:100]]})


def nasty_journal(home: Path) -> int:
    with Store.open(StorePlace(home / "state")) as store:
        return len(store.append(list(nasty_entries(datetime.now(UTC))), at=datetime.now(UTC)))
