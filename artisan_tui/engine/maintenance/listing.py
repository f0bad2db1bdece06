"""The windows and mutes in force, for the command line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from artisan_tui.engine.checks.mutes import Mutes
from artisan_tui.engine.checks.slice import Mute
from artisan_tui.engine.maintenance.slice import WindowView
from artisan_tui.engine.maintenance.windows import MaintenanceWindows
from artisan_tui.engine.offline import with_journal

if TYPE_CHECKING:
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store


@dataclass(frozen=True, slots=True)
class InForce:
    """Windows under way and coming, and mutes by check id."""

    windows: tuple[WindowView, ...]
    mutes: Mapping[str, Mute]


def in_force(options: GlobalOptions) -> InForce:
    """Raises ConfigError and StoreError."""

    def read(present: Present, config: Config, store: Store) -> InForce:
        mutes = {name: present.state(Mutes).mute(name, present.now) for name in present.ids["check"]}
        kept = {name: mute for name, mute in mutes.items() if mute is not None}
        return InForce(present.state(MaintenanceWindows).listed(present.now), kept)

    return with_journal(options, read, read_only=options.read_only)
