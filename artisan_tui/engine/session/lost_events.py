"""What a session does when the store lost events that it had read: it says so, saves them, and the journal says so once."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import itertools
import json
import os
import socket
import tempfile
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from artisan_tui.domain.event import Event, event_fields
from artisan_tui.engine.bus import EventsLost, EventsWritten, Ticked
from artisan_tui.engine.identity import OBSERVER

if TYPE_CHECKING:
    from artisan_tui.domain.session import events
    from artisan_tui.domain.session.loss import Loss
    from artisan_tui.engine.wing import Core

#: Files of lost events in one folder after which no more are made: something else is wrong.
MOST = 100


class LossTelling:
    """A part of the wing of the session; hears `EventsLost`."""

    def __init__(self, core: Core) -> None:
        self._core = core
        #: What the journal does not say yet, because nothing could be written.
        self._untold: list[events.EventsLost] = []
        self._telling = False
        core.bus.on(EventsLost, self._lost)
        core.bus.on(Ticked, lambda tick: self._tell_soon())

    def _lost(self, lost: EventsLost) -> None:
        self._core.aside(self._take(lost.loss))

    async def _take(self, loss: Loss) -> None:
        core = self._core
        folder, saved, why = core.options.place.state_dir, "", ""
        try:
            saved = str(await asyncio.to_thread(save_lost, folder, loss.events))
        except OSError as error:
            why = error.strerror or type(error).__name__
        zone = core.config.zone if core.config is not None else None
        began, ended = (f"{moment.astimezone(zone):%H:%M}" for moment in (loss.began, loss.ended))
        core.update_session(store_notice=loss_notice(loss, began, ended, saved or str(folder), why))
        if not core.options.session.read_only:
            self._untold.append(loss.body(saved, socket.gethostname()))
            await self._tell()

    def _tell_soon(self) -> None:
        if self._untold:
            self._core.aside(self._tell())

    async def _tell(self) -> None:
        from artisan_tui.store.journal_loss import tell_loss  # heavy, and loaded with the store

        if self._telling:
            return
        self._telling = True
        try:
            while self._untold:
                body, now = self._untold[0], self._core.clock.now()
                written = await self._core.writer.store_thread.change(
                    partial(tell_loss, mine=body, at=now, actor=OBSERVER)
                )
                if written is None:
                    return  # tried again with the next tick
                self._untold.remove(body)
                if written:
                    self._core.bus.say(EventsWritten(written))
        finally:
            self._telling = False


def loss_notice(loss: Loss, began: str, ended: str, file: str, why: str) -> str:
    """What is lost, in words for the screen. ``file`` has the events, or, for a reason ``why``, has not."""
    first, last = loss.first, loss.last
    count = str(loss.count) if loss.whole else f"{loss.count}+"
    if why:
        return (
            f"the database lost the last {count} events (seq {first} to {last}, {began} to {ended}): it was promoted or "
            f"restored without them; they cannot be saved in {file}: {why}"
        )
    return (
        f"the database lost the last {count} events (seq {first} to {last}, {began} to {ended}): it was promoted or "
        f"restored without them; they are saved in {file}: see which of them have to be done again"
    )


def save_lost(folder: Path, lost: tuple[Event, ...]) -> Path:
    """Write the events as JSON lines, oldest first, into a private file of ``folder``; nothing is overwritten.

    The file of another session that has the very same is as good. Raises OSError.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    data = "".join(_line(event) for event in lost).encode("utf-8", "surrogatepass")
    stem = f"lost-events-{lost[0].seq}-{lost[-1].seq}-{lost[-1].hash[:8]}"
    descriptor, made = tempfile.mkstemp(dir=folder, prefix=f".{stem}-")  # 0600
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        for number in itertools.islice(itertools.count(1), MOST):
            name = folder / (f"{stem}.jsonl" if number == 1 else f"{stem}-{number}.jsonl")
            try:
                os.link(made, name)  # whole or not at all, and never over another
            except FileExistsError:
                if not name.is_symlink() and name.read_bytes() == data:
                    return name
            else:
                return name
    finally:
        with contextlib.suppress(OSError):
            os.unlink(made)
    raise FileExistsError(errno.EEXIST, "there are too many files of lost events")


def _line(event: Event) -> str:
    """As `audit log --json` has an event, with the hashes that chain it to the others, without its sentence."""
    more = {"supersedes": event.supersedes, "prev_hash": event.prev_hash, "hash": event.hash}
    return json.dumps({**event_fields(event), **more}, ensure_ascii=False) + "\n"
