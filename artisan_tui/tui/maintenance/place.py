"""What maintenance has on the screen: how its commands are started, and the keys of its dialog."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from artisan_tui.tui.kit.place import CommandStart

if TYPE_CHECKING:
    from artisan_tui.tui.kit.shell import Shell


def service_selected(shell: Shell) -> Mapping[str, str]:
    """The service of the selected check, or everything."""
    return {"covers": shell.selection.get("check", "*").partition(".")[0]}


DIALOG_KEYS = {"windows.end": "enter"}
STARTS = (
    CommandStart("maintenance.declare", offer=service_selected),
    CommandStart("maintenance.end", dialog="artisan_tui.tui.maintenance.windows:open_windows"),
)
