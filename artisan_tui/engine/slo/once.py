"""The budgets without a running engine: what the command line reports, asks and explains."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from artisan_tui.domain.checks.sample import CheckSample
from artisan_tui.domain.maintenance.windows import Window
from artisan_tui.domain.slo.events import OverrideEnded
from artisan_tui.domain.slo.gate import Gate, gate
from artisan_tui.domain.slo.status import SloStatus
from artisan_tui.domain.slo.windows import latest_end
from artisan_tui.domain.text.printable import printable
from artisan_tui.engine.identity import OBSERVER
from artisan_tui.engine.journal_states import JournalStates, read_in_force
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.process import gone
from artisan_tui.engine.session.history import events_between
from artisan_tui.engine.settings import place_of
from artisan_tui.engine.slo.backfill import Backfill, keep
from artisan_tui.engine.slo.ledger import Now, SloLedger, since_of
from artisan_tui.engine.slo.opening import open_ledgers
from artisan_tui.engine.slo.override import Overrides
from artisan_tui.sources.probe_context import ProbeContext
from artisan_tui.store.checks.part import CheckStore
from artisan_tui.store.errors import StoreError
from artisan_tui.store.slo.part import SloStore
from artisan_tui.store.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from artisan_tui.config.models import Config
    from artisan_tui.domain.event import Event

#: Minutes after which what a session wrote down last is called old.
PATIENCE = 5
#: Called with (minutes read, minutes missing when it began) over all ledgers.
OnProgress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class SloSnapshot:
    """Where the SLOs stood ``at``. ``store_problem``: why nothing is saved."""

    at: datetime
    slo_statuses: tuple[SloStatus, ...]
    gate: Gate
    ledgers: tuple[SloLedger, ...]
    windows: tuple[Window, ...]
    events: tuple[Event, ...] = ()
    store_problem: str = ""


async def evaluate_once(
    config: Config,
    state_dir: Path,
    environ: Mapping[str, str],
    *,
    at: datetime | None = None,
    only: Sequence[str] = (),
    read_only: bool = False,
    on_progress: OnProgress = lambda _done, _of: None,
    back: timedelta = timedelta(0),
    recount: datetime | None = None,
) -> SloSnapshot:
    """Read what is missing, and evaluate at ``at`` (now). Raises ConfigError; what cannot be read is in the statuses.

    ``recount``: everything since then is counted again, whatever was counted before.
    ``back``: so much is read at least, whatever the windows need, and the journal's events since then too.
    """
    counter = _Counter(config, environ, _open(config, state_dir, environ, read_only=read_only), on_progress)
    counter.recount = recount
    try:
        return await counter.evaluate_once(at, only, back)
    finally:
        await counter.close()


def _open(config: Config, state_dir: Path, environ: Mapping[str, str], *, read_only: bool) -> Store | StoreError:
    place = place_of(config, state_dir, environ)
    try:
        return Store.open(place, read_only=read_only)
    except StoreError as error:
        return error


class _Counter:
    """One visit. Everything runs on one thread: nothing else waits for it."""

    def __init__(
        self, config: Config, environ: Mapping[str, str], store: Store | StoreError, on_progress: OnProgress
    ) -> None:
        self._config, self._on_progress = config, on_progress
        self._store = store if isinstance(store, Store) else None
        self._problem = str(store) if isinstance(store, StoreError) else ""
        self._probe_context = ProbeContext.open(config.metrics, environ)
        metrics = config.metrics
        self._remembers = metrics is not None and (metrics.history or metrics.prometheus) is not None
        self._ledgers: list[SloLedger] = []
        self.recount: datetime | None = None

    async def close(self) -> None:
        await self._probe_context.aclose()
        if self._store is not None:
            self._store.close()

    async def evaluate_once(self, at: datetime | None, only: Sequence[str], back: timedelta) -> SloSnapshot:
        wall = datetime.now(UTC)
        self._ledgers = [
            each
            for each in open_ledgers(self._config, self._probe_context.range_source, self._samples)
            if not only or each.spec.id in only
        ]
        for each in self._ledgers:
            each.back = int(back / timedelta(minutes=1))
        states = JournalStates((MaintenanceWindows, Overrides))
        maintenance, overrides = states.get(MaintenanceWindows), states.get(Overrides)
        maintenance.configure(*self._config.windows())
        self._recall(states, at or wall)
        # A scraper that has just begun knows no past: what a running session wrote down is all there is.
        readable = [each for each in self._ledgers if each.own or self._remembers]
        backfill = Backfill(readable, self._probe_context.range_source if self._remembers else None, self._changed)
        now = await backfill.now(wall)
        if at is not None and at < wall:
            ms = int(at.timestamp() * 1000)
            now, wall = Now(ms, ms), at
        await backfill.news(now)
        await backfill.holes(now)
        if self.recount is None:
            await backfill.recount(now)
        else:
            await backfill.again(int(self.recount.timestamp()) // 60, now)
        await backfill.match(now)
        self._keep()
        windows = maintenance.history(since_of(self._ledgers, now.ours), wall)
        slo_statuses = tuple(
            each.slo_status(now.of(each), windows, stale=self._stale(each, now), tail=each in readable)
            for each in self._ledgers
        )
        if at is None:
            overrides.passed(datetime.fromtimestamp(now.server / 1000, UTC))
            self._end_override(overrides, wall)
        override = overrides.override(wall) if at is None else overrides.override_at(wall)
        verdict = gate(((each.id, each.evaluation.status) for each in slo_statuses), override, wall)
        events: tuple[Event, ...] = ()
        if back and self._store is not None:
            events = events_between(self._store, wall - back, wall)
        return SloSnapshot(wall, slo_statuses, verdict, tuple(self._ledgers), windows, events, self._problem)

    def _stale(self, ledger: SloLedger, now: Now) -> bool:
        """A person who asks once is told what could not be read just now, however little it was."""
        end = latest_end(now.of(ledger), ledger.interval_ms)
        if self._remembers and not ledger.own:
            return bool(ledger.problem) or ledger.read_until is None or ledger.read_until < end
        last = ledger.rows.last
        # A check that is probed every hour comes with its jitter.
        if last is None or end - last > PATIENCE + ledger.interval_ms // 240_000:
            ledger.problem = ledger.problem or self._unseen(never=last is None)
            return True
        return False

    def _unseen(self, *, never: bool) -> str:
        """Why a ledger that only a running session can fill has no fresh minutes."""
        holder = self._store.leases.read().holder if self._store is not None else None
        if holder is None or gone(holder):
            return "no artisan-tui session is probing: start one, or configure a Prometheus"
        who = printable(f"the session of {holder.actor or 'nobody'} on {holder.host or 'this host'}", 120)
        return f"{who} is probing, but has no {'samples yet' if never else 'fresh samples'} for this SLO"

    def _recall(self, states: JournalStates, at: datetime) -> None:
        if self._store is None:
            return
        states.apply(read_in_force(self._store, states.kinds))
        for event in self._store.journal.page(1):
            states.get(Overrides).passed(event.occurred_at)
        for ledger in self._ledgers:
            span = ledger.wanted(int(at.timestamp()) // 60)
            kept = self._store.part(SloStore)
            kept.load(ledger.spec.id, ledger.indicator.definition, span, ledger.rows)
            for book in ledger.doubts.books:
                kept.load(ledger.spec.id, book.definition, span, book.rows)

    def _end_override(self, overrides: Overrides, wall: datetime) -> None:
        """The journal says that an override is over, so that no clock that is set back brings it to life again."""
        if self._store is None or self._store.read_only or overrides.expired(wall) is None:
            return
        try:
            self._store.append([OverrideEnded().entry(wall, OBSERVER)], at=wall)
        except StoreError as error:
            self._problem = str(error)

    async def _changed(self) -> None:
        under_way = [each.progress for each in self._ledgers if each.progress is not None]
        self._on_progress(sum(each.done for each in under_way), sum(each.of for each in under_way))
        self._keep()

    def _keep(self) -> None:
        # What failed once is not tried again: each time would wait for a locked store as long as the first.
        if self._store is None or self._store.read_only or self._problem:
            return
        taken = [each.take_unkept() for each in self._ledgers]
        try:
            keep(self._store, self._ledgers, taken)
        except StoreError as error:
            self._problem = str(error)
            for ledger, rows in zip(self._ledgers, taken, strict=True):
                ledger.put_back(rows)

    async def _samples(self, check_id: str, since: datetime, until: datetime) -> Sequence[CheckSample] | None:
        return None if self._store is None else self._store.part(CheckStore).samples(check_id, since, until)
