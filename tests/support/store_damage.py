"""Ways in which the file of a store is damaged."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from artisan_tui.store.place import StorePlace

NOW = datetime(2026, 11, 21, 15, 4, 5, tzinfo=UTC)


#: Opens the store as another session would, says so, and holds it until its input ends.
HOLD = """
import sys
from pathlib import Path
from artisan_tui.store.place import StorePlace
from artisan_tui.store.store import Store
store = Store.open(StorePlace(Path(sys.argv[1])), read_only=sys.argv[2] == "ro")
store.journal.page()
print("open", flush=True)
sys.stdin.read()
"""


def path_of(place: StorePlace) -> Path:
    assert place.sqlite_path is not None
    return place.sqlite_path


def wal_of(place: StorePlace) -> Path:
    return path_of(place).with_name("artisan.db-wal")


def deleted(place: StorePlace) -> None:
    path_of(place).unlink()
