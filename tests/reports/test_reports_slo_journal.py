"""What the journal says about a week: alerts, outages, overrides; and how SLO events are said."""

from __future__ import annotations

from typing import Any

from artisan_tui.reports.event_words import event_text
from artisan_tui.reports.slo.journal import alerts, effective_events, outages, overrides
from reports.reports_ledgers import API, AT, MINUTE, WEEK, Journal, weekly


def test_an_alert_that_comes_back_is_one_and_keeps_its_gravest_severity() -> None:
    journal = Journal()
    for minute, kind, severity in [
        (1, "raised", "ticket"), (2, "changed", "page"), (3, "changed", "ticket"), (4, "resolved", "ticket"),
        (5, "reopened", "ticket"), (9, "resolved", "ticket"), (30, "raised", "ticket"),
    ]:  # fmt: skip
        journal.add(AT + minute * MINUTE, f"alert.{kind}", API, key="k", severity=severity, name="n")
    (reopened,) = alerts(journal.events[:5])
    assert reopened.until is None
    first, second = alerts(journal.events)
    assert (first.severity, first.since, first.until, first.again) == ("page", AT + MINUTE, AT + 9 * MINUTE, 1)
    assert (second.severity, second.until) == ("ticket", None)


def test_what_began_before_the_week() -> None:
    journal = Journal()
    journal.add(AT, "alert.resolved", API, key="k", severity="page", name="n")
    journal.add(AT, "check.state", "api.health", **{"from": "down", "to": "up"})
    assert [(each.since, each.until) for each in alerts(journal.events)] == [(None, AT)]
    assert [(each.since, each.until) for each in outages(journal.events)] == [(None, AT)]
    assert outages(journal.events)[0].within(AT - MINUTE, AT + MINUTE) == MINUTE


def test_a_check_that_is_still_down() -> None:
    journal = Journal()
    journal.add(AT - 90 * MINUTE, "check.state", "a.b", **{"from": "up", "to": "down", "detail": "x"})
    assert "| a.b | 1 | 1h30m, still down | 1h30m | x |" in weekly([], journal)


def test_corrections_count_and_what_they_supersede_does_not() -> None:
    journal = Journal()
    wrong = journal.add(AT - 5 * MINUTE, "note", text="16:30")
    fixed = journal.correct(wrong, AT - 25 * MINUTE)
    late = journal.add(AT, "note", text="next week's")
    assert effective_events(journal.events, AT - WEEK, AT) == [fixed]
    assert late not in effective_events(journal.events, AT - WEEK, AT)


def test_overrides_end_early_or_with_the_next() -> None:
    journal = Journal()
    for minute, kind, actor in [(0, "slo.override", "a"), (10, "slo.override", "b"), (20, "slo.override-ended", "b")]:
        journal.add(AT + minute * MINUTE, kind, actor=actor, until=(AT + 60 * MINUTE).isoformat(), reason="r")
    assert [(w.actor, w.until) for w in overrides(journal.events)] == [("a", AT + 10 * MINUTE), ("b", AT + 20 * MINUTE)]
    other = Journal()
    other.add(AT, "slo.override", until="tomorrow")
    assert overrides(other.events) == []


def test_slo_events_are_said() -> None:
    journal = Journal()
    page: dict[str, Any] = {"severity": "page", "name": "API availability"}
    said = [
        journal.add(AT, "alert.raised", API, **page),
        journal.add(AT, "alert.reopened", API, **page),
        journal.add(AT, "alert.changed", API, **page),
        journal.add(AT, "alert.resolved", API, **page, lasted=720),
        journal.add(AT, "slo.status", API, name="API availability", to="exhausted", **{"from": "healthy"}),
        journal.add(AT, "slo.status", API, to="exhausted"),
        journal.add(AT, "slo.override", until="2026-11-21T11:42:00.000000Z", reason="hotfix"),
        journal.add(AT, "slo.override-ended"),
        journal.add(AT, "alert.raised", API, severity="new\x1b[31m"),
        journal.add(AT, "alert.raised", API, severity="page", name=None),
    ]
    assert [event_text(event) for event in said] == [
        "page: API availability burns its error budget",
        "page again: API availability burns its error budget",
        "now a page: API availability burns its error budget",
        "resolved after 12m: API availability",
        "error budget of API availability: exhausted, was healthy",
        "error budget of api-availability: exhausted, was unknown",
        "deployments allowed by override until 2026-11-21 11:42 UTC: hotfix",
        "deployment override ended",
        "new: api-availability burns its error budget",
        "alert.raised api-availability: unreadable body",
    ]
