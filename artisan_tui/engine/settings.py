"""The configuration as the engine sees it: read with every check kind there is, and checked for changes."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from artisan_tui.config.problems import ConfigError, Problem
from artisan_tui.config.secret import SecretMissing
from artisan_tui.store.place import StorePlace

if TYPE_CHECKING:
    # Names of types: who reads one need not know the room it comes from, nor load the models.
    from artisan_tui.config.models import Config as Config  # noqa: PLC0414
    from artisan_tui.config.slo.importing import Imported
    from artisan_tui.config.slo.spec import Sli as Sli  # noqa: PLC0414

__all__ = [
    "ConfigError",
    "Fingerprint",
    "Overlay",
    "check_keys",
    "fingerprint",
    "import_slos",
    "place_of",
    "read",
    "reference",
    "schema",
    "schema_of_checklists",
    "schema_of_runbooks",
    "schema_of_scenarios",
    "starter",
]


@dataclass(frozen=True, slots=True)
class Overlay:
    """What the demo lays over the file: other addresses, quicker checks, another environment, its own target.

    ``every_at_most`` in seconds. ``target`` is only chosen where the file knows it. ``alertmanager`` is the only source
    of alerts then. ``login`` is on call where the file names no people; ``messages`` is a file of this machine, which is
    the only channel then.
    """

    addresses: Mapping[str, str] = field(default_factory=dict)
    every_at_most: float | None = None
    environment: str | None = None
    target: str | None = None
    alertmanager: str | None = None
    login: str | None = None
    messages: str | None = None
    #: Address of the simulated stack, which carries out every step of a runbook then.
    stack: str | None = None


def read(path: Path, overlay: Overlay | None = None) -> Config:
    """Raises ConfigError with everything that is wrong with the file."""
    from artisan_tui.config.load import load  # the models of every table: a quarter of a second
    from artisan_tui.sources.checks import KINDS  # discovery imports every kind

    overlay = overlay or Overlay()
    config = load(
        path,
        {name: kind.spec for name, kind in KINDS.items()},
        addresses=overlay.addresses,
        target=overlay.target or os.environ.get("ARTISAN_TARGET") or None,
        if_known=overlay.target is not None,
    )
    if overlay.environment is not None:
        artisan = config.artisan.model_copy(update={"environment": overlay.environment})
        config = config.model_copy(update={"artisan": artisan})
    if overlay.alertmanager is not None:
        from artisan_tui.config.alerts import Alerts

        every = min(15.0, overlay.every_at_most or 15.0)
        alerts = Alerts(alertmanager=(overlay.alertmanager,), every=every)
        config = config.model_copy(update={"alerts": alerts})
    if overlay.every_at_most is not None:
        most = overlay.every_at_most
        services = tuple(
            service.model_copy(
                update={
                    "checks": tuple(
                        check.model_copy(update={"every": min(check.every, most), "timeout": min(check.timeout, most)})
                        for check in service.checks
                    )
                }
            )
            for service in config.services
        )
        update: dict[str, object] = {"services": services}
        if config.metrics is not None:
            every, timeout = min(config.metrics.every, most), min(config.metrics.timeout, most)
            update["metrics"] = config.metrics.model_copy(update={"every": every, "timeout": timeout})
        config = config.model_copy(update=update)
    return _with_people(config, overlay)


def _with_people(config: Config, overlay: Overlay) -> Config:
    """Somebody is on call and is told on this machine, whatever the file names."""
    update: dict[str, object] = {}
    if overlay.messages is not None:
        from artisan_tui.config.notify import FileChannel

        update["channels"] = (FileChannel(id="messages", path=overlay.messages),)
    if overlay.login is not None and not (config.people or config.rotations or config.escalation.levels):
        from artisan_tui.config.people import Contacts, Person
        from artisan_tui.config.rotation import RotationSpec

        person = Person(id="operator", name=overlay.login, logins=(overlay.login,), contacts=Contacts(slack="demo"))
        update["people"] = (person,)
        update["rotations"] = (RotationSpec(id="primary", people=("operator",), first=date(2025, 1, 3)),)
    return config.model_copy(update=update) if update else config


def check_keys(path: Path) -> None:
    """Raises ConfigError with the ids in ``[keys]`` that nothing has, in a file that was read without errors."""
    from artisan_tui.config.keys import key_problems

    problems = key_problems(path)
    if problems:
        raise ConfigError(problems)


def place_of(config: Config, state_dir: Path, environ: Mapping[str, str]) -> StorePlace:
    """Where the store is: ``database`` of the configuration, else the state folder.

    Raises ConfigError when the reference to the database leads nowhere.
    """
    if config.database is None:
        return StorePlace(state_dir)
    if isinstance(config.database, str):
        return StorePlace(state_dir, config.database)
    try:
        return StorePlace(state_dir, config.database.reveal(environ))
    except SecretMissing as missing:
        mend = "set it, or remove `database` to keep the store in the state folder"
        raise ConfigError([Problem(str(config.path), None, "database", str(missing), mend)]) from None


def reference(name: str) -> Path:
    """The shipped ``artisan.toml`` or ``runbooks.toml``: in the wheel, or at the top of a checkout."""
    package = Path(__file__).resolve().parent.parent
    shipped = package / "reference" / name
    return shipped if shipped.exists() else package.parent / name


def schema() -> dict[str, object]:
    """The JSON Schema of ``artisan.toml`` with every check kind there is."""
    from artisan_tui.config.schema import json_schema
    from artisan_tui.sources.checks import KINDS

    return json_schema({name: kind.spec for name, kind in KINDS.items()})


def schema_of_runbooks() -> dict[str, object]:
    """The JSON Schema of ``runbooks.toml``."""
    from artisan_tui.config.runbooks.schema import runbooks_schema

    return runbooks_schema()


def schema_of_checklists() -> dict[str, object]:
    """The JSON Schema of a file with checklists."""
    from artisan_tui.config.checklists.schema import checklists_schema

    return checklists_schema()


def schema_of_scenarios() -> dict[str, object]:
    """The JSON Schema of a scenario file of drills."""
    from artisan_tui.config.drills.schema import scenario_schema

    return scenario_schema()


def starter(language: str) -> str:
    """A commented ``artisan.toml`` to start from."""
    from artisan_tui.config.starter import starter_text

    return starter_text(language)


def import_slos(text: str, name: str) -> Imported:
    """SLOs of another tool's file ``name`` as ``[[slo]]`` tables, and what could not be said in them."""
    from artisan_tui.config.slo import importing

    return importing.import_slos(text, name)


Fingerprint = tuple[int, int, int, int]


def fingerprint(path: Path) -> Fingerprint | None:
    """What changes when a file does; None while it is not there. Editors replace files, so the inode counts."""
    try:
        seen = os.stat(path)  # a Path object per two seconds for nothing
    except OSError:
        return None
    return (seen.st_dev, seen.st_ino, seen.st_size, seen.st_mtime_ns)
