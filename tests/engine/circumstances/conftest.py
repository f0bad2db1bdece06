"""A house of checks whose circumstances change."""

from __future__ import annotations

import pytest

from support.circumstances_house import House


@pytest.fixture
def house() -> House:
    return House()
