"""A systemctl that says what was recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from support.systemctl_outputs import Recorded


@pytest.fixture
def recorded(tmp_path: Path) -> Recorded:
    return Recorded(tmp_path)
