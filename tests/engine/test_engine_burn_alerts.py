"""What the budgets tell the journal, and what a session that starts anew makes of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from artisan_tui.domain.event import Entry
from artisan_tui.domain.slo.burn import Severity, plan
from artisan_tui.domain.slo.evaluation import Slo, evaluate_slo
from artisan_tui.domain.slo.minute_series import MinuteSeries
from artisan_tui.domain.slo.objective import parse_objective
from artisan_tui.domain.slo.status import Evidence, Progress, SloStatus
from artisan_tui.domain.slo.windows import DAY
from artisan_tui.engine.slo.burn_alerts import BurnAlerts

RAISED, CHANGED, RESOLVED = "alert.raised", "alert.changed", "alert.resolved"
STATUS = "slo.status"
END = 29_911_000
AT = datetime.fromtimestamp(END * 60, UTC)
_GOAL = parse_objective("99.9%")
SLO = Slo("api", "API availability", _GOAL, "30d", ZoneInfo("UTC"), plan(_GOAL, 30 * DAY, 15))


def check_status(bad: int, minutes: int = 60, *, progress: Progress | None = None, days: int = 30) -> SloStatus:
    """``bad`` of 1,000 in each of the last ``minutes``."""
    rows = MinuteSeries()
    rows.put((END - days * DAY + n, 0, 1000, 1) for n in range(days * DAY))
    rows.put((END - minutes + n, bad, 1000, 1) for n in range(minutes))
    found = evaluate_slo(SLO, rows, END * 60_000 + 15_000, 15_000)
    return SloStatus(found, Evidence("events"), progress=progress)


def kinds(entries: list[Entry]) -> list[str]:
    return [entry.kind for entry in entries]


def test_a_page_is_told_once_and_resolved_by_itself() -> None:
    alerts = BurnAlerts()
    first = alerts.hear([check_status(500, 75)], AT)
    assert kinds(first) == [RAISED, STATUS]
    assert first[0].subject == "api"
    assert first[0].body["severity"] == "page"
    assert (first[1].body["from"], first[1].body["to"]) == ("", "warning")
    assert alerts.hear([check_status(500, 75)], AT + timedelta(minutes=1)) == []
    calm = alerts.hear([check_status(0)], AT + timedelta(minutes=9))
    assert kinds(calm) == [RESOLVED, STATUS]
    assert calm[0].body["lasted"] == 540


def test_a_calm_start_says_nothing() -> None:
    assert BurnAlerts().hear([check_status(0)], AT) == []


def test_a_ticket_that_becomes_a_page_is_told() -> None:
    alerts = BurnAlerts()
    ticket = check_status(5, 3 * DAY)
    assert ticket.evaluation.severity is Severity.TICKET
    alerts.hear([ticket], AT)
    assert CHANGED in kinds(alerts.hear([check_status(500)], AT + timedelta(minutes=1)))


def test_no_status_is_told_while_history_is_still_being_read_or_unknown() -> None:
    assert STATUS not in kinds(BurnAlerts().hear([check_status(500, progress=Progress(1, 10))], AT))
    assert STATUS not in kinds(BurnAlerts().hear([check_status(0, days=10)], AT))


def test_the_next_session_goes_on_where_the_journal_ends() -> None:
    alerts = BurnAlerts()
    written = alerts.hear([check_status(500)], AT)
    after = BurnAlerts()
    assert after.apply(written)
    assert after.book == alerts.book
    assert after.hear([check_status(500)], AT + timedelta(minutes=1)) == []
    held = after.held("api", SLO.plan.pairs)
    assert held
    assert {pair.severity for pair in held} == {Severity.PAGE}
    assert after.held("other", SLO.plan.pairs) == ()
    gone = alerts.hear([check_status(0)], AT + timedelta(minutes=2))
    after.apply(gone)
    assert after.book.firing == ()
    # Taken in again, as a session does that reads its own journal anew, it changes nothing.
    after.apply(gone)
    assert after.book.firing == ()


def test_another_hands_entries_do_no_harm() -> None:
    alerts = BurnAlerts()
    assert not alerts.apply([Entry(AT, "x", RAISED, "api", {"key": 5, "labels": "none"})])
    assert not alerts.apply([Entry(AT, "x", RAISED, "api", {})])
    assert alerts.book.firing == ()
