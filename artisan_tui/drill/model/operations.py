"""What an operator can do to the stack. Every operation takes effect from the next tick on.

An operation says what came of it as an `Outcome`, as the tool of a real platform would: a refusal is an outcome too.
Doing it twice is as doing it once, where the real one is so.
"""

from __future__ import annotations

from artisan_tui.drill.model.data_operations import DataOperations
from artisan_tui.drill.model.outcome import Outcome
from artisan_tui.drill.model.platform_operations import PlatformOperations
from artisan_tui.drill.model.service_operations import ServiceOperations


class Operations(PlatformOperations, DataOperations, ServiceOperations):
    """All operations of one world."""


__all__ = ["Operations", "Outcome"]
