"""The scenarios of a configuration: its own files, or the shipped ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from artisan_tui.config.drills.load import ScenarioLibrary, load_acts, load_scenarios
from artisan_tui.config.patterns import files_named
from artisan_tui.engine.settings import reference

if TYPE_CHECKING:
    from artisan_tui.config.models import Config

__all__ = ["ScenarioLibrary", "load_acts", "scenarios"]


def scenarios(config: Config) -> ScenarioLibrary:
    """Those that ``drills`` names; else drills/*.toml beside the configuration; else the shipped ones.

    Raises ConfigError with every problem of every file.
    """
    if config.drills is not None:
        return load_scenarios(files_named(config.drills, "drills", config.path))
    beside = sorted((config.path.parent / "drills").glob("*.toml"))
    return load_scenarios(beside or sorted(reference("drills").glob("*.toml")))
