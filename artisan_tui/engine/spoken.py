"""The language of the command line: known before the configuration is read, so that help and errors speak it too."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from artisan_tui.engine.launch import GlobalOptions, config_places
from artisan_tui.i18n import language_of

_KEY = re.compile(r"""\s*(artisan\.)?language\s*=\s*["'](en|ko)["']""")
_INLINE = re.compile(r"""\s*artisan\s*=\s*\{.*\blanguage\s*=\s*["'](en|ko)["']""")


def spoken_language(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> str:
    """Korean when the person's environment or the team's configuration says so.

    With ``--json`` it is English, whoever asks: scripts read that. What is said beside it is for the person:
    `language_of_person`.
    """
    return "en" if "--json" in arguments else language_of_person(arguments, environ)


def language_of_person(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> str:
    """The same, whatever is printed."""
    if language_of(environ) == "ko":
        return "ko"
    for place in config_places(GlobalOptions(_config_in(arguments)), environ):
        if place.is_file():
            return _language_in(place) or "en"
    return "en"


def _config_in(arguments: Sequence[str]) -> Path | None:
    for index, argument in enumerate(arguments):
        name, equals, value = argument.partition("=")
        if name == "--config":
            return Path(value) if equals else Path(arguments[index + 1]) if index + 1 < len(arguments) else None
    return None


def _language_in(path: Path) -> str:
    """``language`` of ``[artisan]``; "" where the file does not say. Read line by line: a TOML parser costs 20 ms."""
    table = ""
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            for line in file:
                if line.lstrip().startswith("["):
                    table = line.strip().partition("]")[0].strip("[ ")
                    continue
                found = _KEY.match(line)
                if found is not None and ((found[1] and not table) or (not found[1] and table == "artisan")):
                    return found[2]
                inline = _INLINE.match(line) if not table else None
                if inline is not None:
                    return inline[1]
    except OSError:
        pass
    return ""
