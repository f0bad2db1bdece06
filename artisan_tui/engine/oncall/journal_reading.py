"""The journal opened for reading only, made first where there is none, as any other verb would."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from artisan_tui.engine.offline import with_journal
from artisan_tui.store.errors import StoreMissing, StoreOlder

if TYPE_CHECKING:
    from artisan_tui.engine.decision import Present
    from artisan_tui.engine.launch import GlobalOptions
    from artisan_tui.engine.settings import Config
    from artisan_tui.store.store import Store

T = TypeVar("T")


def reading(options: GlobalOptions, work: Callable[[Present, Config, Store], T]) -> T:
    """Raises ConfigError and StoreError."""
    try:
        return with_journal(options, work, read_only=True)
    except (StoreMissing, StoreOlder):
        if options.read_only:
            raise
        return with_journal(options, work, read_only=False)
