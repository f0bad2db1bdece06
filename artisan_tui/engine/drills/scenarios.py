"""The scenarios that can be played: the shipped ones, and those beside the configuration."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from artisan_tui.config.drills.load import ScenarioLibrary, load_scenarios
from artisan_tui.engine.drills.folders import NoDrill
from artisan_tui.engine.settings import reference
from artisan_tui.i18n import _

if TYPE_CHECKING:
    from artisan_tui.domain.drills.scenario import Scenario


def scenario_files(config: Path | None) -> list[Path]:
    """The files, shipped ones first; ``config`` is the configuration beside whose folder ``drills`` more may be."""
    folders = [reference("drills")]
    if config is not None:
        folders.append(config.absolute().parent / "drills")
    found = [
        each for folder in dict.fromkeys(each.resolve() for each in folders) for each in sorted(folder.glob("*.toml"))
    ]
    return list(dict.fromkeys(found))


def library_of(config: Path | None) -> ScenarioLibrary:
    """Raises ConfigError with every problem of every file."""
    return load_scenarios(scenario_files(config))


def scenario_named(wanted: str, config: Path | None) -> Scenario:
    """Raises ConfigError, and NoDrill when there is no such scenario."""
    library = library_of(config)
    if wanted not in library.files:
        known = ", ".join(sorted(library.files)) or _("none")
        raise NoDrill(_("there is no scenario {id}; there are {known}").format(id=wanted, known=known))
    return library.files[wanted].scenario
