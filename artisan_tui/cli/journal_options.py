"""Options of commands that look for entries of the journal."""

from __future__ import annotations

import typer

from artisan_tui.i18n import N_

KIND = typer.Option("--kind", help=N_("Only entries of this kind, like note, check or check.state."))
SINCE = typer.Option(
    "--since", "-S", help=N_("From then on: 2h, 09:30, yesterday, 2026-11-20 or 2026-11-20T09:30+09:00.")
)
UNTIL = typer.Option("--until", "-U", help=N_("Before then; written like --since."))
