"""What has to be true of the place before the first step, and what a logout would end. Reads files only."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from artisan_tui.domain.runbooks.definition import Action, Runbook
from artisan_tui.domain.text.printable import printable

#: Programs that act at the current context of kubectl, and their options that name another.
_CONTEXTUAL: Final[Mapping[str, tuple[str, ...]]] = {
    "kubectl": ("--context",),
    "helm": ("--kube-context",),
}
_LARGEST: Final = 4 * 1024 * 1024


def wrong_place(definition: Runbook, place: Mapping[str, str], environ: Mapping[str, str]) -> str:
    """Why a run must not start: one of its steps would act at another place than the target's. "" when none would.

    ``definition`` is the one at the target, ``place`` is what the target says: context, compose_file.
    """
    context, compose = place.get("context", ""), place.get("compose_file", "")
    for step, action in _actions(definition):
        if context:
            found = _context_of(action, environ)
            if found is not None and found != context:
                said = printable(found, 100) or "no context"
                return f"{step} would act at {said}, and the target's context is {printable(context, 100)}"
        file = action.body.get("file") if action.kind == "compose" else None
        named = isinstance(file, str) and "{{" not in file
        if compose and named and _real(str(file)) != _real(compose):
            return (
                f"{step} uses {printable(str(file), 200)}, and the target's Compose file is {printable(compose, 200)}"
            )
    return ""


def _real(path: str) -> str:
    return os.path.realpath(os.path.expanduser(path))


def _actions(definition: Runbook) -> Iterator[tuple[str, Action]]:
    for step in definition.steps:
        yield step.id, step.action
        if step.rollback is not None:
            yield step.id, step.rollback.action


def _context_of(action: Action, environ: Mapping[str, str]) -> str | None:
    """The context at which an act would be carried out, None where it has none or takes the target's."""
    if action.kind in ("kubernetes", "helm"):
        named = action.body.get("context")
        return named if isinstance(named, str) and "{{" not in named else None
    argv = action.body.get("run") if action.kind == "command" else None
    if not isinstance(argv, list | tuple) or not argv:
        return None
    options = _CONTEXTUAL.get(os.path.basename(str(argv[0])))
    if options is None:
        return None
    words = [str(each) for each in argv]
    for index, word in enumerate(words):
        name, equals, value = word.partition("=")
        if name in options:
            found = value if equals else words[index + 1] if index + 1 < len(words) else ""
            return None if "{{" in found else found
    return current_context(environ)


def current_context(environ: Mapping[str, str]) -> str:
    """The current context of kubectl, "" where there is none: the first file that names one counts."""
    import yaml  # needed for runs at a Kubernetes target only

    home = environ.get("HOME", "")
    for name in environ.get("KUBECONFIG", "").split(os.pathsep) or []:
        found = _context_in(Path(name), yaml) if name else ""
        if found:
            return found
    return "" if environ.get("KUBECONFIG") else _context_in(Path(home) / ".kube" / "config", yaml)


def _context_in(path: Path, yaml: Any) -> str:
    try:
        with path.open("rb") as file:
            document = yaml.safe_load(file.read(_LARGEST))
    except (OSError, ValueError, yaml.YAMLError):
        return ""
    found = document.get("current-context") if isinstance(document, dict) else None
    return found if isinstance(found, str) else ""


def logout_kills(
    environ: Mapping[str, str], user: str, lingering: Path = Path("/var/lib/systemd/linger"),
    running: Path = Path("/run/systemd/system"), conf: Path = Path("/etc/systemd/logind.conf"),
) -> str:  # fmt: skip
    """One line about what a logout would end, "" when nothing that is known would.

    A step outlives the terminal; where systemd ends what a user left behind, it does not outlive the last logout.
    """
    if not running.is_dir():
        return ""
    bus = Path(environ.get("XDG_RUNTIME_DIR", ""), "bus") if environ.get("XDG_RUNTIME_DIR") else None
    if (lingering / user).exists():
        return ""
    try:
        kills = any(line.strip().lower() == "killuserprocesses=yes" for line in conf.read_text("utf-8").splitlines())
    except OSError:
        kills = False
    if kills:
        return f"the last logout ends every step that still runs: loginctl enable-linger {user}"
    if bus is None or not bus.exists():
        return f"there is no user bus: where logind ends user processes, a logout ends steps; loginctl enable-linger {user}"
    return ""
