"""The least a Textual program can be: what the board's first frame is measured against."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Footer, Header, Static

#: On the screen as soon as anything is.
PAINTED = "nothing to see here"
#: On the screen while help is open.
HELP = "there is no help"


class Help(Screen[None]):
    """A second full screen, to measure opening one and going back."""

    BINDINGS = [("escape", "dismiss", "Back")]  # noqa: RUF012  Textual's own spelling

    def compose(self) -> ComposeResult:
        """One line."""
        yield Static(HELP)
        yield Footer()


class Bare(App[None]):
    """Header, Static, Footer."""

    BINDINGS = [("question_mark", "help", "Help"), ("q", "quit", "Quit")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        """The three."""
        yield Header()
        yield Static(PAINTED)
        yield Footer()

    def action_help(self) -> None:
        """Open the second screen."""
        self.push_screen(Help())


if __name__ == "__main__":
    Bare().run()
