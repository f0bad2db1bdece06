"""A store that was used before it is damaged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest

from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store


@pytest.fixture
def used(place: StorePlace, entries: Any, at: datetime) -> Iterator[Store]:
    """A store in use with thirty pages of events, most of them only in its -wal."""
    with Store.open(place) as store:
        for number in range(60):
            store.append([entries(number)] * 20, at=at)
        yield store
