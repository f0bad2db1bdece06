"""A home whose store cannot be used."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder that other users may look into; what pytest makes is its user's alone."""
    folder = Path(tempfile.mkdtemp(prefix="artisan-faults-"))
    folder.chmod(0o755)
    (folder / "state").mkdir(mode=0o700)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)
