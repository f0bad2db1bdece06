"""Alerts of our own: raised once, resolved by themselves, the same again within the cool-down."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from artisan_tui.domain.alerts.book import COOL_DOWN, AlertBook, AlertCondition

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def burning(slo: str = "api", severity: str = "page") -> AlertCondition:
    return AlertCondition("slo", {"slo": slo, "service": "api"}, severity, "API")


def test_the_key_is_the_thing_and_not_the_order_of_its_labels_or_its_severity() -> None:
    one = AlertCondition("slo", {"a": "1", "b": "2"}, "page")
    assert one.key == AlertCondition("slo", {"b": "2", "a": "1"}, "ticket").key
    assert one.key != AlertCondition("other", {"a": "1", "b": "2"}, "page").key
    assert one.key != AlertCondition("slo", {"a": "1", "b": "3"}, "page").key


def test_raised_once_however_often_it_is_seen() -> None:
    book, first = AlertBook().observe("slo", [burning()], NOW)
    book, second = book.observe("slo", [burning()], NOW + MINUTE)
    assert [change.kind for change in first] == ["raised"]
    assert second == ()
    assert book.firing[0].since == NOW


def test_resolved_by_itself_and_the_same_again_within_the_cool_down() -> None:
    book, _ = AlertBook().observe("slo", [burning()], NOW)
    book, gone = book.observe("slo", [], NOW + MINUTE)
    assert [change.kind for change in gone] == ["resolved"]
    assert book.firing == ()
    back, again = book.observe("slo", [burning()], NOW + MINUTE + COOL_DOWN - MINUTE)
    assert [change.kind for change in again] == ["reopened"]
    assert (back.firing[0].since, back.firing[0].reopened) == (NOW, 1)
    new, anew = book.observe("slo", [burning()], NOW + MINUTE + COOL_DOWN)
    assert [change.kind for change in anew] == ["raised"]
    assert new.firing[0].reopened == 0


def test_a_severity_that_changes_is_told_once() -> None:
    book, _ = AlertBook().observe("slo", [burning(severity="ticket")], NOW)
    book, changed = book.observe("slo", [burning()], NOW + MINUTE)
    assert [(change.kind, change.alert.severity) for change in changed] == [("changed", "page")]
    assert book.observe("slo", [burning()], NOW + 2 * MINUTE)[1] == ()


def test_pages_stand_first_and_another_source_is_left_alone() -> None:
    book, _ = AlertBook().observe("slo", [burning("a", "ticket"), burning("b")], NOW)
    assert [alert.labels["slo"] for alert in book.firing] == ["b", "a"]
    book, changes = book.observe("elsewhere", [], NOW + MINUTE)
    assert changes == ()
    assert len(book.firing) == 2


@given(st.lists(st.sets(st.sampled_from("abc")), max_size=40))
def test_what_fires_is_what_was_seen_last_and_every_change_is_told(rounds: list[set[str]]) -> None:
    book, told = AlertBook(), dict.fromkeys("abc", False)
    for index, seen in enumerate(rounds):
        book, changes = book.observe("slo", [burning(name) for name in seen], NOW + index * 3 * MINUTE)
        for change in changes:
            name = change.alert.labels["slo"]
            assert told[name] == (change.kind == "resolved")
            told[name] = change.kind != "resolved"
        assert {alert.labels["slo"] for alert in book.firing} == seen
        assert {name for name, on in told.items() if on} == seen
        assert len(book.alerts) <= 3


@pytest.mark.parametrize(("seconds", "kind"), [(599, "reopened"), (600, "raised")])
def test_the_cool_down_is_ten_minutes(seconds: int, kind: str) -> None:
    book, _ = AlertBook().observe("slo", [burning()], NOW)
    book, _ = book.observe("slo", [], NOW + MINUTE)
    _, changes = book.observe("slo", [burning()], NOW + MINUTE + timedelta(seconds=seconds))
    assert [change.kind for change in changes] == [kind]
