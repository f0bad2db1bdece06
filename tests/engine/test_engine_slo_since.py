"""C10: an SLO over checks counts from its first day, and says since when."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from artisan_tui.config.slo.spec import SloSpec
from artisan_tui.domain.checks.sample import CheckSample
from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.counts import Row
from artisan_tui.domain.slo.gate import gate
from artisan_tui.domain.slo.windows import DAY
from artisan_tui.engine.slo.check_probes import CheckProbes
from artisan_tui.engine.slo.ledger import SloLedger
from artisan_tui.reports.slo.explain import explain_lines
from artisan_tui.reports.slo.json_documents import slo_json
from artisan_tui.reports.slo.report import report_lines

UTC_ZONE = ZoneInfo("UTC")
NOW = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
END = NOW_MS // 60_000 - 1


async def none(check: str, since: datetime, until: datetime) -> Sequence[CheckSample]:
    return ()


def ledger(rows: Sequence[Row]) -> SloLedger:
    sli = {"kind": "checks", "checks": ("api.health",)}
    spec = SloSpec.model_validate({"id": "api", "objective": "99%", "window": "30d", "sli": sli})
    made = SloLedger(spec, CheckProbes(spec.sli, {"api.health": 30.0}, none), UTC_ZONE)  # type: ignore[arg-type]
    made.rows.put(rows)
    return made


def probes(minutes: int, bad: int = 0) -> list[Row]:
    return [(END - minutes + at, 2 if at < bad else 0, 2, 1) for at in range(minutes)]


@pytest.mark.parametrize("minutes", [30, DAY, 27 * DAY])
def test_c10_a_new_promise_counts_from_its_first_minute(minutes: int) -> None:
    slo_status = ledger(probes(minutes)).slo_status(NOW_MS, ())
    assert slo_status.evaluation.status is BudgetStatus.HEALTHY
    assert slo_status.evaluation.burned.expected == minutes
    since = datetime.fromtimestamp((END - minutes) * 60, UTC)
    said = f"counted since {since:%Y-%m-%d %H:%M} UTC"
    verdict = gate([("api", slo_status.evaluation.status)], None, NOW)
    assert any(said in line for line in report_lines([slo_status], verdict, NOW, UTC_ZONE))
    assert any(said in line for line in explain_lines(slo_status, UTC_ZONE))
    assert slo_json(slo_status)["since"] == since.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def test_c10_its_budget_is_that_of_what_it_saw() -> None:
    assert ledger(probes(DAY, 20)).slo_status(NOW_MS, ()).evaluation.status is BudgetStatus.EXHAUSTED


def test_c10_a_hole_in_a_young_promise_still_makes_it_unknown() -> None:
    rows = [row for row in probes(DAY) if not END - 900 <= row[0] < END - 600]
    assert ledger(rows).slo_status(NOW_MS, ()).evaluation.status is BudgetStatus.UNKNOWN


def test_c10_an_old_promise_that_was_not_watched_is_not_new() -> None:
    rows = [*((END - 31 * DAY + at, 0, 2, 1) for at in range(60)), *probes(10 * DAY)]
    slo_status = ledger(rows).slo_status(NOW_MS, ())
    assert slo_status.evaluation.since is None
    assert slo_status.evaluation.status is BudgetStatus.UNKNOWN
