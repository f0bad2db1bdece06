"""A table whose keys depend on what it holds, such as a check on its ``kind``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Choice:
    """An annotation of a field. ``model(raw, kinds)`` is the model of a raw table, None when it is unknown.

    The validator of the field reads the table. Error messages use this annotation to find the allowed
    keys. ``kinds`` maps check kinds to models.
    """

    model: Callable[[object, Mapping[str, Any]], type[BaseModel] | None]
