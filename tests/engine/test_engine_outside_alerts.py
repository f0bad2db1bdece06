"""What the journal knows of the alerts of others."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from artisan_tui.domain.alerts.events import AlertOver, AlertSeen
from artisan_tui.domain.alerts.listed import AlertState, ListedAlert
from artisan_tui.engine.alerts.journaled import OutsideAlerts

AT = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
LABELS = {"alertname": "HighErrorRate"}


def seen(at: datetime) -> OutsideAlerts:
    known = OutsideAlerts()
    known.apply([AlertSeen(labels=LABELS, name="HighErrorRate", since=at).entry(at, "artisan", "f1")])
    return known


def firing(since: datetime) -> ListedAlert:
    return ListedAlert("f1", LABELS, {}, AlertState.FIRING, since, since)


@pytest.mark.parametrize(
    ("days", "since", "known"),
    [
        (3, 3, True),  # not proved over: the same outage, as far as anybody knows
        (8, 0, True),  # it fired all the time
        (8, 8, False),  # it vanished, and was forgotten
    ],
)
def test_what_vanished_and_fires_again_after_days_is_told_anew(days: int, since: int, known: bool) -> None:
    row = firing(AT + timedelta(days=since))
    assert seen(AT).knows(row, AT + timedelta(days=days)) is known


def test_what_was_resolved_is_not_known() -> None:
    known = seen(AT)
    known.apply([AlertOver(labels=LABELS, name="HighErrorRate", lasted=60.0).entry(AT, "artisan", "f1")])
    assert not known.knows(firing(AT), AT)
