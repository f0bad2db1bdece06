"""How the command line opens the board, which it must not import: the front door says how."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artisan_tui.engine.launch import Options

#: Set once, before a command runs: typer's commands take no arguments of ours.
opener: Callable[[Options], int] | None = None


def open_(options: Options) -> int:
    """Open the board; the exit code of the program."""
    assert opener is not None
    return opener(options)
