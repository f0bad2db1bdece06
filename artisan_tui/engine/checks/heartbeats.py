"""Calls of jobs in a running session: the session that probes listens, and writes every call into the store at once."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.heartbeat import Heartbeat
from artisan_tui.engine.checks.stored import heartbeats, put_heartbeats
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.config.heartbeat import HeartbeatSettings
    from artisan_tui.config.models import Config
    from artisan_tui.engine.wing import Core
    from artisan_tui.sources.heartbeat_listener import HeartbeatListener
    from artisan_tui.sources.heartbeats import Heartbeats
    from artisan_tui.sources.probe_context import ProbeContext

#: Seconds between tries to listen or to write, while that fails.
RETRY_EVERY = 5.0
#: Seconds for which a session waits for a store that cannot be read, before it begins without a memory.
STORE_WITHIN = 10.0
_POLL_EVERY = 0.1


class PushedHeartbeats:
    """``hurry`` probes checks now. The listener is open from `begin` to `rest`."""

    def __init__(self, core: Core, hurry: Callable[[Sequence[str]], object]) -> None:
        self._core, self._hurry = core, hurry
        self._wanted: frozenset[str] = frozenset()
        self._settings: HeartbeatSettings | None = None
        self._known: Heartbeats | None = None
        self._unsaved: set[str] = set()
        self._work: asyncio.Task[None] | None = None

    def prepare(self, config: Config, context: ProbeContext) -> None:
        """Let the probes of ``context`` read the calls that come."""
        from artisan_tui.sources.heartbeats import Heartbeats

        self._wanted = pushed_ids(config)
        self._settings = config.heartbeat
        if self._wanted:
            self._known = context.heartbeats = Heartbeats(complete=False)

    def begin(self) -> None:
        """Read what earlier sessions heard, and listen."""
        if self._wanted and self._known is not None:
            self._work = asyncio.create_task(self._run(self._known), name="heartbeats")

    async def rest(self) -> None:
        """Listen no longer; what was heard is written."""
        work, self._work = self._work, None
        if work is not None:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await self._save()
        self._known = None
        self._notice("")

    async def _run(self, known: Heartbeats) -> None:
        await self._recall(known)
        if self._core.options.session.read_only:
            await asyncio.Event().wait()  # what it heard would be forgotten
        from artisan_tui.sources.heartbeat_listener import HeartbeatListener

        assert self._settings is not None
        listener = HeartbeatListener(self._take, self._token)
        try:
            opened = False
            while True:
                opened = opened or await self._open(listener, *self._settings.place)
                await self._save()
                await asyncio.sleep(RETRY_EVERY)
        finally:
            await listener.close()

    async def _recall(self, known: Heartbeats) -> None:
        """What the store says; a check that it does not know is waited for from now on."""
        clock = self._core.clock
        until = clock.monotonic() + STORE_WITHIN
        stored = await self._core.ask(heartbeats)
        while stored is None and clock.monotonic() < until:
            await asyncio.sleep(_POLL_EVERY)
            stored = await self._core.ask(heartbeats)
        for check_id in self._wanted:
            beat = (stored or {}).get(check_id)
            if beat is None:
                beat = Heartbeat(clock.now())
                self._unsaved.add(check_id)
            known.take(check_id, beat)
        known.complete.set()
        self._hurry(sorted(self._wanted))

    async def _open(self, listener: HeartbeatListener, host: str, port: int) -> bool:
        try:
            await listener.open(host, port)
        except OSError as error:
            why = _("another program or session listens there")
            if error.errno != errno.EADDRINUSE:
                why = os.strerror(error.errno) if error.errno else type(error).__name__
            text = _(
                "heartbeats are not heard: cannot listen on {host}:{port}: {why}; set another `listen` in [heartbeat]"
            )
            self._notice(text.format(host=host, port=port, why=why))
            return False
        try:
            self._token()
        except Exception as error:  # noqa: BLE001 - its text names the reference, never a value
            self._notice(_("heartbeats are refused: {why}").format(why=error))
        else:
            self._notice("")
        return True

    def _token(self) -> str | None:
        settings = self._settings
        if settings is None or settings.token is None:
            return None
        return settings.token.reveal(self._core.options.environ)

    async def _take(self, check_id: str, failed: bool, message: str) -> tuple[bool, bool]:
        known = self._known
        if check_id not in self._wanted or known is None:
            return False, False
        now = self._core.clock.now()
        known.take(check_id, Heartbeat(now, now, failed, message))
        self._unsaved.add(check_id)
        await self._save()
        self._hurry((check_id,))
        return True, check_id not in self._unsaved

    async def _save(self) -> None:
        known = self._known
        if known is None or not self._unsaved or not self._core.writer.store_thread.writable:
            return
        ids, self._unsaved = self._unsaved, set()
        beats = {check_id: beat for check_id in ids if (beat := known.last(check_id)) is not None}
        written = None
        try:
            written = await self._core.writer.store_thread.change(lambda store: put_heartbeats(store, beats))
        finally:
            if written is None:
                self._unsaved |= ids

    def _notice(self, text: str) -> None:
        if text != self._core.session_status.heartbeat_notice:
            self._core.update_session(heartbeat_notice=text)


def pushed_ids(config: Config) -> frozenset[str]:
    """The checks that jobs call."""
    return frozenset(check_id for check_id, _, spec in config.checks() if getattr(spec, "push", False) is True)
