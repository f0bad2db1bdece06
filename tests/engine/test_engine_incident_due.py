"""Until when something is due: a time that a person writes lies ahead, and so does the example in a refusal."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from artisan_tui.engine.command import CommandRefused
from artisan_tui.engine.decision import Present
from artisan_tui.engine.incidents.arguments import coming, past
from artisan_tui.engine.incidents.rules import IncidentRules

NOW = datetime(2026, 11, 30, 12, 0, tzinfo=UTC)
PRESENT = Present(NOW, "alice", {}, {IncidentRules: IncidentRules()})


def test_a_duration_lies_ahead_where_something_is_due_and_behind_where_something_was() -> None:
    assert coming("2h", PRESENT) == NOW + timedelta(hours=2)
    assert past("2h", PRESENT) == NOW - timedelta(hours=2)


def test_a_refusal_says_what_the_words_would_mean_there() -> None:
    with pytest.raises(CommandRefused, match="2h for two hours from now"):
        coming("soonish", PRESENT)
    with pytest.raises(CommandRefused, match="2h for two hours ago"):
        past("soonish", PRESENT)
