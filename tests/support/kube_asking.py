"""What the tests of the kubernetes kind ask and change."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Ask = Callable[..., Any]
