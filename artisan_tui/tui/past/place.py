"""The keys of the time machine, on every screen."""

from artisan_tui.i18n import N_
from artisan_tui.tui.kit.place import ViewAction

_HERE = "artisan_tui.tui.past.keys"

ACTIONS = (
    ViewAction(
        "past.earlier",
        "left_square_bracket",
        N_("Earlier"),
        N_("Show the screen as it was before the last change in the journal"),
        f"{_HERE}:earlier",
        rank=46,
    ),
    ViewAction(
        "past.later",
        "right_square_bracket",
        N_("Later"),
        N_("Show the screen as it was after the next change in the journal"),
        f"{_HERE}:later",
        rank=47,
    ),
    ViewAction(
        "past.moment",
        "at",
        N_("Another moment"),
        N_("Show the screen as it was at a moment that you type"),
        f"{_HERE}:ask_moment",
        rank=48,
    ),
    ViewAction(
        "past.faster",
        "full_stop",
        N_("Play, faster"),
        N_("Let a past moment go on: 1, 5, 20 or 60 seconds in a second"),
        f"{_HERE}:faster",
        rank=49,
    ),
    ViewAction(
        "past.slower",
        "comma",
        N_("Slower, pause"),
        N_("Let a past moment go on more slowly, or stand still"),
        f"{_HERE}:slower",
        rank=49,
    ),
    ViewAction("past.now", "N", N_("Now"), N_("Leave the past, and show what is now"), f"{_HERE}:now", rank=49),
)
#: What the key bar names while the past is shown, by id.
HINTS = {
    "past.earlier": (N_("earlier"), 1),
    "past.later": (N_("later"), 2),
    "view.back": (N_("now"), 3),
    "past.moment": (N_("moment"), 4),
    "past.faster": (N_("play"), 5),
    "past.slower": (N_("slower"), 6),
}
DIALOG_KEYS: dict[str, str] = {}
