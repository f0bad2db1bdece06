"""Error budgets of a hand-over review, from the ledgers in the store alone: no server is asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from typing import TYPE_CHECKING

from artisan_tui.domain.oncall.handoff_review import BudgetSpent, ShiftSpan
from artisan_tui.domain.slo.gate import Gate, gate
from artisan_tui.domain.slo.windows import Span
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.oncall.handoff_journal import JournalAt
from artisan_tui.engine.slo.ledger import SloLedger, since_of
from artisan_tui.engine.slo.opening import open_ledgers
from artisan_tui.engine.slo.override import Overrides
from artisan_tui.store.slo.part import SloStore

if TYPE_CHECKING:
    from artisan_tui.config.models import Config
    from artisan_tui.domain.checks.sample import CheckSample
    from artisan_tui.sources.probe_context import ProbeContext
    from artisan_tui.store.store import Store


def empty_ledgers(config: Config, context: ProbeContext) -> list[SloLedger]:
    """Of the configured SLOs. No I/O; nothing is ever asked through them."""
    return open_ledgers(config, context.range_source, _no_samples)


async def _no_samples(check_id: str, since: datetime, until: datetime) -> Sequence[CheckSample] | None:
    return None


def budgets_at(
    store: Store, config: Config, ledgers: Sequence[SloLedger], journal: JournalAt, shift: ShiftSpan
) -> tuple[tuple[BudgetSpent, ...], Gate | None]:
    """What was spent in the shift and in as long before it, and the deployment gate. Runs in the store's thread.

    The newest minute or two of a running session are not in the store yet.
    """
    if not ledgers:
        return (), None
    at, now_ms = journal.at, int(journal.at.timestamp() * 1000)
    maintenance, overrides = MaintenanceWindows(), Overrides()
    maintenance.configure(*config.windows())
    maintenance.apply(journal.events(*MaintenanceWindows.KINDS, all_of=True))
    overrides.apply(journal.events(*Overrides.KINDS, all_of=True))
    kept = store.part(SloStore)
    back = int((at - (shift.start - (shift.end - shift.start))) / timedelta(minutes=1)) + 1
    for ledger in ledgers:
        ledger.back = max(ledger.back, back)
        span = ledger.wanted(now_ms // 60_000)
        kept.load(ledger.spec.id, ledger.indicator.definition, span, ledger.rows)
        for book in ledger.doubts.books:
            kept.load(ledger.spec.id, book.definition, span, book.rows)
    windows = maintenance.history(since_of(ledgers, now_ms), at)
    end = min(at, shift.end)
    found = []
    for ledger in ledgers:
        status = ledger.slo_status(now_ms, windows, tail=False)
        allowance = status.evaluation.budget.allowance
        spans = [(shift.start, end), (shift.start - (shift.end - shift.start), shift.start)]
        shares = [_share(ledger.counts(_span(*each), windows).bad, allowance) for each in spans]
        measured = [ledger.counts(_span(*each), windows).total > 0 for each in spans]
        spent, before = (share if there else None for share, there in zip(shares, measured, strict=True))
        found.append(BudgetSpent(status, spent, before, _seqs(journal, ledger.spec.id, shift)))
    override = overrides.override_at(at)
    verdict = gate(((each.status.id, each.status.evaluation.status) for each in found), override, at)
    return tuple(found), verdict


def _share(bad: int, allowance: Fraction) -> float | None:
    return float(max(bad, 0) / allowance) if allowance > 0 else None


def _span(start: datetime, end: datetime) -> Span:
    return Span(int(start.timestamp()) // 60, max(int(start.timestamp()) // 60, int(end.timestamp()) // 60))


def _seqs(journal: JournalAt, slo: str, shift: ShiftSpan) -> tuple[int, ...]:
    """What the journal says of this budget in the shift: changes of its status, and its alerts."""
    events = journal.events("slo.status", "alert.raised", "alert.reopened", "alert.changed", "alert.resolved")
    return tuple(each.seq for each in events if each.subject == slo and shift.start <= each.occurred_at < shift.end)
