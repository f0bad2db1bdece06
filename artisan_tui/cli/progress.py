"""A progress bar for work that takes long."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from artisan_tui.engine.slo.once import OnProgress


@contextmanager
def progress() -> Iterator[OnProgress]:
    """A bar on a terminal's stderr while history is read; nothing elsewhere, and nothing when it is quick."""
    if not sys.stderr.isatty():
        yield lambda _done, _of: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("backfill (minutes)", total=None, visible=False)
        most = 0

        def on_progress(done: int, of: int) -> None:
            nonlocal most
            if of:
                most = max(most, of)
                bar.update(task, completed=most - (of - done), total=most, visible=True)

        yield on_progress
