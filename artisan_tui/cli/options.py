"""The global options, declared once: the board reads them without a parser's imports."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from artisan_tui.engine.launch import GlobalOptions
from artisan_tui.i18n import N_

#: Is in the environment when a shell asks what may follow.
COMPLETE = "_ARTISAN_TUI_COMPLETE"
CONFIG_HELP = N_(
    "The artisan.toml to use. Default: $ARTISAN_CONFIG, ./artisan.toml, then the XDG configuration folder."
)
STATE_HELP = N_("The state folder (journal, samples, SLO data). Default: $ARTISAN_STATE, then the XDG state folder.")
READ_ONLY_HELP = N_("Read-only: change nothing outside and write nothing to the store.")
AT_HELP = N_(
    "Open the board at a past moment: 2026-11-21T09:42:00Z, '2026-11-21 18:42', 18:42, yesterday, 2h (ago); "
    "in the folder of a drill also one of its ticks: +02:30. "
    "Only together with no command."
)


def moved_to_front(arguments: Sequence[str], name: str) -> list[str] | None:
    """The command line with the global option ``name`` in front of its command; None where that cannot be meant.

    An option that is there twice stays: nobody could say which one holds.
    """
    if name not in ("--config", "--state", "--read-only"):
        return None
    end = arguments.index("--") if "--" in arguments else len(arguments)
    found = [index for index in range(end) if arguments[index].partition("=")[0] == name]
    if len(found) != 1 or found[0] == 0:
        return None
    at = found[0]
    length = 1 if name == "--read-only" or "=" in arguments[at] else 2
    if at + length > end:
        return None
    return [*arguments[at : at + length], *arguments[:at], *arguments[at + length :]]


def read_globals(arguments: Sequence[str]) -> GlobalOptions | None:
    """The options when there is nothing but global options, else None: then the full parser takes over."""
    config: Path | None = None
    state: Path | None = None
    read_only, at = False, ""
    rest = list(arguments)
    while rest:
        name, equals, value = rest.pop(0).partition("=")
        if name == "--read-only" and not equals:
            read_only = True
        elif name in ("--config", "--state", "--at"):
            if not equals:
                if not rest:
                    return None
                value = rest.pop(0)
            if name == "--config":
                config = Path(value)
            elif name == "--at":
                at = value
            else:
                state = Path(value)
        else:
            return None
    return GlobalOptions(config, state, read_only, at=at)
