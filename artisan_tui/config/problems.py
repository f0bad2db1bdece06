"""Errors in a configuration, each with the correction."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields

from artisan_tui.domain.text.printable import printable


class Mistake(ValueError):
    """Raised while a value is read. ``what`` is wrong, ``mend`` is the correction.

    Neither text may quote a value that can be a secret. ``key`` is relative to the field that raised,
    such as the position in a list.
    """

    def __init__(self, what: str, mend: str, key: tuple[str | int, ...] = ()) -> None:
        super().__init__(f"{what}: {mend}")
        self.what, self.mend, self.key = what, mend, key


@dataclass(frozen=True, slots=True)
class Problem:
    """One error. All texts are printable."""

    file: str
    line: int | None
    key: str
    what: str
    mend: str

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str):
                object.__setattr__(self, each.name, printable(value, 1000))

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        what = f"{self.key}: {self.what}" if self.key else self.what
        return f"{place}: {what} — {self.mend}"


class ConfigError(Exception):
    """The configuration cannot be used. It has all problems, in file order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems: tuple[Problem, ...] = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
