"""What every session has on the screen: the whole journal, from anywhere."""

from artisan_tui.i18n import N_
from artisan_tui.tui.kit.place import Place, ViewAction

JOURNAL = Place(
    "journal",
    "J",
    N_("Journal"),
    N_("journal"),
    "artisan_tui.tui.session.screen:JournalScreen",
    help=N_("Go to the whole journal"),
    rank=16,
    actions=(
        ViewAction(
            "journal.open",
            "enter",
            N_("Go to subject"),
            N_("Open the check, service or SLO that the entry is about; without one, show the entry in full"),
            "open_selected",
            N_("open"),
            rank=7,
        ),
        ViewAction(
            "journal.filter",
            "slash",
            N_("Filter the journal"),
            N_("Show only entries with these words; person: service: kind: since: until: and !word narrow it down"),
            "open_filter",
            N_("filter"),
            rank=10,
        ),
        ViewAction(
            "journal.entry",
            "v",
            N_("Entry"),
            N_("Show the selected entry in full: its fields, times, number and hash"),
            "open_entry",
            N_("entry"),
            rank=11,
        ),
        ViewAction(
            "journal.sessions",
            "f",
            N_("Sessions"),
            N_("Show or hide that sessions began, ended and read their files"),
            "unfold",
            N_("sessions"),
            rank=9,
        ),
    ),
)
PLACES = (JOURNAL,)
SEARCHES = ("artisan_tui.tui.session.search:entries",)
