"""The record of a run for ``artisan-tui runbook export RUN``."""

from __future__ import annotations

import typer

from artisan_tui.cli.out import say
from artisan_tui.cli.verbs import or_say


def export_run(context: typer.Context, run: str) -> None:
    """The record of a run as Markdown."""
    from artisan_tui.engine.runbooks.records import exported_run
    from artisan_tui.reports.runbooks.run_documents import run_markdown

    record = or_say(lambda: exported_run(context.obj, run))
    for line in run_markdown(record.run, record.definition, record.events, record.zone):
        say(line)
