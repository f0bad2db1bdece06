"""Panes: a title and what is below it, and the area of a screen that holds them."""

from __future__ import annotations

from textual.containers import Container, Vertical


class Panes(Container):
    """All panes of a screen, one above the other or in a grid."""


class Pane(Vertical):
    """A title and what is below it."""
