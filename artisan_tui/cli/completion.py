"""What the shell offers after Tab. Whatever goes wrong offers nothing: no message may come between the keys.

`complete` goes through the built parser, when a shell asks: what a parameter names follows from its declaration as the
parameter of a command, else from its name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import typer

from artisan_tui.engine.commands import COMMANDS
from artisan_tui.engine.launch import GlobalOptions

#: Gives candidates: (context, what was typed of the word).
Completion = Callable[[typer.Context, str], Sequence[str]]
_SEVERITIES = ("Sev1", "Sev2", "Sev3", "Sev4")


def _incidents(context: typer.Context, incomplete: str) -> Sequence[str]:
    """The newest incidents whose ids begin so."""
    from artisan_tui.engine.incidents.listing import incident_ids

    return incident_ids(_globals(context), incomplete)


def _runs(context: typer.Context, incomplete: str) -> Sequence[str]:
    """The newest runs whose ids begin so."""
    from artisan_tui.engine.runbooks.records import run_ids

    return run_ids(_globals(context), incomplete)


def _runbooks_and_runs(context: typer.Context, incomplete: str) -> Sequence[str]:
    return [*_ids("runbook")(context, incomplete), *_quietly(_runs)(context, incomplete)]


def _topics(context: typer.Context, incomplete: str) -> Sequence[str]:
    """The pages of the manual and the commands; after a group of commands, those in it."""
    from artisan_tui.engine.manual import topics

    command: Any = context.find_root().command
    for word in context.params.get("words") or ():
        command = getattr(command, "commands", {}).get(word)
    pages = [] if context.params.get("words") else list(topics("en"))
    return [*pages, *getattr(command, "commands", {})]


def _ids(*kinds: str) -> Completion:
    def offered(context: typer.Context, incomplete: str) -> Sequence[str]:
        from artisan_tui.engine.offered_ids import offered_ids

        return offered_ids(_globals(context), kinds, incomplete)

    return offered


def _changes(context: typer.Context, incomplete: str) -> Sequence[str]:
    """Swaps that wait, and overrides that are not over, the newest first."""
    from artisan_tui.engine.oncall.reading import known_schedule

    known = known_schedule(_globals(context))
    found = [each.id for each in known.swaps if each.begins > known.now]
    found += [each.id for each in known.overrides if each.end > known.now]
    return found[::-1]


def _words(*words: str) -> Completion:
    return lambda _context, _incomplete: words


#: By the name of a parameter.
_BY_NAME: Mapping[str, Completion] = {
    "incident": _incidents,
    "into": _incidents,
    "other": _incidents,
    "run": _runs,
    "slo": _ids("slo"),
    "slos": _ids("slo"),
    "check": _ids("check"),
    "service": _ids("service"),
    "services": _ids("service"),
    "runbook": _ids("runbook"),
    "runbooks": _ids("runbook"),
    "scenario": _ids("scenario"),
    "scenarios": _ids("scenario"),
    "channel": _ids("channel"),
    "send": _ids("channel"),
    "person": _ids("person"),
    "with": _ids("person"),
    "swap": _changes,
    "change": _changes,
    "responder": _ids("person"),
    "owner": _ids("person"),
    "second": _ids("person"),
    "target": _ids("target"),
    "level": _ids("level"),
    "severity": _words(*_SEVERITIES),
    "spoken": _words("en", "ko"),
    "language": _words("en", "ko"),
}
#: By the command and the name of its parameter, where the name alone does not say it.
_BY_PLACE: Mapping[tuple[str, str], Completion] = {
    ("help", "words"): _topics,
    ("check", "ids"): _ids("check", "service"),
    ("incident comms", "stage"): _words("start", "update", "end", "block"),
    ("incident export", "format_"): _words("json", "md"),
    ("alert unsilence", "id"): _ids("silence"),
    ("runbook export", "runbook"): _runbooks_and_runs,
    ("runbook history", "wanted"): _runbooks_and_runs,
    ("runbook rollback", "how"): _words("start", "retry", "done", "skip", "decline", "accept"),
    ("drill run", "play"): _words("reference", "wrong", "nothing"),
}
#: In front of a parameter's name in Python, see `verbs`.
_SAFE = "p_"


def complete(command: Any, path: str = "") -> None:
    """Give every parameter of the parser ``command`` and of what is below it what completes it. ``command`` is typer's."""
    declared = next((each for each in COMMANDS.values() if each.verb and each.verb == path), None)
    parameters = {} if declared is None else {each.name: each for each in declared.parameters}
    for parameter in command.params:
        name = str(parameter.name).removeprefix(_SAFE)
        told = parameters.get(name)
        found = _BY_PLACE.get((path, name))
        if found is None and told is not None and (told.choices or told.of):
            found = _words(*told.choices) if told.choices else _ids(*told.of)
        found = found or _BY_NAME.get(name)
        if found is not None and not parameter.type_descriptor.is_choice:
            # Typer has this for its own `autocompletion`, which has to be named at each declaration.
            parameter._custom_shell_complete = _asked_by_shell(found)
    for name, each in getattr(command, "commands", {}).items():
        complete(each, f"{path} {name}".strip())


def _asked_by_shell(found: Completion) -> Callable[[typer.Context, Any, str], list[str]]:
    quiet = _quietly(found)
    return lambda context, _parameter, incomplete: [
        each for each in quiet(context, incomplete) if each.startswith(incomplete)
    ]


def _quietly(found: Completion) -> Completion:
    def asked(context: typer.Context, incomplete: str) -> Sequence[str]:
        try:
            return found(context, incomplete)
        except Exception:  # noqa: BLE001 - a broken configuration or store is said by the command itself
            return ()

    return asked


def _globals(context: typer.Context) -> GlobalOptions:
    """The global options as they stand on the unfinished line."""
    given = context.find_root().params
    config, state = given.get("config_file"), given.get("state")
    return GlobalOptions(Path(config) if config else None, Path(state) if state else None, True)
