"""The line in front of the API: who waits since when, who is turned away, who gives up, and who tries again."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from artisan_tui.drill.model.draws import chosen
from artisan_tui.drill.model.waiting import Station

#: Seconds of unused retries that a budget keeps.
_SAVED: Final = 10.0


@dataclass(frozen=True, slots=True)
class Lot:
    """``n`` requests of the class with that index, all in their ``attempt`` (0 is the first)."""

    kind: int
    attempt: int
    n: int


@dataclass(slots=True)
class _Cohort:
    """What came in one tick and still waits. ``given_up``: the callers are gone, the work is not."""

    tick: int
    lots: deque[Lot]
    given_up: bool = False


@dataclass(slots=True)
class Passed:
    """What came of the requests of a tick. ``useless`` were served after their callers had given up."""

    served: list[Lot] = field(default_factory=list)
    useless: list[Lot] = field(default_factory=list)
    rejected: list[Lot] = field(default_factory=list)
    given_up: list[Lot] = field(default_factory=list)


class Line:
    """First come, first served. At most ``limit`` wait; callers wait at most ``timeout`` seconds."""

    def __init__(self, limit: int, timeout: int) -> None:
        self.limit, self.timeout = limit, timeout
        self.station = Station()
        self._cohorts: deque[_Cohort] = deque()

    @property
    def waiting(self) -> int:
        """How many wait for the next tick."""
        return self.station.waiting

    @property
    def hopeful(self) -> Iterator[Lot]:
        """Those that wait and have not given up."""
        for cohort in self._cohorts:
            if not cohort.given_up:
                yield from cohort.lots

    def tick(
        self, tick: int, came: list[Lot], rate: float, servers: int, service: tuple[float, float], u: float
    ) -> Passed:
        """One second of ``came``, at an expected ``rate`` a second. ``u`` decides who is turned away."""
        if servers == 0:
            return self._nobody_serves(came)
        served = self.station.tick(sum(lot.n for lot in came), rate, servers, *service)
        if not self._cohorts and not self.station.waiting:
            return Passed(served=came)
        self._cohorts.append(_Cohort(tick, deque(came)))
        out = Passed()
        self._serve(served, out)
        if above := self.station.drop(self.limit):
            newest = self._cohorts[-1]
            counts = chosen(u, [lot.n for lot in newest.lots], above)
            out.rejected = [Lot(lot.kind, lot.attempt, n) for lot, n in zip(newest.lots, counts, strict=True) if n]
            newest.lots = deque(
                Lot(lot.kind, lot.attempt, lot.n - n) for lot, n in zip(newest.lots, counts, strict=True) if lot.n > n
            )
        for cohort in self._cohorts:
            if cohort.tick > tick - self.timeout:
                break
            if not cohort.given_up:
                cohort.given_up = True
                out.given_up.extend(cohort.lots)
        while self._cohorts and not self._cohorts[-1].lots:
            self._cohorts.pop()
        return out

    def _nobody_serves(self, came: list[Lot]) -> Passed:
        """Without a server all are turned away, those who wait too."""
        waited = list(self.hopeful)
        lost = [lot for cohort in self._cohorts if cohort.given_up for lot in cohort.lots]
        self._cohorts.clear()
        self.station = Station()
        return Passed(rejected=[*waited, *came], useless=lost)

    def _serve(self, n: int, out: Passed) -> None:
        while n and self._cohorts:
            cohort = self._cohorts[0]
            into = out.useless if cohort.given_up else out.served
            while n and cohort.lots:
                lot = cohort.lots[0]
                if lot.n <= n:
                    into.append(cohort.lots.popleft())
                    n -= lot.n
                else:
                    into.append(Lot(lot.kind, lot.attempt, n))
                    cohort.lots[0] = Lot(lot.kind, lot.attempt, lot.n - n)
                    n = 0
            if cohort.lots:
                return
            self._cohorts.popleft()


class Retries:
    """Callers that try again: up to ``most`` times, and with a ``budget`` at most that share of the first attempts."""

    def __init__(self, most: int = 0, budget: float | None = None) -> None:
        self.most, self.budget = most, budget
        self._saved = 0.0
        self._due: dict[int, list[Lot]] = {}

    def earn(self, fresh: int) -> None:
        """First attempts pay into the budget."""
        if self.budget is not None:
            self._saved = min(self._saved + self.budget * fresh, max(1.0, self.budget * fresh * _SAVED))

    def again(self, tick: int, failed: Lot, delay: int = 1) -> int:
        """Queue the retries of failed requests. Returns how many do not try again: they have failed for good."""
        n = failed.n if failed.attempt < self.most else 0
        if n and self.budget is not None:
            n = min(n, int(self._saved))
            self._saved -= n
        if n:
            self._due.setdefault(tick + delay, []).append(Lot(failed.kind, failed.attempt + 1, n))
        return failed.n - n

    def due(self, tick: int) -> list[Lot]:
        """Those that come again in this tick."""
        return self._due.pop(tick, []) if self._due else []

    @property
    def pending(self) -> Iterator[Lot]:
        """Those that will come again."""
        for lots in self._due.values():
            yield from lots
