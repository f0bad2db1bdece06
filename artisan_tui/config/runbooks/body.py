"""The base of what each kind of step is told."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import ConfigDict

from artisan_tui.config.base import Frozen
from artisan_tui.domain.json_value import as_json, frozen


class StepBody(Frozen):
    """Base of the bodies. ``KIND`` is the step kind, ``ANSWERS`` the subjects that a condition on its result can have."""

    model_config = ConfigDict(validate_by_name=True, validate_by_alias=True)

    KIND: ClassVar[str] = ""
    ANSWERS: ClassVar[frozenset[str]] = frozenset()
    #: The conditions when the file has none.
    EXPECT: ClassVar[tuple[str, ...]] = ()

    def written(self, body: type[StepBody]) -> Mapping[str, Any]:
        """The keys of ``body`` that differ from their defaults, as JSON values."""
        names = set(body.model_fields)
        found: dict[str, Any] = frozen(as_json(self.model_dump(include=names, exclude_defaults=True, by_alias=True)))
        return found
