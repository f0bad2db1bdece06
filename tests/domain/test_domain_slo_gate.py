"""May new features go out: fails closed, and an exception has a name and an end."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import product

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.gate import Override, Verdict, gate

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
WAIVED = Override("j.park", "rollback of the bad build", NOW + timedelta(hours=2))


def test_one_exhausted_budget_blocks_whatever_else_is_known() -> None:
    for one, other in product(BudgetStatus, BudgetStatus):
        found = gate([("a", one), ("b", other)], None, NOW)
        if BudgetStatus.EXHAUSTED in (one, other):
            assert found.verdict is Verdict.BLOCKED
            assert not found.open
        elif BudgetStatus.UNKNOWN in (one, other):
            assert found.verdict is Verdict.UNKNOWN
            assert not found.open
        else:
            assert found.verdict is Verdict.ALLOWED
            assert found.open


def test_no_slo_is_nothing_known() -> None:
    assert gate([], None, NOW).verdict is Verdict.UNKNOWN


def test_an_override_opens_until_its_time_and_hides_nothing() -> None:
    found = gate([("a", BudgetStatus.EXHAUSTED)], WAIVED, NOW)
    assert (found.verdict, found.blocking, found.open) == (Verdict.BLOCKED, ("a",), True)
    assert found.override is WAIVED
    assert not gate([("a", BudgetStatus.EXHAUSTED)], WAIVED, WAIVED.until).open
    assert gate([("a", BudgetStatus.HEALTHY)], WAIVED, NOW).override is None
