"""C9: no good word while an alert fires or data is missing, and a page comes first."""

from __future__ import annotations

from datetime import timedelta

from artisan_tui.domain.slo.budget import BudgetStatus
from artisan_tui.domain.slo.episodes import episodes
from artisan_tui.domain.slo.objective import parse_objective
from artisan_tui.domain.slo.review_period import ReviewPeriod
from artisan_tui.domain.slo.windows import DAY
from artisan_tui.reports.slo.burning import mark_text, status_text
from artisan_tui.reports.slo.gate import alert_lines, gate_lines
from artisan_tui.reports.slo.json_documents import gate_json
from artisan_tui.reports.slo.report import report_lines
from artisan_tui.reports.slo.weekly import weekly_review
from artisan_tui.tui.glyphs import UNICODE
from artisan_tui.tui.slo.detail import detail_rows
from artisan_tui.tui.slo.rows import SloColumns, panel_rows
from artisan_tui.tui.slo.text import worst_first
from reports.reports_ledgers import API, AT, END, SEOUL, creative, fresh, gated, slo_status, spread

FULL = 30 * DAY


def burning(**more):  # type: ignore[no-untyped-def]
    """A budget that is healthy, and lost 5 % of it in the last hour."""
    rows = [*spread(43_200_000, 0, FULL)[:-60], *((END - 60 + at, 40, 1000, 1) for at in range(60))]
    return slo_status(rows, **more)


def text_of(rows) -> str:  # type: ignore[no-untyped-def]
    return "\n".join("".join(text for text, _role in row) for row in rows)


def test_c9_healthy_and_page_have_a_word_for_both() -> None:
    found = burning()
    assert found.evaluation.status is BudgetStatus.HEALTHY
    assert mark_text(found) == "BURNING PAGE"
    assert status_text(found) == "healthy, but burning fast"
    report = report_lines([found], gated([found]), AT, SEOUL)
    assert any(line.startswith("BURNING PAGE  API availability") for line in report)
    assert not any(line.startswith("OK  API") for line in report)
    line = text_of(panel_rows(found, SloColumns([found], 120, two=False), UNICODE))
    assert "BURNING" in line
    assert "PAGE" in line
    assert "healthy" not in line
    detail = text_of(detail_rows(found, 120, 60, SEOUL, AT, UNICODE))
    assert "BURNING" in detail
    assert "new features and experiments are allowed" not in detail


def test_c9_a_page_that_fires_shows_in_the_twin() -> None:
    found, verdict = burning(), gated([burning()])
    assert gate_lines(verdict, [found], SEOUL)[0].startswith("OK  Status: All SLOs within error budget")
    assert alert_lines([found])[0].startswith("PAGE  api-availability: page 1h/5m above 14.4")
    alerts = gate_json([found], verdict, AT, allow_unknown=False)["alerts"]
    assert {"id": API, "severity": "page", "long": "1h", "short": "5m", "factor": 14.4} in alerts
    assert alert_lines([slo_status(spread(43_200, 0, FULL))]) == []


def test_c9_a_page_outranks_an_exhausted_budget() -> None:
    assert worst_first([creative(), burning(), fresh()])[0].id == API


def test_c9_an_unknown_window_gets_no_tick() -> None:
    alone = text_of(detail_rows(fresh(), 120, 60, SEOUL, AT, UNICODE))
    table = alone[alone.index("Alerts") :]
    assert "\u2713" not in table
    assert UNICODE.states["up"] not in table.split("Based on")[0]
    assert "allowed" not in alone.split("Budget left")[0].replace("0 allowed", "")
    known = text_of(detail_rows(slo_status(spread(43_200_000, 0, FULL)), 120, 60, SEOUL, AT, UNICODE))
    assert UNICODE.states["up"] in known[known.index("Alerts") :]


def test_c9_a_reading_that_fails_promises_nothing() -> None:
    found = slo_status(spread(43_200_000, 0, FULL), problem="http://p:9090: refused")
    detail = text_of(detail_rows(found, 120, 60, SEOUL, AT, UNICODE))
    assert "new features and experiments are allowed" not in detail
    assert "the newest data is missing" in detail


def test_c9_the_weekly_review_has_the_true_total_of_an_episode() -> None:
    hurt = [
        *spread(43_200_000, 0, FULL)[:-300],
        *((END - 300 + at, 600 if at < 60 else 0, 1000, 1) for at in range(300)),
    ]
    found = slo_status(hurt, course=10)
    joined = episodes([row for row in hurt if row[0] >= END - 7 * DAY], parse_objective("99.9%"))
    week = ReviewPeriod("week", {}, {API: joined})
    text = weekly_review([found], gated([found]), [], AT - timedelta(days=7), AT, SEOUL, week=week)
    assert "36,000 bad of 60,000" in text
