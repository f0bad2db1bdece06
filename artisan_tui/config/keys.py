"""What is wrong with ``[keys]``: ids that nothing on the screen has.

The board itself goes on without them, and says so: a key is no reason not to watch.
"""

from __future__ import annotations

import tomllib
from difflib import get_close_matches
from pathlib import Path

from artisan_tui.config.key_ids import KEY_IDS
from artisan_tui.config.locate import locate
from artisan_tui.config.problems import Problem


def key_problems(path: Path) -> tuple[Problem, ...]:
    """Every unknown id in a file that has been read without errors, in file order."""
    text = path.read_text("utf-8-sig")
    keys = tomllib.loads(text).get("keys", {})
    lines = locate(text)
    known = {each.id: each for each in KEY_IDS}
    problems = []
    for name in keys:
        if name in known:
            continue
        line = lines.line(("keys", name)) if lines is not None else None
        problems.append(Problem(str(path), line, f"keys.{name}", "no action has this id", _mend(name, list(known))))
    return tuple(sorted(problems, key=lambda each: each.line or 0))


def _mend(name: str, known: list[str]) -> str:
    """The id that was meant: the same word behind another dot, else a near spelling."""
    words = {each.rpartition(".")[2]: each for each in reversed(known)}
    same = words.get(name.lower().rpartition(".")[2])
    near = [same] if same else get_close_matches(name.lower(), known, 1, 0.6)
    return f'use "{near[0]}"' if near else "use one of the ids that `artisan-tui config init` lists under [keys]"
