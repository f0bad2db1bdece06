"""Ids by what they name, as a shell completes them: from the configuration, without a session."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from artisan_tui.engine.launch import GlobalOptions, config_path
from artisan_tui.engine.settings import read

if TYPE_CHECKING:
    from artisan_tui.engine.settings import Config


def offered_ids(options: GlobalOptions, kinds: Sequence[str], beginning: str) -> tuple[str, ...]:
    """The ids of these ``kinds`` that begin so, in the order of the files. Raises ConfigError and StoreError.

    A kind is check, service, slo, channel, person, login, level, target, runbook, scenario, or one that a wing knows from
    the journal, such as window or silence.
    """
    config = read(config_path(options), options.overlay)
    found = [each for kind in kinds for each in _of(options, config, kind)]
    return tuple(dict.fromkeys(each for each in found if each.startswith(beginning)))


def _of(options: GlobalOptions, config: Config, kind: str) -> Iterable[str]:
    if kind == "check":
        return (name for name, _service, _check in config.checks())
    if kind == "runbook":
        from artisan_tui.engine.runbooks.library import library

        return (each.id for each in library(config))
    if kind == "scenario":
        from artisan_tui.engine.drills.library import scenarios

        return (each.id for each in scenarios(config))
    if kind == "login":
        return (login for person in config.people for login in (person.logins or (person.id,)))
    if kind == "level":
        return config.escalation.ladder
    tables: dict[str, Sequence[Any]] = {
        "service": config.services,
        "slo": config.slos,
        "channel": config.channels,
        "person": config.people,
        "target": config.targets,
    }
    if kind in tables:
        return (each.id for each in tables[kind])
    return _of_journal(options, kind)


def _of_journal(options: GlobalOptions, kind: str) -> Sequence[str]:
    from artisan_tui.engine.offline import with_journal

    return with_journal(options, lambda present, _config, _store: present.ids.get(kind, ()), read_only=True)
