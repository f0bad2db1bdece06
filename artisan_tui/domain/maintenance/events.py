"""What maintenance windows write into the journal. The subject is the window's id."""

from __future__ import annotations

from datetime import datetime

from artisan_tui.domain.journal_body import Body


class MaintenanceDeclared(Body):
    """A person declared it. ``covers`` names services and checks; empty means everything."""

    KIND = "maintenance.declared"
    covers: tuple[str, ...] = ()
    until: datetime
    reason: str = ""


class MaintenanceEnded(Body):
    """A person ended a declared window early."""

    KIND = "maintenance.ended"
    #: What it covered, and why it had been declared; None in entries of earlier versions.
    covers: tuple[str, ...] | None = None
    reason: str = ""


class MaintenanceBegan(Body):
    """A window of the configuration."""

    KIND = "maintenance.began"
    covers: tuple[str, ...] = ()
    reason: str = ""


class MaintenanceOver(Body):
    """A window of the configuration is over."""

    KIND = "maintenance.over"
    #: As in `MaintenanceEnded`.
    covers: tuple[str, ...] | None = None
    reason: str = ""
