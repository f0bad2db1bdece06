"""What the shell offers after Tab. Whatever goes wrong offers nothing: no message may come between the keys."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import typer

from artisan_tui.engine.launch import GlobalOptions


def _incidents(context: typer.Context, incomplete: str) -> list[str]:
    """The newest incidents whose ids begin so."""
    from artisan_tui.engine.incidents.listing import incident_ids

    try:
        return list(incident_ids(_globals(context), incomplete))
    except Exception:  # noqa: BLE001 - a broken configuration or store is said by the command itself
        return []


def _runs(context: typer.Context, incomplete: str) -> list[str]:
    """The newest runs whose ids begin so."""
    from artisan_tui.engine.runbooks.records import run_ids

    try:
        return list(run_ids(_globals(context), incomplete))
    except Exception:  # noqa: BLE001 - a broken configuration or store is said by the command itself
        return []


def _globals(context: typer.Context) -> GlobalOptions:
    """The global options as they stand on the unfinished line."""
    given = context.find_root().params
    config, state = given.get("config_file"), given.get("state")
    return GlobalOptions(Path(config) if config else None, Path(state) if state else None, True)


#: By the name of a parameter.
COMPLETIONS: Mapping[str, Callable[[typer.Context, str], list[str]]] = {
    "incident": _incidents,
    "into": _incidents,
    "other": _incidents,
    "run": _runs,
}
