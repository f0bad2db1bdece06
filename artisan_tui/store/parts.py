"""Every part of the store: the store's own, and those that the wings declare."""

from __future__ import annotations

from artisan_tui.store.journal import JournalStore
from artisan_tui.store.leases import LeaseStore
from artisan_tui.store.part import Part
from artisan_tui.store.search import SearchStore
from artisan_tui.store.shown import ShownStore
from artisan_tui.wings import modules


def registered() -> tuple[type[Part], ...]:
    """The parts, the store's own first. Imports ``store/<wing>/part.py`` of every wing that has one."""
    return (JournalStore, LeaseStore, SearchStore, ShownStore, *(module.PART for module in modules("store", "part")))
