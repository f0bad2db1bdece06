"""The SLI of our own checks: their samples, as the store has them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.sample import RAW_KEPT_SECONDS, CheckSample
from artisan_tui.domain.reason import Reason
from artisan_tui.domain.slo.counter_deltas import reach
from artisan_tui.domain.slo.slices import CheckVerdict, probe_rows
from artisan_tui.domain.slo.status import Evidence
from artisan_tui.domain.slo.windows import MinuteGrid, Span
from artisan_tui.sources.metrics.backend import Blind
from artisan_tui.sources.slo import MinuteRows

if TYPE_CHECKING:
    from artisan_tui.config.slo.spec import ChecksSli

#: Samples that are not written down yet when a minute is over: the beat of the lease, twice.
_WRITTEN_WITHIN_MS = 20_000

#: Samples of a check with ``since`` <= at < ``until``, oldest first; None when the store cannot be read.
Samples = Callable[[str, datetime, datetime], Awaitable[Sequence[CheckSample] | None]]


class CheckProbes:
    """An `Indicator` over the journal of our own probes. ``every`` is how often (s) each check is probed."""

    def __init__(self, sli: ChecksSli, every: Mapping[str, float], samples: Samples) -> None:
        self._samples = samples
        self._every = {name: max(1, round(every[name] * 1000)) for name in sli.checks}
        self.grid = MinuteGrid(lanes=len(self._every))
        longest = max(self._every.values())
        self.resolution = longest / 1000
        self.evidence = Evidence(
            "checks",
            tuple(("check", name) for name in sli.checks),
            interval_ms=max(longest, _WRITTEN_WITHIN_MS),
        )
        text = json.dumps(["checks", sorted(self._every.items())])
        self.definition = hashlib.sha256(text.encode()).hexdigest()
        #: Seconds of samples that are kept one by one.
        self.keeps = float(RAW_KEPT_SECONDS)

    async def rows(self, span: Span) -> MinuteRows:
        """Raises Blind while the store cannot be read."""
        since, until = reach(span, max(self._every.values()), 0)
        verdicts: list[CheckVerdict] = []
        for name in self._every:
            found = await self._samples(name, _instant(since), _instant(until))
            if found is None:
                raise Blind(Reason.NO_DATA, "the store cannot be read")
            verdicts += [CheckVerdict(name, int(each.at.timestamp() * 1000), each.verdict) for each in found]
        return MinuteRows(tuple(probe_rows(verdicts, self._every, span)), samples=len(verdicts))


def _instant(ms: int) -> datetime:
    return datetime.fromtimestamp(ms / 1000, UTC)
