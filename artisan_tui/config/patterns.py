"""Keys that name files by patterns, such as `drills` and `checklists`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from artisan_tui.config.load import decoded, read_bytes
from artisan_tui.config.locate import locate
from artisan_tui.config.problems import ConfigError, Problem


def files_named(names: Iterable[str], key: str, path: Path) -> list[Path]:
    """The files that the list ``key`` of the configuration at ``path`` names, each once and in order.

    Raises ConfigError for a pattern without any.
    """
    found: list[Path] = []
    for index, name in enumerate(names):
        place = Path(name)
        listed = sorted(place.parent.glob(place.name)) if "*" in place.name else [place]
        if not listed:
            lines = locate(decoded(path, read_bytes(path)))
            line = lines.line((key, index)) if lines is not None else None
            what = f"no file is named like {place.name!r} in {place.parent}"
            raise ConfigError([Problem(str(path), line, key, what, "correct the pattern, or remove it")])
        found += listed
    return list(dict.fromkeys(found))
