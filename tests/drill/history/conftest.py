"""Thirty days of generated history, of both shapes."""

from __future__ import annotations

import pytest

from artisan_tui.drill.history import generate_days
from artisan_tui.drill.shapes import APP, SEEDS, Shape
from artisan_tui.drill.stack import DEFAULT_SEED
from support.generated_history import (
    START,
    GeneratedHistory,
)


@pytest.fixture(scope="session", params=[APP, SEEDS], ids=["app", "seeds"])
def generated(request: pytest.FixtureRequest) -> GeneratedHistory:
    shape: Shape = request.param
    return GeneratedHistory(list(generate_days(DEFAULT_SEED, START, 30, shape)), shape)
