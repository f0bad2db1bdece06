"""What the store remembers of one check, for its plot and for its strip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.sample import RAW_KEPT_SECONDS, CheckSample, RollUp
from artisan_tui.engine.checks.slice import STRIP, CheckView
from artisan_tui.engine.checks.stored import roll_ups_since, samples_between

if TYPE_CHECKING:
    from artisan_tui.engine.wing import Core
    from artisan_tui.store.store import Store

#: Beyond this many seconds raw samples are too many to draw; roll-ups serve.
RAW_UP_TO = 6 * 3600
#: Seconds of samples that the store keeps.
LONGEST = 90 * 86400

#: (raw samples, roll-ups), oldest first.
History = tuple[tuple[CheckSample, ...], tuple[RollUp, ...]]


@dataclass(frozen=True, slots=True)
class CheckHistory:
    """The query for the last ``seconds`` of one check; what waits to be written is included."""

    check_id: str
    seconds: float

    async def run(self, core: Core) -> History:
        check_id, since = self.check_id, core.clock.now() - timedelta(seconds=min(self.seconds, LONGEST))
        waiting = tuple(s for s in core.writer.waiting if s.check_id == check_id and s.at >= since)
        if self.seconds <= min(RAW_UP_TO, RAW_KEPT_SECONDS):
            stored = await core.ask(lambda store: samples_between(store, check_id, since))
            known = {s.at for s in stored or ()}
            return (*(stored or ()), *(s for s in waiting if s.at not in known)), ()
        rolled = await core.ask(lambda store: roll_ups_since(store, check_id, since))
        return waiting, rolled or ()


def recent_samples(store: Store, views: Sequence[CheckView], now: datetime) -> dict[str, tuple[CheckSample, ...]]:
    """What the strips showed when an earlier session ended, by check; samples of this session are not in it.

    Runs in the store's thread. Samples older than a strip can hold are not read.
    """
    past = {}
    for view in views:
        since = now - timedelta(seconds=1.5 * STRIP * view.every)
        held = samples_between(store, view.id, since)
        past[view.id] = held[-STRIP:]
    return past
