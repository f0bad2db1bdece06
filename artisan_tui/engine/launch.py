"""How a session starts: what was asked on the command line becomes engine options.

Imports nothing heavy: the board calls this before its first frame.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from artisan_tui.engine.access import Role, Session
from artisan_tui.engine.identity import actor
from artisan_tui.store.place import StorePlace

if TYPE_CHECKING:
    from artisan_tui.engine.settings import Overlay


class GlobalOptions(NamedTuple):
    """What the global options said; None where they said nothing. ``overlay`` is what the demo lays over the file.

    ``at`` is the moment that the board shows first, as it was written, "" for now.
    """

    config: Path | None = None
    state: Path | None = None
    read_only: bool = False
    overlay: Overlay | None = None
    at: str = ""


class Options(NamedTuple):
    """How an engine runs. ``simulated`` is the admin address of a simulated stack, for the demo.

    ``at`` is the moment that the board shows first, as it was written, "" for now.
    """

    config_path: Path
    place: StorePlace
    session: Session
    overlay: Overlay | None = None
    simulated: str | None = None
    environ: Mapping[str, str] = os.environ
    at: str = ""


def options_of(global_options: GlobalOptions) -> Options:
    """What to run against real targets. Raises ConfigError when there is no configuration."""
    return Options(
        config_path(global_options),
        StorePlace(state_dir(global_options)),
        session_of(global_options),
        at=global_options.at,
    )


def session_of(global_options: GlobalOptions, *, demo: bool = False) -> Session:
    role = Role.VIEWER if global_options.read_only else Role.COMMANDER
    return Session(actor(), role, global_options.read_only, demo)


def state_dir(global_options: GlobalOptions, environ: Mapping[str, str] = os.environ) -> Path:
    """``--state``, else ``$ARTISAN_STATE``, else the system's place for state."""
    if global_options.state is not None:
        return _homed(global_options.state)
    if environ.get("ARTISAN_STATE"):
        return _homed(Path(environ["ARTISAN_STATE"]))
    if environ.get("XDG_STATE_HOME"):
        return Path(environ["XDG_STATE_HOME"]) / "artisan-tui"
    from platformdirs import user_state_path

    try:
        return user_state_path("artisan-tui")
    except RuntimeError:  # no HOME, and no user of that number: the store says so when it is opened
        return Path("~/.local/state/artisan-tui")


def _homed(path: Path) -> Path:
    """``~`` in front as home; left as it is when that is not known."""
    expanded = Path(os.path.expanduser(path))
    return expanded if str(expanded).startswith("~") else expanded.absolute()


def config_path(global_options: GlobalOptions, environ: Mapping[str, str] = os.environ) -> Path:
    """Where the configuration is. Raises ConfigError naming every place that was searched."""
    places = config_places(global_options, environ)
    for place in places:
        if place.exists():
            return place
    from artisan_tui.config.load import find  # only to say what is wrong

    return find(global_options.config, environ, Path.cwd())


def config_places(global_options: GlobalOptions, environ: Mapping[str, str] = os.environ) -> list[Path]:
    """The lookup order of the contract."""
    if global_options.config is not None:
        return [Path(os.path.expanduser(global_options.config))]
    if environ.get("ARTISAN_CONFIG"):
        return [Path(os.path.expanduser(environ["ARTISAN_CONFIG"]))]
    home = environ.get("XDG_CONFIG_HOME") or "~/.config"
    return [Path("artisan.toml"), Path(os.path.expanduser(home)) / "artisan-tui" / "artisan.toml"]
