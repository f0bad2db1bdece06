"""What checks have on the screen: one check in full, and how their commands are started."""

from artisan_tui.i18n import N_
from artisan_tui.tui.kit.place import Place, Subject, ViewAction

CHECK = Place(
    "check",
    "",
    N_("Check"),
    "",
    "artisan_tui.tui.checks.screen:CheckScreen",
    selects=("check",),
    actions=(
        ViewAction("view.hour", "h", N_("One hour"), N_("Plot the last hour"), "plot_hour", N_("1 h"), 23),
        ViewAction("view.day", "d", N_("One day"), N_("Plot the last 24 hours"), "plot_day", N_("24 h"), 22),
        ViewAction("check.logs", "l", N_("Log"), N_("Read the last lines of its log"), "read_log", N_("log"), 19),
        ViewAction("check.links", "o", N_("Links"), N_("Show the links, to copy one"), "show_links", N_("links"), 20),
        ViewAction("view.week", "w", N_("One week"), N_("Plot the last 7 days"), "plot_week", N_("7 d"), 21),
    ),
)
SERVICE = Place(
    "service",
    "",
    N_("Service"),
    "",
    "artisan_tui.tui.checks.service:ServiceScreen",
    selects=("check", "service"),
    actions=(
        ViewAction(
            "service.open",
            "enter",
            N_("Open check"),
            N_("Open the selected check"),
            "open_selected",
            N_("open"),
            rank=20,
        ),
        ViewAction(
            "service.links",
            "o",
            N_("Links of the service"),
            N_("Show the service's links, to copy one"),
            "show_links",
            N_("links"),
            25,
        ),
        ViewAction(
            "service.next-pane", "tab", N_("Next list"), N_("Move between the checks and the past"), "next_pane"
        ),
    ),
)
PLACES = (CHECK, SERVICE)
FINDERS = ("artisan_tui.tui.checks.finder:destinations",)
DIALOG_KEYS = {"links.copy": "enter"}
SUBJECTS = {"check": Subject(N_("no check is selected"), "board")}
