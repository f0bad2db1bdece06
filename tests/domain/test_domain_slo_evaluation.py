"""One SLO at one moment: counts, burns, alerts, forecast and the budget's course together."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.domain.slo.budget import BudgetStatus, UnknownReason
from artisan_tui.domain.slo.burn import Severity, plan
from artisan_tui.domain.slo.evaluation import Slo, SloEvaluation, evaluate_slo
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.objective import parse_objective
from artisan_tui.domain.slo.windows import DAY, Span

UTC = ZoneInfo("UTC")
INTERVAL = 15_000
END = 30_000_000
#: Evaluated here, `END` is the end of the newest window.
NOW = END * 60_000 + INTERVAL


def slo(objective: str = "99.9%", window: str = "30d") -> Slo:
    parsed = parse_objective(objective)
    days = 30 if window == "month" else int(window[:-1])
    return Slo("api", "API", parsed, window, UTC, plan(parsed, days * DAY, INTERVAL / 1000))


def ledger(minutes: int = 30 * DAY, total: int = 1000, bad: int = 0) -> MinuteSeries:
    rows = MinuteSeries()
    rows.put((END - minutes + n, bad, total, 1) for n in range(minutes))
    return rows


def evaluated(rows: MinuteSeries, made: Slo | None = None, **how: object) -> SloEvaluation:
    return evaluate_slo(made or slo(), rows, NOW, INTERVAL, **how)  # type: ignore[arg-type]


def test_a_clean_month_is_healthy_and_never_runs_out() -> None:
    found = evaluated(ledger())
    assert (found.end, found.slo_window.span) == (END, Span(END - 30 * DAY, END))
    assert (found.burned.bad, found.burned.total, found.burned.coverage) == (0, 30 * DAY * 1000, 1)
    assert found.status is BudgetStatus.HEALTHY
    assert found.firing == ()
    assert found.forecast is not None
    assert (found.forecast.earliest, found.forecast.latest) == (None, None)
    assert set(found.windows) == {"5m", "30m", "1h", "2h", "6h", "1d", "3d"}
    assert found.burn("5m") == 0


def test_an_outage_pages_and_is_forecast() -> None:
    rows = ledger()
    rows.put((END - 60 + n, 500, 1000, 1) for n in range(60))
    found = evaluated(rows)
    assert found.severity is Severity.PAGE
    assert found.burn("1h") == 500
    assert found.forecast is not None
    assert found.forecast.earliest is not None
    # 30,000 of 43,200 spent, 500 more a minute.
    assert found.forecast.earliest == pytest.approx(26.4, abs=0.1)


def test_maintenance_is_left_out_of_everything_and_said() -> None:
    rows = ledger()
    rows.put((END - 60 + n, 1000, 1000, 1) for n in range(60))
    found = evaluated(rows, excluded=[Span(END - 60, END)])
    assert found.status is BudgetStatus.HEALTHY
    assert (found.excluded.bad, found.excluded.total) == (60_000, 60_000)
    assert found.firing == ()
    assert evaluated(rows).status is BudgetStatus.EXHAUSTED


def test_a_partial_answer_and_an_empty_ledger_are_unknown_for_their_own_reasons() -> None:
    assert evaluated(ledger(), partial=True).unknown_reason is UnknownReason.PARTIAL
    assert evaluated(MinuteSeries()).unknown_reason is UnknownReason.NO_DATA
    assert evaluated(ledger(26 * DAY)).unknown_reason is UnknownReason.COVERAGE
    assert evaluated(ledger(27 * DAY)).status is BudgetStatus.HEALTHY


def test_what_fired_goes_on_while_its_windows_are_unknown() -> None:
    rows = ledger()
    rows.put((END - 60 + n, 500, 1000, 1) for n in range(60))
    before = evaluated(rows).firing
    assert before
    blind = MinuteSeries()
    blind.put((END - 30 * DAY + n, 0, 1000, 1) for n in range(26 * DAY))
    assert evaluated(blind, firing_before=before).firing == before
    assert evaluated(blind).firing == ()
    assert evaluated(ledger(), firing_before=before).firing == ()


def test_the_course_begins_full_and_ends_at_what_remains() -> None:
    rows = ledger()
    rows.put((END - 15 * DAY + n, 1000, 1000, 1) for n in range(20))
    found = evaluated(rows, course=30)
    assert len(found.points) == 30
    assert found.points[0] == (END - 29 * DAY, Fraction(1))
    assert found.points[-1] == (END, found.budget.remaining)
    values = [value for _, value in found.points]
    assert all(later <= earlier for earlier, later in pairwise(values))  # type: ignore[operator]
    assert [row[0] for row in found.costliest] == [END - 15 * DAY + n for n in range(19, -1, -1)]


def test_a_calendar_month_is_evaluated_from_its_first_minute() -> None:
    found = evaluated(ledger(), slo(window="month"))
    assert found.slo_window.calendar
    assert found.slo_window.span.end == END
    assert found.burned.expected == len(found.slo_window.span)
