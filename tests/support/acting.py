"""Sessions of every right, and what the screen answers to an act."""

from __future__ import annotations

from artisan_tui.tui.app import ArtisanApp


def notices(app: ArtisanApp) -> list[tuple[str, str, str, bool]]:
    return [(n.title, n.message, n.severity, n.markup) for n in app._notifications]
