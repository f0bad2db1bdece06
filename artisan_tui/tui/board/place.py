"""The board as a place."""

from artisan_tui.i18n import N_
from artisan_tui.tui.kit.place import Place, ViewAction

BOARD = Place(
    "board",
    "1",
    N_("Board"),
    "",
    "artisan_tui.tui.board.screen:Board",
    help=N_("Go to the board"),
    rank=30,
    selects=("check", "incident"),
    actions=(
        ViewAction(
            "view.open",
            "enter",
            N_("Open"),
            N_("Show the checks of the selected service; again, or on a check: open it"),
            "open_selected",
            N_("open"),
            rank=20,
        ),
        ViewAction(
            "view.filter",
            "slash",
            N_("Filter"),
            N_("Show only rows with these words; !word excludes"),
            "open_filter",
            N_("filter"),
            rank=10,
        ),
        ViewAction(
            "view.fold",
            "minus",
            N_("Fold"),
            N_("Hide the checks of the selected service"),
            "fold",
            N_("fold"),
            rank=60,
        ),
        ViewAction(
            "view.sort",
            "s",
            N_("Sort"),
            N_("Sort the services that are up by name, uptime, latency or last change"),
            "sort",
            N_("sort"),
            rank=70,
        ),
        ViewAction("view.next-pane", "tab", N_("Next pane"), N_("Move to the next pane"), "next_pane"),
    ),
)
PLACES = (BOARD,)
