"""The kinds of steps: one module or folder for each, imported when it is needed."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from artisan_tui.domain.runbooks.definition import KINDS

if TYPE_CHECKING:
    from artisan_tui.steps.runbooks.protocol import StepKind


def step_kind(kind: str) -> StepKind:
    """What carries out steps of this kind. Raises ValueError for a kind that there is not."""
    if kind not in KINDS:
        raise ValueError(f"there is no kind {kind!r} of steps")
    module = importlib.import_module(f"artisan_tui.steps.runbooks.{kind}")
    found: StepKind = module.KIND
    return found
