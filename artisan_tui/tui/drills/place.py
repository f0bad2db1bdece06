"""What drills have on the screen: the panel of faults, and its keys."""

from artisan_tui.i18n import N_
from artisan_tui.tui.kit.place import CommandStart, ViewAction

_PANEL = "artisan_tui.tui.drills.faults:open_faults"

ACTIONS = (
    ViewAction(
        "view.demo",
        "b",
        N_("Faults"),
        N_("Inject and clear faults in the simulated stack"),
        _PANEL,
        N_("faults"),
        rank=3,
        demo_only=True,
    ),
)
DIALOG_KEYS = {"demo.toggle": "enter,space", "demo.mend-all": "m"}
STARTS = (CommandStart("drill.toggle", dialog=_PANEL),)
