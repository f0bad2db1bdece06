"""What a person can do to the view on every screen. What belongs to one place is declared in its place file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.i18n import N_
from artisan_tui.tui.kit.place import ViewAction

if TYPE_CHECKING:
    from textual.widget import AwaitMount

    from artisan_tui.tui.kit.shell import Shell

_HERE = "artisan_tui.tui.view_actions"

ACTIONS = (
    ViewAction("view.back", "escape", N_("Back"), N_("Go back, or clear the filter"), "go_back", N_("back"), 5),
    ViewAction(
        "view.palette",
        "colon",
        N_("Command"),
        N_("Find a command by its name"),
        f"{_HERE}:open_palette",
        N_("command"),
        12,
    ),
    ViewAction(
        "view.help",
        "question_mark",
        N_("Help"),
        N_("Show the keys of this screen"),
        f"{_HERE}:open_help",
        N_("help"),
        1,
    ),
    ViewAction("view.copy", "y", N_("Copy"), N_("Copy the selection as text"), "copy", N_("copy"), 45),
    ViewAction(
        "view.theme",
        "t",
        N_("Switch theme"),
        N_("Change between the dark and the light theme"),
        f"{_HERE}:switch_theme",
        rank=90,
    ),
)
#: Listed last, where a person looks for it.
QUIT = ViewAction(
    "view.quit", "q", N_("Quit"), N_("Quit; everything recorded stays saved"), f"{_HERE}:leave", N_("quit"), 2
)


def open_palette(shell: Shell) -> AwaitMount:
    from artisan_tui.tui.palette import Palette  # every dialog opens long after the first frame

    return shell.show_dialog(Palette())


def open_help(shell: Shell) -> AwaitMount:
    from artisan_tui.tui.help import Help

    return shell.show_dialog(Help(shell.actions_at(shell.place), shell.place, shell.glyphs, shell.keys))


def switch_theme(shell: Shell) -> None:
    shell.switch_theme()


def leave(shell: Shell) -> None:
    shell.leave()
