"""Statements behind the store's back, and rows, for the tests of the store on PostgreSQL."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

from artisan_tui.domain.checks.sample import CheckSample
from artisan_tui.domain.state import State

START = datetime(2026, 11, 21, 9, 40, tzinfo=UTC)
NUMBERS = itertools.count(1)


def sample_at(
    seconds: float, verdict: State = State.UP, latency: float | None = None, check: str = "api"
) -> CheckSample:
    return CheckSample(check, START + timedelta(seconds=seconds), verdict, "ok", latency, "41.50")
