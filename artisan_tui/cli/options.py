"""The global options, declared once: the board reads them without a parser's imports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.i18n import N_

CONFIG_HELP = N_(
    "The artisan.toml to use. Default: $ARTISAN_CONFIG, ./artisan.toml, then the XDG configuration folder."
)
STATE_HELP = N_("The state folder (journal, samples, SLO data). Default: $ARTISAN_STATE, then the XDG state folder.")
READ_ONLY_HELP = N_("Read-only: change nothing outside and write nothing to the store.")


def read_globals(arguments: Sequence[str]) -> GlobalOptions | None:
    """The options when there is nothing but global options, else None: then the full parser takes over."""
    config: Path | None = None
    state: Path | None = None
    read_only = False
    rest = list(arguments)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name == "--read-only" and not equals:
            read_only = True
        elif name in ("--config", "--state"):
            if not equals:
                if not rest:
                    return None
                value = rest.pop(0)
            if name == "--config":
                config = Path(value)
            else:
                state = Path(value)
        else:
            return None
    return GlobalOptions(config, state, read_only)
