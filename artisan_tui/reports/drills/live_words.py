"""Words of live drills: where its time is, and why it stands still."""

from __future__ import annotations

from artisan_tui.domain.text.printable import printable
from artisan_tui.i18n import N_, _

_STANDS = {
    "paused": N_("a person paused it"),
    "begins": N_("it has not begun"),
    "reopened": N_("it was reopened"),
    "real-incident": N_("a real incident is open"),
    "nobody": N_("nobody was there"),
}


def tick_text(tick: int) -> str:
    """A tick as minutes and seconds of the drill, such as ``+04:30``."""
    return f"+{tick // 60:02d}:{tick % 60:02d}"


def why_text(why: str) -> str:
    """Why a drill stands still."""
    return _(_STANDS[why]) if why in _STANDS else printable(why, 60)
