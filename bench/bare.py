"""A minimal Textual program, the reference for the dashboard's first frame."""

from __future__ import annotations

from textual.app import App, ComposeResult
from textual.screen import Screen
from textual.widgets import Footer, Header, Static

#: A text on the first frame.
PAINTED = "nothing to see here"
#: A text on the help screen.
HELP = "there is no help"


class Help(Screen[None]):
    """A second full screen, to measure opening and closing one."""

    BINDINGS = [("escape", "dismiss", "Back")]  # noqa: RUF012  Textual declares it like this

    def compose(self) -> ComposeResult:
        """One line and the footer."""
        yield Static(HELP)
        yield Footer()


class Bare(App[None]):
    """Header, Static, Footer."""

    BINDINGS = [("question_mark", "help", "Help"), ("q", "quit", "Quit")]  # noqa: RUF012

    def compose(self) -> ComposeResult:
        """The three widgets."""
        yield Header()
        yield Static(PAINTED)
        yield Footer()

    def action_help(self) -> None:
        """Open the second screen."""
        self.push_screen(Help())


if __name__ == "__main__":
    Bare().run()
