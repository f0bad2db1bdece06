"""The configuration of a drill's sessions: the shipped one, on the simulated stack, with nothing that leaves the machine."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Final

from artisan_tui.domain.drills import files
from artisan_tui.engine.drills.stack import MESSAGES, SHIPPED
from artisan_tui.engine.settings import reference
from artisan_tui.i18n import _

_HEAD: Final = "# Made for one drill. Everything in it is on this machine; nothing here is sent anywhere.\n"
_PLAYERS: Final = """
[[person]]
id = "players"
name = "NAME"
contacts = { slack = "drill" }
[[rotation]]
id = "players"
people = ["players"]
from = 2025-01-03
[[notify]]
id = "messages"
kind = "file"
path = "PATH"
"""
#: Players should see within seconds what they did, not after three rounds of thirty.
_AT_MOST: Final = "2s"
_SLOW: Final = re.compile(r'^(every|timeout) = "(?!\d+ms"|1s"|2s")[^"]+"', re.MULTILINE)


def write_config(folder: Path, url: str, *, zone: str, language: str) -> Path:
    """Write ``artisan.toml`` and the runbooks into the folder of a drill whose stack is at ``url``. Raises OSError."""
    host = url.removeprefix("http://")
    text = _moved(reference(files.CONFIG).read_text(encoding="utf-8"), host)
    for key, value in (("environment", "drill"), ("target", "drill"), ("timezone", zone), ("language", language)):
        text = re.sub(rf'^{key} = "[^"]*"', f'{key} = "{value}"', text, count=1, flags=re.MULTILINE)
    text = _SLOW.sub(rf'\1 = "{_AT_MOST}"', text)
    text = re.sub(r'^(id = "drill"\n)', rf'\1stack = "{url}"\n', text, count=1, flags=re.MULTILINE)
    text = "[[service.check]]".join(_with_timeout(each) for each in text.split("[[service.check]]"))
    text += f'\n[alerts]\nalertmanager = "{url}/alertmanager"\nevery = "{_AT_MOST}"\n'
    # Whoever plays is on call, and what is sent stays in the folder: a page finds somebody, as it would at night.
    text += _PLAYERS.replace("NAME", _("the players")).replace('"PATH"', json.dumps(str(folder.absolute() / MESSAGES)))
    path = folder / files.CONFIG
    path.write_text(_HEAD + text, encoding="utf-8")
    _copy_runbooks(folder, host)
    return path


def _with_timeout(check: str) -> str:
    """A check whose timeout is not said has one that is too long for its new pace."""
    if re.search(r"^timeout = ", check, re.MULTILINE):
        return check
    return re.sub(r"^(every = .*)$", rf'\1\ntimeout = "{_AT_MOST}"', check, count=1, flags=re.MULTILINE)


def _moved(text: str, host: str) -> str:
    return re.sub(rf"(?<![\w.-]){re.escape(SHIPPED)}(?!\w)", host, text)


def _copy_runbooks(folder: Path, host: str) -> None:
    index = reference("runbooks.toml")
    sources = [index, *sorted((index.parent / "runbooks").glob("*.toml"))]
    for source in sources:
        copy = folder / source.relative_to(index.parent)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(_moved(source.read_text(encoding="utf-8"), host), encoding="utf-8")
