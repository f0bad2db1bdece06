"""What screens, dialogs and widgets need of the application.

They know this protocol and never the application itself, so that a wing's screen can be written, read and
tested without it, and so that no import circle can arise.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, cast

if TYPE_CHECKING:
    from textual.message_pump import MessagePump
    from textual.screen import Screen
    from textual.widget import AwaitMount

    from artisan_tui.engine.access import Session
    from artisan_tui.engine.clock import Clock
    from artisan_tui.engine.reply import Reply
    from artisan_tui.engine.snapshot import Snapshot
    from artisan_tui.engine.wing import Query
    from artisan_tui.tui.glyphs import Glyphs
    from artisan_tui.tui.kit.destination import Destination, PaletteHit
    from artisan_tui.tui.kit.keys import Action
    from artisan_tui.tui.past.travel import ShownMoment, Travel
    from artisan_tui.tui.styles import RoleStyles

T = TypeVar("T")


class Shell(Protocol):
    # -- what to show -------------------------------------------------------

    @property
    def snapshot(self) -> Snapshot | None:
        """The newest one, None before the first."""

    @property
    def moment(self) -> datetime | None:
        """The past moment that is shown (UTC), None for now. `snapshot` is of then, and so is what `ask` answers."""

    def past_texts(self) -> Sequence[str]:
        """What a person must know besides while the past is shown: what is happening now. () while now is shown."""

    @property
    def travel(self) -> Travel:
        """The time machine."""

    @property
    def shown_moment(self) -> ShownMoment | None:
        """The past moment that is shown, None while now is."""

    @property
    def clock(self) -> Clock: ...

    @property
    def zone(self) -> tzinfo:
        """The team's, from the configuration."""

    @property
    def session(self) -> Session: ...

    # -- how to draw it -----------------------------------------------------

    @property
    def glyphs(self) -> Glyphs: ...

    @property
    def role_styles(self) -> RoleStyles:
        """Roles to styles under the present theme."""

    @property
    def plain_signs(self) -> bool:
        """Whether lines, blocks and marks come out in ASCII."""

    def read_css(self, path: Path) -> None:
        """Read a style file that the first frame did without; once is enough."""

    # -- keys ---------------------------------------------------------------

    @property
    def keys(self) -> Mapping[str, str]:
        """The keys that a person chose, by the id of what they do."""

    @property
    def key_problems(self) -> Sequence[str]:
        """What is wrong with keys that were chosen, a sentence each."""

    def key_of(self, binding: str) -> str:
        """The key of a dialog's binding, as a person calls it."""

    def actions_at(self, place: str) -> list[Action]:
        """What has a key at this place."""

    def hints_at(self, place: str) -> list[Action]:
        """What the key bar names at this place."""

    async def action_artisan(self, action_id: str) -> None:
        """Do what this key or palette entry stands for."""

    # -- what to do ---------------------------------------------------------

    @property
    def place(self) -> str:
        """The id of the place in front, "" where it has none."""

    @property
    def selection(self) -> Mapping[str, str]:
        """What is selected on the screen in front: see `ArtisanScreen.selection`."""

    def say(self, text: str) -> None:
        """Tell the person why a key did nothing: it must not look like one that got lost."""

    def say_unselected(self, subject: str) -> None:
        """Tell the person that a key acts on such a thing, a parameter's name, and where one is found."""

    def destinations(self) -> list[Destination]:
        """Everything that a person may look for by its id or name."""

    async def search(self, words: str) -> Sequence[PaletteHit]:
        """What the wings find by words that were typed into the palette."""

    def destination(self, id: str) -> Destination | None:
        """What has this id and a screen of its own."""

    def open(self, place: str, **what: Any) -> AwaitMount:
        """Open a place above the present screen; ``what`` are the arguments of its screen."""

    def show_dialog(self, dialog: Screen[T], answered: Callable[[T | None], None] | None = None) -> AwaitMount:
        """Open a dialog; ``answered`` gets what it was dismissed with, None when it was left."""

    def execute(self, command_id: str, arguments: Mapping[str, str]) -> None:
        """Send a command to the engine; a refusal or failure is told when it comes back."""

    async def run_command(self, command_id: str, arguments: Mapping[str, str]) -> Reply:
        """Send a command to the engine and wait for its reply, which the caller tells."""

    def told(self, command_id: str, reply: Reply) -> None:
        """Tell the person what came of a command."""

    def copy_to_clipboard(self, text: str) -> None: ...

    def switch_theme(self) -> None:
        """Change between dark and light, or say why that cannot be."""

    def leave(self) -> None:
        """End the program."""

    def leave_for(self, drill: str | Path) -> None:
        """Leave the board for a new drill of this scenario, or for the drill of this folder; it comes back afterwards."""

    # -- what the store knows -----------------------------------------------

    async def ask(self, query: Query[T]) -> T:
        """Read something through the engine; LookupError while it cannot be read, and without an engine."""


def shell_of(node: MessagePump) -> Shell:
    """The application that ``node`` belongs to."""
    return cast("Shell", node.app)


class InShell:
    """Mixed into screens, dialogs and lists."""

    @property
    def shell(self) -> Shell:
        return shell_of(cast("MessagePump", self))
