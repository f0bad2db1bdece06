"""What drills have on the screen: screen 7, the debrief, and the panel of faults of the demo."""

from artisan_tui.i18n import N_
from artisan_tui.tui.kit.place import CommandStart, Place, ViewAction

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
    ViewAction(
        "view.tour",
        "W",
        N_("Play: your first page"),
        N_("A drill of three minutes for who is new here: acknowledge, run a runbook, roll back, read the debrief"),
        "artisan_tui.tui.drills.starting:open_tour",
        N_("play: your first page"),
        rank=2,
        demo_only=True,
    ),
)
DRILLS = Place(
    "drills",
    "7",
    N_("Drills"),
    N_("drills"),
    "artisan_tui.tui.drills.screen:DrillsScreen",
    help=N_("Go to the drills"),
    rank=46,
    actions=(
        ViewAction(
            "drills.press",
            "enter",
            N_("Choose"),
            N_("Begin or join the selected drill, read its debrief, answer the message, or press the button"),
            "press",
            N_("choose"),
            rank=7,
        ),
        ViewAction(
            "drills.hold",
            "h",
            N_("Hold"),
            N_("Facilitator: keep the selected message back, or no longer"),
            "hold",
            rank=20,
        ),
    ),
)
DEBRIEF = Place(
    "debrief",
    "",
    N_("Debrief"),
    "",
    "artisan_tui.tui.drills.debrief:DebriefScreen",
    actions=(
        ViewAction(
            "debrief.replay",
            "r",
            N_("Replay"),
            N_("See the drill again, tick by tick; or the debrief again"),
            "replay",
            N_("replay"),
            rank=7,
        ),
        ViewAction(
            "debrief.board",
            "o",
            N_("The board then"),
            N_("Replay: the board as it was at this tick, in the time machine"),
            "board_then",
            N_("board then"),
            rank=7,
        ),
        ViewAction("debrief.later", "right", N_("A tick later"), N_("Replay: a tick later"), "later", N_("later"), rank=8),
        ViewAction(
            "debrief.earlier", "left", N_("A tick earlier"), N_("Replay: a tick earlier"), "earlier", N_("earlier"), rank=9
        ),
        ViewAction(
            "debrief.next", "greater_than_sign", N_("What came next"), N_("Replay: to the next tick at which something happened"),
            "next_line", N_("next"), rank=10,
        ),
        ViewAction(
            "debrief.before", "less_than_sign", N_("What came before"), N_("Replay: to the last tick at which something happened"),
            "line_before", N_("before"), rank=11,
        ),
    ),
)  # fmt: skip
PLACES = (DRILLS, DEBRIEF)
DIALOG_KEYS = {"demo.toggle": "enter,space", "demo.mend-all": "m"}
STARTS = (CommandStart("drill.toggle", dialog=_PANEL),)
