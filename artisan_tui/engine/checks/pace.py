"""How many probes run at once: few begin, and many may wait.

To begin costs CPU here and at the target: a connection, a TLS handshake, a program. Many at once would wait for each
other, and that would read like the latency of the target. To wait for an answer costs a file descriptor, so targets that
do not answer must not take the place of others.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from contextlib import suppress
from typing import TYPE_CHECKING, Self
from weakref import WeakSet

from artisan_tui.domain.reason import Reason
from artisan_tui.engine.threads import descriptors_allowed
from artisan_tui.sources.kind import Prepared

if TYPE_CHECKING:
    from artisan_tui.config.checks import CheckSpec
    from artisan_tui.domain.probe_result import ProbeResult
    from artisan_tui.sources.kind import Probe

#: Probes that begin at the same time, and the seconds after which one that still runs is only waiting.
BEGINNING, BEGINS_FOR = 8, 0.02
#: The same for the probes of one endpoint: a server with forty checks is not asked forty times at once.
BEGINNING_THERE, BEGINS_THERE_FOR = 4, 0.1
#: A probe that timed out is repeated once when this process was at work for more than this share of the time limit.
OWN_SHARE = 0.5
#: Probes under way at once: at least, at most, and the file descriptors that each may hold.
FEWEST, MOST, DESCRIPTORS_EACH = 64, 4096, 2


def most_waiting() -> int:
    """Probes that may be under way at once in this process."""
    allowed = descriptors_allowed()
    return MOST if allowed is None else min(MOST, max(FEWEST, allowed // DESCRIPTORS_EACH))


class Pace:
    def __init__(self) -> None:
        self._prepared: WeakSet[Probe] = WeakSet()
        self._beginning = asyncio.Semaphore(BEGINNING)
        self._there: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(BEGINNING_THERE))

    async def run(self, spec: CheckSpec, probe: Probe) -> ProbeResult:
        """The result of ``probe``, which begins when its turn has come."""
        if probe not in self._prepared:
            await self._prepare(spec, probe)
        there = self._there[spec.endpoint or spec.kind]
        async with _Turn(there, BEGINS_THERE_FOR), _Turn(self._beginning, BEGINS_FOR):
            polls = getattr(asyncio.get_running_loop(), "polls", None)  # only our own loop has them
            busy = 0.0 if polls is None else polls.busy
            probe_result = await probe.probe()
        failure = probe_result.failure
        if failure is None or failure.reason is not Reason.TIMEOUT or polls is None:
            return probe_result
        # The answer may have been there in time, while this process was at work: that is no time-out of the target.
        return await probe.probe() if polls.busy - busy > OWN_SHARE * spec.timeout else probe_result

    async def _prepare(self, spec: CheckSpec, probe: Probe) -> None:
        """Load what the probe needs before its turn: that takes longer than a turn, and then all would begin at once."""
        if isinstance(probe, Prepared):
            with suppress(TimeoutError):
                async with asyncio.timeout(spec.timeout):
                    await probe.prepare()
        self._prepared.add(probe)


class _Turn:
    """One of the places of ``gate``, for ``seconds`` at most."""

    __slots__ = ("_gate", "_held", "_seconds", "_timer")

    def __init__(self, gate: asyncio.Semaphore, seconds: float) -> None:
        self._gate, self._seconds, self._held = gate, seconds, False

    async def __aenter__(self) -> Self:
        await self._gate.acquire()
        self._held = True
        self._timer = asyncio.get_running_loop().call_later(self._seconds, self._give_back)
        return self

    async def __aexit__(self, *error: object) -> None:
        self._timer.cancel()
        self._give_back()

    def _give_back(self) -> None:
        if self._held:
            self._held = False
            self._gate.release()
