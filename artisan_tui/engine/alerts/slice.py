"""What a snapshot says about alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artisan_tui.domain.alerts.book import Alert


@dataclass(frozen=True, slots=True)
class AlertSlice:
    """The alerts that fire now."""

    firing: tuple[Alert, ...] = ()
