"""A team with a played week."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.handoff_team import Team


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Team]:
    made = Team(tmp_path)
    yield made
    made.store.close()
