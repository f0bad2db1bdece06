"""Outages as the journal tells them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from artisan_tui.domain.checks.outages import Outage, outages_of, planned, united
from artisan_tui.domain.event import Entry, Event, seal
from artisan_tui.domain.maintenance.windows import Window

NOW = datetime(2026, 11, 21, 9, 42, tzinfo=UTC)


def ago(minutes: float) -> datetime:
    return NOW - timedelta(minutes=minutes)


def changed(minutes: float, before: str, to: str, **body: object) -> Event:
    entry = Entry(ago(minutes), "artisan", "check.state", "api.health", {"from": before, "to": to, **body})
    return seal(entry, 1, entry.occurred_at, "0" * 64)


def corrected(minutes: float, to: str | None) -> Event:
    entry = Entry(ago(minutes), "artisan", "check.cause", "api.health", {"from": "db.up", "to": to})
    return seal(entry, 1, entry.occurred_at, "0" * 64)


def spans(found: list[Outage]) -> list[tuple[datetime | None, datetime | None]]:
    return [(outage.start, outage.end) for outage in found]


def test_e_an_outage_has_start_end_reason_and_cause() -> None:
    events = [
        changed(60, "up", "down", reason="status", detail="status 503", blamed="db.up"),
        changed(50, "down", "up"),
        changed(5, "up", "down", reason="timeout", detail="no answer"),
    ]
    found = outages_of("api.health", events, (), NOW)
    assert found == [
        Outage(("api.health",), ago(60), ago(50), "status", "status 503", "db.up"),
        Outage(("api.health",), ago(5), None, "timeout", "no answer"),
    ]
    assert found[0].seconds(NOW, ago(1000)) == 600
    assert found[1].seconds(NOW, ago(1000)) == 300


def test_e_degraded_ends_an_outage_and_is_none() -> None:
    events = [changed(60, "up", "down"), changed(50, "down", "degraded"), changed(40, "degraded", "up")]
    assert spans(outages_of("api.health", events, (), NOW)) == [(ago(60), ago(50))]


def test_e_unknown_between_two_failures_does_not_divide_an_outage() -> None:
    events = [
        changed(60, "up", "down"),
        changed(50, "down", "unknown"),
        changed(40, "unknown", "down"),
        changed(30, "down", "up"),
    ]
    assert spans(outages_of("api.health", events, (), NOW)) == [(ago(60), ago(30))]
    # What came after the last result is not claimed: up again, or still unknown.
    assert spans(outages_of("api.health", [*events[:2], changed(40, "unknown", "up")], (), NOW)) == [(ago(60), ago(50))]
    assert spans(outages_of("api.health", events[:2], (), NOW)) == [(ago(60), ago(50))]


def test_e_an_outage_that_began_before_what_is_known_has_no_start() -> None:
    found = outages_of("api.health", [changed(50, "down", "up")], (), NOW)
    assert spans(found) == [(None, ago(50))]
    assert found[0].seconds(NOW, ago(80)) == 1800


def test_e_maintenance_ends_what_is_known_of_an_outage() -> None:
    window = Window("w", ("api",), "new disks", ago(55), ago(40))
    after = [changed(60, "up", "down"), changed(39, "unknown", "up")]
    found = outages_of("api.health", after, (window,), NOW)
    assert spans(found) == [(ago(60), ago(55))]
    assert found[0].maintenance
    again = outages_of("api.health", [changed(60, "up", "down"), changed(39, "unknown", "down")], (window,), NOW)
    assert spans(again) == [(ago(60), ago(55)), (ago(39), None)]
    # A window of another service changes nothing.
    other = Window("w", ("db",), "", ago(55), ago(40))
    assert spans(outages_of("api.health", after, (other,), NOW)) == [(ago(60), ago(39))]


def test_e_a_window_is_a_line_of_its_own_and_says_so() -> None:
    windows = (Window("w", ("api",), "new disks", ago(5), ago(-5)), Window("x", ("db",), "", ago(9), ago(8)))
    assert planned(windows, ["api.health", "llm.qwen"], NOW) == [
        Outage(("api.health",), ago(5), None, detail="new disks", planned=True)
    ]


def test_e_a_corrected_cause_is_the_one_shown() -> None:
    events = [changed(60, "up", "down", blamed="db.up"), corrected(59, "redis.up"), changed(50, "down", "up")]
    assert outages_of("api.health", events, (), NOW)[0].cause == "redis.up"
    assert outages_of("api.health", [*events[:1], corrected(58, None)], (), NOW)[0].cause == ""


def test_e_the_outages_of_a_service_are_the_union_of_those_of_its_checks() -> None:
    one, two = ("api.health",), ("api.ready",)
    found = united(
        [
            Outage(two, ago(58), ago(40), "body", "not ready", "api.health"),
            Outage(one, ago(60), ago(50), "status", "503"),
            Outage(one, ago(30), ago(20)),
            Outage(two, ago(10), None),
            Outage(one, ago(8), ago(6)),
        ]
    )
    assert spans(found) == [(ago(60), ago(40)), (ago(30), ago(20)), (ago(10), None)]
    assert found[0].check_ids == ("api.health", "api.ready")
    assert (found[0].reason, found[0].detail, found[0].cause) == ("status", "503", "")


def test_e_the_cause_speaks_for_a_service_though_its_effect_was_told_first() -> None:
    found = united(
        [
            Outage(("api.health",), ago(60), ago(50), "status", "503", "api.db"),
            Outage(("api.db",), ago(59), ago(51), "refused"),
        ]
    )
    assert [(each.reason, each.cause, each.start) for each in found] == [("refused", "", ago(60))]


def test_e_what_another_hand_wrote_is_no_outage() -> None:
    odd = changed(5, "up", "down")
    broken = seal(Entry(ago(4), "x", "check.state", "api.health", {"to": 7, "from": None}), 2, ago(4), "0" * 64)
    assert len(outages_of("api.health", [odd, broken], (), NOW)) == 1
