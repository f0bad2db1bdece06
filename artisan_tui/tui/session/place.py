"""What the session has on the screen."""

from artisan_tui.i18n import N_
from artisan_tui.tui.kit.place import CommandStart

STARTS = (
    CommandStart("journal.note", hint=N_("note"), rank=15),
    CommandStart("config.reload", rank=70),
)
