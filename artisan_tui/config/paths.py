"""JMESPaths in the file: they are compiled when the file is read, so that a wrong one has a line."""

from __future__ import annotations

import re

_PLAIN = re.compile(r"[A-Za-z_]\w*", re.ASCII)


def path_fault(path: str) -> tuple[str, str] | None:
    """(what is wrong, how to correct it), None when ``path`` is a JMESPath."""
    from jmespath import compile as parse
    from jmespath.exceptions import JMESPathError

    try:
        parse(path)
    except (JMESPathError, RecursionError, ArithmeticError, ValueError) as error:
        why = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
        return f"{path[:100]!r} is not a JMESPath: {why}", _mend(path)
    return None


def _mend(path: str) -> str:
    names = path.split(".")
    if all(re.fullmatch(r"[\w-]+", name) for name in names):
        quoted = ".".join(name if _PLAIN.fullmatch(name) else f'"{name}"' for name in names)
        return f"put names with other signs than letters, digits and _ in quotes: {quoted}"
    return "write names with dots between, like services.database"
