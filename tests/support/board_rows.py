"""What the rows of the board say."""

from __future__ import annotations

from artisan_tui.tui.app import ArtisanApp
from artisan_tui.tui.checks.services import Services
from support.screens import drawn


def names(app: ArtisanApp) -> list[str]:
    """The first word of each line behind its sign."""
    return [line.split()[1] for line in drawn(app.query_one(Services))]


def said(runs: list[tuple[str, str]]) -> str:
    return "".join(text for text, _role in runs)
