"""A place with checklists, and a server for what they look at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from support.checklist_place import Place
from support.services import Service, service


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.fixture
def served() -> Iterator[Service]:
    with service() as running:
        yield running
