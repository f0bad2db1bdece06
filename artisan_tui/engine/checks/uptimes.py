"""Uptime and percentiles of every check, read from its hours once in a while, a few checks at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta, tzinfo
from functools import partial
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.sample import CheckHour
from artisan_tui.domain.checks.uptime import DAYS, by_day, percentiles, share, since
from artisan_tui.engine.checks.slice import Uptime, UptimeSlice
from artisan_tui.engine.checks.stored import hours_since

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core

#: Seconds in which every check is read once; the newest hour changes no faster.
READ_EVERY = 300.0
#: Seconds after the start until a session reads, results come before figures; and until it reads again, for what was
#: just begun has no past yet.
BEGIN_AFTER = 2.0
AGAIN_AFTER = (13.0, 45.0)
#: Checks that are read at once: to ask costs more than a young check's hours, and ninety days of these take the store
#: some 50 ms, for which what is to be written down waits.
AT_ONCE = 8
#: Checks that are read before what was found is shown.
SHOWN_AT = 50


def uptime_of(hours: Sequence[CheckHour], now: datetime, zone: tzinfo = UTC) -> Uptime:
    """A minute of probes is no uptime of a month: a share needs an hour of a day, and a day of a month."""
    p50, p95 = percentiles(hours, now)
    known = now - hours[0].start if hours else timedelta(0)
    day = share(since(hours, now - timedelta(days=1))) if known >= timedelta(hours=1) else None
    month = share(since(hours, now - timedelta(days=30))) if known >= timedelta(days=1) else None
    return Uptime(day, month, p50, p95, by_day(hours, now, zone=zone))


class Uptimes:
    """Publishes `UptimeSlice`. ``check_ids`` gives the checks there are."""

    def __init__(self, core: Core, check_ids: Callable[[], Sequence[str]]) -> None:
        self._core, self._check_ids = core, check_ids
        self._known: dict[str, Uptime] = {}
        self._wake = asyncio.Event()

    def forget(self) -> None:
        """Another store has another past."""
        self._known = {}
        self._core.publish(UptimeSlice())
        self._wake.set()

    async def run(self) -> None:
        await asyncio.sleep(BEGIN_AFTER)
        pauses = iter(AGAIN_AFTER)
        while True:
            self._wake.clear()
            begun = self._core.clock.monotonic()
            await self._read(tuple(self._check_ids()))
            left = next(pauses, READ_EVERY) - (self._core.clock.monotonic() - begun)
            try:
                await asyncio.wait_for(self._wake.wait(), max(1.0, left))
            except TimeoutError:
                continue

    async def _read(self, check_ids: Sequence[str]) -> None:
        self._known = {name: known for name, known in self._known.items() if name in set(check_ids)}
        changed = 0
        for first in range(0, len(check_ids), AT_ONCE):
            some = check_ids[first : first + AT_ONCE]
            now = self._core.clock.now()
            start = now - timedelta(days=DAYS)
            hours = await self._core.ask(partial(hours_since, check_ids=some, since=start))
            if hours is None:
                break  # the store cannot be read: what was known stays
            config = self._core.config
            zone = config.zone if config is not None else UTC
            for check_id in some:
                found = uptime_of(hours[check_id], now, zone)
                if found != self._known.get(check_id):
                    self._known[check_id] = found
                    changed += 1
                await asyncio.sleep(0)
            if changed >= SHOWN_AT:
                changed = self._show()
        if changed:
            self._show()

    def _show(self) -> int:
        self._core.publish(UptimeSlice(dict(self._known)))
        return 0
