"""A table whose keys depend on what it holds, such as a check on its ``kind``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Choice:
    """Marks a field in ``Annotated``: which model a raw table is read as, or None when that cannot be told.

    The field's validator does the reading; this lets error messages find the keys that exist.
    The second argument is the mapping of check kinds.
    """

    model: Callable[[object, Mapping[str, Any]], type[BaseModel] | None]
