"""A systemd user unit for `artisan-tui watch`: timers fire and pages leave while nobody has the board open."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from artisan_tui.engine.launch import GlobalOptions, config_path, state_dir
from artisan_tui.engine.settings import read

NAME = "artisan-tui.service"
_REFERENCE = re.compile(r"[\"']env:([A-Za-z_][A-Za-z0-9_]*)[\"']")


class UnitRefused(Exception):
    """The unit cannot be written. The message says why."""


@dataclass(frozen=True, slots=True)
class Installed:
    """``path`` is the unit, ``environment`` the file it takes variables from. ``variables`` are those that the configuration names.

    ``changed``: it was not there, or said something else.
    """

    path: Path
    environment: Path
    variables: tuple[str, ...]
    changed: bool


def install(asked: GlobalOptions, environ: Mapping[str, str] = os.environ) -> Installed:
    """Write the unit. Raises ConfigError for a configuration that cannot be used, UnitRefused."""
    config = config_path(asked).absolute()
    read(config)
    home = environ.get("XDG_CONFIG_HOME") or ""
    base = Path(home) if home.startswith("/") else Path(environ.get("HOME") or Path.home()) / ".config"
    path, environment = base / "systemd" / "user" / NAME, base / "artisan-tui" / "environment"
    text = unit_text(program(), config, state_dir(asked), environment)
    try:
        changed = not path.exists() or path.read_text("utf-8") != text
        if changed:
            path.parent.mkdir(parents=True, exist_ok=True)
            aside = path.with_name(f".{NAME}.{os.getpid()}")
            aside.write_text(text, "utf-8")
            aside.replace(path)
        named = tuple(dict.fromkeys(_REFERENCE.findall(config.read_text("utf-8"))))
    except OSError as error:
        raise UnitRefused(f"{path} cannot be written: {error.strerror}") from None
    return Installed(path, environment, named, changed)


def program() -> tuple[str, ...]:
    """How this program is started: its own script where there is one."""
    script = Path(sys.argv[0])
    if script.name == "artisan-tui" and script.exists():
        return (str(script.absolute()),)
    return (sys.executable, "-m", "artisan_tui")


def unit_text(command: tuple[str, ...], config: Path, state: Path, environment: Path) -> str:
    """Raises UnitRefused for a path that no unit can hold."""
    words = (*command, "--config", str(config), "--state", str(state), "watch")
    return "\n".join(
        (
            "[Unit]",
            "Description=artisan-tui: probes, escalation and notifications without a screen",
            "After=network-online.target",
            "Wants=network-online.target",
            "",
            "[Service]",
            f"ExecStart={' '.join(map(_word, words))}",
            # The minus: a file that is not there is no error.
            f"EnvironmentFile=-{_path(environment)}",
            "Restart=always",
            "RestartSec=5",
            "TimeoutStopSec=15",
            "",
            "[Install]",
            "WantedBy=default.target",
            "",
        )
    )


def _word(text: str) -> str:
    """A word of a command line, as systemd.service(5) reads it: no specifiers, no variables."""
    escaped = _path(text).replace("\\", "\\\\").replace('"', '\\"').replace("$", "$$")
    return escaped if re.fullmatch(r"[A-Za-z0-9_./%@:=+-]+", escaped) else f'"{escaped}"'


def _path(path: str | Path) -> str:
    text = str(path)
    if not text.isprintable():
        raise UnitRefused("a path with control characters cannot stand in a unit")
    return text.replace("%", "%%")
